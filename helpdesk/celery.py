"""The Celery app: carries "look at row N" between processes and holds no copy of anything."""

import os
from typing import Any

from billiard import pool
from celery import Celery, signals
from django.db import close_old_connections
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

# A child that ends waits until the worker has counted its last result: half a minute, because a worker that is told to
# end counts none any more, and whoever stops the desk kills it before. No result is read here, a task is acknowledged
# after its work and may run twice, so two seconds are enough. (billiard 4.3.2, pool.py:
# Worker._ensure_messages_consumed, read on 2026-11-28.) Children are forked and inherit it.
pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 20

app = Celery("telaio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("helpdesk.heartbeat.Heartbeat")


@signals.task_prerun.connect
@signals.task_postrun.connect
def let_go(sender: Any = None, **_kwargs: Any) -> None:
    """Close connections that are dead, too old or left inside a transaction; ask a kept one whether it lives."""
    if not sender.request.is_eager:
        close_old_connections()


@signals.task_prerun.connect
def keep_time(sender: Any = None, **_kwargs: Any) -> None:
    """Go by the workspace's clock, which may have been moved since the last task."""
    if not sender.request.is_eager:
        # By name: this file is loaded before there are models.
        import_string("agents.timing.keep")()


@signals.worker_init.connect
def count_seats(sender: Any = None, **_kwargs: Any) -> None:
    """Share out as many threads among the channels as the process was given."""
    import_string("channels_app.seats.open_house")(sender.concurrency)
