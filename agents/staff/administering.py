"""What changes of roles, teams and people have in common: one after the other, and somebody still administers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agents.models import Agent, Workspace
from helpdesk.lib.names import clean_name


class Refused(ValueError):
    """It cannot be so; its text says why in the reader's language. `field`: of the form."""

    def __init__(self, words: str, field: str | None = None) -> None:
        super().__init__(words)
        self.field = field


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Change who may do what in a transaction of its own; undone as a whole by Refused.

    Locks the workspace's row: two who take each other's right to administer away wait for each other.
    """
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=Workspace.get().pk)
        yield


def keep_an_administrator() -> None:
    """Refuse what leaves nobody who may administer and can sign in. Within one_at_a_time. Raises Refused."""
    may = Agent.objects.filter(Q(role__can_administer=True) | Q(is_superuser=True), is_active=True)
    # Whoever was invited and never came cannot let anybody in.
    if not may.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists():
        raise Refused(_("Somebody must be left who may administer. Let another person administer first."))


def named(text: str, longest: int, others: list[str]) -> str:
    """Return a name with single spaces that nobody else has. Raises Refused."""
    name = clean_name(text)
    if not name:
        raise Refused(_("Write a name."), "name")
    if len(name) > longest:
        raise Refused(_("A name has at most %(n)d characters.") % {"n": longest}, "name")
    if any(one.casefold() == name.casefold() for one in others):
        raise Refused(_("This name is taken."), "name")
    return name


def belonging(row: models.Model, *besides: type[models.Model]) -> list[tuple[str, int]]:
    """Return what belongs to a row, besides some kinds, and how much of it: (what, count), whatever room it is of."""
    found = []
    for relation in row._meta.related_objects:
        model: Any = relation.related_model
        if model in besides or relation.many_to_many:
            continue
        if count := model._default_manager.filter(**{relation.field.name: row}).count():
            found.append((_(str(model._meta.verbose_name_plural)), count))
    return found


def listed(left: list[tuple[str, int]]) -> str:
    """Write down what belongs to something."""
    return ", ".join(f"{what}: {count}" for what, count in left) or "?"


def differing(before: dict[str, Any], after: dict[str, Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both with what differs alone, and with what the thing is called."""
    changed = {key for key in before if before[key] != after[key]} | {name}
    return {key: before[key] for key in before if key in changed}, {key: after[key] for key in after if key in changed}
