"""How a message becomes several of a provider's: which file carries which text, where a long one is cut. Pure."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from wcwidth import iter_graphemes

from helpdesk.lib import gsm, markup
from helpdesk.lib.markup import Written
from helpdesk.lib.outbound import Capabilities, FileRule

# A file of these kinds carries the text beneath it; sound never does.
CAPTIONED = frozenset({"image", "video", "file"})
# Where a text may be cut, best first; each pattern ends where the next piece begins.
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_SENTENCE = re.compile(r"\n\s*|[.!?…]+[\"'”’»)\]]*\s+|[。！？]+\s*")
_WORD = re.compile(r"\s+")


class Described(Protocol):
    """A file of which only the kind matters here."""

    @property
    def content_type(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of the provider's. text: from and until in characters of the whole text; file: its place among the
    files. Both: the file with the text as its caption.
    """

    text: tuple[int, int] | None = None
    file: int | None = None


def cut(text: str, files: Sequence[Described], capabilities: Capabilities, *, is_marked: bool = False) -> list[Piece]:
    """Return the pieces in the order they go: files first, then the text, in as many parts as it needs.

    Nothing but white space at the edges of parts is left out. Whoever does not want a text to be split asks `fits`.
    is_marked: its marks (helpdesk/lib/markup) are written as the channel carries them, and that is what must fit.
    """
    span = _trimmed(text, 0, len(text))
    written = markup.leaving(text, capabilities.markup, is_marked=is_marked)
    if span and len(files) == 1 and _is_caption(written.part(*span).stripped().text, files[0], capabilities):
        return [Piece(text=span, file=0)]
    parts = _spans(written, capabilities) if span else []
    return [*(Piece(file=place) for place in range(len(files))), *(Piece(text=part) for part in parts)]


def measure(text: str, capabilities: Capabilities) -> int:
    """Return how much of max_text_characters a text uses, in the channel's unit; of an SMS: how many segments."""
    return UNITS[capabilities.text_unit](text)


def fits(text: str, capabilities: Capabilities, *, is_marked: bool = False) -> bool:
    """Whether a text goes in one piece."""
    return measure_leaving(text, capabilities, is_marked=is_marked) <= capabilities.max_text_characters


def in_gsm(text: str, *, is_marked: bool) -> str:
    """Return the words in the alphabet of SMS as far as nothing is lost; what marks parts of them stays."""
    kept = re.split("(`)", text) if is_marked else [text]
    return "".join(one if one == "`" else gsm.normalised(one) for one in kept)


def measure_leaving(text: str, capabilities: Capabilities, *, is_marked: bool) -> int:
    """Return how much a text uses as it leaves: with the channel's marks, or with those of its author taken off."""
    stripped = text.strip()
    written = markup.leaving(stripped, capabilities.markup, is_marked=is_marked)
    return measure(written.part(0, len(stripped)).stripped().text, capabilities)


def rule_for(content_type: str, size_bytes: int, capabilities: Capabilities) -> FileRule | None:
    """Return the rule by which a channel takes a file, None where it does not.

    A picture, sound or film that is too large for its kind, or of a format that the channel does not show, goes as a
    plain file where the channel takes it like that.
    """
    mime = _plain(content_type)
    fitting = [rule for rule in capabilities.file_rules if size_bytes <= rule.max_bytes and _takes(rule, mime)]
    own = [rule for rule in fitting if rule.kind == kind_of(mime)]
    return next(iter(own or [rule for rule in fitting if rule.kind == "file"]), None)


def max_bytes_for(content_type: str, capabilities: Capabilities) -> int:
    """Return how large a file of this type may be; 0 where the channel takes none of its kind."""
    mime = _plain(content_type)
    rules = [rule for rule in capabilities.file_rules if rule.kind in {kind_of(mime), "file"} and _takes(rule, mime)]
    return max((rule.max_bytes for rule in rules), default=0)


def kind_of(content_type: str) -> str:
    """Return image, audio, video or file."""
    family = _plain(content_type).partition("/")[0]
    return family if family in {"image", "audio", "video"} else "file"


def _plain(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _takes(rule: FileRule, mime: str) -> bool:
    return not rule.mimes or mime in rule.mimes


def _is_caption(text: str, file: Described, capabilities: Capabilities) -> bool:
    most = capabilities.max_caption_characters
    return kind_of(file.content_type) in CAPTIONED and measure(text, capabilities) <= most


def _spans(written: Written, capabilities: Capabilities) -> list[tuple[int, int]]:
    """Cut a text into parts that fit."""
    text = written.text
    edges = _edges(text)
    spans: list[tuple[int, int]] = []
    begin = 0
    while begin < len(text):
        span = _trimmed(text, begin, len(text))
        if span is None:
            break
        end = _end(written, span[0], edges, capabilities)
        part = _trimmed(text, span[0], end)
        assert part is not None
        # A part that is nothing but marks says nothing.
        if written.part(*part).text.strip():
            spans.append(part)
        begin = end
    return spans


def _end(written: Written, begin: int, edges: list[int], capabilities: Capabilities) -> int:
    """Return where a part that begins here ends: all that fits, back to the best place to cut."""
    text = written.text
    furthest = _furthest(written, begin, edges, capabilities)
    if furthest == len(text):
        return furthest
    # White space behind the last sign that fits belongs to the cut, not to the next part.
    behind = _WORD.match(text, furthest)
    window = behind.end() if behind else furthest
    for pattern in (_PARAGRAPH, _SENTENCE):
        last = _last(pattern, text[:window], begin, edges)
        # A cut far ahead of the limit makes many small parts out of a few.
        if last is not None and (last - begin) * 2 >= furthest - begin:
            return last
    return _last(_WORD, text[:window], begin, edges) or furthest


def _last(pattern: re.Pattern[str], text: str, begin: int, edges: list[int]) -> int | None:
    """Return the last place that the pattern names and that is no part of a sign."""
    ends = (found.end() for found in pattern.finditer(text, begin))
    return max((end for end in ends if edges[bisect_left(edges, end)] == end), default=None)


def _furthest(written: Written, begin: int, edges: list[int], capabilities: Capabilities) -> int:
    """Return the last edge up to which everything fits, by halving; at least one sign, so that it ends."""
    reach = capabilities.max_text_characters * (gsm.GSM7_ALONE if capabilities.text_unit == "segments" else 1)
    low = bisect_right(edges, begin)
    # No sign counts less than one, but marks that are taken off count nothing: as far as it fits, and as far again.
    high = max(low, bisect_right(edges, begin + reach) - 1)
    while written.marked and high < len(edges) - 1 and _holds(written, begin, edges[high], capabilities):
        low, high = high, max(high + 1, bisect_right(edges, edges[high] + reach) - 1)
    while low < high:
        middle = (low + high + 1) // 2
        if _holds(written, begin, edges[middle], capabilities):
            low = middle
        else:
            high = middle - 1
    return edges[low]


def _holds(written: Written, begin: int, end: int, capabilities: Capabilities) -> bool:
    part = _trimmed(written.text, begin, end)
    said = written.part(*part).stripped().text if part else ""
    return measure(said, capabilities) <= capabilities.max_text_characters


def _edges(text: str) -> list[int]:
    """Return where signs as people see them begin and end: an emoji of a family is one."""
    edges, place = [0], 0
    for sign in iter_graphemes(text):
        place += len(sign)
        edges.append(place)
    return edges


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """Return the span without white space at its edges; None when nothing is left."""
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return (begin, end) if begin < end else None


def _utf16(text: str) -> int:
    return len(text) + sum(ord(sign) > 0xFFFF for sign in text)


UNITS: dict[str, Callable[[str], int]] = {
    "characters": len,
    "bytes": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf16": _utf16,
    "segments": lambda text: gsm.size(gsm.normalised(text)).segments,
}
