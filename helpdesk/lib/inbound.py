"""The words that adapters and conversations share for what came in; what goes out is in outbound.py.

Frozen dataclasses only. Nothing here knows a model, a provider or the network.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from helpdesk.lib.events import Event


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
class Opening:
    """How a conversation begins that a message opens, where its channel knows more than its words.

    subject: what answers by mail are called. topic: the name of a conversations.Topic, made if there is none. team: its
    pk; 0, or one that is gone: the channel's own. warning: a sentence, not yet translated, that agents are shown.
    """

    subject: str = ""
    topic: str = ""
    team: int = 0
    warning: str = ""


AS_USUAL = Opening()


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
    opening: Opening = AS_USUAL


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


Inbound: TypeAlias = "InboundMessage | InboundStatus | Event | Ignored"


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


class InvalidSignature(Exception):
    """A webhook whose signature does not fit its bytes: answered 403 (401 when it has none), nothing stored."""

    def __init__(self, words: str = "", *, is_missing: bool = False) -> None:
        super().__init__(words)
        self.is_missing = is_missing
