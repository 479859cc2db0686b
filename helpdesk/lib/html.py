"""Cleans the HTML that strangers send and turns it into text. No remote thing loads from it.

A picture keeps no `src`: one of the mail itself becomes `data-cid`, a remote one `data-remote`
(its address); `fill_images` gives back a `src` when a view serves it.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

import lxml.etree
import lxml.html
import nh3
from inscriptis import get_text
from inscriptis.css_profiles import RELAXED_CSS_PROFILE
from inscriptis.model.config import ParserConfig

HTML_MAX_CHARACTERS = 2_000_000
TEXT_SOURCE_MAX_CHARACTERS = 400_000
ENTITIES_MAX = 100_000
CLEAN_DEPTH_MAX = 4_000
TEXT_DEPTH_MAX = 240
QUOTE_START, QUOTE_END = "\ue0f0", "\ue0f1"

_TAGS = {
    *("a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code"
      " col colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6"
      " header hr i img ins kbd li main mark ol p pre q s samp section small span strike strong"
      " sub sup table tbody td tfoot th thead time tr tt u ul var wbr").split(),
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title", "align", "valign"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "height", "bgcolor"},
    "tr": {"bgcolor", "height"},
    "td": {"colspan", "rowspan", "width", "height", "bgcolor", "nowrap"},
    "th": {"colspan", "rowspan", "width", "height", "bgcolor", "nowrap", "scope"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "hr": {"width", "size"},
}
_STYLES = {
    *("color background-color font-family font-size font-style font-weight font-variant"
      " line-height letter-spacing text-align text-decoration text-indent text-transform"
      " vertical-align white-space word-break direction display float clear width height max-width"
      " min-width border border-top border-right border-bottom border-left border-color"
      " border-style border-width border-collapse border-spacing border-radius margin margin-top"
      " margin-right margin-bottom margin-left padding padding-top padding-right padding-bottom"
      " padding-left list-style-type table-layout").split(),
}  # fmt: skip
_UNSEEN = {"script", "style", "title", "template", "noscript", "svg", "math", "object", "select"}
_UNSEEN |= {"iframe", "textarea", "xmp", "noembed", "noframes", "plaintext", "video", "audio"}
_LOADS = re.compile(r"url\s*\(|expression|image|import|binding|behavior|[\\@<>]|-[0-9]", re.I)
_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]+\Z", re.I)
_SRC = re.compile(r'(<img\b[^>]*?) src="(cid|https?):([^"]*)"', re.I)
_HELD = re.compile(r'(<img\b[^>]*?) data-(cid|remote)="([^"]*)"')
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^<>]*>", re.I)
_HIDDEN = re.compile(r"<(script|style|title)\b", re.I)
_OPENS_OR_CLOSES = re.compile(r"<(/?)(?!(?:br|img|hr|p|li|td|tr|th|meta|link|input|o:p|col|wbr)\b)[a-zA-Z]", re.I)
_QUOTES = (
    ".//blockquote[not(ancestor::blockquote)]|.//*[contains(@class,'gmail_quote')]"
    "|.//*[contains(@class,'yahoo_quoted')]|.//*[contains(@class,'moz-cite-prefix')]"
    "|.//*[contains(@class,'protonmail_quote')]"
)
_QUOTE_HEADS = (
    ".//*[@id='divRplyFwdMsg' or @id='appendonsend' or @id='stopSpelling'"
    " or @id='mail-editor-reference-message-container' or @class='OutlookMessageHeader']"
)


@dataclass(frozen=True, slots=True)
class CleanHtml:
    """What is left of a stranger's HTML, and the addresses of its remote pictures in order."""

    html: str
    remote: tuple[str, ...]


def clean(source: str) -> CleanHtml:
    """Return only harmless elements, attributes and styles; too long or too deep HTML becomes ''."""
    if is_too_much(source):
        return CleanHtml("", ())
    kept = _CLEANER.clean(source)
    kept = _SRC.sub(lambda found: f'{found[1]} {_holder(found[2])}="{_held(*found.groups())}"', kept)
    return CleanHtml(kept, tuple(remote_images(kept)))


def is_too_much(source: str) -> bool:
    """Say whether cleaning it would take seconds: too long, too deep or too many entities."""
    return len(source) > HTML_MAX_CHARACTERS or source.count("&") > ENTITIES_MAX or _depth(source) > CLEAN_DEPTH_MAX


def remote_images(cleaned: str) -> list[str]:
    """Return the addresses of the remote pictures of cleaned HTML; the n-th is image n."""
    return [html.unescape(held[3]) for held in _HELD.finditer(cleaned) if held[2] == "remote"]


def fill_images(cleaned: str, *, cid: Callable[[str], str], remote: Callable[[int], str] | None = None) -> str:
    """Give pictures a `src`: `cid` by Content-ID ('' = none), `remote` by number (None = not yet)."""
    count = -1

    def fill(held: re.Match[str]) -> str:
        nonlocal count
        if held[2] == "cid":
            url = cid(html.unescape(held[3]))
        else:
            count += 1
            url = remote(count) if remote else ""
        return f'{held[1]} src="{html.escape(url)}"' if url else held[0]

    return _HELD.sub(fill, cleaned)


def to_text(source: str) -> str:
    """Return the readable text of HTML; quoted parts stand between QUOTE_START and QUOTE_END."""
    source = source.replace(QUOTE_START, "").replace(QUOTE_END, "")
    if len(source) > TEXT_SOURCE_MAX_CHARACTERS or _depth(source) > TEXT_DEPTH_MAX:
        return strip_tags(source)
    try:
        tree = lxml.html.document_fromstring(source)
        _mark_quotes(tree)
        text = get_text(lxml.html.tostring(tree, encoding="unicode"), _AS_TEXT)
    except (lxml.etree.LxmlError, ValueError, RecursionError, AssertionError, IndexError, TypeError):
        return strip_tags(source)
    return _tidied(text)


def strip_tags(source: str) -> str:
    """Return the text of HTML by the cheapest way: for what is too long or too odd to read."""
    pieces, position, small = [], 0, source.lower()
    while found := _HIDDEN.search(source, position):
        pieces.append(source[position : found.start()])
        end = small.find(f"</{found[1].lower()}", found.end()) if len(pieces) < 50 else -1
        position = end if end >= 0 else len(source)
    pieces.append(source[position:])
    return html.unescape(_TAG.sub(" ", _BREAK.sub("\n", "".join(pieces)))).strip()


def _tidied(text: str) -> str:
    """Take away blanks at line ends and all but one empty line in a row."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept).strip()


def _depth(source: str) -> int:
    """Return how deep elements may nest: parsers are quadratic in it, or lose what lies deeper."""
    depth = deepest = 0
    for found in _OPENS_OR_CLOSES.finditer(source):
        depth = max(0, depth - 1) if found[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _keep(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        kept = [piece for piece in value.split(";") if not _LOADS.search(piece)]
        return ";".join(kept).strip() or None
    if tag == "img" and name == "src":
        address = value.strip()
        is_held = address.lower().startswith(("cid:", "http://", "https://"))
        return address if is_held or _DATA_IMAGE.match(address) else None
    if tag == "a" and name == "href":
        is_link = value.strip().lower().startswith(("http://", "https://", "mailto:", "tel:"))
        return value if is_link else None
    return value


def _holder(scheme: str) -> str:
    return "data-cid" if scheme.lower() == "cid" else "data-remote"


def _held(_: str, scheme: str, rest: str) -> str:
    return rest if scheme.lower() == "cid" else f"{scheme}:{rest}"


def _mark_quotes(tree: lxml.html.HtmlElement) -> None:
    for head in tree.xpath(_QUOTE_HEADS):
        _insert_before(head, QUOTE_START)
    for quote in tree.xpath(_QUOTES):
        _insert_before(quote, QUOTE_START)
        quote.tail = f"\n{QUOTE_END}\n{quote.tail or ''}"


def _insert_before(element: lxml.html.HtmlElement, mark: str) -> None:
    holder = lxml.html.Element("div")
    holder.text = mark
    element.addprevious(holder)
    holder.tail = None


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_UNSEEN,
    attributes=_ATTRIBUTES,
    attribute_filter=_keep,
    filter_style_properties=_STYLES,
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    strip_comments=True,
)
_AS_TEXT = ParserConfig(css=RELAXED_CSS_PROFILE.copy(), display_links=False, display_images=False)
