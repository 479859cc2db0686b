"""The signs that people put on messages: one each, the newest counts."""

from datetime import datetime

from conversations import timeline
from conversations.events.happening import Happening
from conversations.events.linking import known_identity
from conversations.models.message import Message, Reaction
from customers.models import Identity

EMOJI_MAX = 32
# Who took their sign back, and when: a sign that is told later but older stays away.
TAKEN_BACK = "unreacted"


def react(message: Message, happening: Happening) -> None:
    """Put somebody's sign on a message, in place of their last one, or take it away. Its customer is locked."""
    if message.deleted_at is not None:
        return
    event, at = happening.event, happening.at
    identity = _who(message, happening)
    rows = Reaction.objects.filter(message=message, identity=identity, by=None)
    if event.direction == "out" and message.reactions.filter(by__isnull=False, emoji=event.reaction).exists():
        # An agent's, which is here with their name.
        return
    if event.is_removed or not event.reaction:
        _take_back(message, identity, at)
        return
    emoji = event.reaction[:EMOJI_MAX]
    stands = rows.order_by("-at").first()
    is_old = (stands is not None and (at < stands.at or emoji == stands.emoji)) or at <= _taken_back(message, identity)
    if is_old:
        if stands is not None and emoji == stands.emoji and at > stands.at:
            rows.update(at=at)
        return
    rows.delete()
    Reaction.objects.create(message=message, identity=identity, emoji=emoji, at=at)
    timeline.touch(message.entry)


def _take_back(message: Message, identity: Identity | None, at: datetime) -> None:
    rows = Reaction.objects.filter(message=message, identity=identity, by=None)
    if at <= _taken_back(message, identity):
        return
    rows.filter(at__lte=at).delete()
    entry = message.entry
    noted = {**entry.data.get(TAKEN_BACK, {}), _key(identity): at.isoformat()}
    timeline.touch(entry, data={**entry.data, TAKEN_BACK: noted})


def _taken_back(message: Message, identity: Identity | None) -> datetime:
    noted = message.entry.data.get(TAKEN_BACK, {}).get(_key(identity))
    return datetime.fromisoformat(noted) if noted else timeline.EARLIEST


def _key(identity: Identity | None) -> str:
    return str(identity.pk if identity is not None else 0)


def _who(message: Message, happening: Happening) -> Identity | None:
    """Whose sign it is; None for our own side. Nobody is made a customer by a reaction."""
    if happening.event.direction == "out":
        return None
    thread = message.thread
    known = known_identity(happening)
    if known is not None or thread.kind == thread.Kind.GROUP:
        return known
    return thread.identity
