"""What is left of a mail once it is understood; crosses the pipe of the child as JSON and blobs."""

from dataclasses import asdict, dataclass
from typing import Any

from channels_app.adapters.email.addresses import Mailbox
from helpdesk.lib.inbound import Bounce, BounceRecipient, InboundFile


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One mail, decoded and cleaned. Ids without brackets; `date` is ISO 8601 UTC or ''.

    `senders`: all mailboxes of all From fields; `sender_doubt`: why the sender is not clear,
    '' when it is. `text` is the whole body, `new_text` what was written now, `quoted` the rest.
    `arrived_for`: the addresses of Delivered-To and its like.
    """

    senders: tuple[Mailbox, ...] = ()
    sender_doubt: str = ""
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    arrived_for: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: str = ""
    text: str = ""
    new_text: str = ""
    quoted: str = ""
    html: str = ""
    remote_images: tuple[str, ...] = ()
    files: tuple[InboundFile, ...] = ()
    authentication: tuple[str, ...] = ()
    list_posts: str = ""
    is_auto_reply: bool = False
    is_bulk: bool = False
    is_list: bool = False
    is_forward: bool = False
    is_feedback_report: bool = False
    bounce: Bounce | None = None
    warnings: tuple[str, ...] = ()


def to_frames(mail: ParsedMail) -> tuple[dict[str, Any], list[bytes]]:
    """Return the JSON part and the contents of the files, in order."""
    fields = asdict(mail)
    blobs = [file.pop("data") for file in fields["files"]]
    return fields, blobs


def from_frames(fields: dict[str, Any], blobs: list[bytes]) -> ParsedMail:
    """Undo `to_frames`."""
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    for name in ("senders", "reply_to", "to", "cc"):
        plain[name] = tuple(Mailbox(**one) for one in fields[name])
    files = zip(fields["files"], blobs, strict=True)
    plain["files"] = tuple(InboundFile(data=data, **one) for one, data in files)
    if bounce := fields["bounce"]:
        recipients = tuple(BounceRecipient(**one) for one in bounce["recipients"])
        plain["bounce"] = Bounce(bounce["is_permanent"], bounce["message_id"], recipients)
    return ParsedMail(**plain)
