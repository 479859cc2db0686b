"""Where an answer reaches a visitor who has left: the address they type in the chat, which nobody has proved."""

from functools import partial

from django.db import transaction

from channels_app.adapters.webchat import visitors
from channels_app.models import Visitor
from conversations import people, whereabouts
from conversations.whereabouts import Act
from customers.models import Identity
from helpdesk.lib import emails


class NoAddress(ValueError):
    """What was typed is no mail address."""


def keep(visitor: Visitor, written: str) -> str:
    """Keep the address that a visitor typed; return it as it is spelled. Raises NoAddress.

    One that nobody has becomes theirs, unproved. One that is somebody's already stays that somebody's: agents see the
    likeness and decide, and nothing of theirs is opened by it.
    """
    address = emails.spell_address(written[: emails.ADDRESS_MAX_CHARACTERS + 1])
    if not address:
        raise NoAddress(written[:80])
    with transaction.atomic():
        Visitor.objects.filter(channel=visitor.channel_id, key=visitor.key).update(address=address)
        visitor.address = address
        own = visitors.own_identity(visitor)
        if own is not None:
            give(own, address)
            # What the composer promises is another thing now.
            transaction.on_commit(partial(whereabouts.tell_each, [Act(own.pk, {"what": "here"})]))
    return address


def give(own: Identity, address: str) -> None:
    """Let a visitor's customer have an address that was typed, unless it is somebody's. Takes the customer's lock."""
    try:
        people.add_identity(own.customer, Identity.Kind.EMAIL, address, by=None)
    except people.TakenBy:
        # What is typed here is compared with the addresses of others (customers/alike.py).
        Identity.objects.filter(pk=own.pk).update(display=address)
