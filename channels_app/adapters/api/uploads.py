"""Files that the other system leaves at `files/`, to name them in a message. Bytes say what they are."""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_noop as _

from channels_app.adapters.api import signing
from conversations.models import Blob, Upload
from helpdesk.lib import clock, sql
from helpdesk.lib import files as kinds
from helpdesk.lib.events import EventFile
from helpdesk.lib.outbound import Media, MediaGone

if TYPE_CHECKING:
    from channels_app.models import Channel

VALID = timedelta(hours=24)
FIELD = "file"


class Unfit(ValueError):
    """The body holds no whole file. A sentence for programmers."""


class Conflict(ValueError):
    """It came before: the same signature, or the same key with another body. A sentence for programmers."""


def take(channel: "Channel", request: HttpRequest) -> dict[str, Any]:
    """Keep the file of a signed call and say how to name it; the same again for the same key. Raises Unfit, Conflict.

    The signature was looked at already. Nothing is kept of what is refused.
    """
    name, content = _file_of(request)
    upload = _upload(channel, request)
    known = _known(upload)
    if known is None:
        upload.content_type = kinds.type_of(content)
        upload.filename = kinds.name_of(name, upload.content_type)
        with transaction.atomic():
            upload.blob_id = Blob.keep(content)
            sql.insert(upload, if_new=True)
            if upload.pk is None:
                # Somebody was faster with the same call: whatever we stored goes with this transaction.
                transaction.set_rollback(True)
        known = upload if upload.pk else _known(upload)
    return _said(known or upload, len(content))


def missing(channel: "Channel", given: dict[str, Any]) -> list[int]:
    """Return which of a message's attachments name no upload of this channel, or one that is over."""
    named = {place: one["upload_id"] for place, one in enumerate(given.get("attachments") or []) if "upload_id" in one}
    rows = Upload.objects.filter(channel=channel, key__in=named.values(), made_at__gt=clock.real() - VALID)
    found = set(rows.values_list("key", flat=True))
    return [place for place, key in named.items() if key not in found]


def name(channel: "Channel", given: dict[str, Any]) -> None:
    """Keep what a message names until it was filed."""
    keys = [one["upload_id"] for one in given.get("attachments") or [] if "upload_id" in one]
    if keys:
        Upload.objects.filter(channel=channel, key__in=keys, named_at=None).update(named_at=clock.real())


def complete(channel: "Channel", file: EventFile) -> EventFile:
    """Add to a file that was uploaded what its bytes said of it then."""
    upload = Upload.objects.filter(channel=channel, key=file.ref).first() if file.ref else None
    if upload is None:
        return file
    sort = file.type if file.type != "file" else kinds.kind_of(upload.content_type)
    return EventFile(type=sort, ref=file.ref, mime=upload.content_type, name=file.name or upload.filename)


def fetch(channel: "Channel", ref: str) -> Media:
    """Return a file that was uploaded to this channel. Raises MediaGone."""
    rows = Upload.objects.filter(channel=channel, key=ref).exclude(blob__scan_state=Blob.Scan.INFECTED)
    upload = rows.select_related("blob").first()
    if upload is None:
        raise MediaGone(_("It was not uploaded to this channel, or too long ago."))
    return Media(bytes(upload.blob.content), upload.content_type, upload.filename)


def _file_of(request: HttpRequest) -> tuple[str, bytes]:
    """Return the name and the bytes: of the one file of a form, or the body itself. Raises Unfit."""
    is_form = request.content_type == "multipart/form-data"
    name, content = _form_file(request) if is_form else (request.GET.get("filename", ""), request.body)
    if not content:
        raise Unfit("The file is empty.")
    return name, content


def _form_file(request: HttpRequest) -> tuple[str, bytes]:
    end = f"--{(request.content_params or {}).get('boundary', '')}--".encode("utf-8", "replace")
    # Django takes a form that was cut off for what it has of it.
    if not request.body.rstrip(b"\r\n").endswith(end):
        raise Unfit("The form is not whole: its last boundary is missing.")
    try:
        given = request.FILES.getlist(FIELD)
    except (MultiPartParserError, SuspiciousOperation):
        raise Unfit("The form cannot be read.") from None
    if len(given) != 1:
        raise Unfit("The form holds one file, in its field `file`.")
    return given[0].name or "", given[0].read()


def _upload(channel: "Channel", request: HttpRequest) -> Upload:
    at, _given = signing.read(request.headers.get(signing.HEADER, ""))
    body, key = hashlib.sha256(request.body).hexdigest(), request.headers.get("Idempotency-Key", "")
    return Upload(
        channel=channel, body_sha256=body, made_at=clock.real(),
        signed=hashlib.sha256(f"{at}.{body}".encode()).hexdigest(),
        idempotency_key=hashlib.sha256(key.encode("utf-8", "replace")).hexdigest() if key else None,
    )  # fmt: skip


def _known(wanted: Upload) -> Upload | None:
    """Return the upload that a call made before; None for a new call. Raises Conflict."""
    rows = list(Upload.objects.filter(
        Q(signed=wanted.signed) | Q(idempotency_key=wanted.idempotency_key, idempotency_key__isnull=False),
        channel=wanted.channel,
    ))  # fmt: skip
    same = [one for one in rows if wanted.idempotency_key and one.idempotency_key == wanted.idempotency_key]
    if any(one.body_sha256 != wanted.body_sha256 for one in same):
        raise Conflict("This Idempotency-Key came with another body before.")
    if rows and not same:
        raise Conflict("This very call came before. Sign it anew, or send an Idempotency-Key with every try.")
    return same[0] if same else None


def _said(upload: Upload, size: int) -> dict[str, Any]:
    return {
        "id": upload.key, "filename": upload.filename, "content_type": upload.content_type, "size_bytes": size,
        "sha256": upload.blob_id, "expires_at": (upload.made_at + VALID).isoformat(),
    }  # fmt: skip
