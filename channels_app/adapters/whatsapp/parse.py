"""Reading what the Cloud API reports (provider documentation and payloads, read 2026-11). Pure.

A webhook may hold several numbers, messages and statuses; each becomes an event of its own.
"""

from typing import Any

from channels_app.adapters._meta.reading import (
    Change,
    Json,
    changes,
    dicts,
    first,
    ignored,
    kept,
    load,
    mapping,
    moment,
    text,
    whole,
)
from channels_app.adapters.whatsapp import account, errors, messages
from channels_app.adapters.whatsapp.people import People
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Inbound, RawInput

OBJECT = "whatsapp_business_account"
MARKETING = "marketing_messages"
OPT = {"stop": EventKind.OPT_OUT, "resume": EventKind.OPT_IN, "signup": EventKind.OPT_IN}


def read(raw: RawInput) -> list[Inbound]:
    """Understand a webhook. Raises Malformed."""
    envelope = load(raw)
    if text(envelope.get("object")) not in {"", OBJECT}:
        return [ignored(f"Meta reports a “{text(envelope.get('object'))[:80]}”.")]
    found: list[Inbound] = [event for change in changes(envelope) for event in _change(change, raw.config)]
    return found or [ignored("There was nothing in it.")]


def _change(change: Change, config: dict[str, object]) -> list[Event]:
    if not _is_ours(change, config):
        return [ignored("It is about another number.")]
    value, people = change.value, People(change.value)
    lists = (("messages", _message), ("message_echoes", messages.echo), ("statuses", _status), ("calls", _call),
             ("user_preferences", _preference))  # fmt: skip
    found = [read(item, people) for name, read in lists for item in dicts(value.get(name))]
    if found:
        return found
    if change.field in {"messages", "calls"} and dicts(value.get("errors")):
        return [_trouble(change)]
    return [account.read(change)]


def _is_ours(change: Change, config: dict[str, object]) -> bool:
    """Several numbers of one app call one address: the number decides, or the account where there is none."""
    number = text(mapping(change.value.get("metadata")).get("phone_number_id"))
    ours = str(config.get("phone_number_id") or "")
    if number and ours:
        return number == ours
    own_account = str(config.get("waba_id") or "")
    return not (own_account and change.entry_id and not number) or change.entry_id == own_account


def _message(item: Json, people: People) -> Event:
    return messages.read(item, people)


def _status(item: Json, people: People) -> Event:
    """Read what became of a message of ours; `recipient_id` is absent for people without a number."""
    recipient = first(item.get("recipient_id"), item.get("recipient_user_id"))
    is_group = text(item.get("recipient_type")) == "group"
    common: dict[str, Any] = {
        "direction": "out",
        "recipient_id": first(item.get("recipient_participant_id"), recipient) if is_group else recipient,
        "conversation_id": recipient if is_group else "",
        "chat_type": "group" if is_group else "",
        "target_id": text(item.get("id")),
        "occurred_at": moment(item.get("timestamp")),
        "status": text(item.get("status")),
        "aliases": people.aliases(recipient, text(item.get("recipient_user_id"))),
    }
    details = kept(
        piece_key=item.get("biz_opaque_callback_data"),
        pricing=text(mapping(item.get("pricing")).get("category")),
    )
    if text(item.get("type")) == "call":
        return Event(kind=EventKind.CALL_STATUS, **common, details=details)
    if common["status"] == "deleted":
        # Said of a message that somebody deleted on their side: nothing about its delivery.
        return ignored("Somebody deleted it on their side.", **common, details=details)
    trouble = errors.of(item)
    return Event(
        kind=EventKind.STATUS,
        **common,
        error_code=trouble.provider_code,
        error=trouble.sentence,
        details={**details, **trouble.details},
    )


def _call(item: Json, people: People) -> Event:
    is_in = text(item.get("direction")) != "BUSINESS_INITIATED"
    sender = people.sender(item, "from", "from_user_id") if is_in else None
    return Event(
        kind=EventKind.CALL,
        direction="in" if is_in else "out",
        sender_id=sender.id if sender else text(item.get("from")),
        sender_name=sender.name if sender else "",
        recipient_id=first(item.get("to"), item.get("to_user_id")),
        message_id=text(item.get("id")),
        status=text(item.get("event")),
        duration_seconds=whole(item.get("duration")),
        occurred_at=moment(item.get("timestamp")),
        aliases=sender.aliases if sender else (),
        details=kept(result=item.get("status"), piece_key=item.get("biz_opaque_callback_data")),
    )


def _preference(item: Json, people: People) -> Event:
    """Read a wish about marketing: stop, resume, signup."""
    value, category = text(item.get("value")).lower(), text(item.get("category"))
    # Whoever stops these may still be answered; a category that we do not know may mean everything.
    purpose = "offers" if category in {"", MARKETING} else ""
    sender = people.sender(item, "wa_id", "user_id")
    common: dict[str, Any] = {
        "sender_id": sender.id,
        "sender_name": sender.name,
        "status": value,
        "occurred_at": moment(item.get("timestamp")),
        "aliases": sender.aliases,
        "details": kept(category=category, purpose=purpose, detail=item.get("detail")),
    }
    if value not in OPT:
        return ignored(f"A wish we do not know: “{value[:80]}”.", **common)
    return Event(kind=OPT[value], **common)


def _trouble(change: Change) -> Event:
    """Read errors that come without a message: something is wrong with the number itself."""
    trouble = errors.of(change.value)
    return Event(
        kind=EventKind.ACCOUNT,
        status="error",
        error_code=trouble.provider_code,
        error=trouble.sentence,
        occurred_at=change.at,
        details=trouble.details,
    )
