"""Which queue each task waits in, and what is looked after how often. Named by settings; imports nothing of ours."""

from typing import Any

# `in`, where all others wait: what came in. `out`: what waits for providers. `hooks`: what waits for other programs,
# for the mail server and for files. `sweep`: what finds what was left behind.
QUEUES = {
    "channels_app.deliver": "out",
    "channels_app.amend": "out",
    "channels_app.mark_read": "out",
    "channels_app.typing": "out",
    "channels_app.acknowledge": "out",
    "channels_app.check_channel": "out",
    "channels_app.check_channels": "sweep",
    "channels_app.fetch_media": "hooks",
    "channels_app.fetch_profile": "hooks",
    "channels_app.refresh_channel": "out",
    "channels_app.refresh_channels": "sweep",
    "channels_app.follow_up": "sweep",
    "channels_app.forget_logs": "sweep",
    "channels_app.warn_of_channels": "hooks",
    "channels_app.mail_code": "out",
    "channels_app.sweep": "sweep",
    "channels_app.sweep_deliveries": "sweep",
    "channels_app.sweep_media": "sweep",
    "conversations.send_webhook": "hooks",
    "conversations.warn_of_webhook": "hooks",
    "conversations.sweep_webhooks": "sweep",
    "conversations.forget_webhooks": "sweep",
    "conversations.sweep_imports": "sweep",
    "helpdesk.sweep_exports": "sweep",
}
EVERY_SECONDS = {
    "channels_app.sweep_deliveries": 2,
    "channels_app.sweep_media": 5,
    "conversations.sweep_webhooks": 5,
    "channels_app.sweep": 10,
    "channels_app.follow_up": 10,
    "conversations.sweep_imports": 10,
    "channels_app.check_channels": 30,
    "channels_app.poll_mailboxes": 60,
    "channels_app.warn_of_channels": 60,
    "channels_app.refresh_channels": 3_600,
    "channels_app.forget_logs": 3_600,
    "helpdesk.sweep_exports": 60,
    "conversations.forget_webhooks": 3_600,
}


def routes() -> dict[str, dict[str, str]]:
    """Return Celery's CELERY_TASK_ROUTES."""
    return {task: {"queue": queue} for task, queue in QUEUES.items()}


def schedule() -> dict[str, dict[str, Any]]:
    """Return Celery's CELERY_BEAT_SCHEDULE; what was not begun within its period is not begun at all."""
    return {
        task.rpartition(".")[2]: {
            "task": task,
            "schedule": float(seconds),
            "options": {**routes().get(task, {}), "expires": seconds},
        }
        for task, seconds in EVERY_SECONDS.items()
    }
