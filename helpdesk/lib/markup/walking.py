"""Going through a part of a marked text: its words, what begins and what ends; marks are left out."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.lib.markup.reading import ITEM, LINK, QUOTE, Marked, Span

# A stretch of the text and what stands in its place; of no length: what is put in between.
Edit = tuple[int, int, str]
_WITHIN, _END, _EDIT, _BEGIN, _AFTER = range(5)
# Which addresses stay in the text, in brackets behind the words that lead there: of none, of those that are no page's,
# of all. Where all stay, the sign of a quote does too: nothing else tells of it.
NONE, ODD, ALL = range(3)


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a span begins or ends. A span of which only a part is looked at begins and ends with the part."""

    span: Span
    is_end: bool


def walk(marked: Marked, begin: int, end: int, *, keeps: int, between: tuple[Edit, ...] = ()) -> Iterator[str | Edge]:
    """Yield words and edges in order.

    keeps: which addresses stay. between: more to put in, by its place.
    """
    spans = [span for span in marked.within(begin, end) if keeps != ALL or span.kind != QUOTE]
    edits = [edit for span in spans for edit in _edits(marked.text, span, keeps)]
    more = between[bisect_right(between, (begin, end, "")) : bisect_left(between, (end, 0, ""))]
    at = begin
    for place, _rank, _order, what in _happenings(spans, [*edits, *more], begin, end):
        if place > at:
            yield marked.text[at:place]
            at = place
        if isinstance(what, Edge):
            yield what
            continue
        start, until, words = what
        at = max(at, min(until, end))
        if words and start >= begin:
            yield words
    if at < end:
        yield marked.text[at:end]


def _happenings(spans: list[Span], edits: list[Edit], begin: int, end: int) -> list[tuple[int, int, int, Edge | Edit]]:
    """Return what happens where: ends before marks before beginnings, the inner within the outer."""
    found: list[tuple[int, int, int, Edge | Edit]] = []
    for order, span in enumerate(spans):
        first, last = max(begin, span.begin), min(end, span.until)
        if first < last:
            found += [(first, _BEGIN, order, Edge(span, False)), (last, _END, -order, Edge(span, True))]
    inside = [edit for edit in edits if edit[0] < end and edit[1] > begin]
    ends = {place for place, rank, *_ in found if rank == _END}
    for order, edit in enumerate(inside):
        # What is put in between stands at the inner side of a span's mark.
        rank = _EDIT if edit[0] < edit[1] else _WITHIN if edit[0] in ends else _AFTER
        found.append((max(edit[0], begin), rank, order, edit))
    return sorted(found, key=lambda one: one[:3])


def _edits(text: str, span: Span, keeps: int) -> Iterator[Edit]:
    """Return what of a span is not said: its marks. An item keeps its own, for it is read everywhere."""
    if span.kind == ITEM:
        return
    yield span.start, span.begin, ""
    is_kept = keeps == ALL or (keeps == ODD and not span.url.startswith("http"))
    if span.kind == LINK and is_kept and text[span.begin : span.until] != span.url:
        # [words](address) becomes words (address), sign by sign, so that no part of it grows.
        yield span.until, span.until + 1, " "
    elif span.until < span.end:
        yield span.until, span.end, ""
