"""Business time: checked against a counter that walks minute by minute and knows nothing of how it is reckoned."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk.lib.hours import ALL_DAY, YEARS_AHEAD, Hours, Slot, Slots

MINUTE = timedelta(minutes=1)
NINE_TO_SIX: Slots = (Slot(540, 1080),)
OFFICE = (NINE_TO_SIX,) * 5 + ((), ())
NOWHERE: tuple[Slots, ...] = ((),) * 7
ALWAYS = (ALL_DAY,) * 7
# Each with days around which its clock changes: forwards, backwards, by half an hour, never, by a whole day.
PLACES = {
    "Europe/Bucharest": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Asia/Kathmandu": ("2024-02-29", "2026-12-31"),
    "Pacific/Apia": ("2011-12-30", "2011-12-31"),
    "America/Sao_Paulo": ("2018-11-04", "2019-02-17"),
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def hours(week: tuple[Slots, ...] = OFFICE, zone: str = "Europe/Bucharest", **days: Slots) -> Hours:
    """Hours with days that differ, as in d2026_12_24=()."""
    own = {date(*map(int, name[1:].split("_"))): slots for name, slots in days.items()}
    return Hours(ZoneInfo(zone), week, (lambda year: own) if own else None)


def open_minutes(found: Hours, start: datetime, count: int) -> Iterator[tuple[datetime, bool]]:
    """Tell of each minute whether it is open: by the latest time that the local clock has shown so far."""
    step = start - timedelta(days=3)
    latest = step.astimezone(found.zone).replace(tzinfo=None)
    while step < start + count * MINUTE:
        latest = max(latest, step.astimezone(found.zone).replace(tzinfo=None))
        if step >= start:
            today = latest.hour * 60 + latest.minute
            is_open = any(slot.begin <= today < slot.end for slot in found.slots_on(latest.date()))
            before = found.slots_on(latest.date() - timedelta(days=1))
            yield step, is_open or any(slot.begin <= today + 1440 < slot.end for slot in before)
        step += MINUTE


SLOT = st.builds(lambda begin, length: Slot(begin, begin + length), st.integers(0, 1439), st.integers(5, 1440))
DAY = st.lists(SLOT, max_size=3).map(tuple)
WEEK = st.tuples(*[DAY] * 7)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Hours, datetime]:
    """Hours of a week, with a closed day and one of its own, and a moment near a change of the clock."""
    zone = draw(st.sampled_from(sorted(PLACES)))
    day = datetime.fromisoformat(draw(st.sampled_from(PLACES[zone])) + "T00:00+00:00")
    own = {day.date(): draw(DAY), day.date() + timedelta(days=1): ()} if draw(st.booleans()) else None
    moment = day + MINUTE * draw(st.integers(-2000, 1500))
    return Hours(ZoneInfo(zone), draw(WEEK), (lambda year: own) if own else None), moment


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(), st.integers(1, 1800))
def test_it_agrees_with_counting_each_minute(case: tuple[Hours, datetime], count: int) -> None:
    found, start = case
    walked = list(open_minutes(found, start, count))
    assert [is_open for _, is_open in walked] == [found.is_open(moment) for moment, _ in walked]
    assert found.minutes_between(start, start + count * MINUTE) == sum(is_open for _, is_open in walked)
    turns = [(moment, now) for (_, before), (moment, now) in pairwise(walked) if before != now]
    for moment, ask in ((True, found.opens_after), (False, found.closes_after)):
        first = next((when for when, now in turns if now is moment), None)
        answer = ask(start)
        assert answer == first if first else answer is None or answer >= start + count * MINUTE


@settings(max_examples=60, deadline=None)
# As much as one slot a week has in the years that are looked through.
@given(cases(), st.integers(0, 1200), st.integers(0, 1200))
def test_what_is_added_lies_between(case: tuple[Hours, datetime], some: int, more: int) -> None:
    found, start = case
    end = found.add(start, some)
    if end is None:
        assert not any(found.slots_on(start.date() + timedelta(days=n)) for n in range(2, 9))
        return
    assert (end >= start, found.minutes_between(start, end), found.minutes_between(end, start)) == (True, some, -some)
    later = found.add(end, more)
    assert later == found.add(start, some + more) and (later is None or later >= end)
    assert some == 0 or found.open_between(start, end - timedelta(seconds=1)) < some * MINUTE


@settings(max_examples=60, deadline=None)
@given(cases(), st.lists(st.integers(-600_000, 600_000), min_size=2, max_size=2))
def test_stretches_add_up_to_the_whole(case: tuple[Hours, datetime], seconds: list[int]) -> None:
    found, start = case
    one, other = (start + timedelta(seconds=n) for n in seconds)
    whole = found.open_between(start, other)
    assert found.open_between(start, one) + found.open_between(one, other) == whole
    assert abs(whole) <= abs(other - start)


@pytest.mark.parametrize(
    ("zone", "start", "end", "minutes"),
    [
        # The night of three and of five hours: 01:00 to 05:00 by the clock on the wall.
        ("Europe/Bucharest", "2026-03-28T12:00+02:00", "2026-03-29T12:00+03:00", 180),
        ("Europe/Bucharest", "2026-10-24T12:00+03:00", "2026-10-25T12:00+02:00", 300),
        ("America/New_York", "2026-03-07T12:00-05:00", "2026-03-08T12:00-04:00", 180),
        ("America/New_York", "2026-10-31T12:00-04:00", "2026-11-01T12:00-05:00", 300),
        ("Australia/Lord_Howe", "2026-10-03T12:00+10:30", "2026-10-04T12:00+11:00", 210),
        ("Australia/Lord_Howe", "2026-04-04T12:00+11:00", "2026-04-05T12:00+10:30", 270),
        ("Asia/Kathmandu", "2026-03-28T12:00+05:45", "2026-03-29T12:00+05:45", 240),
        # The thirtieth of December 2011 was left out in Samoa.
        ("Pacific/Apia", "2011-12-29T12:00-10:00", "2011-12-31T12:00+14:00", 240),
    ],
)
def test_a_night_is_as_long_as_it_was(zone: str, start: str, end: str, minutes: int) -> None:
    assert hours(((Slot(60, 300),),) * 7, zone).minutes_between(at(start), at(end)) == minutes


@pytest.mark.parametrize(
    ("slot", "day", "opens", "closes"),
    [
        # 03:00 is followed by 04:00: what begins or ends in between does so at the leap.
        (Slot(210, 300), "2026-03-29", "2026-03-29T04:00+03:00", "2026-03-29T05:00+03:00"),
        (Slot(120, 210), "2026-03-29", "2026-03-29T02:00+02:00", "2026-03-29T04:00+03:00"),
        # 03:00 to 04:00 comes twice: the first counts.
        (Slot(210, 225), "2026-10-25", "2026-10-25T03:30+03:00", "2026-10-25T03:45+03:00"),
        (Slot(210, 240), "2026-10-25", "2026-10-25T03:30+03:00", "2026-10-25T04:00+02:00"),
    ],
)
def test_times_that_are_leapt_over_or_come_twice(slot: Slot, day: str, opens: str, closes: str) -> None:
    found, midnight = hours(((slot,),) * 7), at(f"{day}T00:00+02:00")
    assert (found.opens_after(midnight), found.closes_after(midnight)) == (at(opens), at(closes))


def test_a_chat_on_friday_evening_is_due_on_monday() -> None:
    friday = at("2026-11-27T17:55+02:00")
    assert hours().add(friday, 10) == at("2026-11-30T09:05+02:00")
    assert hours(d2026_11_30=(), d2026_12_1=()).add(friday, 10) == at("2026-12-02T09:05+02:00")
    assert hours().add(friday, 5) == at("2026-11-27T18:00+02:00")


def test_a_slot_past_midnight_belongs_to_the_evening() -> None:
    night = hours(((Slot(1320, 1560),),) * 7, d2026_12_24=(), d2026_12_26=(Slot(540, 720),))
    assert night.is_open(at("2026-12-24T01:59+02:00")) and not night.is_open(at("2026-12-24T02:00+02:00"))
    assert night.opens_after(at("2026-12-24T03:00+02:00")) == at("2026-12-25T22:00+02:00")
    assert night.closes_after(at("2026-12-26T09:30+02:00")) == at("2026-12-26T12:00+02:00")


def test_slots_that_touch_or_overlap_are_one() -> None:
    found = hours(((Slot(540, 720), Slot(660, 780), Slot(780, 900)),) * 7)
    morning = at("2026-11-27T00:00+02:00")
    assert found.closes_after(morning) == at("2026-11-27T15:00+02:00")
    assert found.minutes_between(morning, morning + timedelta(days=1)) == 360


def test_midnight_of_the_new_year_is_no_opening() -> None:
    found = hours(((Slot(1200, 1440),),) * 7, d2027_1_1=(Slot(0, 120),))
    evening = at("2026-12-31T21:00+02:00")
    assert found.closes_after(evening) == at("2027-01-01T02:00+02:00")
    assert found.opens_after(evening) == at("2027-01-02T20:00+02:00")


def test_who_never_opens_or_never_closes_has_no_next() -> None:
    now = at("2026-11-27T00:00+02:00")
    for found in (hours(NOWHERE), hours(NOWHERE, d2020_1_1=ALL_DAY)):
        assert (found.opens_after(now), found.closes_after(now), found.add(now, 1)) == (None, None, None)
    always = hours(ALWAYS)
    assert (always.opens_after(now), always.closes_after(now), always.is_open(now)) == (None, None, True)
    assert always.add(now, 600_000) == now + 600_000 * MINUTE
    assert hours(NOWHERE, d2028_2_29=(Slot(540, 541),)).opens_after(now) == at("2028-02-29T09:00+02:00")
    assert hours(NOWHERE, d2028_2_29=(Slot(540, 541),)).add(now, 2) is None
    assert hours().add(now, YEARS_AHEAD * 3000 * 60) is None


def test_a_day_around_the_clock_that_is_closed_is_found_from_years_before() -> None:
    found = hours(ALWAYS, d2029_12_25=())
    assert found.closes_after(at("2026-11-27T00:00+02:00")) == at("2029-12-25T00:00+02:00")


@pytest.mark.parametrize(("begin", "end"), [(-1, 5), (5, 5), (6, 5), (1440, 1500), (60, 1501)])
def test_what_is_no_slot_is_refused(begin: int, end: int) -> None:
    with pytest.raises(ValueError, match="no slot"):
        Slot(begin, end)


def test_time_is_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        hours().add(at("2026-11-27T00:00+02:00"), -1)


def test_a_year_is_reckoned_once() -> None:
    """A hundred answers come in the time that one may take."""
    found, start, end = hours(), at("2026-01-01T00:00+02:00"), at("2027-01-01T00:00+02:00")
    assert found.minutes_between(start, end) == 261 * 540
    begun = perf_counter()
    for _ in range(100):
        assert found.add(start, 261 * 540) == at("2026-12-31T18:00+02:00")
    assert perf_counter() - begun < 0.1
