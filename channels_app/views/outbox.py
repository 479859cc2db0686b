"""The held outbox of a restored desk: seen and released by administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.models import Agent
from agents.permissions import can
from channels_app import outbox as held


@login_required
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """Say what is held back and offer to let it go."""
    _administrator(request)
    return render(request, "channels_app/outbox.html", {"waiting": held.waiting()})


@login_required
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Let it go; what waited in the backup is sent only when asked for."""
    held.release(by=_administrator(request), sends_old=request.POST.get("send_old") == "1")
    messages.success(request, _("Replies leave again."))
    return redirect("outbox")


def _administrator(request: HttpRequest) -> Agent:
    if not (isinstance(request.user, Agent) and can(request.user, "administer")):
        raise PermissionDenied
    return request.user
