"""The words that adapters and conversations share: what came in, what goes out, what failed.

Frozen dataclasses only. Nothing here knows a model, a provider or the network.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Proof(StrEnum):
    """How sure we are that the sender is who the message says (docs/decisions/0002)."""

    FAILED = "failed"
    TOKEN = "token"
    PROVEN = "proven"
    UNPROVEN = "unproven"


class Robot(StrEnum):
    """Why a message was not written by a person. NONE: a person wrote it."""

    NONE = ""
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    MAILING_LIST = "mailing_list"


@dataclass(frozen=True, slots=True)
class Party:
    """One address as a channel knows it. `value` is normalised (customers.normalise spells it)."""

    kind: str
    value: str
    realm: str = ""
    name: str = ""
    as_written: str = ""


@dataclass(frozen=True, slots=True)
class InboundRecipient:
    """Somebody a message was addressed to. role: to, cc, bcc or reply_to."""

    role: str
    party: Party


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file that came along. `data` is the decoded content; `content_id` without brackets."""

    filename: str
    content_type: str
    data: bytes
    is_inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class BounceRecipient:
    """One address a bounce speaks of. status: RFC 3463 code or ''; action: RFC 3464 word or ''."""

    address: str
    status: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says. `message_id` names the mail that bounced ('' when unknown)."""

    is_permanent: bool
    message_id: str = ""
    recipients: tuple[BounceRecipient, ...] = ()


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message by a customer (or a robot in their name).

    `external_id`: the provider's id, unique within the channel ('' when it has none).
    `thread_key`: the provider's chat id, or for mail the 128-bit token of ours that it carries
    with a valid signature ('' when none). `text` is the new text only, `quoted` what it repeats
    of earlier mails; `html` is sanitised already. `occurred_at` is aware UTC or None.
    `fingerprint`: hex sha256 of what makes two copies the same message ('' = do not compare).
    """

    sender: Party
    external_id: str
    text: str
    html: str = ""
    quoted: str = ""
    subject: str = ""
    thread_key: str = ""
    thread_kind: str = "direct"
    occurred_at: datetime | None = None
    recipients: tuple[InboundRecipient, ...] = ()
    files: tuple[InboundFile, ...] = ()
    proof: Proof = Proof.UNPROVEN
    proof_detail: str = ""
    robot: Robot = Robot.NONE
    bounce: Bounce | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    fingerprint: str = ""
    language: str = ""
    has_remote_images: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboundStatus:
    """A provider's word on one of our messages. state: sent, delivered, read or failed."""

    external_id: str
    state: str
    occurred_at: datetime | None = None
    error_code: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that we understand and do not want."""

    reason: str


Inbound = InboundMessage | InboundStatus | Ignored


class Malformed(Exception):
    """The bytes cannot be understood: the raw event goes to quarantine with this sentence."""


@dataclass(frozen=True, slots=True)
class RawInput:
    """What `parse` is given: bytes and what was known when they came. No database, no clock.

    `headers`: of the HTTP request or the envelope (peer, mail_from, rcpt_to), lower-case keys.
    `config`: the channel's decrypted configuration.
    """

    body: bytes
    received_at: datetime
    headers: dict[str, str] = field(default_factory=dict)
    config: dict[str, object] = field(default_factory=dict)


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
    """A file to send; `data` is the whole content."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class OutboundRecipient:
    """One recipient and the position of its DeliveryPart (0, 1, …). role: to, cc or bcc."""

    role: str
    party: Party
    position: int


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message for an adapter to hand to its provider.

    `idempotency_key`: the same for every attempt of one delivery; mail derives its Message-ID
    from it. `thread_key`: Thread.external_id (mail: our token). `in_reply_to` and `references`
    name earlier messages by their external ids, oldest first. `sender_name`: the agent's name.
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
    """The provider took the message. `external_id` names the message as a whole."""

    external_id: str
    parts: tuple[SentPart, ...]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of channel can do; generic code asks this instead of asking for the kind."""

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


class SendError(Exception):
    """A send that did not succeed.

    code: ours, stable (connection, credentials, rejected_recipient, rejected_content, throttled,
    too_large, not_configured, timeout, provider_error); message: a sentence for the agent;
    maybe_sent: the provider may have taken it, so it is never repeated by itself.
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
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.maybe_sent = maybe_sent
        self.our_fault = our_fault
        self.retry_after_seconds = retry_after_seconds
        self.provider_code = provider_code


class InvalidSignature(Exception):
    """A webhook whose signature does not fit its bytes: answered 403, nothing stored."""
