"""A marked text as HTML, for mails and for the timeline. Everything is escaped; only our own few elements come out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils.html import escape, format_html, format_html_join

from helpdesk.lib.markup.reading import BLOCK, BOLD, CODE, ITALIC, ITEM, LINK, QUOTE, STRIKE, Marked
from helpdesk.lib.markup.walking import NONE, walk

ELEMENTS = {
    BOLD: "<strong>{}</strong>", ITALIC: "<em>{}</em>", STRIKE: "<s>{}</s>", CODE: "<code>{}</code>",
    BLOCK: "<pre><code>{}</code></pre>", QUOTE: "<blockquote>{}</blockquote>", "words": "<p>{}</p>",
    "bullets": "<ul>{}</ul>",
}  # fmt: skip
LINKED = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
# How what nobody marked is drawn: escaped, with its addresses as links.
Draw = Callable[[str], str]


@dataclass(slots=True)
class _Block:
    """Lines that belong together. kind: words, quote, block, bullets, numbers. first: of the first item."""

    kind: str
    lines: list[tuple[int, int]] = field(default_factory=list)
    first: int = 1


def page(body: str, language: str) -> str:
    """Return a small page around what was drawn."""
    lang = language if _LANGUAGE.match(language) else "und"
    return f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"></head><body>{body}</body></html>'


def as_html(marked: Marked, draw: Draw) -> str:
    """Return paragraphs, lists, quotes and code."""
    return format_html_join("", "{}", ((_drawn(marked, block, draw),) for block in _blocks(marked)))


def _blocks(marked: Marked) -> Iterator[_Block]:
    """Return the lines, those of a kind together; an empty line ends a block."""
    heads = {span.start: span for span in marked.spans if span.kind in {BLOCK, QUOTE, ITEM}}
    block, at = _Block(""), 0
    while at <= len(marked.text):
        end = marked.text.find("\n", at)
        end = len(marked.text) if end < 0 else end
        span, kind, first, line = heads.get(at), "words", 1, (at, end)
        if span is not None:
            mark = marked.text[span.start : span.begin]
            kind = span.kind if span.kind != ITEM else "bullets" if mark == "- " else "numbers"
            first, end, line = int(mark[:-2]) if kind == "numbers" else 1, span.end, (span.begin, span.until)
        if kind != block.kind or kind == BLOCK or not marked.text[at:end].strip():
            if block.lines:
                yield block
            block = _Block(kind, first=first)
        if marked.text[slice(*line)].strip():
            block.lines.append(line)
        at = end + 1
    if block.lines:
        yield block


def _drawn(marked: Marked, block: _Block, draw: Draw) -> str:
    lines = [_line(marked, line, draw, is_code=block.kind == BLOCK) for line in block.lines]
    if block.kind in {"bullets", "numbers"}:
        items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
        return (
            format_html('<ol start="{}">{}</ol>', block.first, items)
            if block.kind == "numbers"
            else format_html(ELEMENTS["bullets"], items)
        )
    return format_html(ELEMENTS[block.kind], _joined(lines))


def _joined(lines: list[str]) -> str:
    broken = format_html_join("", "<br>{}", ((line,) for line in lines[1:]))
    return format_html("{}{}", lines[0], broken)


def _line(marked: Marked, part: tuple[int, int], draw: Draw, *, is_code: bool) -> str:
    """Draw what stands in a line, the inner within the outer."""
    if is_code:
        return escape(marked.text[slice(*part)])
    open_: list[list[str]] = [[]]
    is_raw = 0
    for one in walk(marked, *part, keeps=NONE):
        if isinstance(one, str):
            open_[-1].append(escape(one) if is_raw else draw(one))
        elif one.span.kind in {QUOTE, ITEM, BLOCK}:
            continue
        elif not one.is_end:
            open_.append([])
            is_raw += one.span.kind in {CODE, LINK}
        else:
            words = format_html_join("", "{}", ((word,) for word in open_.pop()))
            is_raw -= one.span.kind in {CODE, LINK}
            open_[-1].append(
                format_html(LINKED, one.span.url, words)
                if one.span.kind == LINK
                else format_html(ELEMENTS[one.span.kind], words)
            )
    return format_html_join("", "{}", ((word,) for word in open_[0]))
