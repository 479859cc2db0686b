"""Answers that follow somebody who has left: what they have not read goes by mail, once, with the way back.

For channels whose reader may be gone (`Capabilities.follows_up`); when they left and where they can be reached the
adapter says. The mail is an answer of the conversation like any other, so a reply to it lands there.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from channels_app import adapters, copying
from channels_app.models import Channel, FollowUp
from conversations import afterwards
from conversations.locks import lock_customer_row
from conversations.models import Conversation, Delivery, Entry, Message, Participant
from conversations.replying import NoWay
from customers.models import Identity
from helpdesk.lib import clock, sql
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Route

if TYPE_CHECKING:
    from django.db.models import QuerySet

log = logging.getLogger(__name__)

AT_ONCE = 200
ABOUT_CHARACTERS = 60
BEFORE = 4
# Asked for by every frame.
MAILBOXES = "SELECT {} FROM channels_app_channel c WHERE c.brand_id = %(brand)s AND c.state = 'active'"


@dataclass(frozen=True, slots=True)
class Missed:
    """What one person has not read of one conversation, oldest first; all of it came through one channel."""

    channel: Channel
    mailbox: Channel
    conversation: Conversation
    identity: Identity
    messages: tuple[Message, ...]

    @property
    def party(self) -> Party:
        """As the adapter knows them."""
        return Party(kind=self.identity.kind, value=self.identity.value, realm=self.identity.realm)


def sweep() -> int:
    """Mail what was missed; return how many mails that were. Two sweeps at once mail nothing twice."""
    return sum(follow(missed) for missed in due())


def due() -> list[Missed]:
    """Return what was missed by those who left long enough ago; each person is asked about once."""
    channels = {row.pk: row for row in Channel.objects.filter(kind__in=_kinds(), state=Channel.State.ACTIVE)}
    before = {pk: clock.now() - row.adapter.follow_up_after(row) for pk, row in channels.items()}
    mailboxes = by_brand()
    groups: dict[tuple[int, int, int], list[Message]] = defaultdict(list)
    for message in _unread(channels, mailboxes):
        conversation = message.entry.conversation_id
        if conversation is not None and message.entry.occurred_at <= before[message.channel_id]:
            groups[conversation, message.channel_id, message.thread.identity_id].append(message)
    found = [_missed(channels[channel], mailboxes, messages) for (_pk, channel, _who), messages in groups.items()]
    return [missed for missed in found if _has_left(missed, before[missed.channel.pk])]


def follow(missed: Missed) -> bool:
    """Mail what somebody missed, unless they have read it meanwhile; return whether a mail is on its way.

    Who cannot be reached is decided, too, once: they find it in the chat when they come back.
    """
    try:
        with transaction.atomic():
            return _follow(missed)
    except IntegrityError:
        # Another sweep was faster.
        return False


def _follow(missed: Missed) -> bool:
    lock_customer_row(missed.conversation.customer_id)
    fresh = _still_unread(missed.messages)
    rows = FollowUp.objects.bulk_create(FollowUp(message=message) for message in fresh)
    to = _reached_at(missed) if rows else None
    if to is None:
        return False
    try:
        with transaction.atomic():
            entry = _mail(missed, fresh, to)
    except NoWay as refused:
        told = {"conversation": missed.conversation.pk, "why": str(refused)}
        log.info("Somebody who left cannot be mailed", extra=told)
        return False
    FollowUp.objects.filter(pk__in=[row.pk for row in rows]).update(mail=entry.message)
    return True


def _missed(channel: Channel, mailboxes: dict[int, Channel], messages: list[Message]) -> Missed:
    conversation = messages[0].entry.conversation
    assert conversation is not None
    mailbox = mailboxes[conversation.brand_id]
    return Missed(channel, mailbox, conversation, messages[0].thread.identity, tuple(messages))


def _has_left(missed: Missed, before: datetime) -> bool:
    left_at = missed.channel.adapter.left_at(missed.channel, missed.party)
    return left_at is not None and left_at <= before


def _kinds() -> list[str]:
    return [kind for kind, adapter in adapters.all().items() if adapter.capabilities.follows_up]


def _unread(channels: dict[int, Channel], brands: Iterable[int]) -> "QuerySet[Message]":
    """What could be mailed now.

    A brand without a mailbox is left out here, and so is whoever is here and has only not looked yet: neither is to
    hold up others, or to be asked about every ten seconds.
    """
    newest = clock.now() - afterwards.LATEST
    rows = afterwards.unread(Message.objects.filter(
        channel__in=list(channels), follow_up=None, entry__occurred_at__gt=newest,
        entry__conversation__brand__in=list(brands),
    ))  # fmt: skip
    for channel in channels.values():
        here = channel.adapter.readers_here(channel)
        rows = rows.exclude(channel=channel, thread__identity__value__in=here) if here else rows
    rows = rows.select_related(
        "entry__conversation__customer", "entry__conversation__brand", "entry__by", "thread__identity"
    )
    return rows.order_by("entry__occurred_at", "pk").distinct()[:AT_ONCE]


def _still_unread(messages: Sequence[Message]) -> list[Message]:
    pks = [message.pk for message in messages]
    unread = set(
        Delivery.objects.filter(message__in=pks, state__in=afterwards.UNREAD).values_list("message", flat=True)
    )
    return [message for message in messages if message.pk in unread]


def mailbox_of(brand: int) -> Channel | None:
    """Return the mailbox that writes for a brand; None where there is none."""
    rows = sql.run(MAILBOXES.format(sql.columns(Channel, "c")), {"brand": brand}).fetchall()
    return afterwards.mailboxes(filter(None, (sql.load(Channel, row) for row in rows))).get(brand)


def by_brand() -> dict[int, Channel]:
    """Return the mailbox that writes for each brand that has one, by the brand's key."""
    return afterwards.mailboxes(Channel.objects.filter(state=Channel.State.ACTIVE))


def _reached_at(missed: Missed) -> Identity | None:
    """Return the mail address that they gave, or one that is proved to be theirs; None where there is none.

    An address that is somebody else's takes part in the conversation from then on: what is mailed there can be
    answered, and nobody becomes one person by it.
    """
    given = missed.channel.adapter.address_of(missed.channel, missed.party)
    customer = missed.conversation.customer_id
    found = afterwards.addresses(customer, [given]).get(given)
    if found is not None and found.customer_id != customer:
        Participant.objects.get_or_create(conversation=missed.conversation, identity=found)
    return found


def _mail(missed: Missed, messages: list[Message], to: Identity) -> Entry:
    """Put the mail on the timeline: what it tells, without the way back. Raises NoWay. The customer is locked."""
    is_confidential = missed.channel.adapter.is_confidential(missed.channel, missed.party)
    context = _context(messages, missed.conversation, is_confidential=is_confidential)
    with _spoken(missed.conversation):
        subject = _("%(who)s answered you: %(about)s") % {"who": context["who"], "about": context["about"]}
    route = Route(channel_id=missed.mailbox.pk, identity_id=to.pk, subject=" ".join(subject.split())[:200])
    follows = tuple(message.pk for message in messages)
    text = "" if is_confidential else "\n\n".join(message.text for message in messages if message.text)
    text = text or subject
    return missed.conversation.reply(by=None, text=text, to=route, follows=follows)


def words_of(mail: Message) -> tuple[str, str]:
    """Return a mail as it leaves, in words and as HTML, in the customer's language.

    The way back is made anew each time: whoever has it has proved an address, so it stands nowhere at the desk.
    """
    if "copy" in mail.entry.data:
        return copying.words_of(mail)
    follows = mail.entry.data["follows"]
    rows = Message.objects.filter(pk__in=follows).select_related("entry__by", "thread__identity", "channel")
    messages, conversation = list(rows.order_by("entry__seq")), mail.entry.conversation
    if not messages or conversation is None:
        return mail.text, ""
    first = messages[0]
    identity = first.thread.identity
    party = Party(kind=identity.kind, value=identity.value, realm=identity.realm)
    adapter = first.channel.adapter
    back = adapter.way_back(first.channel, party, mail.thread.identity, upto=first.pk)
    is_confidential = adapter.is_confidential(first.channel, party)
    with _spoken(conversation):
        context = {**_context(messages, conversation, is_confidential=is_confidential), "back": back}
        text = render_to_string("channels_app/_follow_up.txt", context).strip()
        return text, render_to_string("channels_app/_follow_up.html", context)


def _spoken(conversation: Conversation) -> AbstractContextManager[None]:
    language = conversation.customer.language
    return translation.override(language if language and translation.check_for_language(language) else None)


def _context(messages: list[Message], conversation: Conversation, *, is_confidential: bool) -> dict[str, object]:
    """Return what a mail tells; of what is confidential, only that there is an answer. Spoken in their language."""
    by = messages[-1].entry.by
    who = by.first_name if by else conversation.brand.name
    if is_confidential:
        with _spoken(conversation):
            about = _("in the secure chat")
        return {"brand": conversation.brand.name, "who": who, "about": about, "messages": [], "earlier": []}
    before = Message.objects.filter(thread=messages[0].thread, entry__seq__lt=messages[0].entry.seq, deleted_at=None)
    earlier = list(before.select_related("entry__by").order_by("-entry__seq")[:BEFORE])
    asked = next((message.text for message in earlier if message.is_inbound), "") or messages[0].text
    return {
        "brand": conversation.brand.name,
        "who": who,
        "about": " ".join(asked.split())[:ABOUT_CHARACTERS],
        "messages": messages,
        "earlier": earlier[::-1],
    }
