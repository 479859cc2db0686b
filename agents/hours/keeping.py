"""Which calendars there are: added, changed, taken away, and chosen; each told in the audit rows."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import available_timezones

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from agents import audit
from agents.hours import feasts, writing
from agents.models import Agent, Brand, Calendar, Holiday, Workspace
from agents.staff.administering import Refused, differing, named, one_at_a_time
from helpdesk.lib.hours import Slots
from helpdesk.lib.names import clean_name

CALENDARS_MAX, OWN_DAYS_MAX, NAMED_MAX = 100, 100, 20
# As agents.audit knows what is changed here.
THING = "hours"
CLOSED: Slots = ()


@dataclass(frozen=True, slots=True)
class OwnDay:
    """A day that differs, whatever its weekday or feast. No slots: closed."""

    on: date
    name: str
    slots: Slots = CLOSED


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a calendar shall be. week: slots from Monday to Sunday."""

    name: str
    time_zone: str
    week: tuple[Slots, ...] = (CLOSED,) * 7
    is_always_open: bool = False
    country: str = ""
    subdivision: str = ""
    own: tuple[OwnDay, ...] = ()


def add(wanted: Wanted, *, by: Agent | None) -> Calendar:
    """Add a calendar. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        if Calendar.objects.count() >= CALENDARS_MAX:
            raise Refused(_("There are %(n)d calendars already. Delete one first.") % {"n": CALENDARS_MAX})
        row = Calendar()
        _fill(row, wanted)
        audit.changed(by, THING, {}, _said(row))
        return row


def change(calendar: Calendar, wanted: Wanted, *, by: Agent | None) -> Calendar:
    """Change a calendar; who counts by it does so from the next question on. Raises Refused. Locks as above."""
    with one_at_a_time():
        row = _still(calendar)
        before = _said(row)
        _fill(row, wanted)
        after = _said(row)
        if after != before:
            audit.changed(by, THING, *differing(before, after, "calendar"))
        return row


def remove(calendar: Calendar, *, by: Agent) -> None:
    """Delete a calendar that nobody uses. Raises Refused. Locks the workspace's row."""
    with one_at_a_time():
        row = _still(calendar)
        if uses([row])[row.pk]:
            raise Refused(_("This calendar is in use. Choose another one there first."))
        before = _said(row)
        try:
            with transaction.atomic():
                row.delete()
                # Foreign keys are looked at when a transaction ends: too late to say why.
                connection.check_constraints()
        except (ProtectedError, IntegrityError) as error:
            raise Refused(_("This calendar is in use. Choose another one there first.")) from error
        audit.changed(by, THING, before, {})


def choose(default: Calendar | None, of_brands: dict[int, Calendar | None], *, by: Agent | None) -> None:
    """Choose what counts where nothing nearer has a calendar, and for brands by their key. Locks as above."""
    with one_at_a_time():
        workspace = Workspace.get()
        chosen: list[tuple[Any, Calendar | None]] = [(workspace, default)]
        chosen += [(brand, of_brands[brand.pk]) for brand in Brand.objects.filter(pk__in=of_brands)]
        for row, calendar in chosen:
            if row.calendar == calendar:
                continue
            kind = {} if row is workspace else {"brand": row.name}
            before, row.calendar = row.calendar, calendar
            row.save(update_fields=["calendar"])
            audit.changed(by, THING, {**kind, "calendar": _name(before)}, {**kind, "calendar": _name(calendar)})


def uses(calendars: Iterable[Calendar]) -> dict[int, list[tuple[str, list[str]]]]:
    """Return what counts by each calendar, by its key, whatever room it is of: (what, the first names of it)."""
    found: dict[int, list[tuple[str, list[str]]]] = {calendar.pk: [] for calendar in calendars}
    for relation in Calendar._meta.related_objects:
        model: Any = relation.related_model
        if model is Holiday:
            continue
        rows = model._default_manager.filter(**{f"{relation.field.name}__in": found})
        for pk, group in groupby(sorted(rows, key=attrgetter("calendar_id")), key=attrgetter("calendar_id")):
            names = sorted(str(row) for row in group)
            found[pk].append((_(str(model._meta.verbose_name_plural)), names[:NAMED_MAX]))
    return found


def _still(calendar: Calendar) -> Calendar:
    row = Calendar.objects.filter(pk=calendar.pk).first()
    if row is None:
        raise Refused(_("This calendar was deleted in the meantime."))
    return row


def _fill(row: Calendar, wanted: Wanted) -> None:
    others = list(Calendar.objects.exclude(pk=row.pk).values_list("name", flat=True))
    row.name = named(wanted.name, Calendar.NAME_MAX, others)
    if wanted.time_zone not in available_timezones():
        raise Refused(_("There is no such time zone."), "time_zone")
    if (night := writing.overlap_in(wanted.week)) and not wanted.is_always_open:
        weekday, slot = night
        raise Refused(_("This begins before %(slot)s of the day before has ended.") % {"slot": slot}, f"day_{weekday}")
    if wanted.country and wanted.country not in dict(feasts.countries()):
        raise Refused(_("The holidays of this country are not known."), "country")
    if wanted.subdivision and wanted.subdivision not in dict(feasts.subdivisions(wanted.country)):
        raise Refused(_("This is no region of that country."), "subdivision")
    row.time_zone, row.is_always_open = wanted.time_zone, wanted.is_always_open
    row.country, row.subdivision = wanted.country, wanted.subdivision
    row.slots, row.version = writing.kept_week(wanted.week), uuid.uuid4()
    row.save()
    _keep_own_days(row, wanted.own)


def _keep_own_days(row: Calendar, own: tuple[OwnDay, ...]) -> None:
    if len(own) > OWN_DAYS_MAX:
        raise Refused(_("At most %(n)d days of its own.") % {"n": OWN_DAYS_MAX})
    if len({day.on for day in own}) < len(own):
        raise Refused(_("A day stands here twice."))
    row.holidays.all().delete()
    Holiday.objects.bulk_create(
        Holiday(calendar=row, on=day.on, name=clean_name(day.name, Holiday.NAME_MAX), slots=writing.kept(day.slots))
        for day in own
    )


def _said(row: Calendar) -> dict[str, Any]:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    week = dict(zip(days, map(writing.write, writing.week_of(row.slots)), strict=True))
    own = [" ".join(filter(None, (f"{day.on}", day.name, writing.write(writing.slots_of(day.slots)))))
           for day in row.holidays.order_by("on")]  # fmt: skip
    return {
        "calendar": row.name, "time_zone": row.time_zone, "is_always_open": row.is_always_open, **week,
        "country": row.country, "subdivision": row.subdivision, "own_days": own,
    }  # fmt: skip


def _name(calendar: Calendar | None) -> str:
    return calendar.name if calendar else ""
