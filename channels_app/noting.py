"""What providers say of an account and its templates, kept where set-up and health show it; no customer's business."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from channels_app.models import Channel, ChannelLog, MessageTemplate
from helpdesk.lib.events import Event, EventKind

CONCERNS = frozenset({EventKind.ACCOUNT, EventKind.TEMPLATE})
WARNINGS_MAX = 20
# Providers' words for a template, in ours (provider documentation, read 2026-11); another word changes nothing.
STATUSES = {
    "approved": "approved", "reinstated": "approved", "active": "approved", "pending": "pending",
    "in_appeal": "pending", "rejected": "rejected", "paused": "paused", "flagged": "paused", "disabled": "disabled",
    "deleted": "disabled", "pending_deletion": "disabled", "limit_exceeded": "disabled",
}  # fmt: skip


def note(channel: Channel, event: Event, received_at: datetime) -> None:
    """Keep what an event says of the channel. Inside a transaction; locks the channel's row. Safe to call twice."""
    at = event.occurred_at or received_at
    if event.kind == EventKind.TEMPLATE:
        _note_template(channel, event, at)
    said = _sentence(event)
    warning = {"at": at.isoformat(), "what": event.kind.value, "text": said}
    locked = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    warnings: list[dict[str, Any]] = list(locked.health.get("warnings", ()))
    if warning in warnings:
        return
    ChannelLog.objects.create(
        channel=channel, direction="in", what=f"{event.kind.value} {event.status}".strip()[:200],
        is_ok=_is_good(event), detail=said[:1000],
    )  # fmt: skip
    if not _is_good(event):
        locked.health = {**locked.health, "warnings": [*warnings, warning][-WARNINGS_MAX:]}
        locked.save(update_fields=["health"])


def _note_template(channel: Channel, event: Event, at: datetime) -> None:
    """Bring a template's row up to date, unless it is newer than what is told."""
    named = _template(event)
    status = STATUSES.get(event.status.strip().lower().replace(" ", "_"), "")
    if named is None or not status:
        return
    rows = MessageTemplate.objects.filter(named, channel=channel, synced_at__lte=at)
    rows.update(status=status, reason=_reason(event)[:500], synced_at=at)


def _template(event: Event) -> Q | None:
    if event.target_id:
        return Q(external_id=event.target_id)
    name, language = event.details.get("name"), event.details.get("language")
    return Q(name=str(name), language=str(language)) if name and language else None


def _reason(event: Event) -> str:
    reason = event.error or str(event.details.get("reason") or "")
    return "" if reason.upper() == "NONE" else reason


def _is_good(event: Event) -> bool:
    """Whether it is nothing to worry about."""
    return event.kind == EventKind.TEMPLATE and STATUSES.get(event.status.strip().lower(), "pending") in {
        MessageTemplate.Status.APPROVED.value, MessageTemplate.Status.PENDING.value,
    }  # fmt: skip


def _sentence(event: Event) -> str:
    """Put in one line what the provider said; names and reasons, no bodies."""
    name = str(event.details.get("name") or "")
    said = (name, event.status, event.error_code, _reason(event), event.text)
    return " · ".join(part for part in said if part)[:300].replace("\0", "")
