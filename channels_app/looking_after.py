"""What channels need by themselves: tokens renewed, templates read daily, old exchanges forgotten."""

import logging
from datetime import timedelta

from django.db.models import Max, QuerySet

from agents.models import Workspace
from channels_app import learning
from channels_app.models import Channel, ChannelLog, MessageTemplate, SandboxMessage
from helpdesk.lib import clock
from helpdesk.lib.outbound import SendError

log = logging.getLogger(__name__)

EVERY, TEMPLATES_EVERY = timedelta(hours=1), timedelta(days=1)
KEPT = timedelta(days=30)
BATCH, BATCHES_MAX = 1_000, 100


def to_refresh() -> list[int]:
    """Return the channels that are in use; none while the outbox is held: nobody is asked then."""
    if Workspace.held().exists():
        return []
    return list(Channel.objects.exclude(state=Channel.State.PAUSED).order_by("pk").values_list("pk", flat=True))


def refresh(channel: Channel) -> None:
    """Renew what expires if its time has come, and read the templates if they were last read a day ago.

    What a provider refuses is seen on the channel's page: in its log, and by when its log-in ends.
    """
    try:
        channel.adapter.refresh(channel)
        if channel.adapter.capabilities_of(channel).has_templates and _are_old(channel):
            learning.sync_templates(channel)
    except SendError as error:
        log.warning("A channel could not be looked after", extra={"channel": channel.pk, "code": error.code})


def forget() -> int:
    """Delete exchanges with providers, and what played ones took, after a month; return how many."""
    before = clock.real() - KEPT
    logs = ChannelLog.objects.filter(at__lt=before)
    played = SandboxMessage.objects.filter(at__lt=before)
    return sum(_forget(rows) for rows in (logs, played))


def _are_old(channel: Channel) -> bool:
    newest = MessageTemplate.objects.filter(channel=channel).aggregate(at=Max("synced_at"))["at"]
    return newest is None or newest < clock.real() - TEMPLATES_EVERY


def _forget(rows: "QuerySet[ChannelLog] | QuerySet[SandboxMessage]") -> int:
    count = 0
    for _batch in range(BATCHES_MAX):
        gone, _rows = rows.model.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:BATCH])).delete()
        count += gone
        if gone < BATCH:
            break
    return count
