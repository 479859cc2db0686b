"""Telegram's text with its marks (entities), as plain text that loses no address. Pure.

Offsets and lengths count UTF-16 code units (Bot API, MessageEntity, read 2026-11).
"""

from channels_app.adapters._chat.reading import parts, text, whole, word

UNIT_BYTES = 2
CODING = "utf-16-le"
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
