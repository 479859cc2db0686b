"""Reading what Messenger and Instagram report of direct messages: one item of `messaging` or `standby`. Pure.

(Provider documentation and payloads, read 2026-11.) An item has one key that says what happened.
"""

from collections.abc import Callable
from typing import Any

from channels_app.adapters._meta.attachments import files_of
from channels_app.adapters._meta.reading import Json, first, ignored, kept, mapping, moment, name_of, text, texts
from helpdesk.lib.events import Event, EventKind

Fields = dict[str, Any]
STANDBY = "standby"
HANDOVERS = ("pass_thread_control", "take_thread_control", "request_thread_control", "app_roles")
STOPPED = frozenset({"STOP_NOTIFICATIONS", "STOP"})
KNOWN = ("message", "postback", "reaction", "message_edit", "message_edits", "read", "delivery", "referral", "optin",
         "policy_enforcement", "policy-enforcement", "message_request", *HANDOVERS)  # fmt: skip


def read(item: Json, form: str) -> Event:
    """Understand one item. form: messaging, or standby while another app has the conversation."""
    sender = mapping(item.get("sender"))
    fields: Fields = {
        "sender_id": text(sender.get("id")),
        "user_ref": text(sender.get("user_ref")),
        "recipient_id": text(mapping(item.get("recipient")).get("id")),
        "occurred_at": moment(item.get("timestamp")),
        "details": {"standby": True} if form == STANDBY else {},
    }
    name = next((key for key in KNOWN if key in item), "")
    reader = READERS.get(name)
    if reader is None:
        named = ", ".join(sorted(text(key)[:40] for key in item if key not in {"sender", "recipient", "timestamp"}))
        return ignored(f"A report of a kind we do not use: {named[:200]}", **fields)
    return reader(item, name, fields)


def _message(item: Json, name: str, fields: Fields) -> Event:
    given = mapping(item.get(name))
    mid = text(given.get("mid"))
    if given.get("is_echo") is True:
        return _echo(given, mid, fields)
    if given.get("is_deleted") is True:
        return Event(kind=EventKind.DELETE, **fields, target_id=mid)
    fields = _merged(fields | _content(given), {})
    payload = text(mapping(given.get("quick_reply")).get("payload"))
    return Event(kind=_kind_of(given, fields, payload), **fields, message_id=mid or name_of(item), payload=payload)


def _kind_of(given: Json, fields: Fields, payload: str) -> EventKind:
    if any(one.type == "story_mention" for one in fields["files"]):
        return EventKind.STORY_MENTION
    if given.get("is_unsupported") is True or not (fields["text"] or fields["files"] or payload):
        return EventKind.UNSUPPORTED
    # Pressing an answer sends its words and nothing else.
    return EventKind.POSTBACK if payload and not fields["files"] else EventKind.MESSAGE


def _content(given: Json) -> Fields:
    """Read the words, the files and what it is about."""
    reply = mapping(given.get("reply_to"))
    story, referral = mapping(reply.get("story")), mapping(given.get("referral"))
    tags = given.get("tags")
    source = text(mapping(tags[0]).get("source")) if isinstance(tags, list) and tags else ""
    found = {
        "text": text(given.get("text")),
        "files": files_of(given),
        "reply_to": text(reply.get("mid")),
        "story_url": text(story.get("url")),
    }
    return found | _referred(referral, kept(source=source, story_id=story.get("id")))


def _referred(referral: Json, details: Json) -> Fields:
    """Read where somebody came from: an m.me or ig.me link, an ad."""
    ad = mapping(referral.get("ads_context_data"))
    shown = kept(
        source=referral.get("source"),
        type=referral.get("type"),
        ad_title=ad.get("ad_title"),
        image_url=ad.get("photo_url"),
    )
    return {
        "ref": text(referral.get("ref")),
        "ad_id": text(referral.get("ad_id")),
        "more": details | kept(referral=shown),
    }


def _echo(given: Json, mid: str, fields: Fields) -> Event:
    """Read what was said in our name, by us or by somebody in the provider's own inbox; the sender is the account."""
    fields |= _content(given)
    more = kept(app_id=given.get("app_id"), piece_key=given.get("metadata"))
    fields = _merged(fields, more) | {"direction": "out"}
    if given.get("is_deleted") is True:
        return Event(kind=EventKind.ECHO_DELETE, **fields, target_id=mid)
    return Event(kind=EventKind.ECHO, **fields, message_id=mid)


def _merged(fields: Fields, more: Json) -> Fields:
    extra = fields.pop("more", {})
    return {**fields, "details": {**fields["details"], **extra, **more}}


def _postback(item: Json, name: str, fields: Fields) -> Event:
    given = mapping(item.get(name))
    fields = _merged(fields | _referred(mapping(given.get("referral")), {}), {})
    return Event(
        kind=EventKind.POSTBACK,
        **fields,
        message_id=text(given.get("mid")) or name_of(item),
        text=text(given.get("title")),
        payload=text(given.get("payload")),
    )


def _reaction(item: Json, name: str, fields: Fields) -> Event:
    given = mapping(item.get(name))
    return Event(
        kind=EventKind.REACTION,
        **fields,
        target_id=text(given.get("mid")),
        reaction=first(given.get("emoji"), given.get("reaction")),
        is_removed=text(given.get("action")) == "unreact",
    )


def _edit(item: Json, name: str, fields: Fields) -> Event:
    """Read a changed text; `mid` is the original's. Documented for Messenger, seen on Instagram too."""
    given = mapping(item.get(name))
    fields = _merged(fields, kept(edits=text(given.get("num_edit"))))
    return Event(kind=EventKind.EDIT, **fields, target_id=text(given.get("mid")), text=text(given.get("text")))


def _seen(item: Json, name: str, fields: Fields) -> Event:
    """Read how far somebody got: by watermark (Messenger) or by message (Instagram)."""
    given = mapping(item.get(name))
    return Event(
        kind=EventKind.STATUS,
        **fields,
        status="read" if name == "read" else "delivered",
        target_id=text(given.get("mid")),
        target_ids=texts(given.get("mids")),
        watermark=text(given.get("watermark")),
    )


def _referral(item: Json, name: str, fields: Fields) -> Event:
    fields = _merged(fields | _referred(mapping(item.get(name)), {}), {})
    return Event(kind=EventKind.REFERRAL, **fields)


def _optin(item: Json, name: str, fields: Fields) -> Event:
    given = mapping(item.get(name))
    status = text(given.get("notification_messages_status"))
    fields["user_ref"] = fields["user_ref"] or text(given.get("user_ref"))
    # Who stops these notifications may still ask and be answered.
    purpose = "offers" if text(given.get("type")) == "notification_messages" else ""
    more = kept(type=given.get("type"), title=given.get("title"), payload=given.get("payload"), purpose=purpose)
    fields = _merged(fields, more)
    kind = EventKind.OPT_OUT if status in STOPPED else EventKind.OPT_IN
    return Event(kind=kind, **fields, ref=text(given.get("ref")), status=status)


def _handover(item: Json, name: str, fields: Fields) -> Event:
    """Read that the conversation goes from one app to another."""
    given = mapping(item.get(name))
    more = kept(
        new_owner=given.get("new_owner_app_id"),
        previous_owner=given.get("previous_owner_app_id"),
        asked_by=given.get("requested_owner_app_id"),
        note=given.get("metadata"),
    )
    return Event(kind=EventKind.HANDOVER, **_merged(fields, more), status=name)


def _policy(item: Json, name: str, fields: Fields) -> Event:
    given = mapping(item.get(name))
    return Event(
        kind=EventKind.ACCOUNT,
        **_merged(fields, {"field": "policy_enforcement"}),
        status=text(given.get("action")),
        error=text(given.get("reason"))[:500],
    )


def _request(item: Json, name: str, fields: Fields) -> Event:
    return Event(kind=EventKind.MESSAGE_REQUEST, **fields, status=text(item.get(name)))


READERS: dict[str, Callable[[Json, str, Fields], Event]] = {
    "message": _message,
    "postback": _postback,
    "reaction": _reaction,
    "message_edit": _edit,
    "message_edits": _edit,
    "read": _seen,
    "delivery": _seen,
    "referral": _referral,
    "optin": _optin,
    "policy_enforcement": _policy,
    "policy-enforcement": _policy,
    "message_request": _request,
    **dict.fromkeys(HANDOVERS, _handover),
}
