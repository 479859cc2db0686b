"""What is neither said nor a state: how somebody found us, who joined or left, a new number. Quiet entries."""

import hashlib

from conversations import timeline
from conversations.events import linking, wording
from conversations.events.happening import Happening
from conversations.locks import lock_customer_row
from conversations.models.entry import Entry
from customers.identify import Profile, identify
from customers.models import Identity
from helpdesk.lib.events import EventKind

# Told of people we know; only who comes by a link or an advertisement is new through it.
TOLD = frozenset(
    {
        EventKind.REFERRAL, EventKind.JOIN, EventKind.LEAVE, EventKind.MEMBER_CHANGE, EventKind.HANDOVER,
        EventKind.CONVERSATION_STARTED, EventKind.MESSAGE_REQUEST, EventKind.SYSTEM, EventKind.CALL,
        EventKind.CALL_PERMISSION,
    }
)  # fmt: skip
BY_PROVIDER = frozenset({EventKind.HANDOVER, EventKind.SYSTEM, EventKind.MEMBER_CHANGE})
TEXT_MAX = 500


def file(happening: Happening) -> str:
    """Tell of it on the timeline of whom it is about, once; ignored where that is nobody. Locks the customer."""
    event = happening.event
    if event.kind == EventKind.SYSTEM and linking.renumber(happening):
        return "applied"
    if event.kind == EventKind.CALL and event.direction == "out":
        return "ignored"
    identity = linking.known_identity(happening) or _newcomer(happening)
    if identity is None:
        return "ignored"
    customer = lock_customer_row(identity.customer_id)
    # The same event may come in two deliveries.
    client_id = _name_of(happening)
    if not Entry.objects.filter(client_id=client_id).exists():
        data = {
            **wording.data_of(event), "event": event.kind.value, "channel": str(happening.channel),
            "said": str(wording.plain(event.text or event.details.get("member_name") or ""))[:TEXT_MAX],
            "status": event.status,
        }  # fmt: skip
        new = timeline.New(
            kind=Entry.Kind.CUSTOM, customer=customer, actor=_actor(event.kind), occurred_at=happening.at,
            data={name: value for name, value in data.items() if value}, client_id=client_id, raw_id=happening.raw_id,
        )  # fmt: skip
        timeline.record(new)
    linking.link_aliases(happening, identity)
    return "applied"


def _actor(kind: EventKind) -> str:
    return Entry.Actor.SYSTEM if kind in BY_PROVIDER else Entry.Actor.CUSTOMER


def _newcomer(happening: Happening) -> Identity | None:
    party = linking.sender_of(happening)
    if happening.event.kind != EventKind.REFERRAL or not party.value:
        return None
    profile = Profile(name=party.name, language=happening.event.language[:8])
    return identify(party.kind, party.value, profile, realm=party.realm)[0]


def _name_of(happening: Happening) -> str:
    """Name an event so that it is told once; a call is one, however much is told of it."""
    event = happening.event
    said: list[object] = [happening.channel.pk, event.kind.value, event.customer_id, event.conversation_id]
    said.append(event.message_id)
    if event.kind != EventKind.CALL or not event.message_id:
        # One without a time is the same whenever it comes, as its delivery is.
        said += [event.event_id or event.occurred_at or "", event.status, event.ref, event.text]
    digest = hashlib.sha256("\0".join(map(str, said)).encode("utf-8", "replace")).hexdigest()
    return f"event-{digest[:48]}"
