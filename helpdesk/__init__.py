"""The project: composition root. It knows everyone and owns no domain."""

from helpdesk.celery import app as celery_app

__all__ = ["celery_app"]
