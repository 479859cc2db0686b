"""Exports that administrators ask for on a page: written by a worker, one at a time, and kept for some days."""

import contextlib
import os
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q

from agents import audit
from agents.models import Agent, ExportRun
from helpdesk.backups.archive import Refused
from helpdesk.exports import loading, making
from helpdesk.lib import clock, failpoints
from helpdesk.lib.advisory import Space, session_lock
from helpdesk.lib.queue import ring, ring_now

THING, TASK = "export", "helpdesk.export"
ATTEMPTS_MAX = 3
BEAT_SECONDS = 1.0
# A worker that says nothing for so long is dead, or so is the ring.
SILENCE = timedelta(seconds=60)
ASKING, WRITING = 1, 2
State = ExportRun.State


def ask(*, by: Agent) -> ExportRun:
    """Ask for an export; one that is under way is returned as it is. Audited."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Space.EXPORTS.value, ASKING])
        under_way = ExportRun.objects.filter(state__in=[State.WAITING, State.RUNNING]).first()
        if under_way is not None:
            return under_way
        run = ExportRun.objects.create(by=by, rows_about=making.rows_about())
        audit.changed(by, THING, {}, {"export": run.pk, "act": "asked for"})
        ring(TASK, run.pk)
        return run


def write(pk: int) -> None:
    """Write one export. Safe to call twice and at once: the second finds the lock held or the work done."""
    with session_lock(Space.EXPORTS, WRITING) as is_me:
        if not is_me:
            return
        to_do = ExportRun.objects.filter(pk=pk, state__in=[State.WAITING, State.RUNNING])
        claim = {"state": State.RUNNING, "beaten_at": clock.real(), "attempts": F("attempts") + 1, "rows_done": 0}
        if not to_do.filter(attempts__lt=ATTEMPTS_MAX).update(**claim):
            to_do.update(state=State.FAILED, error="The worker ended three times while it wrote this.")
            return
        _write(ExportRun.objects.get(pk=pk))


def sweep() -> int:
    """Ring for what nobody writes, remove what was kept long enough; return how many were found."""
    silent_since = clock.real() - SILENCE
    is_left = Q(state=State.WAITING, asked_at__lt=silent_since) | Q(state=State.RUNNING, beaten_at__lt=silent_since)
    left = list(ExportRun.objects.filter(is_left).order_by("pk").values_list("pk", flat=True))
    for pk in left:
        ring_now(TASK, pk)
    old = ExportRun.objects.filter(state=State.READY, ready_at__lt=clock.real() - timedelta(settings.EXPORT_KEEP_DAYS))
    return len(left) + sum(remove(run, by=None) for run in old)


def remove(run: ExportRun, *, by: Agent | None) -> bool:
    """Remove the file of an export; return whether it was there to remove. Audited."""
    with transaction.atomic():
        if not ExportRun.objects.filter(pk=run.pk, state=State.READY).update(state=State.REMOVED):
            return False
        audit.changed(by, THING, {}, {"export": run.pk, "act": "removed"})
    path_of(run).unlink(missing_ok=True)
    return True


def hand_out(run: ExportRun, *, by: Agent) -> Path | None:
    """Return the file for somebody who may have it, None when it is not there; written down who took it."""
    path = path_of(run)
    if run.state != State.READY or not path.is_file():
        return None
    audit.changed(by, THING, {}, {"export": run.pk, "act": "downloaded", "file": run.file})
    return path


def path_of(run: ExportRun) -> Path:
    """Return where the file of an export stands."""
    return Path(settings.EXPORT_DIR) / run.file


def _write(run: ExportRun) -> None:
    run.file = making.named_by_time()
    path = path_of(run)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What an earlier try left when its worker was killed.
        for partial in path.parent.glob(".telaio-*.part"):
            partial.unlink(missing_ok=True)
        manifest = making.make(path, told=_beat(run.pk))
        size = path.stat().st_size
    except (Refused, OSError, DatabaseError) as problem:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        said = os.strerror(problem.errno) if isinstance(problem, OSError) and problem.errno else str(problem)
        ExportRun.objects.filter(pk=run.pk).update(state=State.FAILED, error=said[:500])
        return
    failpoints.reach("export.written")
    ExportRun.objects.filter(pk=run.pk).update(
        state=State.READY, ready_at=clock.real(), file=run.file, size_bytes=size,
        rows_done=manifest.rows, digest=loading.digest(manifest), error="",
    )  # fmt: skip


def _beat(pk: int) -> making.Told:
    """Say now and then how far it is, and that somebody is at it."""
    last = 0.0

    def told(rows: int) -> None:
        nonlocal last
        if time.monotonic() - last >= BEAT_SECONDS:
            last = time.monotonic()
            ExportRun.objects.filter(pk=pk).update(rows_done=rows, beaten_at=clock.real())
            failpoints.reach("export.mid")

    return told
