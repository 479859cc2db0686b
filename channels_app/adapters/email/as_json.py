"""The form in which `manage.py parse_email --json` shows a mail."""

from typing import Any

from channels_app.adapters.email.addresses import Mailbox
from channels_app.adapters.email.parsed import ParsedMail


def as_json(mail: ParsedMail) -> dict[str, Any]:
    """Return the documented fields of one mail."""
    sender = mail.senders[0] if mail.senders else Mailbox("", "", "")
    return {
        "from_email": _shown(sender),
        "from_name": sender.name,
        "reply_to": _addresses(mail.reply_to),
        "to": _addresses(mail.to),
        "cc": _addresses(mail.cc),
        "subject": mail.subject,
        "message_id": mail.message_id,
        "in_reply_to": [f"<{one}>" for one in mail.in_reply_to],
        "references": [f"<{one}>" for one in mail.references],
        "date": mail.date or None,
        "text": mail.text,
        "html": mail.html,
        "visible_text": mail.new_text,
        "attachments": [
            {
                "filename": file.filename,
                "content_type": file.content_type,
                "size": len(file.data),
                "inline": file.is_inline,
            }
            for file in mail.files
        ],
        "is_auto_reply": mail.is_auto_reply or mail.is_bulk,
        "is_bounce": mail.bounce is not None,
        "is_feedback_report": mail.is_feedback_report,
        "is_forward": mail.is_forward,
        "bounce": _bounce(mail),
        "warnings": list(mail.warnings),
        "error": None,
    }


def _addresses(mailboxes: tuple[Mailbox, ...]) -> list[str]:
    return [shown for one in mailboxes if (shown := _shown(one))]


def _shown(mailbox: Mailbox) -> str:
    """Return the address as people read it: an IDNA domain in its own letters."""
    is_plain = mailbox.address and mailbox.as_written.isascii()
    return mailbox.address if is_plain else mailbox.as_written


def _bounce(mail: ParsedMail) -> dict[str, Any] | None:
    if mail.bounce is None:
        return None
    return {
        "permanent": mail.bounce.is_permanent,
        "message_id": mail.bounce.message_id,
        "recipients": [
            {"email": one.address, "status": one.status, "action": one.action} for one in mail.bounce.recipients
        ],
    }
