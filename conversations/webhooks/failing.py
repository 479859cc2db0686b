"""What follows when a receiver does not take what it is sent: later tries, a rest, and in the end it is off."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from agents import audit
from conversations.models.webhook import Webhook, WebhookDelivery
from conversations.webhooks.noting import LANES, wake
from helpdesk.lib import clock
from helpdesk.lib.queue import ring

WARN = "conversations.warn_of_webhook"
# As agents.audit knows what is changed here.
THING = "webhooks"
State = WebhookDelivery.State
RETRY_SECONDS = (10, 60, 300, 1_800, 7_200, 21_600)
# After so many failures in a row the webhook rests as a whole: what waits behind spends no tries.
RESTS_AFTER = 3
REST_SECONDS = (10, 60, 300, 1_800)
RETRY_AFTER_MAX_SECONDS = 3_600
GIVE_UP = timedelta(days=3)
GONE = 410


def works(delivery: WebhookDelivery) -> None:
    """Note that something got through; what waited while the webhook rested may leave."""
    webhook = delivery.webhook
    if delivery.entry_id is None or not (webhook.failures or webhook.failing_since):
        return
    Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, rest_until=None)
    if webhook.failures >= RESTS_AFTER:
        wake((webhook.pk, lane) for lane in range(LANES))


def after_failure(delivery: WebhookDelivery, status: int | None, retry_after: str) -> dict[str, Any]:
    """Note a failure on the webhook, which may rest or go off; return what becomes of the delivery."""
    if delivery.entry_id is None:
        # Somebody is looking at a test: they see what came and try again themselves.
        return {"state": State.FAILED}
    now = clock.real()
    with transaction.atomic():
        webhook = _one_more(delivery.webhook_id, now)
        if webhook is None:
            return {"state": State.FAILED}
        if status == GONE:
            _switch_off(webhook, Webhook.OffReason.GONE, now)
        elif webhook.failing_since is not None and now - webhook.failing_since >= GIVE_UP:
            _switch_off(webhook, Webhook.OffReason.FAILING, now)
        rest_until = _rest(webhook, retry_after, now)
    return later(delivery, now, rest_until, is_kept=not webhook.is_on)


def later(
    delivery: WebhookDelivery, now: datetime, rest_until: datetime | None = None, *, is_kept: bool = False
) -> dict[str, Any]:
    """Return when to try again, or that it was tried for three days. is_kept: it waits for the webhook to be on."""
    if not is_kept and now - delivery.queued_at >= GIVE_UP:
        return {"state": State.FAILED}
    pause = RETRY_SECONDS[min(max(1, delivery.attempts), len(RETRY_SECONDS)) - 1]
    return {"state": State.RETRY, "next_try_at": rest_until or now + timedelta(seconds=pause)}


def _one_more(pk: int, now: datetime) -> Webhook | None:
    """Count a failure and return the row, locked; None when it was removed meanwhile."""
    counted = {"failures": F("failures") + 1, "failing_since": Coalesce(F("failing_since"), now)}
    Webhook.objects.filter(pk=pk).update(**counted)
    return Webhook.objects.filter(pk=pk).first()


def _rest(webhook: Webhook, retry_after: str, now: datetime) -> datetime | None:
    """Let a webhook that fails again and again, or that asks for it, rest; return until when."""
    asked = min(int(retry_after), RETRY_AFTER_MAX_SECONDS) if retry_after.isdecimal() and len(retry_after) < 9 else 0
    step = webhook.failures - RESTS_AFTER
    seconds = max(asked, REST_SECONDS[min(step, len(REST_SECONDS) - 1)] if step >= 0 else 0)
    if not seconds:
        return None
    rest_until = now + timedelta(seconds=seconds)
    Webhook.objects.filter(pk=webhook.pk).update(rest_until=rest_until)
    return rest_until


def _switch_off(webhook: Webhook, reason: str, now: datetime) -> None:
    """Switch a webhook off, once; what waits stays, and administrators hear of it."""
    if not Webhook.objects.filter(pk=webhook.pk, is_on=True).update(is_on=False, off_at=now, off_reason=reason):
        return
    webhook.is_on = False
    audit.changed(None, THING, {"webhook": webhook.name, "is_on": True}, {"is_on": False, "reason": reason})
    ring(WARN, webhook.pk)
