"""The settings of hours, for administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.hours import counting, keeping, saying
from agents.hours.forms import CalendarForm, ChoiceForm
from agents.models import Agent, Calendar
from agents.settings_pages import SettingsPage, administrator, newest_change
from agents.staff.administering import Refused
from helpdesk.lib import clock

PAGE = SettingsPage(
    gettext_lazy("Hours"), gettext_lazy("When you work: hours, holidays, and whose they are."), "hours", "clock",
    keeping.THING,
)  # fmt: skip


@login_required
@require_GET
def hours(request: HttpRequest) -> HttpResponse:
    """List the calendars with how it is now, and choose which counts where."""
    administrator(request)
    return _list(request, ChoiceForm())


@login_required
@require_POST
def calendar_choice(request: HttpRequest) -> HttpResponseBase:
    """Choose which calendar counts on the whole desk and for brands. 422: there is no such calendar."""
    me, form = administrator(request), ChoiceForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    keeping.choose(form.cleaned_data["default"], form.of_brands(), by=me)
    return _done(request, _("Saved."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_new(request: HttpRequest) -> HttpResponseBase:
    """Add a calendar. 422: it cannot be so."""
    return _edit(request, administrator(request), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a calendar. 422: it cannot be so."""
    return _edit(request, administrator(request), get_object_or_404(Calendar, pk=pk))


@login_required
@require_POST
def calendar_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a calendar. 409: something counts by it."""
    me = administrator(request)
    row = get_object_or_404(Calendar, pk=pk)
    try:
        keeping.remove(row, by=me)
    except Refused as refused:
        return _page(request, CalendarForm(None, row=row, zone=me.time_zone), row, refused=str(refused))
    return _done(request, _("Deleted."))


def _edit(request: HttpRequest, me: Agent, row: Calendar | None) -> HttpResponseBase:
    """Save it, or draw it again as it was typed: with a line more or less, or to see what it would mean (act)."""
    act = request.POST.get("act", "")
    form = CalendarForm(request.POST or None, row=row, zone=me.time_zone, act=act)
    if request.method == "POST" and not act and form.is_valid():
        try:
            if row is None:
                keeping.add(form.wanted(), by=me)
            else:
                keeping.change(row, form.wanted(), by=me)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return _done(request, _("Saved.") if row else _("Added."))
    return _page(request, form, row, status=422 if request.method == "POST" and not act else 200)


def _done(request: HttpRequest, words: str) -> HttpResponseBase:
    messages.success(request, words)
    return redirect("hours")


def _list(request: HttpRequest, form: ChoiceForm) -> HttpResponse:
    rows = list(Calendar.objects.prefetch_related("holidays").order_by("name"))
    uses = keeping.uses(rows)
    context: dict[str, Any] = {
        "rows": [(row, _outlook_of(row), uses[row.pk]) for row in rows], "form": form, "page": PAGE,
        "change": newest_change(PAGE.thing), "section": "settings",
    }  # fmt: skip
    return render(request, "agents/hours/hours.html", context, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, form: CalendarForm, row: Calendar | None, *, refused: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "form": form, "row": row, "uses": keeping.uses([row])[row.pk] if row else [], "refused": refused,
        "outlook": _outlook(form, row), "section": "settings",
    }  # fmt: skip
    return render(request, "agents/hours/calendar.html", context, status=409 if refused else status)


def _outlook(form: CalendarForm, row: Calendar | None) -> saying.Outlook | None:
    """Tell what is typed would mean, or how the saved one is; nothing of what is wrong or not there yet."""
    if not form.is_bound:
        return _outlook_of(row) if row else None
    if not form.is_valid():
        return None
    wanted = form.wanted()
    typed = Calendar(
        time_zone=wanted.time_zone, is_always_open=wanted.is_always_open, country=wanted.country,
        subdivision=wanted.subdivision,
    )  # fmt: skip
    found = counting.hours(typed, wanted.week, ((day.on, day.slots) for day in wanted.own))
    return saying.outlook(found, saying.coming(typed, saying.days_of(wanted.own), clock.now()), clock.now())


def _outlook_of(row: Calendar) -> saying.Outlook:
    days = saying.coming(row, saying.own_days(row), clock.now())
    return saying.outlook(counting.hours_of(row), days, clock.now())
