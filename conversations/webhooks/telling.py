"""What a webhook is told of an entry: what the API would show of it to its sight, rendered when it is sent."""

import json
from datetime import UTC
from typing import Any

from django.utils import timezone
from rest_framework.fields import DateTimeField

from agents.models import Agent, Role, Team
from agents.permissions import Sight
from conversations.api.entries import tell, with_all
from conversations.models.entry import Entry
from conversations.models.webhook import Webhook, WebhookDelivery
from conversations.webhooks.kinds import group_of

VERSION = 1


def body_of(delivery: WebhookDelivery) -> bytes | None:
    """Return the body to send; None when the webhook may not see the entry, or is not told of its kind, any more.

    Nothing of it is kept: what is redacted or becomes private later stands in no log.
    """
    if delivery.entry_id is None:
        queued_at = DateTimeField(default_timezone=UTC).to_representation(delivery.queued_at)
        nothing = dict.fromkeys(("seq", "customer", "conversation", "entry"))
        return _written(delivery, {"occurred_at": queued_at, **nothing})
    onlooker = onlooker_of(delivery.webhook)
    entry = with_all(Entry.objects.visible_to(onlooker)).filter(pk=delivery.entry_id).first()
    if entry is None or group_of(entry) not in delivery.webhook.groups:
        return None
    return _written(delivery, _told(entry, onlooker))


def onlooker_of(webhook: Webhook) -> Agent:
    """Return nobody in particular, who sees what the webhook sees: all but private teams, and those it was given."""
    chosen = set(webhook.teams.values_list("pk", flat=True))
    public = set(Team.objects.filter(is_private=False).values_list("pk", flat=True))
    onlooker = Agent(pk=0, name=webhook.name)
    onlooker.kept_sight = Sight(
        kind=Role.Sight.TEAMS, team_ids=frozenset(public | chosen), agent_id=0, reads_whole_timelines=True
    )
    return onlooker


def _told(entry: Entry, onlooker: Agent) -> dict[str, Any]:
    # Whoever looks at it in the log lives in a time zone; programs do not.
    with timezone.override(UTC):
        shown = tell([entry], onlooker)[0]
    return {
        "occurred_at": shown["occurred_at"], "seq": entry.seq, "customer": entry.customer_id,
        "conversation": shown["conversation"], "entry": shown,
    }  # fmt: skip


def _written(delivery: WebhookDelivery, told: dict[str, Any]) -> bytes:
    whole = {"version": VERSION, "id": delivery.message_id, "event": delivery.event, **told}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), default=str).encode()
