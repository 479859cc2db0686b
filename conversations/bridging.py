"""One line that ties an answer to what the customer wrote elsewhere: "Following your Instagram message of 09:41"."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from agents.models import Brand
from conversations.models.message import Message
from customers.models import Customer
from helpdesk.lib import clock


def bridges(customer: Customer, brand: Brand, last: Message | None, channels: list[Any]) -> dict[int, str]:
    """Return the line for each channel on which it says something; by the channel's key, in the customer's language.

    last: the customer's newest message. None on its own channel, and none where we have answered it already.
    """
    others = {channel.pk for channel in channels} - {last.channel_id if last else 0}
    if last is None or not others:
        return {}
    line = _line(customer, brand, last)
    return dict.fromkeys(others - _answered(last), line)


def subject_for(customer: Customer, brand: Brand, last: Message | None) -> str:
    """Return what a mail is about that answers a message of another channel, in the customer's language."""
    if last is None:
        return ""
    with translation.override(_language(customer, brand)):
        return _("Your %(channel)s message") % {"channel": last.channel.adapter.label_of(last.channel)}


def joined(bridge: str, text: str) -> str:
    """Put the line above a text, once."""
    return text if not bridge or text.startswith(bridge) else f"{bridge}\n\n{text}"


def _line(customer: Customer, brand: Brand, last: Message) -> str:
    at = last.entry.occurred_at.astimezone(_zone(customer))
    is_today = at.date() == clock.now().astimezone(at.tzinfo).date()
    with translation.override(_language(customer, brand)):
        when = formats.date_format(at, "H:i" if is_today else "j F")
        return _("Following your %(channel)s message of %(when)s:") % {
            "channel": last.channel.adapter.label_of(last.channel),
            "when": when,
        }


def _language(customer: Customer, brand: Brand) -> str:
    known = {code for code, _name in settings.LANGUAGES}
    return next((code for code in (customer.language, brand.language) if code in known), settings.LANGUAGE_CODE)


def _answered(last: Message) -> set[int]:
    """Return the channels on which something went to the customer after that message."""
    later = Message.objects.filter(customer_id=last.customer_id, direction=Message.Direction.OUT)
    later = later.filter(entry__seq__gt=last.entry.seq).exclude(entry__data__has_key="undone")
    return set(later.values_list("channel_id", flat=True))


def _zone(customer: Customer) -> Any:
    try:
        return ZoneInfo(customer.time_zone) if customer.time_zone else timezone.get_current_timezone()
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_current_timezone()
