"""The workspace's clock, for administrators of desks that play."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agents import timing
from agents.models import Agent, Workspace
from agents.settings_pages import SettingsPage, administrator, newest_change
from conversations import live

PAGE = SettingsPage(
    gettext_lazy("Clock"), gettext_lazy("Let time pass at once, to see what happens later: for practice only."),
    "clock", "clock", timing.THING,
)  # fmt: skip
UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}
COUNT_MAX = 366
REFUSALS = {
    "back": gettext_lazy("Time passes forward only: write how much."),
    "far": gettext_lazy("That is too far ahead."),
    "not here": gettext_lazy("Sandboxes are not allowed on this desk, so its clock stays."),
}


@login_required
@require_safe
@never_cache
def clock(request: HttpRequest) -> HttpResponse:
    """Show how far the clock is ahead."""
    administrator(request)
    context = {
        "page": PAGE, "change": newest_change(PAGE.thing), "can_play": timing.may_play(), "section": "settings",
        "ahead": Workspace.get().clock_offset_seconds, "most": COUNT_MAX,
    }  # fmt: skip
    return render(request, "conversations/clock.html", context)


@login_required
@require_POST
def clock_advance(request: HttpRequest) -> HttpResponseBase:
    """Move it ahead (count, unit), or back to the real time (unit=real)."""
    me, unit = administrator(request), request.POST.get("unit", "")
    given = request.POST.get("count", "")
    count = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0
    try:
        if unit == "real":
            ahead = timing.return_to_real(by=me)
        else:
            ahead = timing.advance(min(count, COUNT_MAX) * UNITS.get(unit, 0), by=me)
    except timing.Refused as refused:
        messages.error(request, str(REFUSALS[str(refused)]))
    else:
        _tell(ahead)
        messages.success(request, _("The clock was moved.") if ahead else _("The clock shows the real time."))
    return redirect("clock")


def _tell(ahead: int) -> None:
    """Let every page that stands move its clock."""
    for pk in Agent.objects.people().filter(is_active=True).values_list("pk", flat=True):
        live.nudge(f"agent.{pk}", "clock", ahead)
