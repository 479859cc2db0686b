"""When a customer does not want to be written to: their quiet hours, in their own time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from customers.models import Customer


def until(customer: Customer, at: datetime) -> datetime | None:
    """Return when the quiet hours end that `at` lies in (UTC), None when it lies in none."""
    begin, end = customer.quiet_from, customer.quiet_until
    if begin is None or end is None or begin == end:
        return None
    local = there(customer, at)
    time = local.time()
    is_quiet = begin <= time < end if begin < end else time >= begin or time < end
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if time >= end else 0)
    return datetime.combine(day, end, local.tzinfo).astimezone(UTC)


def there(customer: Customer, at: datetime) -> datetime:
    """Return a moment as the customer's clock shows it; the desk's where theirs is not known."""
    try:
        return at.astimezone(ZoneInfo(customer.time_zone or settings.TIME_ZONE))
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone(UTC)
