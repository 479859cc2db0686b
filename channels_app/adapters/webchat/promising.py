"""What somebody who writes now can count on: whether anybody is there, when somebody is, and by when they are answered.

Times are said by the visitor's clock where their browser tells its zone, else by the calendar's, which is named then.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import presence
from agents.hours.counting import calendar_for, hours_of
from agents.models import Workspace
from channels_app.adapters.webchat import telling_sql
from channels_app.models import Channel
from conversations import waiting
from helpdesk.lib import clock
from helpdesk.lib.hours import Hours

ZONE_MAX = 64
# A weekday alone says which day is meant for so many days.
WEEKDAY_DAYS = 6
# From here on nobody counts minutes.
HOURS_FROM_MINUTES = 90


@dataclass(frozen=True, slots=True)
class Outlook:
    """How it is for whoever writes now, in words; '' where there is nothing to say.

    hours: that it is closed and when it opens; absence: that it is open and nobody is at the desk; answer: by when
    they are answered in either case; usual: how long it usually takes. turns_at: when it opens or closes next.
    """

    hours: str = ""
    absence: str = ""
    answer: str = ""
    usual: str = ""
    turns_at: datetime | None = None


def look(channel: Channel, zone: tzinfo | None = None, *, since: datetime | None = None) -> Outlook:
    """Tell how it is now. since: when they wrote what still waits for an answer; None: they have not written yet."""
    now, hours = clock.now(), hours_of_channel(channel)
    turns_at = hours.opens_after(now) if not hours.is_open(now) else hours.closes_after(now)
    if not hours.is_open(now):
        return Outlook(hours_words(hours, zone), answer=answer_words(hours, zone, since=since), turns_at=turns_at)
    median = waiting.usual_wait_of(channel.default_team_id, channel.icon)
    usual = usual_words(median) if median is not None else ""
    if is_anybody_there(channel) is not False:
        return Outlook(usual=usual, turns_at=turns_at)
    absence = _("Nobody is at the desk just now")
    return Outlook("", absence, answer_words(hours, zone, since=since), usual, turns_at)


def hours_of_channel(channel: Channel) -> Hours:
    """Return when it is worked: by the calendar of the channel, else of its team, its brand or the desk."""
    return hours_of(calendar_for(channel=channel, team=channel.default_team, brand=channel.brand))


def is_anybody_there(channel: Channel) -> bool | None:
    """Whether somebody of its team, or of all teams where it has none, has the desk open. None: not known."""
    return presence.is_anybody_here(telling_sql.people(channel.default_team_id))


def hours_words(hours: Hours, zone: tzinfo | None) -> str:
    """Say that nobody is there and when somebody is."""
    now = clock.now()
    opens = hours.opens_after(now)
    if opens is None:
        return _("Closed now")
    return _placed(_("Closed now") + " · " + back_words(opens, now, zone or hours.zone), hours, zone)


def answer_words(hours: Hours, zone: tzinfo | None, *, since: datetime | None) -> str:
    """Say by when they are answered; '' where nothing can be promised."""
    now = clock.now()
    by = promise(hours, since or now, Workspace.get().reply_target_minutes, now)
    return _placed(by_words(by, now, zone or hours.zone), hours, zone) if by is not None else ""


def promise(hours: Hours, since: datetime, minutes: int, now: datetime) -> datetime | None:
    """Return by when an answer comes to what was written then: so many minutes are open between, the last one whole.

    None where that time has passed, or does not come: what was not kept is not promised again.
    """
    by = hours.add(since, minutes)
    if by is None or by <= now:
        return None
    whole = by.replace(second=0, microsecond=0)
    return whole if whole == by else whole + timedelta(minutes=1)


def by_words(by: datetime, now: datetime, place: tzinfo) -> str:
    """Say by when, as the clock of a place shows it."""
    words = {"time": _time(by, place), "day": _day(by, now, place)}
    if not words["day"]:
        return _("We answer by %(time)s") % words
    return _("We answer by %(day)s, %(time)s") % words


def back_words(opens: datetime, now: datetime, place: tzinfo) -> str:
    """Say from when on somebody is there, as the clock of a place shows it."""
    words = {"time": _time(opens, place), "day": _day(opens, now, place)}
    return _("back at %(time)s") % words if not words["day"] else _("back %(day)s at %(time)s") % words


def usual_words(usual: timedelta) -> str:
    """Say how long a first answer usually takes."""
    minutes, hours = _minutes(usual), round(_minutes(usual) / 60)
    if minutes < HOURS_FROM_MINUTES:
        words = ngettext("We usually answer in about %(n)d minute", "We usually answer in about %(n)d minutes", minutes)
        return words % {"n": minutes}
    words = ngettext("We usually answer in about %(n)d hour", "We usually answer in about %(n)d hours", hours)
    return words % {"n": hours}


def wait_words(usual: timedelta) -> str:
    """Say the same to somebody who waits."""
    minutes, hours = _minutes(usual), round(_minutes(usual) / 60)
    if minutes < HOURS_FROM_MINUTES:
        return ngettext("about %(n)d minute", "about %(n)d minutes", minutes) % {"n": minutes}
    return ngettext("about %(n)d hour", "about %(n)d hours", hours) % {"n": hours}


def zone_named(name: str) -> ZoneInfo | None:
    """Return the time zone of an IANA name; None for what is none."""
    if not name or len(name) > ZONE_MAX:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        # No such zone, a path that leads elsewhere, or a folder of zones.
        return None


def zone_ahead(minutes: str) -> tzinfo | None:
    """Return a clock that is so many minutes ahead of UTC; None for what is no number, or no clock on earth."""
    try:
        return timezone(timedelta(minutes=int(minutes)))
    except (ValueError, OverflowError):
        return None


def soonest(moments: Sequence[datetime | None]) -> int | None:
    """Return in how many seconds the first of these moments comes; None where none does."""
    found = [(moment - clock.now()).total_seconds() for moment in moments if moment is not None]
    return max(0, math.ceil(min(found))) if found else None


def _minutes(usual: timedelta) -> int:
    return max(1, math.ceil(usual.total_seconds() / 60))


def _time(moment: datetime, place: tzinfo) -> str:
    return formats.date_format(moment.astimezone(place), "H:i")


def _day(moment: datetime, now: datetime, place: tzinfo) -> str:
    """Name a day that comes, as short as it is clear; '' for the same day."""
    there, here = moment.astimezone(place), now.astimezone(place)
    days = (there.date() - here.date()).days
    if days < 2:
        return _("tomorrow") if days else ""
    far = "l j F" if there.year == here.year else "l j F Y"
    day = formats.date_format(there, "l" if days <= WEEKDAY_DAYS else far)
    # The names of days begin lines in calendars; within a sentence only English writes them large.
    is_english = (translation.get_language() or "en").startswith("en")
    return day if is_english else day[:1].lower() + day[1:]


def _placed(words: str, hours: Hours, zone: tzinfo | None) -> str:
    """Name the zone whose clock was used, where it is not the reader's."""
    return words if zone is not None else f"{words} ({hours.zone.key})"
