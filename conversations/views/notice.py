"""The notices of incidents, for whoever looks after the desk: published, changed, ended and shown again."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Agent
from agents.permissions import oversees
from agents.settings_pages import SettingsPage, newest_change
from conversations.models import Notice
from conversations.notices import keeping
from conversations.notices.forms import NoticeForm
from conversations.views.access import is_fragment
from helpdesk.lib import clock

PAGE = SettingsPage(
    gettext_lazy("Notices"),
    gettext_lazy("What is wrong or late today: customers and colleagues read it before anybody has to ask."),
    "notices", "bell", keeping.THING,
)  # fmt: skip
# Of those that are over, so many are listed; all of them stand in the audit log.
OVER_MAX = 50


@login_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """List the notices: those that run, are planned, are over. ended: one that may be taken back."""
    _publisher(request)
    now, rows = clock.now(), Notice.objects.select_related("brand", "by").order_by("-starts_at", "-pk")
    coming = list(rows.unfinished(now))
    over = rows.exclude(pk__in=[row.pk for row in coming])[:OVER_MAX]
    groups = [
        (_("Running"), [row for row in coming if row.starts_at <= now], False),
        (_("Planned"), [row for row in reversed(coming) if row.starts_at > now], False),
        (_("Over"), list(over), True),
    ]
    ended = request.GET.get("ended", "")
    context = {
        "groups": [group for group in groups if group[1]], "page": PAGE, "section": "settings",
        "change": newest_change(PAGE.thing), "ended": next((row for row in over if str(row.pk) == ended), None),
    }  # fmt: skip
    return render(request, "conversations/notices.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice_new(request: HttpRequest) -> HttpResponseBase:
    """Publish a notice. 422: it cannot be so."""
    me = _publisher(request)
    form = NoticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = keeping.make(form.wanted, by=me)
        messages.success(request, _("Published.") if row.is_running(clock.now()) else _("Planned."))
        return redirect("notices")
    return _page(request, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a notice. 422: it cannot be so."""
    me, row = _publisher(request), get_object_or_404(Notice.objects.select_related("brand", "by"), pk=pk)
    form = NoticeForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        keeping.change(row, form.wanted, by=me)
        messages.success(request, _("Saved."))
        return redirect("notices")
    return _page(request, form, row)


@login_required
@require_POST
def notice_preview(request: HttpRequest) -> HttpResponse:
    """Show how customers would read what is typed; nothing is kept."""
    _publisher(request)
    form = NoticeForm(request.POST)
    if not is_fragment(request):
        return _page(request, form, None, status=200)
    return render(request, "conversations/_notice_preview.html", {"preview": form.preview()})


@login_required
@require_POST
def notice_ending(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End it now; the list offers to take that back."""
    me, row = _publisher(request), get_object_or_404(Notice, pk=pk)
    was_on = keeping.end(row, by=me)
    return redirect(reverse("notices") + (f"?ended={row.pk}" if was_on else ""))


@login_required
@require_POST
def notice_reopening(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show it again."""
    me, row = _publisher(request), get_object_or_404(Notice, pk=pk)
    if keeping.reopen(row, by=me):
        messages.success(request, _("It is shown again."))
    return redirect("notices")


@login_required
@require_GET
def notice_bar(request: HttpRequest) -> HttpResponse:
    """Draw what everybody who works here is to know now."""
    return render(request, "conversations/_notice_bar.html")


def _publisher(request: HttpRequest) -> Agent:
    """Return who is signed in, if they look after the whole desk. 403."""
    if not (isinstance(request.user, Agent) and oversees(request.user)):
        raise PermissionDenied
    return request.user


def _page(request: HttpRequest, form: NoticeForm, row: Notice | None, *, status: int = 0) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form, "row": row, "is_over": row is not None and row.is_over(clock.now()), "preview": form.preview(),
        "section": "settings",
    }  # fmt: skip
    return render(request, "conversations/notice.html", context, status=status or (422 if form.errors else 200))
