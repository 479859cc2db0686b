"""When somebody works, and time counted while they do: pure arithmetic, without database, clock and names.

Instants are aware datetimes; those returned are UTC. A slot begins and ends the first time the local clock reaches its
time: where the clock leaps over it, at the leap; where the clock shows an hour twice, the first time. So a slot across
a leap is as much shorter or longer as the night was. A slot belongs to the day on which it begins, past midnight too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
# What does not come within so many years is told as never; so every search ends.
YEARS_AHEAD = 10
_YEARS_KEPT, _YEAR_LAST = 100, 9997
_MINUTE, _SECOND = 60_000_000, 1_000_000
_DAY = DAY_MINUTES * _MINUTE
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
# Local days may begin this long before or after those of UTC, and a slot may reach into the next.
_MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A stretch of a day, in minutes after its midnight; an `end` over 1,440 is on the next day. Raises ValueError."""

    begin: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.begin < DAY_MINUTES or not self.begin < self.end <= self.begin + DAY_MINUTES:
            raise ValueError(f"no slot: {self.begin} to {self.end}")


Slots = tuple[Slot, ...]
# The days of a year that differ from their weekday, with their slots (none: closed).
Exceptions = Callable[[int], Mapping[date, Slots]]
ALL_DAY: Slots = (Slot(0, DAY_MINUTES),)


@dataclass(frozen=True, slots=True)
class _Year:
    """The open stretches of a local year in microseconds of the epoch. worked: what was open before each of them."""

    first: int
    last: int
    begins: list[int]
    ends: list[int]
    worked: list[int]

    @property
    def total(self) -> int:
        return self.worked[-1] + self.ends[-1] - self.begins[-1] if self.ends else 0

    def until(self, at: int) -> int:
        """How much was open from the year's beginning until then."""
        place = bisect_right(self.begins, at) - 1
        return self.worked[place] + min(at, self.ends[place]) - self.begins[place] if place >= 0 else 0

    def after(self, work: int) -> int:
        """The first instant at which so much (more than nothing, at most the total) was open."""
        place = bisect_left(self.worked, work) - 1
        return self.begins[place] + work - self.worked[place]


class Hours:
    """A week's slots by weekday (0: Monday) in a time zone, and the days that differ.

    What was reckoned of a year is kept; threads may share one.
    """

    def __init__(self, zone: ZoneInfo, week: Sequence[Slots], exceptions: Exceptions | None = None) -> None:
        self.zone = zone
        self._week = tuple(week)
        self._exceptions = exceptions
        self._years: dict[int, _Year] = {}

    @property
    def is_always(self) -> bool:
        """Whether it never closes, by its week alone."""
        return self._exceptions is None and all(slots == ALL_DAY for slots in self._week)

    def is_open(self, at: datetime) -> bool:
        """Whether it is open then; at the very end of a slot it is closed."""
        return self.open_between(at, at + _TICK) > timedelta(0)

    def opens_after(self, at: datetime) -> datetime | None:
        """When it opens next, later than `at`. None: not within YEARS_AHEAD, or it never closes."""
        if self.is_always:
            return None
        moment = _ticks(at)
        for year in self._years_from(at):
            for place in range(bisect_right(year.begins, moment), len(year.begins)):
                # What goes on at midnight of the new year opened before.
                if year.begins[place] != year.first or self._end_before(year, at) != year.first:
                    return _instant(year.begins[place])
        return None

    def closes_after(self, at: datetime) -> datetime | None:
        """When it closes next, later than `at`; if it is closed, after its next opening. None: as above."""
        if self.is_always:
            return None
        moment, goes_on = _ticks(at), None
        for year in self._years_from(at):
            if goes_on is not None and year.begins[:1] != [goes_on] and goes_on > moment:
                return _instant(goes_on)
            place = bisect_right(year.ends, moment)
            goes_on = year.last if year.ends[-1:] == [year.last] else None
            if place < len(year.ends) and year.ends[place] != goes_on:
                return _instant(year.ends[place])
        return None

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How long it is open between two instants; negative if the second is the earlier."""
        if end < start:
            return -self.open_between(end, start)
        one, other = _ticks(start), _ticks(end)
        years = range((start.astimezone(UTC) - _MARGIN).year, (end.astimezone(UTC) + _MARGIN).year + 1)
        worked = sum(year.until(other) - year.until(one) for year in map(self._year, years))
        return timedelta(microseconds=worked)

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """How many whole minutes it is open between two instants; negative if the second is the earlier."""
        minutes = abs(self.open_between(start, end)) // timedelta(minutes=1)
        return minutes if start <= end else -minutes

    def add(self, at: datetime, minutes: int) -> datetime | None:
        """The first instant by which it was open for so many minutes since `at` (0: `at` itself).

        None: it is not open for so long within YEARS_AHEAD. Raises ValueError for minutes below 0.
        """
        if minutes < 0:
            raise ValueError("business time is counted forwards")
        if minutes == 0:
            return at.astimezone(UTC)
        left, moment = minutes * _MINUTE, _ticks(at)
        for year in self._years_from(at):
            done = year.until(moment)
            if done + left <= year.total:
                return _instant(year.after(done + left))
            left -= year.total - done
        return None

    def slots_on(self, day: date) -> Slots:
        """The slots that begin on a day."""
        own = self._exceptions(day.year) if self._exceptions else {}
        return own.get(day, self._week[day.weekday()])

    def _years_from(self, at: datetime) -> Iterator[_Year]:
        first = (at.astimezone(UTC) - _MARGIN).year
        return map(self._year, range(first, min(first + YEARS_AHEAD, _YEAR_LAST) + 1))

    def _end_before(self, year: _Year, at: datetime) -> int | None:
        before = self._year((_instant(year.first) - _MARGIN).year)
        return before.ends[-1] if before.ends else None

    def _year(self, number: int) -> _Year:
        found = self._years.get(number)
        if found is None:
            if len(self._years) >= _YEARS_KEPT:
                self._years = {}
            found = self._years[number] = self._reckoned(number)
        return found

    def _reckoned(self, number: int) -> _Year:
        """Return the open stretches of a year, also of what began on the evening before it; each once."""
        eve = date(number - 1, 12, 31)
        clock = _LocalClock(self.zone, eve, days=(date(number + 1, 1, 1) - eve).days)
        first, last = clock.reaches(1, 0), clock.reaches(clock.days, 0)
        begins: list[int] = []
        ends: list[int] = []
        for begin, end in sorted(self._stretches(clock, eve)):
            begin, end = max(begin, first), min(end, last)
            if begin >= end:
                continue
            if ends and begin <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                begins.append(begin)
                ends.append(end)
        worked = [0]
        for begin, end in zip(begins, ends, strict=True):
            worked.append(worked[-1] + end - begin)
        return _Year(first, last, begins, ends, worked[:-1])

    def _stretches(self, clock: "_LocalClock", eve: date) -> Iterator[tuple[int, int]]:
        own: dict[date, Slots] = {}
        if self._exceptions:
            own = {**self._exceptions(eve.year), **self._exceptions(eve.year + 1)}
        if not any(self._week) and not any(own.values()):
            return
        weekday = eve.weekday()
        for place in range(clock.days):
            slots = self._week[(weekday + place) % 7]
            if own:
                slots = own.get(eve + timedelta(days=place), slots)
            for slot in slots:
                yield clock.reaches(place, slot.begin), clock.reaches(place, slot.end)


class _LocalClock:
    """When the clock of a place first reaches a time, of some days in a row, in microseconds of the epoch."""

    def __init__(self, zone: ZoneInfo, first: date, *, days: int) -> None:
        self.days = days
        self._zone, self._start = zone, datetime.combine(first, time())
        midnights = [self._start + timedelta(days=place) for place in range(days + 3)]
        shifts = [(midnight.replace(tzinfo=zone).utcoffset() or timedelta(0)) // _TICK for midnight in midnights]
        start = (first - _EPOCH.date()).days * _DAY
        # Most days have no change near: their midnight says all. The others are asked for each time.
        self._plain = [
            start + place * _DAY - shifts[place] if shifts[place] == shifts[place + 1] == shifts[place + 2] else None
            for place in range(days + 1)
        ]

    def reaches(self, day: int, minute: int) -> int:
        """Return when it first shows that minute after that day's midnight, or a later time."""
        midnight = self._plain[day]
        if midnight is not None:
            return midnight + minute * _MINUTE
        return self._asked(self._start + timedelta(days=day, minutes=minute))

    def _asked(self, wanted: datetime) -> int:
        """Of a time that is shown twice Python means the first; one that is leapt over is looked for."""
        instant = wanted.replace(tzinfo=self._zone).astimezone(UTC)
        if self._shown(instant) == wanted:
            return _ticks(instant)
        early, late = wanted.replace(tzinfo=self._zone, fold=1).astimezone(UTC), instant
        while late - early > timedelta(seconds=1):
            middle = (early + (late - early) // 2).replace(microsecond=0)
            if self._shown(middle) >= wanted:
                late = middle
            else:
                early = middle
        return _ticks(late)

    def _shown(self, instant: datetime) -> datetime:
        return instant.astimezone(self._zone).replace(tzinfo=None)


def _ticks(at: datetime) -> int:
    return (at - _EPOCH) // _TICK


def _instant(ticks: int) -> datetime:
    return _EPOCH + timedelta(microseconds=ticks)
