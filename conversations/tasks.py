"""Doorbells of the heart: each calls one plain function."""

from celery import shared_task

from conversations import after


@shared_task(name="conversations.after_entries")
def after_entries(pks: list[int]) -> None:
    """Run the after-entry steps."""
    after.run(pks)
