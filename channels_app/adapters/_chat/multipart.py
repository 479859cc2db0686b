"""Writing a form with a file (RFC 7578). Pure but for the boundary."""

import secrets
from collections.abc import Mapping

from helpdesk.lib.outbound import OutboundFile

# What would end a header or a quoted name; browsers write them so too.
ESCAPED = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


def encode(fields: Mapping[str, str], name: str, file: OutboundFile) -> tuple[bytes, str]:
    """Return a body and its content type."""
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{_quoted(key)}"', "", value.encode()) for key, value in fields.items()]
    placed = f'name="{_quoted(name)}"; filename="{_quoted(file.filename)}"'
    parts.append(_part(boundary, placed, file.content_type, file.data))
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, placed: str, content_type: str, content: bytes) -> bytes:
    kind = f"Content-Type: {_quoted(content_type)}\r\n" if content_type else ""
    head = f"--{boundary}\r\nContent-Disposition: form-data; {placed}\r\n{kind}\r\n"
    return head.encode("utf-8", "replace") + content + b"\r\n"


def _quoted(value: str) -> str:
    return value.translate(ESCAPED)
