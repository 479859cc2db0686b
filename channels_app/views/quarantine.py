"""What could not be read: seen by supervisors, with its raw bytes and a second try."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.models import Agent
from agents.permissions import can, sight_of
from channels_app import intake
from channels_app.models import RawEvent

PAGE = 50


@login_required
@require_GET
def quarantine(request: HttpRequest) -> HttpResponse:
    """List what is in quarantine, newest first."""
    _allow(request)
    rows = RawEvent.objects.filter(state=RawEvent.State.QUARANTINED).select_related("channel")
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.defer("body").order_by("-pk")[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    return render(request, "channels_app/quarantine.html", {"events": found[:PAGE], "older": older})


@login_required
@require_GET
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the raw bytes as a download that no browser runs."""
    _allow(request)
    event = get_object_or_404(RawEvent, pk=pk)
    response = HttpResponse(intake.body_of(event), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="event-{event.pk}.eml"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_required
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one again."""
    _allow(request)
    intake.replay(get_object_or_404(RawEvent, pk=pk))
    messages.success(request, _("It will be tried again now."))
    return redirect("quarantine")


def _allow(request: HttpRequest) -> None:
    """Raw bytes may belong to any team's customer: only those who see everything read them."""
    me = request.user
    if not (isinstance(me, Agent) and can(me, "supervise") and (sight_of(me).is_all or me.is_superuser)):
        raise PermissionDenied
