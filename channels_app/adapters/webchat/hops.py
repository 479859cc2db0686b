"""Links by which an agent asks somebody over, from whatever channel: for one browser, once, showing nothing past."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from channels_app import hopping
from channels_app.adapters.webchat import links, sites, visitors
from channels_app.adapters.webchat.config import HOP_MINUTES
from channels_app.models import Channel, Visitor, VisitorLink
from conversations import people
from conversations.locks import lock_customer
from conversations.models import Conversation, Message, Thread
from conversations.ways import CAME_OVER
from customers.models import Customer, Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Hop, SendError

OPENED = _("The link was opened already, so the message has arrived.")
HOP = VisitorLink.Purpose.HOP


class Over(Exception):
    """The link opens nothing (any more): used, too old, or what it was sent with was taken back."""


def minutes_of(channel: Channel) -> int:
    """Return for how many minutes a link of this widget opens, as its administrator decided."""
    return int(channel.config.get("hop_minutes") or HOP_MINUTES)


def make(channel: Channel, message: Message) -> Hop:
    """Make the link of a message that leaves now; it takes the place of what an earlier attempt carried.

    Raises SendError where somebody has used that one: the message arrived, and a second link would be one too many.
    """
    token = secrets.token_urlsafe(links.TOKEN_BYTES)
    until = clock.real() + timedelta(minutes=minutes_of(channel))
    fresh = {"token_sha256": links.hash_of(token), "expires_at": until}
    _row, is_new = VisitorLink.objects.get_or_create(
        message=message, defaults={"channel": channel, "key": "", "purpose": HOP, **fresh}
    )
    # Compare-and-set: whoever begins at this moment keeps what they have.
    if not is_new and not VisitorLink.objects.filter(message=message, used_at=None).update(**fresh):
        raise SendError("rejected_content", OPENED)
    return Hop(settings.PUBLIC_URL + reverse("widget_hop", args=[channel.public_key, token]), until)


def find(channel: Channel, token: str) -> VisitorLink | None:
    """Return the link of a token, used and old ones too; None for anything else, and where it leads nowhere now."""
    rows = VisitorLink.objects.select_related("message__entry__conversation")
    rows = rows.filter(channel=channel, purpose=HOP, token_sha256=links.hash_of(token))
    return rows.exclude(message__entry__conversation=None).filter(message__deleted_at=None).first()


def is_open(link: VisitorLink) -> bool:
    """Whether a browser may still begin by it."""
    return link.used_at is None and link.expires_at > clock.real()


def begin(channel: Channel, link: VisitorLink, *, language: str) -> tuple[Visitor, str]:
    """Make a visitor of the first browser that begins. Raises Over for every other. Takes the customer's lock.

    It is another identity of the customer whom the agent wrote to, with an exchange in that conversation: what is
    written here lands there, and only that is shown here.
    """
    if link.message is None or link.message.entry.conversation is None:
        raise Over
    with lock_customer(link.message.entry.conversation) as (customer, locked):
        now = clock.real()
        rows = VisitorLink.objects.filter(pk=link.pk, token_sha256=link.token_sha256, used_at=None)
        if not rows.filter(expires_at__gt=now, message__deleted_at=None).update(used_at=now):
            raise Over
        site = sites.origin_of(settings.PUBLIC_URL)
        visitor, token = visitors.issue(channel, site=site, language=language or customer.language, came_by_hop=True)
        _settle(channel, visitor, customer, locked)
        hopping.opened(link.message)
    return visitor, token


def _settle(channel: Channel, visitor: Visitor, customer: Customer, conversation: Conversation) -> None:
    """Give the browser its identity and its exchange. From now on an answer may go there."""
    party = Party(kind=Identity.Kind.VISITOR, value=visitor.key, as_written=visitors.word_for(visitor))
    identity = people.link_identity(customer, party, is_told=False)
    Thread.objects.create(
        channel=channel, identity=identity, conversation=conversation, external_id=visitor.key,
        hints={CAME_OVER: "1"}, last_in_at=clock.now(),
    )  # fmt: skip
