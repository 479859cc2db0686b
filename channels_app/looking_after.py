"""What channels need by themselves: tokens renewed, templates read daily, old exchanges forgotten."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from agents.models import Workspace
from channels_app import learning
from channels_app.models import Channel, ChannelLog, MessageTemplate, SandboxMessage, Visitor, VisitorCode, VisitorLink
from conversations.files import bytes_of
from conversations.models import Upload
from helpdesk.lib import clock
from helpdesk.lib.outbound import SendError

log = logging.getLogger(__name__)

EVERY, TEMPLATES_EVERY = timedelta(hours=1), timedelta(days=1)
KEPT = timedelta(days=30)
UNNAMED = timedelta(days=1)
BROWSERS_KEPT = timedelta(days=365)
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
    """Delete exchanges with providers, and what played ones took, after a month; return how many.

    So are links into chats and codes that have been over for as long, and browsers that have not come for a year: one
    that comes all the same is a new one.
    """
    before = clock.real() - KEPT
    logs = ChannelLog.objects.filter(at__lt=before)
    played = SandboxMessage.objects.filter(at__lt=before)
    links = VisitorLink.objects.filter(expires_at__lt=before)
    codes = VisitorCode.objects.filter(expires_at__lt=before)
    browsers = Visitor.objects.filter(seen_at__lt=clock.real() - BROWSERS_KEPT)
    return sum(_forget(rows) for rows in (logs, played, links, codes, browsers))


def forget_uploads() -> int:
    """Forget files that were uploaded and never named within a day, and named ones after a month; return how many.

    What a message shows stays: its bytes are its own by then.
    """
    now = clock.real()
    old = Upload.objects.filter(Q(named_at=None, made_at__lt=now - UNNAMED) | Q(named_at__lt=now - KEPT))
    found = list(old.order_by("pk").values_list("pk", "blob_id")[: BATCH * BATCHES_MAX])
    return sum(_forget_upload(old, pk, blob) for pk, blob in found)


def _forget_upload(old: "QuerySet[Upload]", pk: int, blob: str) -> int:
    """Forget one with its bytes, alone, so that no two of these are held at once; none that was named meanwhile."""
    with transaction.atomic():
        gone, _rows = old.filter(pk=pk).delete()
        if gone:
            bytes_of.forget_unused([blob])
    return gone


def _are_old(channel: Channel) -> bool:
    newest = MessageTemplate.objects.filter(channel=channel).aggregate(at=Max("synced_at"))["at"]
    return newest is None or newest < clock.real() - TEMPLATES_EVERY


def _forget(rows: "QuerySet[Any]") -> int:
    count = 0
    for _batch in range(BATCHES_MAX):
        gone, _rows = rows.model.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:BATCH])).delete()
        count += gone
        if gone < BATCH:
            break
    return count
