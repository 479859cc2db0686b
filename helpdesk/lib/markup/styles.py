"""A part of a marked text as a channel carries it. Which style a channel has: Capabilities.markup."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from helpdesk.lib.markup.reading import BLOCK, BOLD, CODE, ITALIC, ITEM, LINK, QUOTE, STRIKE, Marked, Span
from helpdesk.lib.markup.walking import ALL, ODD, Edit, walk

NOTHING, HTML, STARS, MARKS = "", "html", "stars", "marks"
STAR_SIGNS = {BOLD: "*", ITALIC: "_", STRIKE: "~", CODE: "```", BLOCK: "```"}
# Between a sign and a word it keeps them from being a mark, and nobody sees it.
GUARD = "\u200b"
_ENDING = re.compile(r"[*_~]*")
_SIGNS = re.compile(r"[*_~`]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked part of a text that is said without its marks; start and end in characters of that text."""

    kind: str
    start: int
    end: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What leaves: the words and, where the channel takes them apart from these, the marks."""

    text: str
    marks: tuple[Mark, ...] = ()

    def stripped(self) -> "Rendered":
        """Return it without white space at its edges, which marks that were taken off may leave there."""
        words = self.text.strip()
        ahead, most = len(self.text) - len(self.text.lstrip()), len(words)
        if not self.marks or words == self.text:
            return Rendered(words, self.marks)
        moved = (Mark(one.kind, max(0, one.start - ahead), min(most, one.end - ahead), one.url) for one in self.marks)
        return Rendered(words, tuple(one for one in moved if one.start < one.end))


@dataclass(frozen=True, slots=True)
class Written:
    """A text and how its parts leave; marked: None for one that leaves as it stands."""

    text: str
    marked: Marked | None
    style: str
    between: tuple[Edit, ...] = ()

    def part(self, begin: int, end: int) -> Rendered:
        """Return what leaves of a part."""
        if self.marked is None:
            return Rendered(self.text[begin:end])
        return _STYLES[self.style](self, self.marked, (begin, end))


def written(text: str, style: str, marked: Marked | None) -> Written:
    """Prepare a text for a channel."""
    return Written(text, marked, style, guards(marked) if marked and style == STARS else ())


def plain(marked: Marked, begin: int, end: int) -> str:
    """Return the words without marks, addresses behind the words that led to them. Never longer than the part."""
    return "".join(one for one in walk(marked, begin, end, keeps=ALL) if isinstance(one, str))


def _plainly(_whole: Written, marked: Marked, part: tuple[int, int]) -> Rendered:
    return Rendered(plain(marked, *part))


def _with_stars(whole: Written, marked: Marked, part: tuple[int, int]) -> Rendered:
    said = walk(marked, *part, keeps=ALL, between=whole.between)
    return Rendered("".join(one if isinstance(one, str) else STAR_SIGNS.get(one.span.kind, "") for one in said))


def _with_marks(_whole: Written, marked: Marked, part: tuple[int, int]) -> Rendered:
    words: list[str] = []
    marks: list[Mark] = []
    begun: list[int] = []
    at = 0
    for one in walk(marked, *part, keeps=ODD):
        if isinstance(one, str):
            words.append(one)
            at += len(one)
        elif not one.is_end:
            begun.append(at)
        elif (start := begun.pop()) < at and _is_mark(one.span):
            marks.append(Mark(one.span.kind, start, at, one.span.url))
    return Rendered("".join(words), tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end))))


def _is_mark(span: Span) -> bool:
    """Whether it can be said beside the text: a list is read as it is, and no address but a page's can be."""
    return span.kind != ITEM and (span.kind != LINK or span.url.startswith("http"))


def guards(marked: Marked) -> tuple[Edit, ...]:
    """Return what keeps signs that mark nothing here from marking something where stars do."""
    text, own = marked.text, _own(marked)
    taken = bytearray(len(text))
    for begin, end in _untouched(marked):
        taken[begin:end] = b"\1" * (end - begin)
    found: list[Edit] = []
    start = 0
    for line in text.split("\n"):
        signs: dict[str, list[tuple[int, bool, bool]]] = {}
        for found_at in _SIGNS.finditer(text, start, start + len(line)):
            at = found_at.start()
            if not taken[at]:
                signs.setdefault(text[at], []).append((at, *_sides(text, at, text[at])))
        for sign, places in signs.items():
            found += _kept_apart(places, has_own=(start, sign) in own)
        start += len(line) + 1
    return tuple(sorted(found))


def _own(marked: Marked) -> set[tuple[int, str]]:
    """Return the signs that a line gets from us, by where the line begins."""
    starts = [0, *(found.end() for found in re.finditer("\n", marked.text))]
    mine = [span for span in marked.spans if span.kind in STAR_SIGNS]
    return {(starts[bisect_right(starts, span.start) - 1], STAR_SIGNS[span.kind][0]) for span in mine}


def _untouched(marked: Marked) -> Iterator[tuple[int, int]]:
    """Return where no sign is looked at: marks, what stands in code, addresses."""
    for begin, end in marked.bare:
        # A sign that ends an address may belong to it.
        yield begin, end + len(_ENDING.match(marked.text, end)[0])  # type: ignore[index]
    for span in marked.spans:
        if span.kind in {CODE, BLOCK}:
            yield span.start, span.end
        elif span.kind not in {QUOTE, ITEM}:
            yield from ((span.start, span.begin), (span.until, span.end))


def _sides(text: str, at: int, sign: str) -> tuple[bool, bool]:
    """Say whether a sign could begin and whether it could end something."""
    before, after = text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
    if sign == "`":
        return True, True
    return not after.isspace() and not before.isalnum(), not before.isspace() and not after.isalnum()


def _kept_apart(places: list[tuple[int, bool, bool]], *, has_own: bool) -> Iterator[Edit]:
    first = next((at for at, begins, _ends in places if begins), None)
    last = next((at for at, _begins, ends in reversed(places) if ends), None)
    if not has_own and (first is None or last is None or first >= last):
        return
    for at, begins, ends in places:
        if begins:
            yield at + 1, at + 1, GUARD
        elif ends:
            yield at, at, GUARD


_STYLES: dict[str, Callable[[Written, Marked, tuple[int, int]], Rendered]] = {
    NOTHING: _plainly, HTML: _plainly, STARS: _with_stars, MARKS: _with_marks,
}  # fmt: skip
