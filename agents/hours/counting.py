"""From rows to hours: which calendar counts where, and what of it was reckoned already."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from agents.hours import feasts, writing
from agents.models import Calendar, Workspace
from helpdesk.lib.hours import ALL_DAY, Hours, Slots

ALWAYS = (ALL_DAY,) * 7
_KEPT_MAX = 200
_kept: dict[tuple[int, UUID], Hours] = {}


class Place(Protocol):
    """A channel, a team or a brand: what may have a calendar of its own."""

    @property
    def calendar(self) -> Calendar | None:
        """Its own calendar."""


def calendar_for(
    *, channel: Place | None = None, team: Place | None = None, brand: Place | None = None
) -> Calendar | None:
    """Return the nearest calendar: the channel's, else the team's, else the brand's, else the workspace's.

    None: nobody has written down when they work, which counts as always open.
    """
    for place in (channel, team, brand):
        if place is not None and place.calendar is not None:
            return place.calendar
    return Workspace.get().calendar


def hours_of(calendar: Calendar | None) -> Hours:
    """Return the hours of a calendar, reckoned once in a process for each of its versions; always open for none."""
    if calendar is None:
        return Hours(ZoneInfo("UTC"), ALWAYS)
    key = (calendar.pk, calendar.version)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= _KEPT_MAX:
            _kept.clear()
        own = {row.on: writing.slots_of(row.slots) for row in calendar.holidays.all()}
        found = _kept[key] = hours(calendar, writing.week_of(calendar.slots), own.items())
    return found


def hours(calendar: Calendar, week: Iterable[Slots], own: Iterable[tuple[date, Slots]]) -> Hours:
    """Return the hours of a calendar that may not be saved yet, with its week and the days of its own."""
    zone = ZoneInfo(calendar.time_zone)
    if calendar.is_always_open:
        return Hours(zone, ALWAYS)
    days, country, subdivision = dict(own), calendar.country, calendar.subdivision

    def exceptions(year: int) -> Mapping[date, Slots]:
        return {**dict.fromkeys(feasts.days(country, subdivision, year), ()), **days}

    return Hours(zone, tuple(week), exceptions if days or country else None)
