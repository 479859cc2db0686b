"""Who writes by text message: mostly a phone, sometimes a name, a short number or somebody who hides."""

from customers.models import Identity
from customers.normalise import WITHHELD, normalise
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Party

WHATSAPP = "whatsapp:"
HIDDEN = frozenset({"anonymous", "restricted", "unavailable", "unknown", "private", "blocked", "withheld", ""})


def party_of(event: Event, realm: str, *, account: str = "", region: str = "", is_international: bool = False) -> Party:
    """Say who the customer of an event is. Never raises.

    account: within which ids of WhatsApp that are no numbers mean something. region: what country a number without
    its code is in. is_international: numbers come with their country's code but without the plus.
    """
    written = event.customer_id
    name = event.sender_name if event.direction == "in" else ""
    if written.lower().startswith(WHATSAPP):
        return on_whatsapp(written[len(WHATSAPP) :], account, name)
    number = phone(written, region=region, is_international=is_international)
    if number:
        return Party(Identity.Kind.PHONE, number, name=name, as_written=written)
    if is_hidden(written):
        # One identity for each message: all who hide would become one person.
        written = f"hidden {event.message_id}".strip()
    return Party(Identity.Kind.OTHER, written, realm=realm, name=name)


def on_whatsapp(value: str, account: str, name: str = "") -> Party:
    """Return somebody on WhatsApp: a number means the same everywhere, an id only within an account."""
    realm = "" if value.startswith("+") else account
    return Party(Identity.Kind.WHATSAPP, value, realm=realm, name=name)


def phone(written: str, *, region: str = "", is_international: bool = False) -> str:
    """Return a number as E.164 spells it; '' for short numbers, names and what is none."""
    if any(sign.isalpha() for sign in written):
        return ""
    if is_international and written.isascii() and written.isdigit():
        written = f"+{written.removeprefix('00')}"
    try:
        return normalise(Identity.Kind.PHONE, written, region=region or None)
    except ValueError:
        return ""


def is_hidden(written: str) -> bool:
    """Whether a sender withholds the number."""
    return written.lower() in HIDDEN or written.lstrip("+") in WITHHELD
