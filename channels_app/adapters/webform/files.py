"""Files that people choose on the page: told by their bytes, kept as uploads, named by their keys."""

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from channels_app.adapters.webform import limits
from conversations.models import Blob, Upload
from helpdesk.lib import clock
from helpdesk.lib import files as kinds
from helpdesk.lib.outbound import Media, MediaGone

if TYPE_CHECKING:
    from channels_app.models import Channel

MEGABYTE = 1024 * 1024
MOST, MOST_BYTES, ALL_BYTES = 10, 10 * MEGABYTE, 20 * MEGABYTE
SIZES = {"one": f"{MOST_BYTES // MEGABYTE} MB", "all": f"{ALL_BYTES // MEGABYTE} MB"}
VALID = timedelta(hours=24)
TAKEN = kinds.PICTURES | {
    "image/heic", "application/pdf", kinds.TEXT, "video/mp4", "video/quicktime",
    "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.oasis.opendocument.text",
}  # fmt: skip
# What a phone or a computer offers first; the bytes decide.
ACCEPT = "image/*,video/mp4,video/quicktime,application/pdf,text/plain,.doc,.docx,.odt,.heic"
GONE = gettext_noop("It was chosen on the page, but too long ago.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file that is kept here for the form that names it."""

    key: str
    name: str
    mime: str
    size: int
    sha256: str


class Capped(FileUploadHandler):
    """Lets no file be read further than it may be long, so that the words around it are still read."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.total, self.too_long = 0, list[str]()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin with a file."""
        super().new_file(*args, **kwargs)
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, unless it is one too many."""
        self.total += len(raw_data)
        if start + len(raw_data) > MOST_BYTES or self.total > ALL_BYTES:
            self.too_long.append(self.file_name or "")
            raise SkipFile
        self.content.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """Hand the whole file on."""
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content, self.field_name, self.file_name or "", self.content_type or "", file_size, self.charset
        )


def cap(request: HttpRequest) -> Capped:
    """Read a request's files by the rules above. To be called before its form is looked at."""
    handler = Capped(request)
    # Of agents the form was read already (agents.middleware.WithoutNul): what is too long is refused below.
    with contextlib.suppress(AttributeError):
        request.upload_handlers = [handler]
    return handler


def rules() -> str:
    """Say before anything is chosen what can be."""
    words = ngettext("Up to %(n)d file", "Up to %(n)d files", MOST) % {"n": MOST}
    more = _("%(one)s each, %(all)s together: photos, short films, PDF, text, Word or OpenDocument.")
    return f"{words}, {more % SIZES}"


def kept(channel: "Channel", keys: list[str]) -> list[Chosen]:
    """Return what was chosen earlier and is still here, in the order in which it is named."""
    rows = Upload.objects.filter(channel=channel, key__in=keys[: 2 * MOST], made_at__gt=clock.real() - VALID)
    found = {row.key: row for row in rows.select_related("blob").defer("blob__content")}
    return [_chosen(found[key]) for key in dict.fromkeys(keys) if key in found]


def take(
    channel: "Channel", given: list["UploadedFile[bytes]"], *, before: list[Chosen], caller: str
) -> tuple[list[Chosen], list[str]]:
    """Keep what was chosen now; return all that is kept, and a sentence for each that is not."""
    taken, wrong = list(before), list[str]()
    for file in given:
        content = file.read()
        refused = _refusal(file.name or "", content, taken) or (
            "" if limits.spend(limits.FILES, caller) else _("Too many files came in this hour. Try again later.")
        )
        if refused:
            wrong.append(refused)
        elif content and hashlib.sha256(content).hexdigest() not in {one.sha256 for one in taken}:
            taken.append(_keep(channel, file.name or "", content))
    return taken, wrong


def too_long(name: str) -> str:
    """Say that a file is too large."""
    words = _("“%(name)s” was left out: a file has at most %(one)s, all together %(all)s.")
    return words % {"name": kinds.name_of(name, kinds.UNKNOWN)[:80], **SIZES}


def name(channel: "Channel", chosen: list[Chosen]) -> None:
    """Keep what a message names until it was filed."""
    keys = [one.key for one in chosen]
    Upload.objects.filter(channel=channel, key__in=keys, named_at=None).update(named_at=clock.real())


def fetch(channel: "Channel", ref: str) -> Media:
    """Return a file that was chosen on this channel's page. Raises MediaGone."""
    rows = Upload.objects.filter(channel=channel, key=ref).exclude(blob__scan_state=Blob.Scan.INFECTED)
    upload = rows.select_related("blob").first()
    if upload is None:
        raise MediaGone(GONE)
    return Media(bytes(upload.blob.content), upload.content_type, upload.filename)


def _refusal(called: str, content: bytes, taken: list[Chosen]) -> str:
    """Say why a file is not taken; '' where it is."""
    shown = {"name": kinds.name_of(called, kinds.UNKNOWN)[:80]}
    if len(taken) >= MOST:
        return _("“%(name)s” was left out: there are as many files as there can be.") % shown
    if len(content) > MOST_BYTES or sum(one.size for one in taken) + len(content) > ALL_BYTES:
        return too_long(called)
    if content and kinds.type_of(content) not in TAKEN:
        return _("“%(name)s” was left out: it is none of the kinds of file that can be added.") % shown
    return ""


def _keep(channel: "Channel", called: str, content: bytes) -> Chosen:
    mime = kinds.type_of(content)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        upload = Upload.objects.create(
            channel=channel, body_sha256=sha256, made_at=clock.real(), content_type=mime,
            filename=kinds.name_of(called, mime), blob_id=Blob.keep(content),
            # Nobody signs what is chosen here: each is its own.
            signed=secrets.token_hex(32),
        )  # fmt: skip
    return Chosen(upload.key, upload.filename, mime, len(content), sha256)


def _chosen(row: Upload) -> Chosen:
    return Chosen(row.key, row.filename, row.content_type, row.blob.size_bytes, row.blob_id)
