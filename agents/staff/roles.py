"""Which roles there are, and what each may: added, changed, taken away; each told in the audit rows.

What changed works from the next request; the sockets of everybody who has the role are closed and come again.
"""

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import audit, leaving
from agents.models import Agent, Role
from agents.staff.administering import Refused, differing, keep_an_administrator, named, one_at_a_time

ROLES_MAX, SLUG_MAX = 50, 44
# As agents.audit knows what is changed here.
THING = "roles"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may."""

    sight: str = Role.Sight.TEAMS
    reads_whole_timelines: bool = True
    can_reply: bool = True
    can_supervise: bool = False
    can_administer: bool = False


RIGHTS = tuple(right.name for right in fields(Rights))


def add(name: str, rights: Rights, *, by: Agent) -> Role:
    """Add a role. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        taken = list(Role.objects.values_list("name", "slug"))
        if len(taken) >= ROLES_MAX:
            raise Refused(_("There are %(n)d roles already. Delete one first.") % {"n": ROLES_MAX})
        name = named(name, Role.NAME_MAX, [one for one, _slug in taken])
        row = Role.objects.create(slug=_free_slug(name, {slug for _name, slug in taken}), name=name, **_plain(rights))
        audit.changed(by, THING, {}, _said(row))
        return row


def change(role: Role, name: str, rights: Rights, *, by: Agent) -> Role:
    """Rename a role and change what it may; its slug stays. Raises Refused. Locks the workspace's row.

    The administrators' own role stays as it is: everybody relies on it.
    """
    with one_at_a_time():
        row = _still(role)
        if row.slug == Role.ADMIN:
            raise Refused(_("This role stays as it is, so that there always is one that may do everything."))
        before = _said(row)
        row.name = named(name, Role.NAME_MAX, list(Role.objects.exclude(pk=row.pk).values_list("name", flat=True)))
        for right, value in _plain(rights).items():
            setattr(row, right, value)
        after = _said(row)
        if after == before:
            return row
        row.save(update_fields=["name", *RIGHTS])
        keep_an_administrator()
        audit.changed(by, THING, *differing(before, after, "role"))
        if any(before[right] != after[right] for right in RIGHTS):
            _tell_all(row)
        return row


def remove(role: Role, *, by: Agent) -> None:
    """Delete a role that nobody has and that is not built in. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        row = _still(role)
        if row.is_built_in:
            raise Refused(_("Roles that came with the desk cannot be deleted."))
        if count := row.agents.count():
            words = ngettext("%(n)d person has this role. Give them another one first.",
                             "%(n)d people have this role. Give them another one first.", count)  # fmt: skip
            raise Refused(words % {"n": count})
        before = _said(row)
        try:
            row.delete()
        except ProtectedError as error:
            raise Refused(_("Something still uses this role.")) from error
        audit.changed(by, THING, before, {})


def rights_of(role: Role) -> Rights:
    """Return what a role may."""
    return Rights(**{right: getattr(role, right) for right in RIGHTS})


def _still(role: Role) -> Role:
    row = Role.objects.filter(pk=role.pk).first()
    if row is None:
        raise Refused(_("This role was deleted in the meantime."))
    return row


def _tell_all(role: Role) -> None:
    for pk in role.agents.filter(is_active=True).values_list("pk", flat=True):
        leaving.tell(pk)


def _plain(rights: Rights) -> dict[str, Any]:
    return {right: getattr(rights, right) for right in RIGHTS}


def _said(role: Role) -> dict[str, Any]:
    return {"role": role.slug, "name": role.name, **_plain(rights_of(role))}


def _free_slug(name: str, taken: set[str]) -> str:
    base = slugify(name)[:SLUG_MAX].strip("-_") or "role"
    tries = (base, *(f"{base}-{n}" for n in range(2, ROLES_MAX + 2)))
    return next(slug for slug in tries if slug not in taken)
