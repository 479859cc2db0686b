"""Address fields: names and addresses by one linear reading, and whether it is in doubt."""

from dataclasses import dataclass

from channels_app.adapters.email.headers import one_line
from helpdesk.lib.emails import spell_address


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a header. `address` is normalised ('' = cannot be read)."""

    address: str
    name: str
    as_written: str
    is_doubtful: bool = False


@dataclass(slots=True)
class _Item:
    """What was collected of one address so far."""

    plain: str = ""
    quoted: str = ""
    comment: str = ""
    angle: str = ""
    angles: int = 0
    is_broken: bool = False
    written: str = ""


def read(value: str, *, most: int) -> tuple[list[Mailbox], bool]:
    """Return at most `most` mailboxes of a field and whether more were left out."""
    found: list[Mailbox] = []
    item, is_cut = _Item(), False
    for kind, text in _tokens(value):
        if kind == "end":
            if _has_content(item):
                if len(found) == most:
                    is_cut = True
                    break
                found.append(_mailbox(item))
            item = _Item()
        else:
            _add(item, kind, text)
    return found, is_cut


def _tokens(value: str) -> list[tuple[str, str]]:
    """Split a field into plain, quoted, comment, angle, broken, group and end tokens."""
    tokens, plain, position = [], "", 0
    while position < len(value):
        letter = value[position]
        if letter in ',;:"(<' or letter in ")>":
            closing = {'"': '"', "(": ")", "<": ">"}.get(letter)
            if plain:
                tokens.append(("plain", plain))
                plain = ""
            if closing:
                inner, position, is_closed = _inside(value, position, letter, closing)
                tokens.append(({'"': "quoted", "(": "comment", "<": "angle"}[letter], inner))
                tokens += [] if is_closed else [("broken", letter)]
            else:
                tokens.append((_PUNCTUATION[letter], letter))
                position += 1
        else:
            plain += letter
            position += 1
    return [*tokens, ("plain", plain), ("end", "")]


_PUNCTUATION = {",": "end", ";": "end", ":": "group", ")": "broken", ">": "broken"}


def _inside(value: str, start: int, opening: str, closing: str) -> tuple[str, int, bool]:
    """Return what stands between a pair, the position behind it, and whether it was closed."""
    depth, position, inner = 1, start + 1, []
    while position < len(value):
        letter = value[position]
        if letter == "\\" and opening != "<" and position + 1 < len(value):
            inner.append(value[position + 1])
            position += 2
            continue
        if letter == closing:
            depth -= 1
            if not depth:
                return "".join(inner), position + 1, True
        elif letter == opening == "(":
            depth += 1
        inner.append(letter)
        position += 1
    return "".join(inner), position, False


def _add(item: _Item, kind: str, text: str) -> None:
    item.written += text if kind in ("plain", "quoted", "angle") else ""
    if kind == "plain":
        item.plain += text
    elif kind == "quoted":
        item.quoted += text
        item.plain += f'"{text}"' if item.plain and not item.plain[-1].isspace() else text
    elif kind == "comment":
        item.comment += text
    elif kind == "angle":
        item.angles += 1
        item.angle = text
    elif kind == "broken":
        item.is_broken = True
    elif kind == "group":
        item.plain, item.quoted, item.written = "", "", ""


def _has_content(item: _Item) -> bool:
    return bool(item.plain.strip() or item.angles or item.quoted)


def _mailbox(item: _Item) -> Mailbox:
    if item.angles:
        written, name = _without_route(item.angle), item.plain
    else:
        written, name = _bare(item), ""
    name = one_line(name) or one_line(item.comment)
    address = spell_address("".join(written.split()))
    plain = one_line(item.plain)
    is_doubtful = item.angles > 1 or item.is_broken or (not item.angles and plain.count("@") > 1)
    return Mailbox(address, name.strip("'\" "), one_line(written), is_doubtful)


def _without_route(angle: str) -> str:
    """Drop the obsolete source route of `<@relay:user@host>` and a `mailto:`."""
    angle = angle.strip()
    if angle.startswith("@") and ":" in angle:
        angle = angle.rpartition(":")[2]
    return angle.removeprefix("mailto:")


def _bare(item: _Item) -> str:
    if "@" not in item.plain:
        return ""
    words = item.plain.split()
    return item.plain if len(words) == 1 else next(word for word in words if "@" in word)
