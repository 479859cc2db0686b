"""A segment while it is being built: what a page sent, and what the builder draws of it. Works without a script."""

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from agents.models import Agent
from conversations.lists import listing, segmenting
from customers import segments
from customers.folding import fold, tidy
from customers.models import Segment
from customers.segments import Condition, Fields, Row

FIRST_NAMES = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the builder. fields, ops, choices: (value, name); wrong: why it finds nobody."""

    place: int
    row: Row
    wants: str
    fields: list[tuple[str, Any]]
    ops: list[tuple[str, Any]]
    choices: list[tuple[str, Any]]
    wrong: str


@dataclass(slots=True)
class Built:
    """Everything the builder's templates are given. names: the first who fulfil it; None: nothing to ask yet."""

    name: str
    condition: Condition
    lines: list[Line]
    count: int | None = None
    names: list[listing.Line] = field(default_factory=list)
    wrong: str = ""
    mark: str = ""

    @property
    def is_full(self) -> bool:
        return len(self.lines) >= segments.ROWS_MAX


def built(segment: Segment, sent: QueryDict, agent: Agent, *, is_saving: bool = False) -> Built:
    """Read what a page sent over what is stored, and who would be found."""
    known = segmenting.fields()
    condition, name = _condition(segment, sent, known), sent.get("name", segment.name)[: Segment.NAME_MAX]
    lines = [_line(place, row, known, agent, is_saving=is_saving) for place, row in enumerate(condition.rows)]
    made = Built(name, condition, lines, mark=sent.get("mark", segmenting.mark_of(segment)))
    whole = tuple(row for row in condition.rows if _is_whole(row, known))
    if whole:
        rows = segmenting.found_by(Condition(condition.match, whole), agent, known)
        made.count = segmenting.count(rows)
        made.names = listing.lines(list(rows.order_by("-pk")[:FIRST_NAMES]), agent)
    return made


def save(segment: Segment, made: Built, *, by: Agent) -> bool:
    """Store what was built; return whether it fits. What does not is said in made.wrong."""
    name = tidy(made.name)
    if not fold(name):
        made.wrong = _("Give the segment a name.")
        return False
    try:
        condition = segments.check(made.condition, segmenting.fields(), by)
        segmenting.keep(segment, name, condition, by=by, known=made.mark)
    except segments.Unfit as unfit:
        made.wrong = str(unfit)
    except segmenting.NameTaken:
        made.wrong = _("Another segment has this name.")
    except segmenting.ChangedMeanwhile:
        made.wrong = _("A colleague changed this segment. Load the page again to see it.")
    return not made.wrong


def _condition(segment: Segment, sent: QueryDict, known: Fields) -> Condition:
    if "match" not in sent:
        stored = segments.read(segment.condition)
        return stored if stored and stored.rows else Condition(segments.ALL, (_fresh(known),))
    rows = [_row(sent, place, known) for place in range(segments.ROWS_MAX) if f"field-{place}" in sent]
    gone = sent.get("remove", "")
    if gone.isdecimal() and int(gone) < len(rows):
        del rows[int(gone)]
    if "add" in sent and len(rows) < segments.ROWS_MAX:
        rows.append(_fresh(known))
    return Condition(segments.ANY if sent["match"] == segments.ANY else segments.ALL, tuple(rows))


def _fresh(known: Fields) -> Row:
    first = next(iter(known))
    return Row(first, next(iter(known[first].ops)))


def _row(sent: QueryDict, place: int, known: Fields) -> Row:
    """Read a row; the comparison of another field becomes the first of this one."""
    slug, op = sent.get(f"field-{place}", ""), sent.get(f"op-{place}", "")
    value = sent.get(f"value-{place}", "").replace("\0", "").strip()[: segments.TEXT_MAX]
    if slug in known and op not in known[slug].ops:
        op = next(iter(known[slug].ops))
    same = sent.get(f"was-{place}", slug) == slug
    return Row(slug[: segments.TEXT_MAX], op[: segments.TEXT_MAX], value if same else "")


def _is_whole(row: Row, known: Fields) -> bool:
    """Whether a row asks anything yet; one of a field that is gone does, and finds nobody."""
    found = known.get(row.field)
    return found is None or row.op not in found.ops or not found.ops[row.op].wants or row.value not in ("", None)


def _line(place: int, row: Row, known: Fields, agent: Agent, *, is_saving: bool) -> Line:
    found = known.get(row.field)
    wrong = segments.trouble(row, known, agent) if is_saving or _is_whole(row, known) else ""
    fields: list[tuple[str, Any]] = [(slug, one.name) for slug, one in known.items()]
    if found is None or row.op not in found.ops:
        return Line(place, row, "", [(row.field, _("A field that is gone")), *fields], [], [], wrong)
    ops = [(slug, op.name) for slug, op in found.ops.items()]
    wants = found.ops[row.op].wants
    choices = [(str(value), name) for value, name in found.choices(agent)] if wants == "choice" else []
    if row.value and wants == "choice" and str(row.value) not in {value for value, _name in choices}:
        choices.insert(0, (str(row.value), _("no longer there") if wrong else str(row.value)))
    return Line(
        place, Row(row.field, row.op, "" if row.value is None else str(row.value)), wants, fields, ops, choices, wrong
    )
