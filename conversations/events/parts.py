"""A long text that its network cut in parts, each of which comes by itself and in any order: put together as they come.

Nothing waits for what is missing: the first part that comes is the message, with … where others are still to come.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from conversations import timeline
from conversations.events import said
from conversations.locks import lock_customer_row
from conversations.models.conversation import Conversation
from conversations.models.message import Message
from conversations.searching import filling
from customers.identify import Profile, identify

if TYPE_CHECKING:
    from conversations.events.happening import Happening

# A phone counts its long texts up to 255 and begins again: a part that comes later is of another text.
TOGETHER = timedelta(minutes=10)
MISSING = "…"


def is_part(happening: "Happening") -> bool:
    """Whether an event is one part of a longer text: its details say `concat` with ref, part and total."""
    concat = happening.event.details.get("concat")
    return isinstance(concat, dict) and isinstance(concat.get("part"), int) and isinstance(concat.get("total"), int)


def file(happening: "Happening") -> str:
    """Put a part where it belongs: filed for the first of its text, applied for one more, copy for one that is known.

    Inside a transaction; locks the customer. Raises ValueError for an impossible sender.
    """
    channel, event = happening.channel, happening.event
    party = channel.adapter.party_of(event, channel)
    identity, _is_new = identify(party.kind, party.value, Profile(name=party.name), realm=party.realm)
    # Two parts that come at once: the second waits here and finds what the first has begun.
    lock_customer_row(identity.customer_id)
    begun = _begun(happening, identity.pk)
    for message in begun:
        if event.message_id in [one["id"] for one in message.entry.data["concat"]["parts"].values()]:
            return "copy"
    number = str(event.details["concat"]["part"])
    open_one = next((one for one in begun if number not in one.entry.data["concat"]["parts"]), None)
    if open_one is not None:
        _add(open_one, happening)
        return "applied"
    if not said.file(happening):
        return "copy"
    _add(Message.objects.select_related("entry").get(channel=channel, external_id=happening.own_name), happening)
    return "filed"


def _begun(happening: "Happening", identity_id: int) -> list[Message]:
    """Return the texts of which parts of this name came lately, the newest first."""
    concat = happening.event.details["concat"]
    at = timeline.moment(happening.event.occurred_at, happening.received_at)
    rows = Message.objects.filter(
        channel=happening.channel.pk,
        sender=identity_id,
        direction=Message.Direction.IN,
        entry__occurred_at__range=(at - TOGETHER, at + TOGETHER),
        entry__data__concat__ref=str(concat["ref"]),
        entry__data__concat__total=concat["total"],
    )
    return list(rows.select_related("entry").order_by("-pk")[:5])


def _add(message: Message, happening: "Happening") -> None:
    """Keep a part beside its message and let the message say what is known of the whole."""
    event, entry = happening.event, message.entry
    concat = event.details["concat"]
    kept: dict[str, Any] = entry.data.get("concat") or {
        "ref": str(concat["ref"]),
        "total": concat["total"],
        "parts": {},
    }
    parts = {**kept["parts"], str(concat["part"]): {"id": event.message_id, "text": event.text}}
    before = timeline.preview(message.text, message.subject)
    message.text = joined({int(number): one["text"] for number, one in parts.items()}, concat["total"])
    message.save(update_fields=["text"])
    filling.keep([entry])
    after = timeline.preview(message.text, message.subject)
    Conversation.objects.filter(entries=entry, last_preview=before).update(last_preview=after)
    timeline.touch(entry, data={**entry.data, "concat": {**kept, "parts": parts}})


def joined(parts: dict[int, str], total: int) -> str:
    """Write parts in their order; one sign for each row of parts that are still missing."""
    text, was_missing = "", False
    for number in range(1, total + 1):
        is_missing = number not in parts
        if not is_missing:
            text += parts[number]
        elif not was_missing:
            text += MISSING
        was_missing = is_missing
    return text
