"""Collecting what waits at providers that do not call us: one at a time per channel."""

import logging

from django.db import connection

from agents.models import Workspace
from channels_app.models import Channel
from helpdesk.lib import clock
from helpdesk.lib.inbound import SendError

log = logging.getLogger(__name__)

LOCK_SPACE = 0x7E1A12


def poll(pk: int) -> int | None:
    """Fetch through the adapter; return how many came, None when another worker is at it or the outbox is held.

    A session lock keeps two polls of one account apart, however long the first one takes. What
    the account answers to a failed log-in is kept on the channel, where its health is shown.
    """
    if Workspace.held().exists():
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, pk % 2**31])
        if not cursor.fetchone()[0]:
            return None
    try:
        return _fetch(Channel.objects.get(pk=pk))
    finally:
        if not connection.is_usable():
            # The session may live on and the lock with it.
            connection.close()
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, pk % 2**31])


def _fetch(channel: Channel) -> int:
    try:
        count = channel.adapter.fetch(channel)
    except SendError as error:
        log.warning("A mailbox could not be polled", extra={"channel": channel.pk, "code": error.code})
        _note(channel, error.message)
        return 0
    if channel.health.get("poll_error"):
        _note(channel, "")
    return count


def _note(channel: Channel, sentence: str) -> None:
    channel.refresh_from_db(fields=["health"])
    channel.health = {**channel.health, "poll_error": sentence[:500], "polled_at": clock.real().isoformat()}
    channel.save(update_fields=["health"])
