"""Saved conditions over customers: their stored form, and what a condition may be made of.

Nothing that somebody typed is ever part of a look-up: a stored row names a field and a comparison of a fixed table,
and only its value goes to the database, as a value.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agents.models import Agent

VERSION = 1
ROWS_MAX, TEXT_MAX, DAYS_MAX = 20, 200, 3_650
ALL, ANY = "all", "any"
Choices = list[tuple[str, Any]]
NOBODY = Q(pk__in=[])


class Unfit(ValueError):
    """A value does not fit its field; the text is a sentence for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a condition as it is stored. value: text, a number or None."""

    field: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Rows of which all or any must be fulfilled."""

    match: str = ALL
    rows: tuple[Row, ...] = ()

    def stored(self) -> dict[str, Any]:
        """Return the form that is kept."""
        rows = [{"field": row.field, "op": row.op, "value": row.value} for row in self.rows]
        return {"version": VERSION, "match": self.match, "rows": rows}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a field is asked: by which comparison, with which value (that fits it), for whom."""

    op: str
    value: Any
    agent: Agent


@dataclass(frozen=True, slots=True)
class Op:
    """One comparison. wants: choice, text, number, date, days, or '' for no value."""

    name: "str | Promise"
    wants: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that customers are asked for. choices: what can be chosen, in the words of this agent's screen.

    has: whether a chosen value still exists for the agent, where the choices are not all that there is.
    """

    name: "str | Promise"
    ops: Mapping[str, Op]
    question: Callable[[Asked], Q]
    choices: Callable[[Agent], Choices] = lambda agent: []
    has: Callable[[str, Agent], bool] | None = None

    def knows(self, value: str, agent: Agent) -> bool:
        """Whether a value can be chosen."""
        return self.has(value, agent) if self.has else value in {str(one) for one, _name in self.choices(agent)}


Fields = Mapping[str, Field]


def read(stored: Any) -> Condition | None:
    """Return a stored condition; None for a version or a shape that this program does not know."""
    if not isinstance(stored, dict) or stored.get("version") != VERSION or stored.get("match") not in {ALL, ANY}:
        return None
    rows = stored.get("rows")
    if not isinstance(rows, list) or len(rows) > ROWS_MAX:
        return None
    if not all(isinstance(row, dict) and isinstance(row.get("field"), str) for row in rows):
        return None
    return Condition(stored["match"], tuple(Row(row["field"], str(row.get("op")), row.get("value")) for row in rows))


def question(condition: Condition | None, fields: Fields, agent: Agent) -> Q:
    """Return what finds those who fulfil a condition, as far as this agent may know; sight comes on top of it.

    What names nothing that exists finds nobody: in a condition of which all must be fulfilled, nobody at all.
    """
    if condition is None or not condition.rows:
        return NOBODY
    asked = [_ask(row, fields, agent) for row in condition.rows]
    return reduce(and_ if condition.match == ALL else or_, asked)


def trouble(row: Row, fields: Fields, agent: Agent) -> str:
    """Say why a row finds nobody; '' when nothing is wrong with it."""
    field = fields.get(row.field)
    if field is None or row.op not in field.ops:
        return _("This field is gone: nobody fulfils it.")
    try:
        fit(field, row.op, row.value, agent)
    except Unfit as unfit:
        return str(unfit)
    return ""


def fit(field: Field, op: str, value: Any, agent: Agent) -> Any:
    """Return a value as it is stored. Raises Unfit."""
    text = "" if value is None else str(value).replace("\0", "").strip()[:TEXT_MAX]
    reader = READERS.get(field.ops[op].wants)
    if reader is None:
        return None
    if not text:
        raise Unfit(_("Say what to compare with."))
    if field.ops[op].wants == "choice" and not field.knows(text, agent):
        raise Unfit(_("This is not to be chosen any more: nobody fulfils it."))
    return reader(text)


def check(condition: Condition, fields: Fields, agent: Agent) -> Condition:
    """Return a condition in its stored form. Raises Unfit when a row does not fit."""
    rows = []
    for row in condition.rows[:ROWS_MAX]:
        if wrong := trouble(row, fields, agent):
            raise Unfit(wrong)
        rows.append(Row(row.field, row.op, fit(fields[row.field], row.op, row.value, agent)))
    if not rows:
        raise Unfit(_("Add a condition."))
    return Condition(condition.match, tuple(rows))


def _ask(row: Row, fields: Fields, agent: Agent) -> Q:
    if trouble(row, fields, agent):
        return NOBODY
    field = fields[row.field]
    return field.question(Asked(row.op, fit(field, row.op, row.value, agent), agent))


def _number(text: str) -> str:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise Unfit(_("Write a number.")) from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise Unfit(_("Write a number."))
    return format(number, "f")[:40]


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Unfit(_("Choose a date.")) from error


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= DAYS_MAX:
        raise Unfit(_("Write a number of days, at most 3,650."))
    return int(text)


READERS: Mapping[str, Callable[[str], Any]] = {
    "choice": str, "text": str, "number": _number, "date": _date, "days": _days,
}  # fmt: skip


def either(questions: Iterable[Q]) -> Q:
    """Join questions of which one must be fulfilled."""
    return reduce(or_, questions, NOBODY)
