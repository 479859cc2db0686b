"""What leaves for other programs: claim, send, say what became of it. At least once, with the same id each time.

A lane (noting.LANES) has one sender at a time, so that what concerns one customer leaves in its order; one that failed
waits for its next try and holds nobody up. A receiver that is slow keeps its own lanes, for a few seconds at a time.
"""

import hashlib
import logging
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from agents.models import Workspace
from conversations.models.webhook import WebhookDelivery
from conversations.webhooks import failing, signing, telling
from conversations.webhooks.noting import LANES, SEND, TEST_LANE
from helpdesk.lib import clock, crypto, failpoints, http
from helpdesk.lib.advisory import Space, session_lock
from helpdesk.lib.queue import ring_now

log = logging.getLogger(__name__)

State = WebhookDelivery.State
WAITING = (State.QUEUED, State.RETRY)
# A lane lets the others of this process have their turn after so long.
TURN = timedelta(seconds=5)
ANSWER_MAX_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try. code: ours, where no answer came."""

    status: int | None = None
    code: str = ""
    answer: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    sha256: str = ""
    milliseconds: int = 0

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def drain(webhook_id: int, lane: int) -> int:
    """Send what is due in a lane, one after another, for one turn; return how many tries were made.

    Safe to call twice and at once: the lane's session lock says for as long as it is held that its sender lives, and
    each claim is a compare-and-set. Requests go out with no transaction open.
    """
    began_at, count = clock.real(), 0
    with lane_lock(webhook_id, lane) as is_mine:
        if not is_mine:
            return 0
        while clock.real() - began_at < TURN and _send_next(webhook_id, lane):
            count += 1
    # The turn is over, or somebody rang while we held the lock and went away.
    if due(webhook_id, lane).exists():
        ring_now(SEND, webhook_id, lane)
    return count


def lane_lock(webhook_id: int, lane: int) -> AbstractContextManager[bool]:
    """Hold a lane's session lock; yield whether it was free."""
    return session_lock(Space.WEBHOOK_LANES, webhook_id * (LANES + 1) + lane)


def due(webhook_id: int, lane: int) -> "QuerySet[WebhookDelivery]":
    """Return what may leave now, in its order. Nothing while the desk is held, or the webhook off or resting.

    A webhook that rests is asked with one at a time.
    """
    now = clock.real()
    rows = WebhookDelivery.objects.filter(
        ~Exists(Workspace.held()), webhook=webhook_id, lane=lane, state__in=WAITING, next_try_at__lte=now
    ).order_by("next_try_at", "pk")
    if lane == TEST_LANE:
        return rows
    others = WebhookDelivery.objects.filter(webhook=OuterRef("webhook"), state=State.SENDING).exclude(lane=TEST_LANE)
    is_rested = Q(webhook__rest_until=None) | Q(webhook__rest_until__lte=now)
    is_first = Q(webhook__failures__lt=failing.RESTS_AFTER) | ~Exists(others)
    return rows.filter(is_rested, is_first, webhook__is_on=True)


def _send_next(webhook_id: int, lane: int) -> bool:
    """Send the first that is due; return whether there was one."""
    pk = due(webhook_id, lane).values_list("pk", flat=True).first()
    if pk is None:
        return False
    if claim(pk):
        delivery = WebhookDelivery.objects.select_related("webhook").get(pk=pk)
        failpoints.reach("webhook.after_claim")
        outcome = _try(delivery)
        failpoints.reach("webhook.after_answer")
        _mark(delivery, outcome)
    return True


def claim(pk: int) -> bool:
    """Move one from waiting to sending; return whether it was we who did."""
    changes = {"state": State.SENDING, "claimed_at": clock.real(), "attempts": F("attempts") + 1}
    return WebhookDelivery.objects.filter(pk=pk, state__in=WAITING).update(**changes) == 1


def _try(delivery: WebhookDelivery) -> Outcome | None:
    """Send one; None when it may not be told any more."""
    body = telling.body_of(delivery)
    if body is None:
        return None
    sha256, began = hashlib.sha256(body).hexdigest(), time.monotonic()
    try:
        answer = http.fetch(_ask(delivery, body))
    except http.Refused as refused:
        return Outcome(code=refused.code, sha256=sha256, milliseconds=_since(began))
    except crypto.Unreadable:
        return Outcome(code="secret")
    return Outcome(
        answer.status, answer=answer.body, headers=answer.headers, sha256=sha256, milliseconds=_since(began)
    )  # fmt: skip


def _ask(delivery: WebhookDelivery, body: bytes) -> http.Ask:
    proofs = signing.headers(delivery.webhook, delivery.message_id, body, clock.real())
    return http.Ask(
        delivery.webhook.url,
        "POST",
        {"content-type": "application/json", "accept-encoding": "identity", **proofs},
        body,
        max_bytes=ANSWER_MAX_BYTES,
        timeout_seconds=settings.WEBHOOK_TIMEOUT_SECONDS,
        redirects_max=0,
        is_cut=True,
    )


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _mark(delivery: WebhookDelivery, outcome: Outcome | None) -> None:
    """Write down what became of a try, unless the sweep gave this claim up; a good answer counts even then."""
    ours = WebhookDelivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
    if outcome is None:
        ours.filter(state=State.SENDING).update(state=State.WITHHELD)
        return
    seen = {
        "tried_at": clock.real(), "status_code": outcome.status, "error_code": outcome.code,
        "answer": _readable(outcome.answer), "body_sha256": outcome.sha256, "duration_ms": outcome.milliseconds,
    }  # fmt: skip
    if outcome.is_good:
        ours.filter(state__in=[State.SENDING, State.RETRY]).update(state=State.DELIVERED, **seen)
        failing.works(delivery)
        return
    log.info("A webhook was not taken", extra={"webhook": delivery.webhook_id, "status": outcome.status})
    then = failing.after_failure(delivery, outcome.status, outcome.headers.get("retry-after", ""))
    ours.filter(state=State.SENDING).update(**then, **seen)


def _readable(answer: bytes) -> str:
    # PostgreSQL keeps no NUL in text.
    return answer.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
