"""What people read of an event, and what its entry keeps for those who ask about it later. Pure."""

import json
from typing import Any

from django.utils.translation import gettext_noop

from helpdesk.lib.events import Event, EventKind

UNSUPPORTED = gettext_noop("Their app sent something that cannot be shown here.")
BROKEN = gettext_noop("Their message did not come through.")
# Ours, not theirs: what filing itself reads.
INTERNAL = {"piece_key", "code"}
# Keys of forms that say nothing to people (provider documentation, read 2026-11).
UNSAID = {"flow_token", "wa_flow_response_params"}
LISTS = ("product_items", "items", "products")
DEEP, LINES_MAX = 12, 200


def text_of(event: Event) -> str:
    """Return what a message says in words."""
    if event.kind == EventKind.POSTBACK:
        return event.text or _title(event.details) or event.payload
    if event.kind == EventKind.FORM_REPLY:
        return _form(event.payload) or event.text
    if event.kind == EventKind.ORDER:
        return "\n".join(filter(None, (event.text, *_order(event.details))))
    return event.text


def warning_of(event: Event) -> str:
    """Return a sentence, not yet translated, about what could not be understood; '' for all else."""
    if event.kind == EventKind.UNSUPPORTED:
        return UNSUPPORTED
    return BROKEN if event.kind == EventKind.MESSAGE_ERROR else ""


def data_of(event: Event) -> dict[str, Any]:
    """Return what an entry keeps of an event besides its words."""
    referral = {"ref": event.ref, "ad_id": event.ad_id, **_ad(event.details)}
    comment = {"post": event.conversation_id, "id": event.message_id, **_link(event.details)}
    said: dict[str, Any] = {
        "event": event.kind.value if event.kind != EventKind.MESSAGE else "",
        "forwarded": event.is_forwarded,
        "payload": event.payload,
        "referral": {name: value for name, value in referral.items() if value},
        "story": event.story_url,
        "reply_to": event.reply_to,
        "comment": comment if event.kind in {EventKind.COMMENT, EventKind.MENTION} else {},
        "warning": warning_of(event),
        "warning_detail": event.error or event.error_code if warning_of(event) else "",
        "details": {name: value for name, value in event.details.items() if name not in INTERNAL},
    }
    return {name: plain(value) for name, value in said.items() if value}


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value that the database keeps as JSON: no NUL, no half characters, no endless depth."""
    if depth > DEEP:
        return "…"
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {plain(str(name)): plain(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one, depth + 1) for one in value]
    # NaN and infinity are no JSON.
    is_number = isinstance(value, float) and value - value == 0
    return value if value is None or isinstance(value, bool | int) or is_number else str(value)


def _title(details: dict[str, Any]) -> str:
    return str(details.get("title") or details.get("display_text") or "")


def _form(payload: str) -> str:
    """Write the answers of a form, a line each; JSON that is none stays as it is."""
    try:
        given = json.loads(payload) if payload else None
    except (ValueError, RecursionError):
        return payload
    if not isinstance(given, dict):
        return payload
    lines = [f"{_question(name)}: {_answer(value)}" for name, value in given.items() if name not in UNSAID]
    return str(plain("\n".join(lines[:LINES_MAX])))


def _question(name: str) -> str:
    words = " ".join(str(name).replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:]


def _answer(value: Any, depth: int = 0) -> str:
    if isinstance(value, dict) and depth < DEEP:
        return ", ".join(f"{_question(name)} {_answer(one, depth + 1)}" for name, one in value.items())
    if isinstance(value, list) and depth < DEEP:
        return ", ".join(_answer(one, depth + 1) for one in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "–" if value is None else str(value)


def _order(details: dict[str, Any]) -> list[str]:
    """Write what was ordered, a line each."""
    holders = [details, *(value for value in details.values() if isinstance(value, dict))]
    lists = (holder[name] for holder in holders for name in LISTS if isinstance(holder.get(name), list))
    found: list[Any] = next(lists, [])
    return [_line(item) for item in found[:LINES_MAX] if isinstance(item, dict)]


def _line(item: dict[str, Any]) -> str:
    named = item.get("name") or item.get("title") or item.get("product_retailer_id") or item.get("id") or "?"
    count = item.get("quantity") or 1
    price = item.get("item_price") if item.get("item_price") is not None else item.get("price")
    cost = "" if price in {None, ""} or isinstance(price, dict | list) else f", {price} {item.get('currency') or ''}"
    return f"{count} × {named}{cost}".rstrip()


def _ad(details: dict[str, Any]) -> dict[str, Any]:
    """What an advertisement that led here said."""
    inner = details.get("referral")
    found: dict[str, Any] = inner if isinstance(inner, dict) else details
    names = ("headline", "ad_title", "body", "source_url", "source_type", "source", "type", "image_url")
    return {name: found[name] for name in names if isinstance(found.get(name), str)} if _is_ad(details) else {}


def _is_ad(details: dict[str, Any]) -> bool:
    return isinstance(details.get("referral"), dict) or any(name in details for name in ("headline", "ad_title"))


def _link(details: dict[str, Any]) -> dict[str, str]:
    link = details.get("link") or details.get("permalink") or details.get("permalink_url") or ""
    parent = details.get("parent_id") or ""
    return {name: str(value) for name, value in (("link", link), ("parent", parent)) if value}
