"""Files that visitors leave here before they send them. Bytes say what they are, and only who left one may send it."""

import hashlib
import re
import secrets
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils.translation import gettext_noop as _

from channels_app.models import Visitor
from conversations.models import Blob, Upload
from helpdesk.lib import clock
from helpdesk.lib import files as kinds
from helpdesk.lib.outbound import Media, MediaGone

if TYPE_CHECKING:
    from channels_app.models import Channel

MAX_BYTES = 20 * 1024 * 1024
MOST = 10
UNSENT_MAX_BYTES = 100 * 1024 * 1024
VALID = timedelta(hours=24)
CHUNK = 64 * 1024
KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What a browser offers to choose from, and the frame looks at before it asks; on a phone the camera is among it.
ACCEPT = (
    "image/*,audio/*,video/*,.heic,.pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp,.rtf,.txt,.csv,.md,.log,.json,"
    ".ics,.vcf,.zip"
)
# Read as words or as an archive, run by a double click: the bytes do not tell, so here the name counts as well.
RUNNABLE = frozenset({
    ".app", ".bat", ".chm", ".cmd", ".com", ".cpl", ".dll", ".docm", ".dmg", ".exe", ".hta", ".htm", ".html", ".iso",
    ".jar", ".js", ".jse", ".lnk", ".mht", ".msc", ".msi", ".pif", ".ps1", ".psm1", ".py", ".reg", ".scf", ".scr",
    ".sh", ".svg", ".url", ".vb", ".vbe", ".vbs", ".wsf", ".wsh", ".xhtml", ".xlsm", ".xml", ".xsl",
})  # fmt: skip


class TooMuch(Exception):
    """It is larger than a file may be, or with what waits here more than one visitor may leave."""

    def __init__(self, most: int, *, is_of_all: bool = False) -> None:
        super().__init__(str(most))
        self.most, self.is_of_all = most, is_of_all


class NotTaken(Exception):
    """It is of a kind that is not taken: nothing that could run."""


class Empty(Exception):
    """It has no bytes, or fewer came than were announced."""


def rules() -> dict[str, Any]:
    """Return what the frame says, and looks at, before a file is sent."""
    return {"most": MOST, "bytes": MAX_BYTES, "megabytes": MAX_BYTES // 1024**2, "accept": ACCEPT}


def read(request: HttpRequest) -> bytes:
    """Read a file piece by piece, never more than one may have. Raises TooMuch, Empty."""
    announced = int(request.headers.get("content-length") or 0)
    found = bytearray()
    while announced <= MAX_BYTES and len(found) <= MAX_BYTES and (chunk := request.read(CHUNK)):
        found += chunk
    if announced > MAX_BYTES or len(found) > MAX_BYTES:
        raise TooMuch(MAX_BYTES)
    if not found or len(found) < announced:
        raise Empty
    return bytes(found)


def keep(visitor: Visitor, name: str, content: bytes, *, once: str) -> Upload:
    """Keep a file until it is sent; the same again for the same name of its browser (`once`). Raises TooMuch, NotTaken.

    Under the visitor's lock, so that many at once are not more than may wait.
    """
    content_type = kinds.type_of(content)
    filename = kinds.name_of(name, content_type)
    if content_type == kinds.UNKNOWN or PurePosixPath(filename).suffix.lower() in RUNNABLE:
        raise NotTaken(filename)
    key = hashlib.sha256(f"{visitor.key}:{once}".encode()).hexdigest()
    with transaction.atomic():
        Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk)
        known = Upload.objects.filter(channel=visitor.channel_id, idempotency_key=key).first()
        if known is not None:
            return known
        if _unsent_bytes(visitor) + len(content) > UNSENT_MAX_BYTES:
            raise TooMuch(UNSENT_MAX_BYTES, is_of_all=True)
        return Upload.objects.create(
            channel_id=visitor.channel_id, owner=visitor.key, idempotency_key=key, signed=secrets.token_hex(32),
            body_sha256=hashlib.sha256(content).hexdigest(), filename=filename, content_type=content_type,
            made_at=clock.real(), blob_id=Blob.keep(content),
        )  # fmt: skip


def name(visitor: Visitor, keys: list[str]) -> list[dict[str, Any]] | None:
    """Note that a message of this visitor names these, and return what it writes of them; None if one is not theirs."""
    rows = Upload.objects.filter(channel=visitor.channel_id, owner=visitor.key, key__in=keys)
    rows.filter(named_at=None, made_at__gt=clock.real() - VALID).update(named_at=clock.real())
    found = {row.key: row for row in rows.exclude(named_at=None).select_related("blob").defer("blob__content")}
    return [_said(found[key]) for key in keys] if found.keys() == set(keys) else None


def fetch(channel: "Channel", ref: str) -> Media:
    """Return what a visitor left here. Raises MediaGone."""
    rows = Upload.objects.filter(channel=channel, key=ref).exclude(blob__scan_state=Blob.Scan.INFECTED)
    upload = rows.select_related("blob").first()
    if upload is None:
        raise MediaGone(_("The file is not here any more."))
    return Media(bytes(upload.blob.content), upload.content_type, upload.filename)


def _said(upload: Upload) -> dict[str, Any]:
    sort = kinds.kind_of(upload.content_type)
    size = upload.blob.size_bytes
    return {"ref": upload.key, "type": sort, "mime": upload.content_type, "name": upload.filename, "size": size}


def _unsent_bytes(visitor: Visitor) -> int:
    rows = Upload.objects.filter(owner=visitor.key, named_at=None)
    return int(rows.aggregate(all=Sum("blob__size_bytes"))["all"] or 0)
