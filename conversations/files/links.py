"""Links by which a customer fetches a file that does not fit their channel: secret, for a while, for nobody else."""

import hashlib
import secrets

from django.conf import settings
from django.urls import reverse

from agents.models import Agent
from conversations.models.attachment import Blob
from conversations.models.filelink import FileLink
from helpdesk.lib import clock
from helpdesk.lib import files as kinds
from helpdesk.lib.outbound import OutboundFile

TOKEN_BYTES = 32
TOKEN_MAX = 60


def make(file: OutboundFile, *, by: Agent | None) -> str:
    """Keep a file and return its public address, which is never readable again. Works for DAYS of filelink.py."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    name = kinds.name_of(file.filename, kinds.type_of(file.data))
    FileLink.objects.create(digest=_digest(token), blob_id=Blob.keep(file.data), filename=name, by=by)
    return f"{settings.PUBLIC_URL}{reverse('file_link', args=[token])}"


def find(token: str) -> FileLink | None:
    """Return what a link leads to; None when it never was, is over, or its file is harmful."""
    if len(token) > TOKEN_MAX:
        return None
    rows = FileLink.objects.filter(digest=_digest(token), expires_at__gt=clock.real())
    return rows.exclude(blob__scan_state=Blob.Scan.INFECTED).first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
