"""What a proved address opens in a browser, and where its person left off."""

from datetime import timedelta

from django.db import transaction

from channels_app.adapters.webchat import links, visitors
from channels_app.models import Visitor
from conversations import people, visiting
from conversations.merging import suggesting
from conversations.models import Delivery, Message
from customers.identify import find
from customers.models import Customer, Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import Party

BY_CODE = "code"
# As long as the link of a mail opens.
LEFT_FOR = timedelta(days=links.BACK_DAYS)
UNREAD = (Delivery.State.SENT, Delivery.State.DELIVERED)


class Other(Exception):
    """This browser is somebody's already; it does not become somebody else's."""


def may_prove(visitor: Visitor) -> bool:
    """Whether a browser can still prove an address: what one person proved is not followed by another's."""
    return visitor.proved_id is None


def prove(visitor: Visitor, address: str) -> int:
    """Let a browser read what an address may, for its person has shown the mailed code; return where they left off.

    A browser in which nothing was said yet writes as the address' own customer from now on. One that has spoken as
    somebody stays that one: two customers are suggested to be one, never joined by it. Raises Other. Locks customers.
    """
    with transaction.atomic():
        theirs = find(Identity.Kind.EMAIL, address)
        if theirs is None or not Visitor.objects.filter(pk=visitor.pk, proved=None).update(
            proved=theirs, address=address
        ):
            raise Other
        visitor.proved, visitor.address = theirs, address
        visitor.came_by = visitor.came_by or _left_behind(visitor, theirs)
        visitor.save(update_fields=["came_by"])
        Identity.objects.filter(pk=theirs.pk, verified_at=None).update(verified_at=clock.now(), verified_by=BY_CODE)
        own = visitors.own_identity(visitor) or _join(visitor, theirs.customer)
    if own.customer_id != theirs.customer_id:
        suggesting.link(own.customer_id, theirs.customer_id, address)
    return left_off(visitors.identities_of(visitor))


def left_off(identities: list[Identity]) -> int:
    """Return the first answer that was said in a chat and not read, 0 where there is none."""
    rows = visiting.readable_by(identities).filter(
        message__direction=Message.Direction.OUT, message__deliveries__state__in=UNREAD,
        message__thread__identity__kind=Identity.Kind.VISITOR,
    )  # fmt: skip
    return rows.order_by("occurred_at", "pk").values_list("pk", flat=True).first() or 0


def _left_behind(visitor: Visitor, theirs: Identity) -> str:
    """Return the key of the browser in which this address was typed when nobody had it; '' for none.

    What was missed there would have been mailed to this address. Where somebody types an address that is another's,
    their browser is another customer's: so nobody puts words into what the address' person reads.
    """
    typed = Visitor.objects.filter(channel=visitor.channel_id, address=theirs.value).exclude(pk=visitor.pk)
    own = theirs.customer.identities.filter(kind=Identity.Kind.VISITOR, realm="").values("value")
    rows = typed.filter(key__in=own, seen_at__gt=clock.real() - LEFT_FOR).order_by("-seen_at")
    return rows.values_list("key", flat=True).first() or ""


def _join(visitor: Visitor, customer: Customer) -> Identity:
    """Let a browser that has said nothing write as one of a customer's; one that did so just now stays whose it is."""
    party = Party(kind=Identity.Kind.VISITOR, value=visitor.key, as_written=visitors.word_for(visitor))
    try:
        return people.link_identity(customer, party, act="returned", is_told=False)
    except people.TakenBy as taken:
        return taken.identity
