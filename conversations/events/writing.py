"""An event as the message that filing understands: whose, on which thread, and what makes it the same again."""

import hashlib
from typing import Any

from conversations.events import linking
from conversations.events.happening import Happening
from conversations.events.wording import plain, text_of
from conversations.models.thread import Thread
from customers.normalise import normalise
from helpdesk.lib.events import EventKind
from helpdesk.lib.inbound import InboundMessage, Party, Proof

GROUPS = {"group", "supergroup", "room"}
PUBLIC = {EventKind.COMMENT, EventKind.MENTION}
KEY_MAX = 200


def message_of(happening: Happening) -> InboundMessage:
    """Write an event as a message from its customer. Raises ValueError for an impossible sender."""
    event, sender = happening.event, linking.sender_of(happening)
    kind = kind_of(happening)
    return InboundMessage(
        sender=sender,
        external_id=happening.own_name,
        text=str(plain(text_of(event))),
        thread_key=_short(_thread_key(happening, sender, kind)),
        thread_kind=kind,
        occurred_at=event.occurred_at,
        proof=Proof(event.proof),
        opening=event.opening,
        in_reply_to=happening.named(event.reply_to) if event.reply_to else "",
        language=event.language[:8],
        fingerprint="" if happening.own_name else _fingerprint(happening),
    )


def kind_of(happening: Happening) -> str:
    """Return the kind of thread on which an event travels."""
    if happening.event.kind in PUBLIC:
        return Thread.Kind.COMMENT
    return Thread.Kind.GROUP if happening.event.chat_type.lower() in GROUPS else Thread.Kind.DIRECT


def _thread_key(happening: Happening, sender: Party, kind: str) -> str:
    spelled = normalise(sender.kind, sender.value)
    if kind == Thread.Kind.COMMENT:
        return f"{happening.event.conversation_id}:{spelled}"
    # As an answer that begins a thread spells it (conversations.replying).
    return happening.event.conversation_id or spelled


def _short(key: str) -> str:
    if len(key) <= KEY_MAX:
        return key
    return f"{key[: KEY_MAX - 33]}#{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _fingerprint(happening: Happening) -> str:
    """Tell a repeated event without a message id from a second one; '' where nothing does."""
    event = happening.event
    if not event.event_id and event.occurred_at is None:
        return ""
    said: list[Any] = [happening.channel.pk, event.kind.value, event.sender_id, event.recipient_id]
    if event.event_id:
        said.append(event.event_id)
    else:
        said += [event.occurred_at, event.text, event.payload, event.conversation_id, [one.ref for one in event.files]]
    return hashlib.sha256("\0".join(map(str, said)).encode("utf-8", "replace")).hexdigest()
