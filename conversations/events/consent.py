"""People who want no more messages, or want them again: told by their provider, or by a word of theirs."""

from django.utils.translation import gettext_noop

from conversations import people
from conversations.events import linking
from conversations.events.happening import Happening
from conversations.events.stop_words import wish_of
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.wanting import Told
from customers.identify import Profile, identify
from customers.models import Identity
from helpdesk.lib.events import EventKind

UNFOLLOWED = gettext_noop("Unfollowed or blocked us")
ASKED = gettext_noop("Asked for no more messages")
# What an adapter says in details["purpose"] of a wish that is about offers alone.
OFFERS = "offers"
OUT = {EventKind.OPT_OUT: ASKED, EventKind.UNFOLLOW: UNFOLLOWED}


def file(happening: Happening) -> str:
    """Opt somebody out or in because their provider says so. Locks the customer."""
    event = happening.event
    identity = linking.known_identity(happening)
    if identity is None:
        # Who leaves was here; an opt-out of a stranger must stand when they write some day.
        if event.kind == EventKind.UNFOLLOW or not linking.sender_of(happening).value:
            return "ignored"
        identity = _made(happening)
    is_wish = event.kind in {EventKind.OPT_OUT, EventKind.OPT_IN}
    keyword = (event.text or event.status) if is_wish else ""
    told = Told(happening.at, str(happening.channel), keyword.strip(), happening.raw_id)
    if event.details.get("purpose") == OFFERS:
        _file_offers(identity, told, is_wanted=event.kind not in OUT)
    elif event.kind in OUT:
        people.opt_out(identity, by=None, reason=told.reason or OUT[event.kind], told=told)
    else:
        people.opt_in(identity, by=None, told=told)
    linking.link_aliases(happening, identity)
    return "applied"


def heed(happening: Happening, entry: Entry) -> None:
    """Opt the sender of a new message out or in if the whole of it is such a word, where the channel has them."""
    if not happening.channel.adapter.capabilities_of(happening.channel).has_stop_words:
        return
    text, sender = happening.event.text, entry.message.sender
    wish = wish_of(text)
    if not wish or sender is None:
        return
    told = Told(happening.at, str(happening.channel), text.strip(), happening.raw_id)
    if wish == "stop":
        if not _took_back(entry.message, sender):
            people.opt_out(sender, by=None, reason=told.reason, told=told)
    elif wish == "start" or Identity.objects.filter(pk=sender.pk).exclude(opted_out_at=None).exists():
        people.opt_in(sender, by=None, told=told)


def _file_offers(identity: Identity, told: Told, *, is_wanted: bool) -> None:
    """Keep a wish about offers; who wants them again wants to be written to."""
    people.wish_offers(identity, wanted=is_wanted, source=told.reason or told.channel, told=told)
    if is_wanted and Identity.objects.filter(pk=identity.pk).exclude(opted_out_at=None).exists():
        people.opt_in(identity, by=None, told=told)


def _took_back(stop: Message, sender: Identity) -> bool:
    """Whether a yes that was said later came before this stop did."""
    later = Message.objects.filter(sender=sender, channel=stop.channel_id, direction=Message.Direction.IN)
    later = later.filter(entry__occurred_at__gt=stop.entry.occurred_at).order_by("-entry__occurred_at")
    wishes = (wish_of(text) for text in later.values_list("text", flat=True)[:20])
    return next((wish for wish in wishes if wish), "") in {"start", "yes"}


def _made(happening: Happening) -> Identity:
    party = linking.sender_of(happening)
    profile = Profile(name=party.name, language=happening.event.language[:8])
    return identify(party.kind, party.value, profile, realm=party.realm)[0]
