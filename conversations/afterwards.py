"""What becomes of an answer whose reader has left: which mailbox would write, and to which address.

The one rule of it: the mails are made by it (channels_app/following.py), and the composer promises what it says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from conversations.models.conversation import Conversation
from conversations.models.delivery import Delivery
from conversations.models.message import Message
from conversations.wanting import refusing_automatic
from customers import quiet
from customers.models import Customer, Identity

if TYPE_CHECKING:
    from django.db.models import QuerySet

UNREAD = (Delivery.State.SENT, Delivery.State.DELIVERED)
# Whoever comes back after so long finds it all by the link of an earlier mail.
LATEST = timedelta(days=2)
# Why nothing goes by mail.
NO_ADDRESS, UNWANTED, NO_MAILBOX, PAUSED = "no_address", "unwanted", "no_mailbox", "paused"


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to an answer that is still unread so long (`after`) after its reader left.

    to: the address it is mailed to; None: it waits until they come back, and why_not says why. given: what they typed.
    """

    after: timedelta
    to: Identity | None = None
    why_not: str = ""
    given: str = ""

    def leaves_at(self, customer: Customer, at: datetime) -> datetime:
        """Return when a mail that is due at a moment leaves: after their quiet hours."""
        return quiet.until(customer, at) or at


def mailboxes(channels: Iterable[Any]) -> dict[int, Any]:
    """Return the mailbox that writes for each brand that has one, by the brand's key: its oldest. channels: rows."""
    rows = sorted((row for row in channels if row.state == "active"), key=lambda row: row.pk, reverse=True)
    return {
        row.brand_id: row for row in rows if row.identity_kind == Identity.Kind.EMAIL and row.capabilities.can_begin
    }


def addresses(customer_id: int, given: Iterable[str]) -> dict[str, Identity]:
    """Return where readers are reached, by what each typed ('': nothing): that address, else one proved to be theirs.

    One that they typed may be somebody else's. Whoever wants no mail on it is reached nowhere else.
    """
    typed = set(given)
    wanted = Q(value__in=typed - {""})
    if "" in typed:
        wanted |= Q(customer=customer_id, verified_at__isnull=False)
    emails = Identity.objects.filter(wanted, kind=Identity.Kind.EMAIL, realm="", opted_out_at=None)
    found: dict[str, Identity] = {}
    for row in emails.order_by("-last_seen_at", "pk"):
        if row.value in typed:
            found[row.value] = row
        if row.customer_id == customer_id and row.verified_at is not None:
            found.setdefault("", row)
    return found


def plans(conversation: Conversation, channel: Any, given: Iterable[str], channels: Iterable[Any]) -> dict[str, Plan]:
    """Return what becomes of a conversation's answers on a channel, by the address that their reader typed.

    channels: all rows there are, among which the mailbox is.
    """
    typed = set(given)
    after = channel.adapter.follow_up_after(channel)
    has_mailbox, is_active = conversation.brand_id in mailboxes(channels), channel.state == "active"
    if not (has_mailbox and is_active):
        return {one: Plan(after, why_not=NO_MAILBOX if is_active else PAUSED, given=one) for one in typed}
    found = addresses(conversation.customer_id, typed)
    refused = refusing_automatic([row.pk for row in found.values()]) if found else set()
    return {one: _plan(after, one, found.get(one), refused) for one in typed}


def _plan(after: timedelta, given: str, to: Identity | None, refused: set[int]) -> Plan:
    if to is None:
        return Plan(after, why_not=UNWANTED if given else NO_ADDRESS, given=given)
    return Plan(after, why_not=UNWANTED, given=given) if to.pk in refused else Plan(after, to, given=given)


def unread(messages: "QuerySet[Message]") -> "QuerySet[Message]":
    """Narrow messages to those of ours that arrived and that nobody has read; one may come several times."""
    return messages.filter(direction=Message.Direction.OUT, deleted_at=None, deliveries__state__in=UNREAD)
