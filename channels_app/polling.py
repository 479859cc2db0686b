"""Collecting what waits at providers that do not call us: one at a time per channel."""

import logging

from agents.models import Workspace
from channels_app.models import Channel
from helpdesk.lib import clock
from helpdesk.lib.advisory import Space, session_lock
from helpdesk.lib.outbound import SendError

log = logging.getLogger(__name__)


def poll(pk: int) -> int | None:
    """Fetch through the adapter; return how many came, None when another worker is at it or the outbox is held.

    A session lock keeps two polls of one account apart, however long the first one takes. What
    the account answers to a failed log-in is kept on the channel, where its health is shown.
    """
    if Workspace.held().exists():
        return None
    with session_lock(Space.MAILBOXES, pk) as is_mine:
        return _fetch(Channel.objects.get(pk=pk)) if is_mine else None


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
