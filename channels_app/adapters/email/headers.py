"""Header fields of a mail: cut, unfold, decode. Linear in their length; nothing raises."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from channels_app.adapters.email import charsets
from channels_app.adapters.email.limits import Limits

_BLANK = re.compile(rb"\r*\n")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ID = re.compile(r"<([^<>\s]{1,500})>")
_SECTION = re.compile(r"(.+?)\*(\d{1,3})?(\*)?\Z")
_SPACES = re.compile(r"[ \t\r\n]+")
_ZONE_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one part in order: lower-case name and unfolded, undecoded value."""

    fields: tuple[tuple[str, str], ...]
    is_cut: bool = False

    def get(self, name: str) -> str:
        """Return the first field of that name, '' when there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """Return every field of that name, topmost first."""
        return [value for key, value in self.fields if key == name]


def split(part: bytes, limits: Limits) -> tuple[Headers, bytes]:
    """Cut a part into its headers (within the limits) and its body."""
    fields: list[tuple[str, str]] = []
    used, is_cut = 0, False
    position = part.find(b"\n") + 1 if part.startswith((b"From ", b">From ")) else 0
    while position < len(part):
        blank = _BLANK.match(part, position)
        if blank:
            # Looked for first: a body that begins with a space or tab does not continue a header.
            position = blank.end()
            break
        end = _end_of_field(part, position)
        line = part[position:end]
        named = _FIELD.match(line)
        if not named and line.strip():
            if not fields and not is_cut:
                return Headers(()), part
            if b":" not in line[:100]:
                break
        position = end
        if not named:
            continue
        used += len(line)
        is_cut |= used > limits.headers_bytes or len(line) > limits.header_bytes
        if used <= limits.headers_bytes:
            value = line[named.end() : limits.header_bytes]
            fields.append((named[1].decode("ascii").lower(), _unfold(value)))
    return Headers(tuple(fields), is_cut), part[position:]


def decode_words(value: str) -> str:
    """Decode RFC 2047 words; words of one charset that touch are joined before decoding."""
    pieces: list[str] = []
    pending, charset, position = b"", "", 0
    for word in _WORD.finditer(value):
        gap = value[position : word.start()]
        name = word[1].partition("*")[0].lower()
        if gap.strip() or not position or name != charset:
            pieces.append(charsets.decode(pending, charset))
            pending = b""
            pieces.append(gap if gap.strip() or not position else "")
        pending, charset = pending + _decode_word(word[2], charsets.encode(word[3], name)), name
        position = word.end()
    pieces += [charsets.decode(pending, charset), value[position:]]
    return charsets.clean("".join(pieces))


def one_line(value: str) -> str:
    """Decode a field into one line of text without controls."""
    return _CONTROLS.sub(" ", decode_words(value)).strip()


def message_ids(value: str) -> tuple[str, ...]:
    """Return the ids of a Message-ID, In-Reply-To or References field, without brackets."""
    found = _ID.findall(_SPACES.sub(" ", value).replace("> <", "><"))
    if found:
        return tuple(charsets.clean(one) for one in found)
    bare = [word.strip("<>,;\"'") for word in value.split() if "@" in word]
    return tuple(charsets.clean(word)[:500] for word in bare if word)[:1]


def date(value: str) -> datetime | None:
    """Return the time of a Date field (aware, UTC), None when it says none."""
    if not value or len(value) > 200:
        return None
    for spelling in (value, _ZONE_COMMENT.sub("", value).strip()):
        try:
            at = parsedate_to_datetime(spelling)
            return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """Read `type; name=value`: quoted, RFC 2231 (continued, in a charset) and RFC 2047 forms."""
    first, *rest = list(_semicolon_pieces(value))[:60]
    plain: dict[str, str] = {}
    parts: dict[str, dict[int, tuple[str, bool]]] = {}
    for piece in rest:
        name, _, text = piece.partition("=")
        name, text = name.strip().lower()[:100], _unquote(text.strip())
        section = _SECTION.match(name) if "*" in name else None
        if section:
            number, coded = int(section[2] or 0), bool(section[3]) or section[2] is None
            parts.setdefault(section[1], {}).setdefault(number, (text, coded))
        else:
            plain.setdefault(name, decode_words(text))
    for name, sections in parts.items():
        plain[name] = _join_sections(sections)
    return _SPACES.sub("", first).lower(), plain


def _end_of_field(part: bytes, position: int) -> int:
    """Return where the field that starts at position ends: folded lines belong to it."""
    while True:
        end = part.find(b"\n", position)
        if end < 0:
            return len(part)
        position = end + 1
        if part[position : position + 1] not in (b" ", b"\t"):
            return position
        line_end = part.find(b"\n", position)
        if not part[position : line_end if line_end >= 0 else len(part)].strip():
            return position


def _unfold(value: bytes) -> str:
    value = value.rstrip(b"\r\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    unfolded = re.sub(rb"\n(?=[ \t])", b"", value).replace(b"\n", b" ")
    return charsets.decode(unfolded)


def _decode_word(encoding: str, raw: bytes) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    return decode_base64(raw)


def decode_base64(data: bytes) -> bytes:
    """Decode base64 as far as it goes: strange characters skipped, padding mended."""
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    data = data[: len(data) - (len(data) % 4 == 1)]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def _semicolon_pieces(value: str) -> Iterator[str]:
    start, is_quoted, is_escaped = 0, False, False
    for position, letter in enumerate(value):
        if is_escaped:
            is_escaped = False
        elif letter == "\\" and is_quoted:
            is_escaped = True
        elif letter == '"':
            is_quoted = not is_quoted
        elif letter == ";" and not is_quoted:
            yield value[start:position]
            start = position + 1
    yield value[start:]


def _unquote(text: str) -> str:
    if text.startswith('"'):
        inner = text[1:]
        inner = inner[: inner.rfind('"')] if '"' in inner else inner
        return re.sub(r'\\(["\\])', r"\1", inner)
    return text


def _join_sections(sections: dict[int, tuple[str, bool]]) -> str:
    joined, charset = b"", ""
    for number in sorted(sections):
        text, coded = sections[number]
        if number == 0 and coded and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "replace")
        joined += unquote_to_bytes(raw) if coded else raw
    return decode_words(charsets.decode(joined, charset))
