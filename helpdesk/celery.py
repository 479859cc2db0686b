"""The Celery app: carries "look at row N" between processes and holds no copy of anything."""

import os
from typing import Any

from celery import Celery, signals
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

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
