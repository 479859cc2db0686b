"""What the settings consist of: each room names its pages in settings.SETTINGS_PAGES, and here they are read."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from agents.models import Agent, AuditRow
from agents.permissions import can


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One page of the settings. url: the name of its address; thing: as agents.audit knows what it changes."""

    name: str | Promise
    about: str | Promise
    url: str
    glyph: str
    thing: str


def pages() -> list[tuple[SettingsPage, AuditRow | None]]:
    """Return all pages with their newest change."""
    found = _all()
    rows = AuditRow.objects.filter(thing__in=[page.thing for page in found]).order_by("thing", "-at")
    newest = {row.thing: row for row in rows.distinct("thing").select_related("by")}
    return [(page, newest.get(page.thing)) for page in found]


def names() -> dict[str, str]:
    """Return what the pages are called in the reader's language, by what they change."""
    return {page.thing: str(page.name) for page in _all()}


def newest_change(thing: str) -> AuditRow | None:
    """Return who changed something last, and when."""
    return AuditRow.objects.filter(thing=thing).select_related("by").order_by("-at").first()


def administrator(request: HttpRequest) -> Agent:
    """Return who is signed in, if they may administer (views are behind login_required). 403."""
    if not (isinstance(request.user, Agent) and can(request.user, "administer")):
        raise PermissionDenied
    return request.user


def _all() -> list[SettingsPage]:
    return [import_string(path) for path in settings.SETTINGS_PAGES]
