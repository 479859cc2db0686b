"""Slots as people write them (09:00–13:00, 22:00–02:00+1) and as rows keep them."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from helpdesk.lib.hours import DAY_MINUTES, Slot, Slots

SLOTS_MAX, TEXT_MAX = 10, 200
# As a row keeps it; in a week with its weekday beside.
KeptSlot = TypedDict("KeptSlot", {"from": str, "to": str})
_SLOT = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?\s*(\+\s*1)?", re.ASCII)


class Wrong(ValueError):
    """These are no slots; its text says why in the reader's language."""


def read(text: str) -> Slots:
    """Return the slots that a text says, sorted; none: closed. Raises Wrong."""
    pieces = [piece.strip() for piece in re.split(r"[,;\n]", text) if piece.strip()]
    if len(pieces) > SLOTS_MAX:
        raise Wrong(_("At most %(n)d slots a day.") % {"n": SLOTS_MAX})
    slots = sorted(map(_one, pieces))
    for one, other in pairwise(slots):
        if other.begin < one.end:
            raise Wrong(_("%(one)s and %(other)s overlap.") % {"one": write((one,)), "other": write((other,))})
    return tuple(slots)


def write(slots: Iterable[Slot]) -> str:
    """Return a text that reads as these slots."""
    return ", ".join(_told(slot.begin, slot.end) for slot in slots)


def overlap_in(week: Sequence[Slots]) -> tuple[int, str] | None:
    """Return the first weekday that begins before the night of the day before has ended, and that night's slot."""
    for place in range(7):
        late = max(week[place - 1], key=lambda slot: slot.end, default=None)
        if late and week[place] and week[place][0].begin + DAY_MINUTES < late.end:
            return place, _told(late.begin, late.end)
    return None


def kept(slots: Slots) -> list[KeptSlot]:
    """Return slots as a row keeps them."""
    return [{"from": _clock(slot.begin), "to": _clock_of_end(slot)} for slot in slots]


def kept_week(week: Sequence[Slots]) -> list[dict[str, Any]]:
    """Return a week's slots as a row keeps them."""
    return [{"weekday": weekday, **slot} for weekday, slots in enumerate(week) for slot in kept(slots)]


def slots_of(rows: Iterable[Any]) -> Slots:
    """Return the slots that a row keeps."""
    found = []
    for row in rows:
        begin, end = _minutes(row["from"]), _minutes(row["to"])
        found.append(Slot(begin, end if end > begin else end + DAY_MINUTES))
    return tuple(sorted(found))


def week_of(rows: Sequence[Any]) -> tuple[Slots, ...]:
    """Return the week that a row keeps."""
    return tuple(slots_of(row for row in rows if row["weekday"] == weekday) for weekday in range(7))


def _one(piece: str) -> Slot:
    found = _SLOT.fullmatch(piece)
    if found is None:
        raise Wrong(_("“%(text)s” is no slot. Write it like 09:00–18:00.") % {"text": piece[:40]})
    hour, minute, end_hour, end_minute, is_next_day = found.groups()
    begin, end = int(hour) * 60 + int(minute or 0), int(end_hour) * 60 + int(end_minute or 0)
    if begin >= DAY_MINUTES or end > DAY_MINUTES or int(minute or 0) > 59 or int(end_minute or 0) > 59:
        raise Wrong(_("“%(text)s”: there is no such time.") % {"text": piece[:40]})
    if is_next_day:
        end += DAY_MINUTES
    elif end == 0:
        end = DAY_MINUTES
    if end <= begin:
        words = _("%(text)s ends before it begins. Write %(text)s+1 if it ends on the next day.")
        raise Wrong(words % {"text": f"{_clock(begin)}–{_clock(end)}"})
    if end > begin + DAY_MINUTES:
        raise Wrong(_("%(text)s is longer than a day.") % {"text": _told(begin, end)})
    return Slot(begin, end)


def _told(begin: int, end: int) -> str:
    is_next_day = end > DAY_MINUTES
    return f"{_clock(begin)}–{_clock(end - DAY_MINUTES if is_next_day else end)}{'+1' if is_next_day else ''}"


def _clock_of_end(slot: Slot) -> str:
    return _clock(slot.end - DAY_MINUTES if slot.end > DAY_MINUTES else slot.end)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
