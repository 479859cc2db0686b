"""Picks the body and the files out of the tree of parts."""

import html
import mimetypes
import re
import unicodedata
from dataclasses import dataclass, field

from channels_app.adapters.email import charsets, headers
from channels_app.adapters.email.limits import Limits
from channels_app.adapters.email.mime import Part
from helpdesk.lib.html import QUOTE_END, QUOTE_START, to_text
from helpdesk.lib.inbound import InboundFile

TEXT_MAX_CHARACTERS = 1_000_000
FILENAME_MAX_CHARACTERS = 180

_BAD_IN_NAME = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_EXTENSIONS = {"message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics",
               "application/ms-tnef": ".dat", "message/delivery-status": ".txt", "image/jpeg": ".jpg",
               "text/rfc822-headers": ".txt", "application/octet-stream": ".bin"}  # fmt: skip
_BODY_TYPES = ("text/plain", "text/html", "text/enriched", "text/richtext")


@dataclass(slots=True)
class Body:
    """Text and HTML as they were sent (not cleaned), and the files.

    `pieces` are what is read as text, each with whether it is HTML still: turning HTML into text is the dearest
    thing about a mail, and most mails say the same in plain text too.
    """

    pieces: list[tuple[str, bool]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    files: list[InboundFile] = field(default_factory=list)
    has_own_html: bool = False

    @property
    def text(self) -> str:
        """The whole body as text."""
        return "\n\n".join(one for one in self.texts if one.strip())[:TEXT_MAX_CHARACTERS]

    @property
    def is_text_cut(self) -> bool:
        """Say whether the body is longer than is kept of it."""
        return sum(map(len, self.texts)) > TEXT_MAX_CHARACTERS

    @property
    def html(self) -> str:
        """The whole body as HTML, '' when the sender wrote none."""
        return "\n".join(self.htmls) if self.has_own_html else ""


def collect(root: Part, limits: Limits) -> Body:
    """Walk the tree once and sort every leaf into body or files."""
    body = Body()
    _visit(root, body, limits)
    body.texts = [to_text(piece) if is_html else piece for piece, is_html in body.pieces]
    return body


def safe_filename(name: str, content_type: str) -> str:
    """Return a name without path, control or direction characters; made up where there is none."""
    name = _BAD_IN_NAME.sub("_", unicodedata.normalize("NFC", headers.one_line(name))).strip(" .")
    if not name.strip("_"):
        extension = _EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type) or ".bin"
        kind = "message" if content_type.startswith("message/") else "attachment"
        return f"{kind}{extension}"
    if len(name) > FILENAME_MAX_CHARACTERS:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[: FILENAME_MAX_CHARACTERS - 20]}{dot}{extension[:16]}" if dot else name[:FILENAME_MAX_CHARACTERS]
    return name


def _visit(part: Part, body: Body, limits: Limits) -> None:
    if part.content_type == "multipart/alternative":
        _visit_alternatives(part, body, limits)
    elif part.children:
        for child in part.children:
            _visit(child, body, limits)
    elif _is_body(part, body):
        _add_text(part, body)
    else:
        body.files.append(_file(part, limits))


def _visit_alternatives(part: Part, body: Body, limits: Limits) -> None:
    """Take the first text and the last HTML; files of every branch are kept."""
    found = []
    for child in part.children:
        branch = Body()
        _visit(child, branch, limits)
        body.files += branch.files
        found.append((child, branch))
    plain = next((one for child, one in found if not one.has_own_html and _has_words(one)), None)
    rich = next((one for child, one in reversed(found) if one.has_own_html), None)
    chosen = plain or rich or (found[0][1] if found else Body())
    body.pieces += chosen.pieces
    body.htmls += (rich or chosen).htmls
    body.has_own_html |= rich is not None


def _has_words(body: Body) -> bool:
    return any(piece.strip() for piece, _is_html in body.pieces)


def _is_body(part: Part, body: Body) -> bool:
    if part.content_type not in _BODY_TYPES or part.disposition == "attachment":
        return False
    return not part.filename or (not part.disposition and not body.pieces)


def _add_text(part: Part, body: Body) -> None:
    text = charsets.decode(part.data, part.parameters.get("charset", "")).replace("\r\n", "\n").replace("\r", "\n")
    if part.content_type == "text/html":
        body.pieces.append((text, True))
        body.htmls.append(text)
        body.has_own_html = True
        return
    if part.content_type != "text/plain":
        text = to_text(text)
    elif part.parameters.get("format", "").lower() == "flowed":
        text = _unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    text = text.replace(QUOTE_START, "").replace(QUOTE_END, "")
    body.pieces.append((text, False))
    body.htmls.append("<br>".join(html.escape(text[:TEXT_MAX_CHARACTERS]).split("\n")))


def _unflow(text: str, is_space_dropped: bool) -> str:
    """Join the soft line ends of format=flowed (RFC 3676)."""
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        bare = line[depth:].removeprefix(" ")
        if depth == open_depth and lines and bare != "-- ":
            lines[-1] += bare
        else:
            lines.append(line if not depth else ">" * depth + " " + bare)
        is_soft = bare.endswith(" ") and bare != "-- "
        if is_soft and is_space_dropped:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if is_soft else -1
    return "\n".join(lines)


def _file(part: Part, limits: Limits) -> InboundFile:
    data, name = part.data, part.filename
    if part.content_type in ("message/rfc822", "message/global"):
        data = data.lstrip(b"\r\n")
        name = name or _subject_as_name(data, limits)
    content_id = part.content_id
    is_inline = part.disposition == "inline" or (bool(content_id) and part.disposition != "attachment")
    name = safe_filename(name, part.content_type)
    return InboundFile(name, part.content_type, data, is_inline, content_id[:300])


def _subject_as_name(data: bytes, limits: Limits) -> str:
    head, _ = headers.split(data[: limits.headers_bytes], limits)
    subject = headers.one_line(head.get("subject"))[:80]
    return f"{subject}.eml" if subject else ""
