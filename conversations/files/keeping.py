"""What becomes of a file that a provider still has: claimed, kept, tried again, given up. Rows only, no network."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet

from agents.models import Workspace
from conversations import timeline
from conversations.locks import lock_customer_row
from conversations.models.attachment import Attachment, Blob
from helpdesk.lib import clock, sql
from helpdesk.lib import files as kinds
from helpdesk.lib.queue import ring

FETCH = "channels_app.fetch_media"
RETRY_SECONDS = (10, 60, 300, 1_800)
# Longer than any fetch takes; after it whoever claimed the file is dead.
CLAIM = timedelta(minutes=5)
FALLBACKS = {"image": "photo", "audio": "audio", "voice": "voice", "video": "video", "sticker": "sticker"}
# What somebody shared: a picture or a film where the provider gives one, else a link and no file at all.
LINKS = frozenset({"share", "reel", "ig_reel", "ig_post", "post", "link", "fallback", "template", "product"})
HEAD = "SELECT substring(content FROM 1 FOR 8192) FROM conversations_blob WHERE sha256 = %(pk)s"

State = Attachment.State


@dataclass(frozen=True, slots=True)
class Kept:
    """A file's content and what was seen of it. seen: width, height, seconds; thumbnail: WebP, or none."""

    content: bytes
    name: str = ""
    thumbnail: bytes = b""
    seen: dict[str, Any] | None = None


def due() -> "QuerySet[Attachment]":
    """Files to be fetched now, of channels that work; the oldest first. None while the outbox is held."""
    return (
        Attachment.objects.filter(~Exists(Workspace.held()), _is_time(), state=State.WAITING)
        .exclude(entry__message__channel__state="down")
        .order_by(F("next_try_at").asc(nulls_first=True), "pk")
    )


def claim(pk: int) -> Attachment | None:
    """Take a file to fetch it; None when it is not waiting or somebody else has it. A compare-and-set."""
    rows = Attachment.objects.filter(_is_time(), pk=pk, state=State.WAITING)
    if rows.update(attempts=F("attempts") + 1, next_try_at=clock.real() + CLAIM) != 1:
        return None
    return Attachment.objects.select_related("entry__message__channel").get(pk=pk)


def keep(file: Attachment, kept: Kept) -> bool:
    """Store a content that was fetched and show it; return whether this claim still counted."""
    content_type = kinds.type_of(kept.content)
    given = file.source.get("name") or kept.name
    changes = {
        "filename": kinds.name_of(str(given or ""), content_type, FALLBACKS.get(file.kind, "file")),
        "content_type": content_type,
        "source": {**_without_error(file.source), **(kept.seen or {})},
    }
    with transaction.atomic():
        lock_customer_row(file.entry.customer_id)
        if not _is_ours(file):
            return False
        if kept.thumbnail:
            changes["thumbnail_id"] = Blob.keep(kept.thumbnail)
        _settle(file, state=State.HERE, blob_id=Blob.keep(kept.content), **changes)
    return True


def keep_link(file: Attachment) -> None:
    """Show what somebody shared as the link that it is."""
    with transaction.atomic():
        lock_customer_row(file.entry.customer_id)
        if _is_ours(file):
            _settle(file, state=State.HERE, source=_without_error(file.source))


def fail(file: Attachment, sentence: str, *, may_retry: bool, after_seconds: int | None = None) -> str:
    """Try again later, or say why it is not to be had; return the state. sentence: marked for translation."""
    with transaction.atomic():
        lock_customer_row(file.entry.customer_id)
        if not _is_ours(file):
            return State.UNAVAILABLE
        if may_retry and file.attempts <= len(RETRY_SECONDS):
            seconds = max(RETRY_SECONDS[file.attempts - 1], after_seconds or 0)
            Attachment.objects.filter(pk=file.pk).update(next_try_at=clock.real() + timedelta(seconds=seconds))
            return State.WAITING
        _settle(file, state=State.UNAVAILABLE, source={**file.source, "error": sentence})
    return State.UNAVAILABLE


def ask_again(file: Attachment) -> bool:
    """Let a file that was given up be fetched once more; return whether it had been."""
    with transaction.atomic():
        lock_customer_row(file.entry.customer_id)
        rows = Attachment.objects.filter(pk=file.pk, state=State.UNAVAILABLE, entry__message__deleted_at=None)
        changes = {"state": State.WAITING, "attempts": 0, "next_try_at": None}
        if rows.update(source=_without_error(file.source), **changes) != 1:
            return False
        timeline.touch(file.entry)
        ring(FETCH, file.pk)
    return True


def type_of_kept(file: Attachment) -> str:
    """Tell what a stored file is by its first bytes; UNKNOWN for one that is not here."""
    row = sql.run(HEAD, {"pk": file.blob_id}).fetchone()
    return kinds.type_of(bytes(row[0])) if row else kinds.UNKNOWN


def _is_time() -> Q:
    return Q(next_try_at=None) | Q(next_try_at__lte=clock.real())


def _is_ours(file: Attachment) -> bool:
    """Whether the claim under which a file was fetched still counts. Under its customer's lock."""
    return Attachment.objects.filter(
        pk=file.pk, state=State.WAITING, attempts=file.attempts, entry__message__deleted_at=None
    ).exists()


def _settle(file: Attachment, **changes: Any) -> None:
    Attachment.objects.filter(pk=file.pk).update(next_try_at=None, **changes)
    timeline.touch(file.entry)


def _without_error(source: dict[str, Any]) -> dict[str, Any]:
    return {**source, "error": ""}
