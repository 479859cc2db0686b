"""When a customer wants quiet, by their own clock."""

from datetime import UTC, datetime, time

import pytest

from customers import quiet
from customers.models import Customer


@pytest.mark.parametrize(
    ("begin", "end", "zone", "at", "until"),
    [
        ("21:00", "09:00", "Europe/Rome", "2026-11-22T20:30", "2026-11-23T08:00"),
        ("21:00", "09:00", "Europe/Rome", "2026-11-23T07:59", "2026-11-23T08:00"),
        ("21:00", "09:00", "Europe/Rome", "2026-11-23T08:00", None),
        ("21:00", "09:00", "Europe/Rome", "2026-11-22T19:59", None),
        ("13:00", "15:00", "Europe/Bucharest", "2026-11-22T11:30", "2026-11-22T13:00"),
        ("13:00", "15:00", "Europe/Bucharest", "2026-11-22T13:00", None),
        # The night the clocks go back is an hour longer.
        ("21:00", "09:00", "Europe/Rome", "2026-10-24T20:00", "2026-10-25T08:00"),
        ("09:00", "09:00", "Europe/Rome", "2026-11-22T09:00", None),
        ("00:00", "06:00", "Mars/Base", "2026-11-22T03:00", "2026-11-22T06:00"),
    ],
)
def test_quiet_hours_end_when_their_clock_says_so(begin: str, end: str, zone: str, at: str, until: str | None) -> None:
    customer = Customer(time_zone=zone, quiet_from=time.fromisoformat(begin), quiet_until=time.fromisoformat(end))
    found = quiet.until(customer, datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert found == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)


def test_who_said_nothing_of_it_is_never_quiet() -> None:
    assert quiet.until(Customer(), datetime(2026, 11, 22, 3, tzinfo=UTC)) is None
