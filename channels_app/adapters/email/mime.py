"""The tree of parts of a mail, cut out of its bytes within the limits. Nothing raises."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels_app.adapters.email import headers
from channels_app.adapters.email.headers import Headers
from channels_app.adapters.email.limits import Limits

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}\Z")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.M)


@dataclass(slots=True)
class Part:
    """One node: a leaf with decoded `data`, or a multipart with `children`."""

    head: Headers
    content_type: str
    parameters: dict[str, str]
    disposition: str
    filename: str
    raw: bytes = b""
    children: list["Part"] = field(default_factory=list)

    @property
    def content_id(self) -> str:
        """The Content-ID without brackets, '' when there is none."""
        return next(iter(headers.message_ids(self.head.get("content-id"))), "")

    @property
    def data(self) -> bytes:
        """The content with its transfer encoding undone."""
        encoding = self.head.get("content-transfer-encoding").partition("(")[0]
        return _undo(encoding.strip().strip("\"'").lower(), self.raw)

    def walk(self) -> Iterator["Part"]:
        """Yield this part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class _Budget:
    limits: Limits
    parts_left: int
    warnings: list[str]


def read(raw: bytes, limits: Limits) -> tuple[Part, list[str]]:
    """Return the root part and warnings about what was left out."""
    budget = _Budget(limits, limits.parts, [])
    if b"\n" not in raw[: limits.headers_bytes]:
        raw = raw.replace(b"\r", b"\n")
    root = _part(raw.lstrip(b"\r\n"), 0, budget, "text/plain")
    return root, list(dict.fromkeys(budget.warnings))


def _part(raw: bytes, depth: int, budget: _Budget, default_type: str) -> Part:
    head, body = headers.split(raw, budget.limits)
    if head.is_cut:
        budget.warnings.append("headers_cut")
    part = _described(head, default_type)
    part.raw = body
    if not part.content_type.startswith("multipart/"):
        return part
    slices = _slices(body, part.parameters.get("boundary", ""))
    inner_type = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    if slices and depth >= budget.limits.depth:
        budget.warnings.append("parts_nested_too_deep")
        part.content_type, part.disposition = "application/octet-stream", "attachment"
        return part
    for piece in slices:
        budget.parts_left -= 1
        if budget.parts_left < 0:
            budget.warnings.append("too_many_parts")
            break
        part.children.append(_part(piece, depth + 1, budget, inner_type))
    if part.children:
        part.raw = b""
    else:
        part.content_type = "text/plain"
    return part


def _described(head: Headers, default_type: str) -> Part:
    content_type, parameters = headers.parameters(head.get("content-type"))
    disposition, names = headers.parameters(head.get("content-disposition"))
    if not _TYPE.match(content_type):
        content_type = "application/octet-stream" if "/" in content_type else default_type
    filename = names.get("filename") or parameters.get("name", "")
    return Part(head, content_type, parameters, disposition, filename)


def _slices(body: bytes, boundary: str) -> list[bytes]:
    """Cut a multipart's body at its delimiter lines; what follows the closing one is dropped."""
    if not boundary:
        return []
    mark = re.escape(boundary.strip().encode("utf-8", "surrogateescape")[:500])
    # Begins with the mark itself, which is found many times faster than a line end followed by it.
    delimiter = re.compile(rb"--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    pieces, start = [], -1
    for found in delimiter.finditer(body):
        end = _end_of_line_before(body, found.start())
        if end < 0:
            continue
        if start >= 0:
            pieces.append(body[start:end])
        if found[1]:
            start = -1
            break
        start = found.end() + (2 if body.startswith(b"\r\n", found.end()) else 1)
    if 0 <= start <= len(body):
        pieces.append(body[start:])
    return pieces


def _end_of_line_before(body: bytes, position: int) -> int:
    """Return where the line above ends when a line begins at this position, else -1."""
    if position == 0:
        return 0
    if body[position - 1 : position] != b"\n":
        return -1
    return position - (2 if body[position - 2 : position] == b"\r\n" else 1)


def _undo(encoding: str, raw: bytes) -> bytes:
    if encoding == "base64":
        return headers.decode_base64(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _undo_uu(raw)
    return raw


def _undo_uu(raw: bytes) -> bytes:
    begin = _UU_BEGIN.search(raw)
    if not begin:
        return raw
    lines = []
    for line in raw[begin.end() :].splitlines():
        if line.strip() in (b"end", b"`"):
            break
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(lines)
