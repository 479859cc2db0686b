"""When somebody is there and by when they answer: what is said can be read back, over changes of the clock as well."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.adapters.webchat import promising
from helpdesk.lib.hours import Hours, Slot
from tests.helpdesk.test_hours import OFFICE, WEEK

# Forwards, backwards, by half an hour, never, across the date line.
PLACES = ["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC"]
# Around every change of the clock of a year in those places, and far from any.
DAYS = [date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 4), date(2026, 7, 1), date(2026, 10, 3), date(2026, 10, 24),
        date(2026, 10, 31), date(2026, 12, 30)]  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]  # fmt: skip
PLACE = st.sampled_from(PLACES).map(ZoneInfo)
MOMENT = st.builds(
    lambda day, seconds: datetime.combine(day, time(), UTC) + timedelta(seconds=seconds),
    st.sampled_from(DAYS), st.integers(0, 3 * 86_400),
)  # fmt: skip


def read(words: str, now: datetime, place: ZoneInfo) -> set[datetime]:
    """Return which moments may be meant, by somebody who knows what day it is where they are."""
    found = re.fullmatch(r"(?:We answer by|back)(?: (?P<day>[\w ]+?),?)??(?: at)? (?P<time>\d\d:\d\d)", words)
    assert found, words
    today, day = now.astimezone(place).date(), found["day"] or ""
    named, *rest = day.split() or [""]
    if rest:
        number, month, *year = rest
        on = date(int(year[0]) if year else today.year, MONTHS.index(month) + 1, int(number))
        assert WEEKDAYS[on.weekday()] == named
    else:
        coming = [today + timedelta(days=n) for n in range(2, 8)]
        on = {"": today, "tomorrow": today + timedelta(days=1)}.get(day) or next(
            one for one in coming if WEEKDAYS[one.weekday()] == named
        )
    local = datetime.combine(on, time.fromisoformat(found["time"]))
    return {local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)}


@settings(max_examples=150, deadline=None)
@given(week=WEEK, zone=PLACE, place=PLACE, now=MOMENT, ago=st.integers(0, 5_000), minutes=st.integers(1, 3_000))
def test_a_promise_is_in_time_and_is_read_as_it_was_meant(
    week: tuple[tuple[Slot, ...], ...], zone: ZoneInfo, place: ZoneInfo, now: datetime, ago: int, minutes: int
) -> None:
    hours, since = Hours(zone, week), now - timedelta(minutes=ago)
    by = promising.promise(hours, since, minutes, now)
    if by is None:
        # Nothing is open, or that time has passed.
        assert not any(week) or hours.open_between(since, now) >= timedelta(minutes=minutes)
        return
    assert by > now and by.second == by.microsecond == 0
    target = timedelta(minutes=minutes)
    assert target <= hours.open_between(since, by) < target + timedelta(minutes=1)
    with translation.override("en"):
        assert by in read(promising.by_words(by, now, place), now, place)
        opens = hours.opens_after(now)
        if opens is not None and opens - now < timedelta(days=300):
            assert opens.replace(second=0) in read(promising.back_words(opens, now, place), now, place)


@pytest.mark.parametrize(
    ("now", "place", "words"),
    [
        # On the eve of the change of the clock, before and after it, in Rome and for somebody elsewhere.
        ("2026-03-27T16:30+00:00", "Europe/Rome", "We answer by Monday, 09:30"),
        ("2026-03-27T16:30+00:00", "Europe/London", "We answer by Monday, 08:30"),
        ("2026-03-27T16:30+00:00", "America/New_York", "We answer by Monday, 03:30"),
        ("2026-10-23T15:30+00:00", "Europe/Rome", "We answer by Monday, 09:30"),
        # New York changes a week later: an hour less between them.
        ("2026-10-23T15:30+00:00", "America/New_York", "We answer by Monday, 04:30"),
        ("2026-10-26T09:00+00:00", "Europe/Rome", "We answer by 11:00"),
        ("2026-10-26T16:30:30+00:00", "Europe/Rome", "We answer by tomorrow, 09:31"),
        ("2026-10-26T16:30+00:00", "Pacific/Kiritimati", "We answer by 22:30"),
    ],
)
def test_promises_over_changes_of_the_clock(now: str, place: str, words: str) -> None:
    hours, moment = Hours(ZoneInfo("Europe/Rome"), OFFICE), datetime.fromisoformat(now)
    by = promising.promise(hours, moment, 60, moment)
    assert by is not None
    with translation.override("en"):
        assert promising.by_words(by, moment, ZoneInfo(place)) == words


def test_holidays_push_a_promise_on_and_far_days_are_named() -> None:
    closed = {date(2026, 12, day): () for day in range(20, 32)}
    hours = Hours(ZoneInfo("Europe/Rome"), OFFICE, lambda year: closed if year == 2026 else {date(2027, 1, 1): ()})
    now = datetime(2026, 12, 19, 12, tzinfo=UTC)
    by = promising.promise(hours, now, 60, now)
    assert by == datetime(2027, 1, 4, 9, tzinfo=UTC)
    with translation.override("it"):
        assert promising.by_words(by, now, hours.zone) == "Rispondiamo entro lunedì 4 gennaio 2027 alle 10:00"


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "Europe", "x" * 65, "\ud800", "a\0b"]
)
def test_what_is_no_zone_is_none(name: str) -> None:
    assert promising.zone_named(name) is None
    assert promising.zone_named("Europe/Rome") == ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("language", "minutes", "words"),
    [
        ("en", 0, "We usually answer in about 1 minute"), ("en", 89, "We usually answer in about 89 minutes"),
        ("en", 90, "We usually answer in about 2 hours"), ("it", 1, "Di solito rispondiamo in circa 1 minuto"),
        ("it", 4, "Di solito rispondiamo in circa 4 minuti"), ("ro", 1, "De obicei răspundem în circa 1 minut"),
        ("ro", 4, "De obicei răspundem în circa 4 minute"), ("ro", 20, "De obicei răspundem în circa 20 de minute"),
        ("ro", 1200, "De obicei răspundem în circa 20 de ore"),
    ],
)  # fmt: skip
def test_how_long_it_takes_is_said_with_the_right_plural(language: str, minutes: int, words: str) -> None:
    with translation.override(language):
        assert promising.usual_words(timedelta(minutes=minutes)) == words
