"""Doorbells of the heart: each calls one plain function."""

from celery import shared_task

from conversations import after
from conversations.importing import running
from conversations.webhooks import sending, sweeping, warning


@shared_task(name="conversations.after_entries")
def after_entries(pks: list[int]) -> None:
    """Run the after-entry steps."""
    after.run(pks)


@shared_task(name="conversations.send_webhook")
def send_webhook(webhook: int, lane: int) -> None:
    """Send what is due in one lane of a webhook."""
    sending.drain(webhook, lane)


@shared_task(name="conversations.sweep_webhooks")
def sweep_webhooks() -> None:
    """Find lanes of webhooks with something due, and dead claims."""
    sweeping.sweep()


@shared_task(name="conversations.forget_webhooks")
def forget_webhooks() -> None:
    """Delete what is old of the log."""
    sweeping.forget()


@shared_task(name="conversations.warn_of_webhook")
def warn_of_webhook(pk: int) -> None:
    """Tell the administrators that a webhook was switched off."""
    warning.warn(pk)


@shared_task(name="conversations.import_customers")
def import_customers(pk: int) -> None:
    """Go on with an import of customers for some seconds."""
    running.work(pk)


@shared_task(name="conversations.sweep_imports")
def sweep_imports() -> None:
    """Find an import that nobody works on."""
    running.sweep()
