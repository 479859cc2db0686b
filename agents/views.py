"""An agent's own pages, and the way into the settings."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents import settings_pages
from agents.forms import PreferencesForm, ThemeForm
from agents.models import Agent


@login_required
def preferences(request: HttpRequest) -> HttpResponseBase:
    """Show and change one's language, time zone, theme, density and keys."""
    me = cast(Agent, request.user)
    form = PreferencesForm(request.POST or None, instance=me)
    if request.method == "POST" and form.is_valid():
        agent = form.save()
        with translation.override(agent.language):
            messages.success(request, _("Saved."))
        return redirect("preferences")
    status = 422 if form.errors else 200
    # A wrong answer must not change how this very page is drawn.
    me.refresh_from_db()
    return render(request, "agents/preferences.html", {"form": form, "section": "me"}, status=status)


@login_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme that the switch in the rail chose."""
    form = ThemeForm(request.POST, instance=cast(Agent, request.user))
    if not form.is_valid():
        return HttpResponse(status=422)
    form.save()
    return HttpResponse(status=204)


@login_required
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """List what an administrator can set; every room brings its own pages."""
    settings_pages.administrator(request)
    return render(request, "agents/settings.html", {"pages": settings_pages.pages(), "section": "settings"})
