"""Reading one message: what customers say, and what was said from our phone (an echo). Pure."""

from collections.abc import Callable
from typing import Any

from channels_app.adapters._meta.reading import Json, dicts, first, kept, mapping, moment, text
from channels_app.adapters.whatsapp import content, errors
from channels_app.adapters.whatsapp.people import People, parties
from helpdesk.lib.events import Event, EventKind

Fields = dict[str, Any]
# Their words for what has no meaning here: disappearing messages, stickers of a kind we are not told, …
UNKNOWN = frozenset({"unsupported", "ephemeral", "unknown"})
ECHO_OF = {EventKind.EDIT: EventKind.ECHO_EDIT, EventKind.DELETE: EventKind.ECHO_DELETE}
KEPT_AS_ECHO = frozenset({EventKind.REACTION, EventKind.IGNORED, EventKind.ECHO_EDIT, EventKind.ECHO_DELETE})


def read(item: Json, people: People) -> Event:
    """Understand a message that somebody sent us."""
    sender = people.sender(item, "from", "from_user_id")
    fields = _common(item)
    fields["details"] |= kept(username=sender.username)
    fields |= {"sender_id": sender.id, "sender_name": sender.name, "aliases": sender.aliases}
    return _understood(item, people, fields)


def echo(item: Json, people: People) -> Event:
    """Understand what was said by somebody else in our name: from the phone app of a shared number."""
    recipient = first(item.get("to"), item.get("to_user_id"))
    fields = _common(item)
    fields |= {"direction": "out", "sender_id": text(item.get("from")), "recipient_id": recipient}
    fields["aliases"] = people.aliases(recipient, text(item.get("to_user_id")))
    found = _understood(item, people, fields)
    kind = ECHO_OF.get(found.kind, found.kind)
    return _as(found, kind if kind in KEPT_AS_ECHO else EventKind.ECHO)


def _as(event: Event, kind: EventKind) -> Event:
    values = {name: getattr(event, name) for name in Event.__slots__}
    return Event(**{**values, "kind": kind})


def _common(item: Json) -> Fields:
    """Read what every message may have."""
    context, referral = mapping(item.get("context")), mapping(item.get("referral"))
    group = text(item.get("group_id"))
    is_ad = text(referral.get("source_type")).lower() == "ad"
    return {
        "message_id": text(item.get("id")),
        "conversation_id": group,
        "chat_type": "group" if group else "",
        "hints": {"group_id": group} if group else {},
        "reply_to": text(context.get("id")),
        "is_forwarded": bool(context.get("forwarded") or context.get("frequently_forwarded")),
        "occurred_at": moment(item.get("timestamp")),
        "ref": first(referral.get("ref"), referral.get("ctwa_clid")),
        "ad_id": text(referral.get("source_id")) if is_ad else "",
        "details": kept(referral=_referral(referral), product=_product(context)),
    }


def _referral(given: Json) -> Json:
    keys = ("source_type", "source_id", "source_url", "headline", "body", "media_type", "image_url", "video_url",
            "thumbnail_url")  # fmt: skip
    return kept(**{key: given.get(key) for key in keys})


def _product(context: Json) -> Json:
    given = mapping(context.get("referred_product"))
    return kept(catalog_id=given.get("catalog_id"), product_retailer_id=given.get("product_retailer_id"))


def _understood(item: Json, people: People, fields: Fields) -> Event:
    kind = text(item.get("type"))
    if not kind:
        kind = next((name for name in READERS if isinstance(item.get(name), dict | list)), "")
    reader = READERS.get(kind)
    if reader is None or kind in UNKNOWN:
        return _unsupported(item, people, fields, kind)
    return reader(item, people, fields)


def _said(item: Json, people: People, fields: Fields) -> Event:
    """Read a text, a file, a place or cards; a file that Meta could not get keeps its caption."""
    trouble = errors.of(item)
    said, files = content.read(item, error=trouble.sentence)
    if not said and not files:
        return _unsupported(item, people, fields, text(item.get("type")))
    fields["details"] |= trouble.details
    return Event(
        kind=EventKind.MESSAGE,
        **fields,
        text=said,
        files=files,
        error_code=trouble.provider_code,
        error=trouble.sentence,
    )


def _unsupported(item: Json, people: People, fields: Fields, kind: str) -> Event:
    """Tell that somebody sent what we are not shown; the reason may stand beside the messages."""
    trouble = errors.of(item) if dicts(item.get("errors")) else errors.of(people.value)
    fields["details"] |= kept(type=first(mapping(item.get("unsupported")).get("type"), kind), **trouble.details)
    return Event(
        kind=EventKind.UNSUPPORTED, **fields, error_code=trouble.provider_code, error=trouble.sentence
    )  # fmt: skip


def _reaction(item: Json, people: People, fields: Fields) -> Event:
    """Read a sign on a message; without one, or with the key absent, it was taken away."""
    given = mapping(item.get("reaction"))
    emoji = text(given.get("emoji"))
    return Event(
        kind=EventKind.REACTION, **fields, target_id=text(given.get("message_id")), reaction=emoji, is_removed=not emoji
    )


def _button(item: Json, people: People, fields: Fields) -> Event:
    given = mapping(item.get("button"))
    return Event(
        kind=EventKind.POSTBACK,
        **fields,
        text=text(given.get("text")),
        payload=first(given.get("payload"), given.get("text")),
    )


def _interactive(item: Json, people: People, fields: Fields) -> Event:
    given = mapping(item.get("interactive"))
    kind = text(given.get("type"))
    for name in ("button_reply", "list_reply"):
        if name in given:
            reply = mapping(given.get(name))
            fields["details"] |= kept(description=reply.get("description"))
            said, payload = text(reply.get("title")), text(reply.get("id"))
            return Event(kind=EventKind.POSTBACK, **fields, text=said, payload=payload)
    if "nfm_reply" in given:
        reply = mapping(given.get("nfm_reply"))
        # A text of JSON that may be none: kept as it came.
        said, payload = text(reply.get("body")), text(reply.get("response_json"))
        fields["details"] |= kept(form=reply.get("name"))
        return Event(kind=EventKind.FORM_REPLY, **fields, text=said, payload=payload)
    if "call_permission_reply" in given:
        reply = mapping(given.get("call_permission_reply"))
        fields["details"] |= kept(until=reply.get("expiration_timestamp"), source=reply.get("response_source"))
        return Event(kind=EventKind.CALL_PERMISSION, **fields, status=text(reply.get("response")))
    return _unsupported(item, people, fields, kind or "interactive")


def _order(item: Json, people: People, fields: Fields) -> Event:
    given = mapping(item.get("order"))
    keys = ("product_retailer_id", "quantity", "item_price", "currency")
    items = [kept(**{key: content.amount(one.get(key)) for key in keys}) for one in dicts(given.get("product_items"))]
    fields["details"] |= kept(catalog_id=given.get("catalog_id"), items=items[:100])
    return Event(kind=EventKind.ORDER, **fields, text=text(given.get("text")))


def _edit(item: Json, people: People, fields: Fields) -> Event:
    given = mapping(item.get("edit"))
    said, files = content.read(mapping(given.get("message")))
    target = text(given.get("original_message_id"))
    return Event(kind=EventKind.EDIT, **fields, target_id=target, text=said, files=files)


def _revoke(item: Json, people: People, fields: Fields) -> Event:
    target = text(mapping(item.get("revoke")).get("original_message_id"))
    return Event(kind=EventKind.DELETE, **fields, target_id=target)


def _system(item: Json, people: People, fields: Fields) -> Event:
    """Read that somebody changed their number; with it they get a new BSUID."""
    given = mapping(item.get("system"))
    kind = text(given.get("type"))
    new = first(given.get("wa_id"), given.get("new_wa_id"))
    fresh = [one for one in (new, text(given.get("user_id"))) if one and one != fields.get("sender_id")]
    fields["sender_id"] = fields.get("sender_id") or text(given.get("customer"))
    fields["aliases"] = (*parties(*fresh), *fields.get("aliases", ()))
    fields["details"] |= kept(type=kind, new_value=new)
    return Event(kind=EventKind.SYSTEM, **fields, status=kind, text=text(given.get("body")))


def _welcome(item: Json, people: People, fields: Fields) -> Event:
    return Event(kind=EventKind.CONVERSATION_STARTED, **fields)


READERS: dict[str, Callable[[Json, People, Fields], Event]] = {
    **dict.fromkeys(("text", "image", "video", "audio", "voice", "document", "sticker", "location", "contacts"), _said),
    "reaction": _reaction,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
    "request_welcome": _welcome,
}
