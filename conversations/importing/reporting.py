"""What is shown of an import: its columns with examples, and the rows that were not taken."""

from collections.abc import AsyncIterator
from typing import Any

from django.utils.translation import gettext as _

from conversations.importing import mapping, reading, running
from conversations.models.importing import CustomerImport
from helpdesk.lib import sheets

PROBLEMS_SHOWN = 50
DELIMITERS = {",": ",", ";": ";", "\t": "tab"}


def about(run: CustomerImport) -> dict[str, Any]:
    """Return what the page of an import shows beside its state."""
    can_choose = run.state in {run.State.NEW, run.State.CHECKED}
    rows = running.preview(run) if can_choose else []
    columns = [
        {"place": place, "name": name, "holds": holds, "examples": [row[place] for row in rows if row[place]][:3]}
        for place, (name, holds) in enumerate(zip(run.header, run.mapping, strict=False))
    ]
    return {
        "columns": columns if can_choose else [],
        "targets": mapping.targets() if can_choose else [],
        "encodings": reading.ENCODINGS,
        "delimiters": {word: _("Tab") if word == "tab" else word for word in DELIMITERS.values()},
        "delimiter": DELIMITERS.get(run.delimiter, ","),
        "problems": run.problems.order_by("row")[:PROBLEMS_SHOWN],
    }


def problem_lines(run: CustomerImport) -> AsyncIterator[str]:
    """Write the rows that were not taken, each with its place, the reason, and its cells as they were."""
    # Said now: while the answer is on its way nobody's language is set.
    return _problem_lines(run, sheets.BOM + sheets.line([_("Row"), _("Line"), _("Why"), *run.header]))


async def _problem_lines(run: CustomerImport, head: str) -> AsyncIterator[str]:
    yield head
    async for problem in run.problems.order_by("row").aiterator(chunk_size=500):
        yield sheets.line([problem.row, problem.line, problem.why, *problem.cells])
