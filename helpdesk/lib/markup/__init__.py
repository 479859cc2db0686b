"""The light Markdown of agents: what is marked in it, and how each style of channel carries that.

A text is read this way only where it was written so (docs/decisions/0014): what programs and customers write is left
alone.
"""

from helpdesk.lib.markup import pages, styles
from helpdesk.lib.markup.pages import Draw, page
from helpdesk.lib.markup.reading import Marked, Span, read
from helpdesk.lib.markup.styles import HTML, MARKS, NOTHING, STARS, Mark, Rendered, Written, plain

__all__ = ["HTML", "MARKS", "NOTHING", "STARS", "Mark", "Marked", "Rendered", "Span", "Written", "as_html",
           "is_marked", "leaving", "page", "plain", "read"]  # fmt: skip
_SIGNS = frozenset("*_~`[>")


def is_marked(text: str) -> bool:
    """Whether it makes any difference that a text was written by somebody who can mark parts of it."""
    return not _SIGNS.isdisjoint(text) or bool(read(text).spans)


def leaving(text: str, style: str, *, is_marked: bool) -> Written:
    """Return a text as it leaves on a channel of a style, whole or in parts; as it stands where nothing is marked."""
    return styles.written(text, style, read(text) if is_marked else None)


def as_html(text: str, draw: Draw) -> str:
    """Return a marked text as HTML; draw: how words between marks are drawn, escaped."""
    return pages.as_html(read(text), draw)
