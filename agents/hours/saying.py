"""What of some hours is told to people: open or not, until when, and the days that come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from agents.hours import feasts, writing
from agents.hours.keeping import OwnDay
from agents.models import Calendar
from helpdesk.lib.hours import Hours

# So far ahead days are looked for, and so many of them shown.
DAYS_AHEAD, DAYS_SHOWN = 366, 12


@dataclass(frozen=True, slots=True)
class Day:
    """A day that differs from its weekday. slots: as people write them; empty: closed."""

    on: date
    name: str
    slots: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How it is now and what comes, in words."""

    is_open: bool
    words: str
    days: list[Day]


def outlook(found: Hours, days: list[Day], now: datetime) -> Outlook:
    """Tell how it is now. days: those that differ and come, as of `coming`."""
    is_open, pieces = found.is_open(now), []
    if found.is_always:
        return Outlook(True, _("Open around the clock"), [])
    turn = found.closes_after(now) if is_open else found.opens_after(now)
    pieces.append(_("Open now") if is_open else _("Closed now"))
    if turn is not None:
        words = _("closes %(when)s") if is_open else _("opens %(when)s")
        pieces.append(words % {"when": _when(turn.astimezone(found.zone), now.astimezone(found.zone))})
    elif not is_open:
        pieces.append(_("never opens"))
    if days:
        pieces.append(_("next holiday: %(day)s") % {"day": _day_words(days[0])})
    return Outlook(is_open, " · ".join(pieces), days)


def coming(calendar: Calendar, own: list[Day], now: datetime) -> list[Day]:
    """Return the days of the coming year that differ, the next first: a day of its own in a feast's place."""
    if calendar.is_always_open:
        return []
    today = now.astimezone(ZoneInfo(calendar.time_zone)).date()
    found = {
        on: Day(on, name)
        for year in (today.year, today.year + 1)
        for on, name in feasts.days(calendar.country, calendar.subdivision, year).items()
    }
    found |= {day.on: Day(day.on, day.name or (found[day.on].name if day.on in found else ""), day.slots)
              for day in own}  # fmt: skip
    ahead = [day for on, day in sorted(found.items()) if today <= on <= today + timedelta(days=DAYS_AHEAD)]
    return ahead[:DAYS_SHOWN]


def own_days(calendar: Calendar) -> list[Day]:
    """Return the days of a calendar's own."""
    return [Day(row.on, row.name, writing.write(writing.slots_of(row.slots))) for row in calendar.holidays.all()]


def days_of(own: Iterable[OwnDay]) -> list[Day]:
    """Return days that are not saved yet."""
    return [Day(day.on, day.name, writing.write(day.slots)) for day in own]


def _day_words(day: Day) -> str:
    said = ", ".join(filter(None, (formats.date_format(day.on, "j M"), day.name)))
    return f"{said} ({day.slots})" if day.slots else said


def _when(local: datetime, now: datetime) -> str:
    clock = formats.date_format(local, "H:i")
    if local.date() == now.date():
        return _("at %(time)s") % {"time": clock}
    day = formats.date_format(local, "D j M" if local.year == now.year else "D j M Y")
    return _("on %(day)s at %(time)s") % {"day": day, "time": clock}
