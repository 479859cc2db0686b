"""Which custom fields customers have: added, changed, put in order, taken away; each told in the audit rows.

What stands in a customer's fields is changed by conversations.people. A field that is taken away takes its values
along without an entry on each timeline: the audit row says so once.
"""

from typing import Any

from django.db import transaction
from django.db.models import Count, F, Func, Q, TextField, Value
from django.db.models.functions import Cast
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import audit
from agents.models import Agent, Workspace
from customers import custom
from customers.models import Customer, CustomField

NAME_MAX, SLUG_MAX, BATCH = 80, 44, 1_000
WITH_CHOICES = {CustomField.Kind.CHOICE, CustomField.Kind.CHOICES}
# As agents.audit knows what is changed here.
THING = "custom_fields"


class Refused(ValueError):
    """It cannot be so; its text says why in the reader's language. `field`: of the form."""

    def __init__(self, words: str, field: str | None = None) -> None:
        super().__init__(words)
        self.field = field


class Counted(Exception):
    """More or fewer customers than the page said have a value by now; `count` is how many."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


def add(name: str, kind: str, choices: str = "", *, by: Agent) -> CustomField:
    """Add a field at the end. choices: one a line. Raises Refused. Locks the workspace's row."""
    with transaction.atomic():
        rows = _locked()
        if len(rows) >= custom.FIELDS_MAX:
            raise Refused(_("There are %(n)d fields already. Take one away first.") % {"n": custom.FIELDS_MAX})
        name = _name(name, rows)
        listed = _choices(kind, choices)
        place = rows[-1].position + 1 if rows else 0
        row = CustomField.objects.create(
            slug=_free_slug(name, rows), name=name, kind=kind, choices=listed, position=place
        )
        audit.changed(by, THING, {}, _said(row))
        return row


def change(field: CustomField, name: str, kind: str, choices: str = "", *, by: Agent) -> CustomField:
    """Rename a field, change its kind or its choices; its slug stays. Raises Refused. Locks the workspace's row.

    A kind, or a choice, that customers have stays.
    """
    with transaction.atomic():
        rows = _locked()
        row = next((one for one in rows if one.pk == field.pk), None)
        if row is None:
            raise Refused(_("This field was taken away in the meantime."))
        before = _said(row)
        row.name, listed = _name(name, [one for one in rows if one.pk != row.pk]), _choices(kind, choices)
        _refuse_in_use(row, kind, listed)
        row.kind, row.choices = kind, listed
        if _said(row) != before:
            row.save(update_fields=["name", "kind", "choices"])
            audit.changed(by, THING, before, _said(row))
        return row


def move(field: CustomField, *, by: Agent, is_up: bool) -> bool:
    """Let a field change places with its neighbour; return whether it had one. Locks the workspace."""
    with transaction.atomic():
        rows = _locked()
        at = next((place for place, row in enumerate(rows) if row.pk == field.pk), -1)
        to = at - 1 if is_up else at + 1
        if at < 0 or not 0 <= to < len(rows):
            return False
        before = [row.slug for row in rows]
        rows[at], rows[to] = rows[to], rows[at]
        for place, row in enumerate(rows):
            row.position = place
        CustomField.objects.bulk_update(rows, ["position"])
        audit.changed(by, THING, {"order": before}, {"order": [row.slug for row in rows]})
        return True


def remove(field: CustomField, *, by: Agent, known: int) -> None:
    """Take a field away, and what customers have in it. Safe to call again when it broke off half way.

    known: how many customers with a value the page spoke of. Raises Counted when it is another number.
    Locks customers, some at a time.
    """
    count = count_of(field)
    if count != known:
        raise Counted(count)
    _forget(field.slug)
    with transaction.atomic():
        gone, _rows = CustomField.objects.filter(pk=field.pk).delete()
        if gone:
            audit.changed(by, THING, {**_said(field), "customers": count}, {})
    # What was saved while the others went.
    _forget(field.slug)


def counts(rows: list[CustomField]) -> dict[int, int]:
    """Return how many customers have a value, by field: one question."""
    asked = {f"n{row.pk}": Count("pk", filter=Q(custom__has_key=row.slug)) for row in rows}
    found = Customer.objects.present().exclude(custom={}).aggregate(**asked) if rows else {}
    return {row.pk: found[f"n{row.pk}"] for row in rows}


def count_of(field: CustomField) -> int:
    """Return how many customers have a value in a field."""
    return Customer.objects.present().with_detail(field.slug).count()


def _locked() -> list[CustomField]:
    """Lock the workspace's row: fields that do not exist yet cannot be locked, and are read only then."""
    Workspace.objects.select_for_update(no_key=True).get(pk=Workspace.get().pk)
    return custom.fields()


def _name(text: str, others: list[CustomField]) -> str:
    try:
        name = " ".join(custom.readable(text, NAME_MAX).split())
    except custom.Wrong as wrong:
        raise Refused(str(wrong), "name") from wrong
    if not name:
        raise Refused(_("Write a name."), "name")
    if any(one.name.casefold() == name.casefold() for one in others):
        raise Refused(_("There is a field of this name already."), "name")
    return name


def _choices(kind: str, text: str) -> list[str]:
    if kind not in WITH_CHOICES:
        return []
    try:
        lines = custom.readable(text, custom.CHOICES_MAX * (custom.CHOICE_MAX + 1)).splitlines()
        listed = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in lines))))
    except custom.Wrong as wrong:
        raise Refused(str(wrong), "choices") from wrong
    if not listed:
        raise Refused(_("Write the choices, each on a line of its own."), "choices")
    if len(listed) > custom.CHOICES_MAX or max(map(len, listed)) > custom.CHOICE_MAX:
        words = _("At most %(n)d choices, each of at most %(long)d characters.")
        raise Refused(words % {"n": custom.CHOICES_MAX, "long": custom.CHOICE_MAX}, "choices")
    return listed


def _refuse_in_use(row: CustomField, kind: str, listed: list[str]) -> None:
    """What is kept must go on fitting; customers who were merged into others count too, for an undo."""
    if kind != row.kind and (n := Customer.objects.with_detail(row.slug).count()):
        words = ngettext("%(n)d customer has a value here, so the kind stays.",
                         "%(n)d customers have a value here, so the kind stays.", n)  # fmt: skip
        raise Refused(words % {"n": n}, "kind")
    if kind not in WITH_CHOICES:
        return
    for gone in (one for one in row.choices if one not in listed):
        if n := Customer.objects.with_choice(row.slug, gone).count():
            words = ngettext("%(n)d customer has “%(choice)s”, so it stays in the list.",
                             "%(n)d customers have “%(choice)s”, so it stays in the list.", n)  # fmt: skip
            raise Refused(words % {"n": n, "choice": gone}, "choices")


def _free_slug(name: str, rows: list[CustomField]) -> str:
    taken, base = {row.slug for row in rows}, slugify(name)[:SLUG_MAX].strip("-_") or "field"
    tries = (base, *(f"{base}-{n}" for n in range(2, custom.FIELDS_MAX + 2)))
    return next(slug for slug in tries if slug not in taken)


def _said(row: CustomField) -> dict[str, Any]:
    # The slug is called `field` here: what is called a key or a token is not kept by audit rows.
    return {"field": row.slug, "name": row.name, "kind": row.kind, "choices": row.choices}


def _forget(slug: str) -> None:
    without = Func(F("custom"), Cast(Value(slug), TextField()), template="%(expressions)s", arg_joiner=" - ")
    while True:
        with transaction.atomic():
            found = Customer.objects.with_detail(slug).select_for_update(no_key=True).order_by("pk")
            batch = list(found.values_list("pk", flat=True)[:BATCH])
            Customer.objects.filter(pk__in=batch).update(custom=without)
        if len(batch) < BATCH:
            return
