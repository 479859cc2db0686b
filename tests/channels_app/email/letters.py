"""Raw mails for these tests, written by ourselves."""

from channels_app.adapters.email.limits import Limits
from channels_app.adapters.email.parse import parse
from channels_app.adapters.email.parsed import ParsedMail

MAILBOX = "help@desk.example.test"
SECRET = "only for these tests"


def letter(body: str = "Where is my parcel?", *, multipart: bytes = b"", **headers: str) -> bytes:
    """Return a raw mail; headers by keyword (`reply_to=`), '' leaves one out."""
    fields = {
        "from": "Giulia Tedesco <giulia@example.test>",
        "to": f"Help <{MAILBOX}>",
        "subject": "My parcel",
        "message_id": "<1@mail.example.test>",
        "date": "Sun, 22 Nov 2026 10:00:00 +0100",
        **headers,
    }
    lines = [f"{name.replace('_', '-').title()}: {value}" for name, value in fields.items() if value]
    return "\r\n".join(lines).encode() + b"\r\n" + (multipart or b"\r\n" + body.encode())


def parts(*pieces: bytes, kind: str = "mixed") -> bytes:
    """Return the multipart end of a letter: its Content-Type, a blank line and the parts."""
    head = f'Content-Type: multipart/{kind}; boundary="edge"\r\n\r\n'.encode()
    return head + b"".join(b"--edge\r\n" + piece + b"\r\n" for piece in pieces) + b"--edge--\r\n"


def part(content: bytes, content_type: str = "text/plain; charset=utf-8", extra: str = "") -> bytes:
    """Return one part."""
    return f"Content-Type: {content_type}\r\n{extra}\r\n".encode() + content


def understood(raw: bytes, **limits: float) -> ParsedMail:
    """Parse in this process, without the child."""
    return parse(raw, Limits(**limits))
