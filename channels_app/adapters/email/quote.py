"""Splits what a person wrote now from what the mail repeats. Line by line, linear, never raises.

A sign-off ("Best regards") stays: taking away too little is better than hiding a customer's words.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from channels_app.adapters.email import quote_words as words
from helpdesk.lib.html import QUOTE_END, QUOTE_START

LINES_MAX = 20_000
LINE_MAX_CHARACTERS = 1_000
WROTE_LINES_MAX = 7
FOOTER_LINES_MAX = 25
DEVICE_MAX_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Split:
    """The new text, what it repeats, and whether the mail passes another one on."""

    new: str
    quoted: str
    is_forward: bool = False


@dataclass(frozen=True, slots=True)
class _Head:
    """Lines start..end (exclusive) that introduce a repeated mail."""

    start: int
    end: int
    is_wrote: bool = False


def split(text: str) -> Split:
    """Split a body (quotes of HTML may stand between QUOTE_START and QUOTE_END)."""
    lines = [line.rstrip() for line in _unmarked(text).split("\n")]
    kept, late = lines[:LINES_MAX], lines[LINES_MAX:]
    is_code = _code_lines(kept)
    shown = [True] * len(kept)
    _hide_repeated(kept, is_code, shown)
    _hide_trailing_quotes(kept, shown)
    _hide_signature(kept, is_code, shown)
    new = _join(line for line, is_shown in zip(kept, shown, strict=True) if is_shown)
    if not new:
        return Split(_join(lines), "", _is_forward(kept))
    quoted = [line for line, is_shown in zip(kept, shown, strict=True) if not is_shown]
    return Split(new, _join(quoted + late), _is_forward(kept))


def _unmarked(text: str) -> str:
    """Turn the marks of HTML quotes into `>` lines, as text mails have them."""
    if QUOTE_START not in text:
        return text.replace(QUOTE_END, "")
    depth, lines = 0, []
    for line in text.split("\n"):
        bare = line.strip()
        if bare == QUOTE_START:
            depth += 1
        elif bare == QUOTE_END:
            depth = max(0, depth - 1)
        else:
            lines.append(f"> {line.strip()}" if depth else line)
    return "\n".join(lines)


def _code_lines(lines: list[str]) -> list[bool]:
    """Say of each line whether it stands inside a ``` fence, where nothing is cut."""
    fences = sum(line.lstrip().startswith("```") for line in lines)
    is_inside, found = False, []
    for line in lines:
        is_fence = line.lstrip().startswith("```") and fences > 1
        found.append(is_inside or is_fence)
        is_inside ^= is_fence
    return found


def _hide_repeated(lines: list[str], is_code: list[bool], shown: list[bool]) -> None:
    position, has_text = 0, False
    while head := _next_head(lines, is_code, position):
        end = _end_of_quote(lines, head.end)
        has_text = has_text or any(map(_is_text, lines[position : head.start]))
        if end == head.end and has_text:
            end = len(lines)
        shown[head.start : end] = [False] * (end - head.start)
        position = end


def _next_head(lines: list[str], is_code: list[bool], start: int) -> _Head | None:
    for index in range(start, len(lines)):
        line = lines[index]
        if not line or is_code[index] or len(line) > LINE_MAX_CHARACTERS:
            continue
        head = _wrote(lines, index) or _titled(lines, index) or _fields(lines, index)
        if head:
            return _Head(_with_delimiter(lines, head.start, start), head.end, head.is_wrote)
    return None


def _wrote(lines: list[str], index: int) -> _Head | None:
    """Recognise "On <date>, <name> wrote:", also wrapped over some lines."""
    if words.DATED_SENDER.match(lines[index]):
        return _Head(index, index + 1, True)
    if not words.WROTE_START.match(lines[index]):
        return None
    joined = ""
    for end in range(index, min(index + WROTE_LINES_MAX, len(lines))):
        if len(lines[end]) > 400:
            return None
        joined += " " + lines[end].replace("mailto:", "")
        if joined.rstrip()[-1:] in (":", "：", "-", ">") and words.WROTE_END.search(joined[-300:]):
            has_date = any(letter.isdigit() for letter in joined) or "@" in joined
            return _Head(index, end + 1, True) if has_date else None
        if not lines[end] and "<" not in joined + "".join(lines[end + 1 : end + 2])[:1]:
            return None
    return None


def _titled(lines: list[str], index: int) -> _Head | None:
    """Recognise "-----Original Message-----" and "Reply above this line"."""
    line = lines[index]
    if words.REPLY_ABOVE.match(line) and len(line) < 120:
        return _Head(index, index + 1)
    if not words.SEPARATOR.match(line) and not (words.FORWARD.match(line) and line.endswith((":", "-"))):
        return None
    following = next((at for at in range(index + 1, min(index + 4, len(lines))) if lines[at]), None)
    fields = _fields(lines, following) if following is not None else None
    return _Head(index, fields.end if fields else index + 1)


def _fields(lines: list[str], index: int) -> _Head | None:
    """Recognise the header block of Outlook and others: From, Sent, To, Subject."""
    if not words.FIELD.match(lines[index]):
        return None
    names, end, has_from, gap = set(), index, False, 0
    for at in range(index, min(index + 16, len(lines))):
        field = words.FIELD.match(lines[at][:200])
        if field:
            names.add(field[1].lower())
            has_from |= bool(words.FIELD_FROM.match(lines[at][:200]))
            end, gap = at + 1, 0
        elif (gap := gap + 1) > 2:
            break
    return _Head(index, end) if has_from and len(names) >= 3 else None


def _with_delimiter(lines: list[str], start: int, floor: int) -> int:
    """Take the rule above a head along."""
    above = start - 1
    while above >= floor and not lines[above].strip(" >*"):
        above -= 1
    return above if above >= floor and words.DELIMITER.match(lines[above]) else start


def _end_of_quote(lines: list[str], start: int) -> int:
    """Return the end of the `>` lines that follow, start itself when there are none."""
    end, mark = start, ""
    for index in range(start, len(lines)):
        bare = lines[index].lstrip()
        if bare[:1] in (">", "|") and mark in ("", bare[:1]):
            mark, end = bare[:1], index + 1
        elif bare and not _continues(lines, index, mark):
            break
    return end


def _continues(lines: list[str], index: int, mark: str) -> bool:
    """Say whether a bare line is the wrapped end of the quoted line above it."""
    is_after = bool(mark) and lines[index - 1].lstrip().startswith(mark)
    return is_after and index + 1 < len(lines) and lines[index + 1].lstrip().startswith(mark)


def _hide_trailing_quotes(lines: list[str], shown: list[bool]) -> None:
    end = len(lines)
    while end and (not shown[end - 1] or not lines[end - 1] or lines[end - 1].lstrip()[0] == ">"):
        end -= 1
    if _first_text(lines, shown) < end:
        shown[end:] = [False] * (len(lines) - end)


def _hide_signature(lines: list[str], is_code: list[bool], shown: list[bool]) -> None:
    first = _first_text(lines, shown)
    for index in range(first + 1, len(lines)):
        is_footer = bool(words.LIST_FOOTER.match(lines[index]))
        if (is_footer or words.SIGNATURE.match(lines[index])) and shown[index] and not is_code[index]:
            if not is_footer or sum(map(bool, lines[index + 1 :])) <= FOOTER_LINES_MAX:
                shown[index:] = [False] * (len(lines) - index)
            break
    for index in range(len(lines) - 1, first, -1):
        if shown[index] and lines[index]:
            if len(lines[index]) > DEVICE_MAX_CHARACTERS or not words.SENT_FROM.match(lines[index]):
                break
            shown[index] = False


def _first_text(lines: list[str], shown: list[bool]) -> int:
    """Return the place of the first shown line that says something, the end when none does."""
    return next((at for at, line in enumerate(lines) if shown[at] and _is_text(line)), len(lines))


def _is_text(line: str) -> bool:
    return bool(line.strip(" >*_-"))


def _is_forward(lines: list[str]) -> bool:
    return any(words.FORWARD.match(line) for line in lines[:200] if line)


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip("\n")
