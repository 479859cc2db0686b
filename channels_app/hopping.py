"""Asking somebody over to a secure chat, from whatever channel: a message with a link that opens once.

The link is made when the message leaves and stands nowhere at the desk: what is stored says in its place that there was
one. Where it leads, and who may begin by it, is the host's business (`Capabilities.hosts_hop`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from agents.models import Agent
from channels_app.models import Channel, VisitorLink
from conversations import ladder, timeline
from conversations.exchanges import NoWay
from conversations.locks import lock_customer_row
from conversations.models import Conversation, Delivery, Entry, Message
from helpdesk.lib import clock, pieces
from helpdesk.lib.outbound import Route, SendError

if TYPE_CHECKING:
    from agents.models import Brand
    from conversations.ways import Way

NO_HOST = gettext_noop("This brand has no chat to move to.")
THERE = gettext_noop("They are in the chat already.")
TOO_LONG = gettext_noop("The link is too long for this channel.")
GONE = gettext_noop("The chat that the link leads to is not there any more.")
# As long as any link is: so much has to fit.
AS_LONG = "x" * 43
TOLD_WITHIN = timedelta(days=1)
AT_ONCE = 200


def host_of(brand: "Brand") -> Channel | None:
    """Return the channel that somebody is asked over to: the brand's oldest that can; None where there is none."""
    rows = Channel.objects.filter(brand=brand, state=Channel.State.ACTIVE).order_by("pk")
    return next((row for row in rows if row.capabilities.hosts_hop), None)


def send(conversation: Conversation, way: "Way", *, by: Agent, client_id: str = "") -> Entry:
    """Send the link by a way to the customer, in their language. Raises NoWay, ClientIdTaken."""
    host = host_of(conversation.brand)
    if host is None:
        raise NoWay(NO_HOST)
    if way.channel.capabilities.hosts_hop:
        raise NoWay(THERE)
    if not way.can_write:
        raise NoWay(way.why_not)
    minutes = host.adapter.hop_minutes(host)
    longest = f"{settings.PUBLIC_URL}/widget/{host.public_key}/hop/{AS_LONG}/"
    able = way.channel.capabilities
    if able.in_pieces and not pieces.fits(said(conversation, longest, minutes), able):
        raise NoWay(TOO_LONG)
    with _spoken(conversation):
        stands_for = f"[{_('link to the secure chat')}]"
    to, text = Route(way.channel.pk, way.identity.pk), said(conversation, stands_for, minutes)
    hop = {"channel": host.pk, "minutes": minutes, "way": way.key}
    return conversation.reply(by=by, text=text, to=to, client_id=client_id, hop=hop)


def said(conversation: Conversation, link: str, minutes: int) -> str:
    """Return what the customer reads."""
    with _spoken(conversation):
        words = ngettext(
            "What is confidential is better said in our secure chat: %(link)s\n"
            "The link opens once, in one browser, for %(n)d minute.",
            "What is confidential is better said in our secure chat: %(link)s\n"
            "The link opens once, in one browser, for %(n)d minutes.",
            minutes,
        )
    return words % {"link": link, "n": minutes}


def words_of(message: Message) -> str:
    """Return a message as it leaves, with a link that is made this moment; an earlier one of it opens nothing more.

    Raises SendError where that one was opened, and where there is no chat any more.
    """
    kept, conversation = message.entry.data["hop"], message.entry.conversation
    host = Channel.objects.filter(pk=kept["channel"]).exclude(state=Channel.State.PAUSED).first()
    if host is None or conversation is None:
        raise SendError("rejected_content", GONE)
    with transaction.atomic():
        lock_customer_row(message.entry.customer_id)
        hop = host.adapter.hop_link(host, message)
        _tell(message, until=clock.shown(hop.until), is_over=None)
    return said(conversation, hop.url, int(kept["minutes"]))


def opened(message: Message) -> None:
    """Tell the agents that somebody began by the link of a message: so it has arrived. The customer is locked."""
    _tell(message, opened_at=clock.now())
    rows = Delivery.objects.select_related("message__entry").select_for_update(no_key=True, of=("self",))
    for delivery in rows.filter(message=message).order_by("pk"):
        moved = [ladder.move_part(part, Delivery.State.DELIVERED) for part in delivery.parts.all()]
        if any(moved):
            ladder.refresh(delivery)


def sweep() -> int:
    """Tell of links that nobody opened in time; return of how many. Two sweeps at once tell it twice, all the same."""
    now = clock.real()
    rows = VisitorLink.objects.filter(
        purpose=VisitorLink.Purpose.HOP, used_at=None, expires_at__range=(now - TOLD_WITHIN, now),
        message__entry__data__hop__is_over__isnull=True,
    )  # fmt: skip
    found = list(rows.select_related("message__entry").order_by("expires_at")[:AT_ONCE])
    for link in found:
        with transaction.atomic():
            assert link.message is not None
            lock_customer_row(link.message.entry.customer_id)
            # A sender may make it anew at this moment.
            if VisitorLink.objects.filter(pk=link.pk, used_at=None, expires_at=link.expires_at).exists():
                _tell(link.message, is_over=True)
    return len(found)


def _tell(message: Message, **news: datetime | bool | None) -> None:
    """Keep on the entry what became of its link, and show it to whoever looks. The customer is locked."""
    entry = Entry.objects.select_related("conversation").get(pk=message.pk)
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in news.items()}
    hop = {name: value for name, value in {**entry.data["hop"], **plain}.items() if value is not None}
    timeline.touch(entry, data={**entry.data, "hop": hop})


@contextmanager
def _spoken(conversation: Conversation) -> Iterator[None]:
    known = {code for code, _name in settings.LANGUAGES}
    wanted = (conversation.customer.language, conversation.brand.language)
    with translation.override(next((code for code in wanted if code in known), settings.LANGUAGE_CODE)):
        yield
