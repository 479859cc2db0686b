"""One import from its upload to its end: kept first, then checked, then filed by a worker in small transactions.

How far it is stands in the same transaction as what was done, so a worker may die at any moment: nothing is done
twice and nothing left out. One import works at a time; the others wait for their turn.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from agents import audit
from agents.models import Agent
from conversations.importing import mapping, reading
from conversations.importing.filing import Busy, Filer, Outcome
from conversations.importing.reading import Pieces, Row, Unreadable
from conversations.models.attachment import Blob
from conversations.models.importing import CustomerImport, ImportKey, ImportPart, ImportProblem
from helpdesk.lib import clock, failpoints
from helpdesk.lib.advisory import Space, session_lock
from helpdesk.lib.queue import ring, ring_now

THING, TASK = "import", "conversations.import_customers"
PIECE_BYTES = 4 * 1024 * 1024
BATCH_ROWS = 500
# A worker goes on for so long, then lets others have their turn and rings for the rest.
SLICE_SECONDS = 20.0
SILENCE = timedelta(seconds=30)
PREVIEW_ROWS = 5
State = CustomerImport.State
BLANK = {f"{name}_count": 0 for name in ("new", "updated", "unchanged", "refused")} | {"position": 0, "bytes_done": 0}


class Moved(Exception):
    """The import is not in a state in which this can be done."""


def keep(filename: str, pieces: Iterable[bytes], *, by: Agent | None) -> CustomerImport:
    """Store a file as it came, guess what is in it, and return its import. Raises Unreadable; nothing is kept then."""
    with transaction.atomic():
        run = CustomerImport.objects.create(by=by, filename=filename[:255] or "file.csv", encoding="utf-8-sig")
        for position, piece in enumerate(_even(pieces)):
            ImportPart.objects.create(run=run, position=position, blob_id=Blob.keep(piece))
            run.size_bytes += len(piece)
        if not run.size_bytes:
            raise Unreadable(_("The file is empty."))
        run.encoding = reading.guess_encoding(pieces_of(run))
        run.delimiter = reading.guess_delimiter(_beginning(run))
        _read_header(run)
        run.save()
        audit.changed(by, THING, {}, {"import": run.pk, "act": "uploaded", "file": run.filename})
        return run


def look_anew(run: CustomerImport, encoding: str, delimiter: str) -> CustomerImport:
    """Read a file otherwise than we guessed. Raises Unreadable, which names the line; Moved."""
    if encoding not in reading.ENCODINGS or delimiter not in reading.DELIMITERS:
        raise Unreadable(_("Choose how the file is encoded."))
    if line := reading.wrong_line(pieces_of(run), encoding):
        words = _("The file is not %(encoding)s: line %(line)d cannot be read.")
        raise Unreadable(words % {"encoding": reading.ENCODINGS[encoding], "line": line})
    with _held(run, State.NEW, State.CHECKED) as locked:
        locked.encoding, locked.delimiter, locked.state = encoding, delimiter, State.NEW
        _read_header(locked)
        locked.save()
        return locked


def check(run: CustomerImport, wanted: list[str]) -> None:
    """Go through all rows and change nothing. Raises mapping.Wrong, Moved."""
    mapping.check(wanted, len(run.header))
    with _held(run, State.NEW, State.CHECKED) as locked:
        locked.mapping = wanted
        _begin(locked, State.CHECKING)


def begin(run: CustomerImport, *, by: Agent | None) -> None:
    """File the rows of a checked file. Raises Moved. Audited."""
    with _held(run, State.CHECKED) as locked:
        _begin(locked, State.RUNNING)
        audit.changed(by, THING, {}, {"import": run.pk, "act": "begun", "file": run.filename})


def pause(run: CustomerImport) -> None:
    """Stop after the rows at hand. Raises Moved."""
    with _held(run, State.RUNNING) as locked:
        locked.state = State.PAUSED
        locked.save(update_fields=["state"])


def go_on(run: CustomerImport) -> None:
    """Go on where it stopped. Raises Moved."""
    with _held(run, State.PAUSED) as locked:
        locked.state, locked.beaten_at = State.RUNNING, clock.real()
        locked.save(update_fields=["state", "beaten_at"])
        ring(TASK, run.pk)


def cancel(run: CustomerImport, *, by: Agent | None) -> None:
    """Stop for good; what was filed stays. Raises Moved. Audited."""
    with _held(run, State.NEW, State.CHECKING, State.CHECKED, State.RUNNING, State.PAUSED) as locked:
        _end(locked, State.CANCELLED, by)


def work(pk: int, *, seconds: float = SLICE_SECONDS) -> None:
    """Go on with an import for some seconds, if it is its turn. Safe to call twice and at once."""
    with session_lock(Space.IMPORTS, 1) as is_me:
        if not is_me or _turn() != pk:
            return
        run = CustomerImport.objects.select_related("by").get(pk=pk)
        with translation.override(run.by.language if run.by else "en"):
            try:
                _work(run, time.monotonic() + seconds)
            except Unreadable as problem:
                _fail(run, str(problem))
            except Busy:
                # Whoever is in the way is done in a moment.
                ring_now(TASK, pk, countdown_seconds=2)


def sweep() -> int:
    """Ring for the import whose turn it is, when no worker seems to be at it; return how many that is."""
    pk = _turn()
    silent = Q(beaten_at=None) | Q(beaten_at__lt=clock.real() - SILENCE)
    if pk is None or not CustomerImport.objects.filter(silent, pk=pk).exists():
        return 0
    ring_now(TASK, pk)
    return 1


def pieces_of(run: CustomerImport) -> Iterator[bytes]:
    """Return the file as it came, a piece at a time."""
    for pk in list(run.parts.order_by("position").values_list("blob", flat=True)):
        yield bytes(Blob.objects.values_list("content", flat=True).get(pk=pk))


def preview(run: CustomerImport) -> list[list[str]]:
    """Return the first rows as they are read now. Raises Unreadable."""
    rows = reading.rows_of(Pieces(pieces_of(run)), run.encoding, run.delimiter)
    width = len(run.header)
    return [(row.cells + [""] * width)[:width] for row in islice(rows, 1, 1 + PREVIEW_ROWS)]


def _work(run: CustomerImport, until: float) -> None:
    is_check = run.state == State.CHECKING
    filer = Filer(run, run.by, is_check=is_check)
    stream = Pieces(pieces_of(run))
    rows = islice(reading.rows_of(stream, run.encoding, run.delimiter), 1 + run.position, None)
    position = run.position
    while True:
        batch = list(islice(rows, BATCH_ROWS))
        if not _file(run, filer, batch, position, stream.passed):
            return
        failpoints.reach("import.mid")
        position += len(batch)
        if len(batch) < BATCH_ROWS:
            return
        if time.monotonic() > until:
            ring_now(TASK, run.pk)
            return


def _file(run: CustomerImport, filer: Filer, batch: list[Row], position: int, passed: int) -> bool:
    """File some rows and write down that it is done, in one transaction; return whether to go on."""
    with transaction.atomic():
        locked = CustomerImport.objects.select_for_update(no_key=True).get(pk=run.pk)
        if (locked.state, locked.position) != (run.state, position):
            return False
        outcome = filer.file(batch)
        failpoints.reach("import.batch")
        _note(locked, outcome, len(batch), passed)
        if len(batch) < BATCH_ROWS:
            _end(locked, State.CHECKED if filer.is_check else State.DONE, run.by)
        return True


def _note(locked: CustomerImport, outcome: Outcome, count: int, passed: int) -> None:
    ImportProblem.objects.bulk_create(
        ImportProblem(run=locked, row=row.number, line=row.line, why=why[:500], cells=_kept(row.cells))
        for row, why in outcome.problems
    )
    locked.position += count
    locked.bytes_done, locked.beaten_at = passed, clock.real()
    for name, more in outcome.counts.items():
        setattr(locked, f"{name}_count", getattr(locked, f"{name}_count") + more)
    locked.save()


def _begin(locked: CustomerImport, state: str) -> None:
    locked.problems.all().delete()
    ImportKey.objects.filter(run=locked).delete()
    for name, value in BLANK.items():
        setattr(locked, name, value)
    locked.state, locked.began_at, locked.beaten_at = state, clock.real(), None
    locked.save()
    ring(TASK, locked.pk)


def _end(locked: CustomerImport, state: str, by: Agent | None) -> None:
    locked.state, locked.ended_at = state, clock.real()
    ImportKey.objects.filter(run=locked).delete()
    if state == State.CHECKED:
        locked.checked = locked.counts
    else:
        audit.changed(by, THING, {}, {"import": locked.pk, "act": str(state), **locked.counts})
    locked.save()
    # The next one need not wait for the sweep.
    transaction.on_commit(lambda: _ring_next(locked.pk))


def _ring_next(done: int) -> None:
    pk = _turn()
    if pk is not None and pk != done:
        ring_now(TASK, pk, countdown_seconds=1)


def _fail(run: CustomerImport, why: str) -> None:
    with transaction.atomic():
        locked = CustomerImport.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.state == run.state:
            locked.error = why[:500]
            # What was only checked can be read otherwise; what ran has changed people.
            if locked.state == State.CHECKING:
                locked.state = State.NEW
                locked.save()
            else:
                _end(locked, State.FAILED, run.by)


def _turn() -> int | None:
    """Whose turn it is: who began first of those that are under way."""
    rows = CustomerImport.objects.filter(state__in=[State.CHECKING, State.RUNNING]).order_by("began_at", "pk")
    return rows.values_list("pk", flat=True).first()


def _read_header(run: CustomerImport) -> None:
    rows = reading.rows_of(Pieces(pieces_of(run)), run.encoding, run.delimiter)
    first = next(rows, None)
    if first is None or next(rows, None) is None:
        raise Unreadable(_("The file needs a line with the names of its columns, and at least one row."))
    run.header = _kept([cell.strip()[:200] for cell in first.cells])
    run.mapping, run.error = mapping.guess(run.header), ""


def _beginning(run: CustomerImport) -> str:
    piece = next(pieces_of(run))[: reading.SAMPLE_BYTES]
    return piece.decode(run.encoding, "ignore")


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return the same bytes in pieces of PIECE_BYTES."""
    pending = bytearray()
    for piece in pieces:
        pending += piece
        while len(pending) >= PIECE_BYTES:
            yield bytes(pending[:PIECE_BYTES])
            del pending[:PIECE_BYTES]
    if pending:
        yield bytes(pending)


def _kept(cells: list[str]) -> list[str]:
    """Return cells as JSON in PostgreSQL takes them."""
    return [cell[: reading.CELL_MAX].replace("\0", "\ufffd") for cell in cells]


@contextmanager
def _held(run: CustomerImport, *states: str) -> Iterator[CustomerImport]:
    with transaction.atomic():
        locked = CustomerImport.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.state not in states:
            raise Moved(str(locked.state))
        yield locked
