"""Telegram's text with its marks (entities): read as plain text that loses no address, and written. Pure.

Offsets and lengths count UTF-16 code units (Bot API, MessageEntity, read 2026-11).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from channels_app.adapters._chat.reading import Json, parts, text, whole, word
from helpdesk.lib.markup import Mark

UNIT_BYTES = 2
CODING = "utf-16-le"
# Ours, and Telegram's names of them. Of more than a hundred in a message it takes no notice.
TYPES = {
    "bold": "bold", "italic": "italic", "strike": "strikethrough", "code": "code", "block": "pre",
    "link": "text_link", "quote": "blockquote",
}  # fmt: skip
SENT_MAX = 100
# A text of 4,096 signs has a hundred at most; a list of thousands is nobody's message.
ENTITIES_MAX = 1_000


def plain(written: object, entities: object) -> str:
    """Return the text; behind a word that is a link stands its address, in brackets."""
    if not isinstance(written, str):
        return ""
    units = written.encode(CODING, "surrogatepass")
    for end, address in sorted(_links(units, entities), reverse=True):
        units = units[:end] + f" ({address})".encode(CODING, "surrogatepass") + units[end:]
    return text(units.decode(CODING, "surrogatepass"))


def written(said: str, marks: Sequence[Mark]) -> list[Json]:
    """Return our marks as Telegram's; quotes of lines below each other are one. As many as Telegram looks at."""
    places = [0, *accumulate(len(sign.encode(CODING, "surrogatepass")) // UNIT_BYTES for sign in said)]
    found: list[Json] = []
    for mark in _joined(said, marks):
        start, end = places[mark.start], places[mark.end]
        entity: Json = {"type": TYPES[mark.kind], "offset": start, "length": end - start}
        found.append({**entity, "url": mark.url} if mark.kind == "link" else entity)
    return found[:SENT_MAX]


def _joined(said: str, marks: Sequence[Mark]) -> list[Mark]:
    found: list[Mark] = []
    quote = -1
    for mark in marks:
        if mark.kind == "quote" and quote >= 0 and said[found[quote].end : mark.start] == "\n":
            found[quote] = replace(found[quote], end=mark.end)
            continue
        if mark.kind == "quote":
            quote = len(found)
        found.append(mark)
    return found


def _links(units: bytes, entities: object) -> list[tuple[int, str]]:
    """Return where an address is to stand, and the address."""
    found = []
    for entity in parts(entities)[:ENTITIES_MAX]:
        address, start, length = (
            word(entity.get("url"), 2_000),
            whole(entity.get("offset")),
            whole(entity.get("length")),
        )
        if entity.get("type") != "text_link" or not address or start is None or not length:
            continue
        end = (start + length) * UNIT_BYTES
        label = units[start * UNIT_BYTES : end].decode(CODING, "surrogatepass")
        if end <= len(units) and not _is_same(label, address):
            found.append((end, address))
    return found


def _is_same(label: str, address: str) -> bool:
    """Whether the word is the address itself, with or without its scheme."""
    bare = address.rstrip("/").removeprefix("https://").removeprefix("http://")
    return label.strip().rstrip("/").removeprefix("https://").removeprefix("http://") == bare
