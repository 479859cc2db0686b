"""Doorbells of the outer doors: each calls one plain function."""

import logging

from celery import shared_task
from django.db import OperationalError, connection

from channels_app import (
    amending,
    codes,
    courtesy,
    delivery,
    following,
    hopping,
    intake,
    learning,
    looking_after,
    media,
    polling,
    sweeping,
    warning,
)
from channels_app.models import Channel, SandboxMessage
from channels_app.sandbox import posting
from conversations.locks import Moved
from helpdesk.lib.inbound import Party

log = logging.getLogger(__name__)

# Deadlocks and serialisation failures are nobody's fault: try again at once.
TRIES = 3


@shared_task(name="channels_app.process_event")
def process_event(pk: int) -> None:
    """File one raw event."""
    for left in reversed(range(TRIES)):
        try:
            intake.process(pk)
        except OperationalError as error:
            if not connection.in_atomic_block:
                # A dead connection is not kept for the next try.
                connection.close_if_unusable_or_obsolete()
            if intake.is_passing(error):
                intake.forgive(pk)
            elif not left:
                intake.fail(pk, error)
        except Moved:
            # Its customer was merged this very moment.
            intake.forgive(pk)
        except Exception as error:
            # Whatever a message does to us, it is remembered on its event and the next one runs.
            log.exception("A raw event could not be filed", extra={"raw_event": pk})
            intake.fail(pk, error)
            return
        else:
            return


@shared_task(name="channels_app.process_events")
def process_events(pks: list[int]) -> None:
    """File what the sweeper found, oldest first."""
    for pk in pks:
        process_event(pk)


@shared_task(name="channels_app.deliver")
def deliver(pk: int) -> None:
    """Send one delivery."""
    delivery.deliver(pk)


@shared_task(name="channels_app.fetch_media")
def fetch_media(pk: int) -> None:
    """Fetch one file that came with a message."""
    media.fetch(pk)


@shared_task(name="channels_app.sweep_media")
def sweep_media() -> None:
    """Find files that nobody has fetched."""
    media.sweep()


@shared_task(name="channels_app.amend")
def amend(pk: int) -> None:
    """Ask for one change of what was said."""
    amending.amend(pk)


@shared_task(name="channels_app.mark_read")
def mark_read(conversation: int) -> None:
    """Say that what they wrote was seen."""
    courtesy.mark_read(conversation)


@shared_task(name="channels_app.typing")
def typing(conversation: int) -> None:
    """Show that somebody types."""
    courtesy.typing(conversation)


@shared_task(name="channels_app.acknowledge")
def acknowledge(channel: int, event_id: str) -> None:
    """Say that a press of a button came."""
    courtesy.acknowledge(channel, event_id)


@shared_task(name="channels_app.sweep_deliveries")
def sweep_deliveries() -> None:
    """Find due deliveries and dead claims."""
    sweeping.sweep_deliveries()


@shared_task(name="channels_app.sweep")
def sweep() -> None:
    """Find raw events, entries and sleepers left behind."""
    sweeping.sweep_events()


@shared_task(name="channels_app.check_channels")
def check_channels() -> None:
    """Ask again at channels that are down; each on its own, so that one that hangs delays nobody."""
    for pk in sweeping.down_channels():
        check_channel.apply_async((pk,), expires=sweeping.CHECK_EVERY.total_seconds())


@shared_task(name="channels_app.check_channel")
def check_channel(pk: int) -> None:
    """Ask whether one channel works again."""
    sweeping.check_channel(pk)


@shared_task(name="channels_app.poll_mailboxes")
def poll_mailboxes() -> None:
    """Collect what waits at providers that are polled."""
    for channel in Channel.objects.filter(state=Channel.State.ACTIVE):
        poll_channel.delay(channel.pk)


@shared_task(name="channels_app.poll_channel")
def poll_channel(pk: int) -> None:
    """Collect what waits at one provider."""
    polling.poll(pk)


@shared_task(name="channels_app.fetch_profile")
def fetch_profile(pk: int, kind: str, value: str, realm: str) -> None:
    """Ask a provider for the name of somebody who wrote for the first time."""
    learning.fetch_profile(Channel.objects.get(pk=pk), Party(kind=kind, value=value, realm=realm))


@shared_task(name="channels_app.report_played")
def report_played(pk: int, state: str) -> None:
    """Let a played provider say what became of a message."""
    message = SandboxMessage.objects.select_related("channel").filter(pk=pk).first()
    if message is None:
        return
    try:
        posting.report(message, state)
    except posting.NotTaken as refused:
        log.info("A played status was not taken", extra={"channel": message.channel_id, "why": str(refused)})


@shared_task(name="channels_app.warn_of_channels")
def warn_of_channels() -> None:
    """Write to administrators of channels in trouble."""
    warning.sweep()


@shared_task(name="channels_app.refresh_channels")
def refresh_channels() -> None:
    """Renew what expires and read templates anew; each channel on its own, so that one that hangs delays nobody."""
    for pk in looking_after.to_refresh():
        refresh_channel.apply_async((pk,), expires=looking_after.EVERY.total_seconds())


@shared_task(name="channels_app.refresh_channel")
def refresh_channel(pk: int) -> None:
    """Renew what expires on one channel."""
    looking_after.refresh(Channel.objects.get(pk=pk))


@shared_task(name="channels_app.follow_up")
def follow_up() -> None:
    """Mail what was missed by those who have left, and codes that nobody mailed; tell of links that are over."""
    following.sweep()
    codes.sweep()
    hopping.sweep()


@shared_task(name="channels_app.mail_code")
def mail_code(pk: int) -> None:
    """Mail one code to an address."""
    codes.mail(pk)


@shared_task(name="channels_app.forget_logs")
def forget_logs() -> None:
    """Forget old exchanges with providers, and files that nobody named."""
    looking_after.forget()
    looking_after.forget_uploads()
