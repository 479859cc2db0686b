"""The faces that the desk shows to customers: their names, languages and hours; each change told in the audit rows."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from agents import audit
from agents.models import Agent, Brand, Calendar
from agents.staff import administering
from agents.staff.administering import Refused, differing, named, one_at_a_time

BRANDS_MAX = 100
# As agents.audit knows what is changed here.
THING = "brands"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a brand shall be. is_default: from now on this one, where nobody says which; no way to say none."""

    name: str
    language: str
    calendar: Calendar | None = None
    allows_parallel_conversations: bool = False
    is_default: bool = False


def add(wanted: Wanted, *, by: Agent) -> Brand:
    """Add a brand. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        if Brand.objects.count() >= BRANDS_MAX:
            raise Refused(_("There are %(n)d brands already. Delete one first.") % {"n": BRANDS_MAX})
        row = Brand()
        _write(row, wanted)
        audit.changed(by, THING, {}, _said(row))
        return row


def change(brand: Brand, wanted: Wanted, *, by: Agent) -> Brand:
    """Change what customers see of a brand. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        row = _still(brand)
        before = _said(row)
        _write(row, wanted)
        after = _said(row)
        if after != before:
            audit.changed(by, THING, *differing(before, after, "name"))
        return row


def remove(brand: Brand, *, by: Agent) -> None:
    """Delete a brand that nothing belongs to. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        row = _still(brand)
        if row.is_default:
            raise Refused(_("What says no brand is of this one. Let another brand be the default first."))
        if left := administering.belonging(row):
            raise Refused(_holding_words(left))
        before = _said(row)
        try:
            with transaction.atomic():
                row.delete()
                # Foreign keys are looked at when a transaction ends: too late to say why.
                connection.check_constraints()
        except (ProtectedError, IntegrityError) as error:
            # Something came in at the same moment.
            raise Refused(_holding_words(administering.belonging(brand))) from error
        audit.changed(by, THING, before, {})


def _still(brand: Brand) -> Brand:
    row = Brand.objects.filter(pk=brand.pk).first()
    if row is None:
        raise Refused(_("This brand was deleted in the meantime."))
    return row


def _write(row: Brand, wanted: Wanted) -> None:
    others = Brand.objects.exclude(pk=row.pk)
    row.name = named(wanted.name, Brand.NAME_MAX, list(others.values_list("name", flat=True)))
    row.language, row.calendar = wanted.language, wanted.calendar
    row.allows_parallel_conversations = wanted.allows_parallel_conversations
    if wanted.is_default and not row.is_default:
        # There is exactly one, so the other ceases to be it first.
        others.filter(is_default=True).update(is_default=False)
        row.is_default = True
    row.save()


def _said(brand: Brand) -> dict[str, Any]:
    return {
        "name": brand.name, "language": brand.language, "calendar": brand.calendar.name if brand.calendar else "",
        "allows_parallel_conversations": brand.allows_parallel_conversations, "is_default": brand.is_default,
    }  # fmt: skip


def _holding_words(left: list[tuple[str, int]]) -> str:
    words = _("Something still belongs to this brand (%(what)s). Give it to another brand first.")
    return words % {"what": administering.listed(left)}
