"""Doorbells of the heart: each calls one plain function."""

from celery import shared_task

from conversations import after
from conversations.importing import running


@shared_task(name="conversations.after_entries")
def after_entries(pks: list[int]) -> None:
    """Run the after-entry steps."""
    after.run(pks)


@shared_task(name="conversations.import_customers")
def import_customers(pk: int) -> None:
    """Go on with an import of customers for some seconds."""
    running.work(pk)


@shared_task(name="conversations.sweep_imports")
def sweep_imports() -> None:
    """Find an import that nobody works on."""
    running.sweep()
