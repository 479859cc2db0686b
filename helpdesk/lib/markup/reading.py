"""Which parts of a text are bold, a link, a list …: the light Markdown that agents type, as spans over what they typed.

What is not well-formed is no mark and stays as it is. Never raises; every sign is looked at a fixed number of times.
static/src/marks.ts reads the same way; tests/conversations/test_limits.py holds them together.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

BOLD, ITALIC, STRIKE, CODE, BLOCK, LINK, QUOTE, ITEM = (
    "bold",
    "italic",
    "strike",
    "code",
    "block",
    "link",
    "quote",
    "item",
)
PAIRS = {"**": BOLD, "~~": STRIKE, "_": ITALIC}
# Fences, quotes and items begin a line; of an item the marker is seen by everybody.
_FENCE = re.compile(r"```[A-Za-z0-9+#-]{0,20}[ \t]*\Z")
_ENDS = re.compile(r"```[ \t]*\Z")
_QUOTE = re.compile(r"> ?(?=[^\s>])")
_ITEM = re.compile(r"(?:-|\d{1,3}\.) (?=\S)")
# What stands in a line, each from its first sign: code, a link, a bare address (left alone), a run of marks.
_TOKEN = re.compile(
    r"(?<!`)`(?P<code>[^`\n]+)`(?!`)"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<url>(?:https?://|mailto:|tel:)(?:[^\s()<>]|\([^\s()<>]*\))+)\)"
    r"|(?P<bare>https?://[^\s<>]*[^\s<>*_~.,;:!?)\]])"
    r"|(?P<run>\*+|_+|~+)"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A marked part. start and end: with its marks; begin and until: what is marked."""

    kind: str
    start: int
    begin: int
    until: int
    end: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its spans, the outer before the inner. bare: addresses that stand in it as they are.

    furthest: up to where the spans until then reach, to find those of a part.
    """

    text: str
    spans: tuple[Span, ...] = ()
    bare: tuple[tuple[int, int], ...] = ()
    furthest: tuple[int, ...] = ()

    def within(self, begin: int, end: int) -> tuple[Span, ...]:
        """Return the spans of which anything stands in a part."""
        first = bisect_right(self.furthest, begin)
        last = bisect_left(self.spans, end, key=lambda span: span.start)
        return tuple(span for span in self.spans[first:last] if span.end > begin)


def read(text: str) -> Marked:
    """Find everything that is marked."""
    spans: list[Span] = []
    bare: list[tuple[int, int]] = []
    lines = _lines(text)
    ends = _ends(text, lines)
    number = 0
    while number < len(lines):
        start, end = lines[number]
        last = ends[number] if _FENCE.match(text, start, end) else 0
        if last and text[end : lines[last][0]].strip():
            spans.append(Span(BLOCK, start, end + 1, lines[last][0] - 1, lines[last][1]))
            number = last
        else:
            _read_line(text, start, end, spans, bare)
        number += 1
    ordered = tuple(sorted(spans, key=lambda span: (span.start, -span.end)))
    return Marked(text, ordered, tuple(bare), tuple(accumulate((span.end for span in ordered), max)))


def _lines(text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for line in text.split("\n"):
        found.append((start, start + len(line)))
        start += len(line) + 1
    return found


def _ends(text: str, lines: list[tuple[int, int]]) -> list[int]:
    """Return for each line the next one below that may end a fence; 0 where there is none."""
    found, last = [0] * len(lines), 0
    for number in range(len(lines) - 1, -1, -1):
        found[number] = last
        if _ENDS.match(text, *lines[number]):
            last = number
    return found


def _read_line(text: str, start: int, end: int, spans: list[Span], bare: list[tuple[int, int]]) -> None:
    if head := _QUOTE.match(text, start, end):
        spans.append(Span(QUOTE, start, head.end(), end, end))
        start = head.end()
    elif head := _ITEM.match(text, start, end):
        spans.append(Span(ITEM, start, head.end(), end, end))
        start = head.end()
    # At most one open mark of each kind, so that a close never searches far.
    opened: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(text, start, end):
        at, till = token.span()
        if token["run"] in PAIRS:
            _mark(text, token, (start, end), opened, spans)
        elif token["bare"]:
            bare.append((at, till))
        elif token["code"] and token["code"].strip():
            spans.append(Span(CODE, at, at + 1, till - 1, till))
        elif token["label"] and token["label"].strip():
            spans.append(Span(LINK, at, at + 1, token.end("label"), till, token["url"]))


def _mark(
    text: str, token: re.Match[str], line: tuple[int, int], opened: list[tuple[str, int]], spans: list[Span]
) -> None:
    """Close what is open or open anew. A mark stands at the edge of words: not in one, and with no space inside."""
    (at, till), run = token.span(), token["run"]
    before = text[at - 1] if at > line[0] else " "
    after = text[till] if till < line[1] else " "
    places = [place for place, (mark, _start) in enumerate(opened) if mark == run]
    if places and not before.isspace() and not after.isalnum():
        start = opened[places[0]][1]
        del opened[places[0] :]
        spans.append(Span(PAIRS[run], start, start + len(run), at, till))
    elif not after.isspace() and not before.isalnum():
        opened[:] = [one for one in opened if one[0] != run]
        opened.append((run, at))
