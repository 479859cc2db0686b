"""The words that adapters and conversations share for what goes out: routes, pieces, abilities, failures.

Frozen dataclasses and exceptions only. Nothing here knows a model, a provider or the network.
"""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.lib.inbound import Party
from helpdesk.lib.markup import Mark


@dataclass(frozen=True, slots=True)
class Route:
    """Through which channel and to whom an answer goes. Ids are primary keys."""

    channel_id: int
    identity_id: int
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class OutboundFile:
    """A file to send; `data` is the whole content. kind: as what it goes (FileRule.kind), '' in a mail."""

    filename: str
    content_type: str
    data: bytes
    kind: str = ""


@dataclass(frozen=True, slots=True)
class OutboundRecipient:
    """One recipient and the position of its DeliveryPart (0, 1, …). role: to, cc or bcc."""

    role: str
    party: Party
    position: int


@dataclass(frozen=True, slots=True)
class OutboundTemplate:
    """A text that the provider approved beforehand, with its values in order.

    external_id: the provider's id ('' where it goes by name and language). header_url: of a picture, video or
    document at its head.
    """

    name: str
    language: str
    values: tuple[str, ...] = ()
    header_values: tuple[str, ...] = ()
    header_url: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class QuickReply:
    """An answer the customer may press instead of typing."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """What an adapter hands to its provider: a whole mail, or one piece of a message (`Capabilities.in_pieces`).

    `idempotency_key`: the same for every attempt of one delivery; mail derives its Message-ID
    from it. `thread_key`: Thread.external_id (mail: our token). `in_reply_to` and `references`
    name earlier messages by their external ids, oldest first. `sender_name`: the agent's name.

    A piece has exactly one recipient, and a text, or one file with a text as its caption, or a template.
    `piece_key`: the same for every attempt of the piece, for what a provider gives back. `window`: open, human (past
    the window, but a person may still write) or closed; '' where there is none. `quotes`: the message it answers
    visibly. `comment_id`: the public comment it answers; `is_public`: under it, for all to see. `status_url`: where
    the provider may report. `hints`: what parse left on the thread. `written_by_person`: no rule and no bot.
    `marks`: what is bold, a link, … in the text, where the channel takes that beside it (`Capabilities.markup`).
    """

    idempotency_key: str
    thread_key: str
    recipients: tuple[OutboundRecipient, ...]
    text: str
    html: str = ""
    subject: str = ""
    sender_name: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[OutboundFile, ...] = ()
    language: str = ""
    piece_key: str = ""
    window: str = ""
    quotes: str = ""
    comment_id: str = ""
    is_public: bool = False
    template: OutboundTemplate | None = None
    quick_replies: tuple[QuickReply, ...] = ()
    status_url: str = ""
    hints: dict[str, str] = field(default_factory=dict)
    written_by_person: bool = True
    marks: tuple[Mark, ...] = ()

    @property
    def to(self) -> Party:
        """Whom a piece goes to."""
        return self.recipients[0].party


@dataclass(frozen=True, slots=True)
class SentPart:
    """The provider's answer for one part. state: sent, failed or unknown."""

    position: int
    external_id: str
    state: str = "sent"
    error_code: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took the message. `external_id` names the message as a whole.

    aliases: further identities of the recipient that the answer told.
    """

    external_id: str
    parts: tuple[SentPart, ...]
    aliases: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Hop:
    """A link that asks somebody over to a channel for what is confidential; until: when it opens no more."""

    url: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Media:
    """A file's content as a provider gave it; mime as it said, which nobody believes."""

    content: bytes
    mime: str = ""
    name: str = ""


class MediaGone(Exception):
    """The provider has the file no more, or will not give it: asking again is of no use. A sentence for people."""


@dataclass(frozen=True, slots=True)
class ProviderProfile:
    """What a provider tells of a person; '' for what it does not. picture_ref: the picture's id, where it has one."""

    name: str = ""
    username: str = ""
    language: str = ""
    picture_url: str = ""
    picture_ref: str = ""


@dataclass(frozen=True, slots=True)
class ProviderTemplate:
    """An approved text as the provider has it. body with {{1}}, {{name}} for its values.

    status: approved, pending, rejected, paused or disabled. category: marketing, utility, authentication or ''.
    header: text, image, video, document or ''. buttons: their titles.
    """

    external_id: str
    name: str
    language: str
    body: str
    status: str = "approved"
    category: str = ""
    header: str = ""
    header_text: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FileRule:
    """Which files a channel takes. kind: image, audio, video, file or sticker; mimes: () for any of that kind."""

    kind: str
    max_bytes: int
    mimes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of channel can do; generic code asks this instead of asking for the kind.

    text_unit: what max_text_characters counts: characters, bytes (UTF-8), utf16 or segments (of an SMS).
    in_pieces: a message leaves as several of the provider's, each with a state of its own.
    reply_window_hours: how long after the customer's last message one may write freely; human_window_hours: how long
    a person may, by hand. per_second: messages in a second of the whole account; chat_seconds: between two to one
    person. markup: how bold, links, … are carried ('' not at all; stars in the text; marks beside it; html).
    quick_replies: how many answers to press at most; quick_reply_text_characters: of the text above them, 0 where it is
    as any other.
    can_begin: whether one may write first to somebody who never wrote. has_stop_words: whether a message that is
    nothing but STOP (or its like in other languages) ends all messages to its sender. has_hiding: whether a public
    comment can be hidden from all others. private_reply_hours: how long after a public comment one single message may
    answer it in private; None: the channel has no such rule. has_acknowledgements: whether the app of whoever pressed a
    button shows that it waits until we say that it came.
    takes_answers: whether anything can be sent at all; what comes in where nothing can is answered another way, at the
    address that it came from.
    follows_up: whether what its reader missed goes by mail once they have left (channels_app/following.py).
    hosts_hop: whether somebody can be asked over to it by a link, for what is confidential (channels_app/hopping.py).
    """

    max_text_characters: int
    max_files_bytes: int
    undo_seconds: int = 0
    send_seconds: int = 15
    reply_window_hours: int | None = None
    has_subject: bool = False
    has_html: bool = False
    has_copies: bool = False
    has_typing: bool = False
    has_read_receipts: bool = False
    is_idempotent: bool = False
    in_pieces: bool = False
    text_unit: str = "characters"
    max_caption_characters: int = 0
    file_rules: tuple[FileRule, ...] = ()
    human_window_hours: int | None = None
    has_templates: bool = False
    has_reactions: bool = False
    has_edits: bool = False
    has_deletes: bool = False
    has_quotes: bool = False
    has_delivered: bool = False
    quick_replies: int = 0
    quick_reply_characters: int = 20
    quick_reply_text_characters: int = 0
    markup: str = ""
    per_second: float = 20
    chat_seconds: float = 0
    can_begin: bool = True
    takes_answers: bool = True
    has_stop_words: bool = False
    follows_up: bool = False
    hosts_hop: bool = False
    has_hiding: bool = False
    private_reply_hours: int | None = None
    has_acknowledgements: bool = False


class SendError(Exception):
    """A send that did not succeed.

    code: ours, stable (connection, credentials, rejected_recipient, rejected_content, throttled,
    too_large, not_configured, timeout, provider_error, window_closed, opted_out, rejected_template, account,
    unsupported, too_long, held_back, no_offers); message: a sentence for the agent; provider_code: the provider's own;
    maybe_sent: the provider may have taken it, so it is never repeated by itself; is_of_chat: what is throttled
    is this chat, so that others on the channel need not wait. What each code leads to: conversations/troubles.py.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        maybe_sent: bool = False,
        our_fault: bool = False,
        retry_after_seconds: int | None = None,
        provider_code: str = "",
        is_of_chat: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.maybe_sent = maybe_sent
        self.our_fault = our_fault
        self.retry_after_seconds = retry_after_seconds
        self.provider_code = provider_code
        self.is_of_chat = is_of_chat
