"""What a chat shows when it ends or goes to somebody else, and what a browser may ask when its person leaves."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from channels_app import copying, following
from channels_app.adapters.webchat import limits, presence, reaching, visitors
from channels_app.models import Channel, Visitor, VisitorLink
from conversations import erasing, visiting
from conversations.ending import end_of
from conversations.models import Conversation
from conversations.rating import rating_of
from conversations.replying import NoWay
from customers.models import Identity
from helpdesk.lib import clock

# A copy by mail goes where somebody typed: this desk must be nobody's way to fill another's mailbox.
COPIES = limits.Limit("webchat-copies", 3, 3_600)
COPIES_FROM = limits.Limit("webchat-copies-from", 10, 3_600)
COPIES_TO = limits.Limit("webchat-copies-to", 5, 86_400)


class NotMailed(Exception):
    """Why no copy goes: `code` for the frame, `status` of the answer."""

    def __init__(self, code: str, status: int = 409) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def about(channel: Channel, identities: Sequence[Identity]) -> dict[str, Any]:
    """Say whether the chat is over and who closed it, what was said of our help, and who takes it over."""
    conversation = visiting.conversation_of(identities)
    if conversation is None:
        return {"end": None, "rating": None, "next": "", "mails": True}
    end = end_of(conversation)
    rating = rating_of(conversation, end)
    who = end.by.first_name if end is not None and end.by is not None else ""
    is_open = conversation.waiting_since is not None
    return {
        "end": {"by": who, "is_yours": end.is_customers, "is_open": is_open} if end is not None else None,
        "rating": {"score": rating.score, "comment": rating.comment, "is_open": rating.is_open},
        "next": "" if end is not None else _next(conversation, identities),
        "mails": following.mailbox_of(conversation.brand_id) is not None,
    }


def file_of(channel: Channel, visitor: Visitor, zone: object) -> str:
    """Return all that this browser may read, as words for a file."""
    entries = visiting.all_of(visitors.identities_of(visitor), copying.MOST)
    return copying.as_text(entries, channel.brand.name, copying.zone_of(zone))


def mail_copy(visitor: Visitor, written: str, *, zone: object, caller: str) -> str:
    """Mail a copy of what was said through this browser; return where it goes. Raises NotMailed, reaching.NoAddress.

    Only where we have answered: else it would carry nothing but the words of whoever typed somebody's address.
    """
    address = reaching.spell(written or visitor.address)
    identities = _readable_at(visitor, address)
    conversation = visiting.conversation_of(identities)
    entries = visiting.all_of(identities, copying.MOST)
    mailbox = following.mailbox_of(conversation.brand_id) if conversation is not None else None
    if conversation is None or not any(entry.by is not None for entry in entries):
        raise NotMailed("unanswered")
    if mailbox is None:
        raise NotMailed("mailbox")
    _spend(visitor, address, caller)
    if address != visitor.address:
        reaching.keep(visitor, address)
    to = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address, realm="").first()
    if to is None or to.opted_out_at is not None:
        raise NotMailed("unwanted")
    try:
        copying.mail(conversation, mailbox, entries, to, copying.zone_of(zone))
    except NoWay as refused:
        raise NotMailed("unwanted") from refused
    return address


def forget(visitor: Visitor) -> str | None:
    """Forget a browser at once and ask the team for the rest; return the reference, '' where there is no rest.

    None where somebody was faster. What is asked for is what was said through this browser, unless its person has
    proved who they are: one unproved click must not erase a whole customer.
    """
    is_proved = visitor.proved_id is not None
    own = visitors.own_identity(visitor)
    identities = visitors.identities_of(visitor) if is_proved else [own] if own else []
    with transaction.atomic():
        gone, _rows = Visitor.objects.filter(pk=visitor.pk).delete()
        if not gone:
            return None
        # The same browser on another of the shop's sites, and the links that led to it.
        Visitor.objects.filter(channel=visitor.channel_id, key=visitor.key).delete()
        links = VisitorLink.objects.filter(channel=visitor.channel_id, key=visitor.key)
        links.filter(purpose=VisitorLink.Purpose.BACK).delete()
        # What became of a hop stands on the timeline; it opens nothing any more.
        links.update(expires_at=clock.real())
        reference = ""
        if own is not None:
            Identity.objects.filter(pk=own.pk).update(display=visitors.word_for(visitor))
        if identities:
            conversation = visiting.conversation_of(identities)
            customer = conversation.customer if conversation is not None else identities[0].customer
            reference = erasing.ask(customer, conversation, is_proved=is_proved)
        transaction.on_commit(lambda: presence.leave(visitor.key))
    return reference


def _next(conversation: Conversation, identities: Sequence[Identity]) -> str:
    """Name who has it now, by first name, if somebody else answered last."""
    if conversation.assignee_id is None:
        return ""
    last, owner = visiting.answered_by(identities, conversation), conversation.assignee
    return owner.first_name if last is not None and owner is not None and last.pk != owner.pk else ""


def _readable_at(visitor: Visitor, address: str) -> list[Identity]:
    """Return whose words may be mailed to an address: all that is read here only to one that is proved to be theirs."""
    own = visitors.own_identity(visitor)
    proved = visitor.proved
    if proved is not None:
        same = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address, realm="", customer=proved.customer_id)
        if proved.value == address or same.exclude(verified_at=None).exists():
            return visitors.identities_of(visitor)
    return [own] if own is not None else []


def _spend(visitor: Visitor, address: str, caller: str) -> None:
    for limit, who in ((COPIES, str(visitor.pk)), (COPIES_FROM, caller), (COPIES_TO, address)):
        if not limits.spend(limit, who):
            raise NotMailed("often", 429)


def current(visitor: Visitor) -> Conversation | None:
    """Return the conversation that this browser shows."""
    return visiting.conversation_of(visitors.identities_of(visitor))
