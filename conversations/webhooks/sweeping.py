"""Finding what was left behind: lost doorbells, dead senders, times that have come; and forgetting what is old."""

from datetime import timedelta

from django.conf import settings

from conversations.models.webhook import Webhook, WebhookDelivery
from conversations.webhooks import failing, sending
from conversations.webhooks.noting import SEND, TEST_LANE
from helpdesk.lib import clock, queue
from helpdesk.lib.advisory import Space, Sweep, only_one

State = WebhookDelivery.State
QUEUE = "hooks"
BATCH, BATCHES_MAX = 1_000, 100
# Whoever takes longer than a request may, and this, is taken for dead though its session lives.
GRACE_SECONDS = 60


def sweep() -> int:
    """Ring for lanes with something due, and put back what died on its way; return how many were found."""
    with only_one(Space.SWEEPS, Sweep.WEBHOOKS) as is_me:
        if not is_me:
            return 0
        dead = _put_back()
        lanes = [
            (pk, lane)
            for pk in Webhook.objects.values_list("pk", flat=True)
            for lane in range(TEST_LANE + 1)
            if sending.due(pk, lane).exists()
        ]
    if not queue.is_full(QUEUE):
        for pk, lane in lanes:
            queue.ring_now(SEND, pk, lane)
    return dead + len(lanes)


def forget() -> int:
    """Delete what was queued longer ago than it is kept, some at a time; return how many."""
    before = clock.real() - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    old = WebhookDelivery.objects.filter(queued_at__lt=before).exclude(state=State.SENDING).order_by("queued_at")
    count = 0
    for _batch in range(BATCHES_MAX):
        gone, _rows = WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()
        count += gone
        if gone < BATCH:
            break
    return count


def _put_back() -> int:
    """Let what was being sent when its sender died be sent again, under the same id: it may have arrived."""
    limit = clock.real() - timedelta(seconds=settings.WEBHOOK_TIMEOUT_SECONDS + GRACE_SECONDS)
    count = 0
    for row in WebhookDelivery.objects.filter(state=State.SENDING).order_by("claimed_at")[:BATCH]:
        with sending.lane_lock(row.webhook_id, row.lane) as is_free:
            if is_free or row.claimed_at is None or row.claimed_at < limit:
                # The first time at once; one that kills every sender later and later.
                now = clock.real()
                then = failing.later(row, now, now if row.attempts <= 1 else None)
                mine = WebhookDelivery.objects.filter(pk=row.pk, state=State.SENDING, attempts=row.attempts)
                count += mine.update(**then)
    return count
