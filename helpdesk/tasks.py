"""Doorbells of the composition root: each calls one plain function."""

from celery import shared_task

from helpdesk.exports import running


@shared_task(name="helpdesk.export")
def export(pk: int) -> None:
    """Write one export; settings.LONG_TASKS_SECONDS says how long that may take."""
    running.write(pk)


@shared_task(name="helpdesk.sweep_exports")
def sweep_exports() -> None:
    """Find exports that nobody writes, and those that were kept long enough."""
    running.sweep()
