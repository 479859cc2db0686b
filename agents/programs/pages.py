"""The pages of tokens: everybody's own, and for administrators all of them and the services."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Agent, ApiToken
from agents.programs import issuing
from agents.programs.forms import ServiceForm, TokenForm
from agents.settings_pages import SettingsPage, administrator, newest_change

PAGE = SettingsPage(
    gettext_lazy("Programs"),
    gettext_lazy("Services that work here by themselves, and all tokens that programs come in with."),
    "programs", "key", issuing.THING,
)  # fmt: skip
# More than this no page shows; what was used last stands first.
ROWS_MAX = 500


@login_required
@require_GET
def programs(request: HttpRequest) -> HttpResponse:
    """List the services, and the tokens of everybody that open something now."""
    administrator(request)
    services = Agent.objects.filter(is_service=True, is_active=True).prefetch_related("teams").order_by("name", "pk")
    context = {"services": services, "tokens": _listed(ApiToken.objects.all()), "page": PAGE}
    return _page(request, "programs.html", {**context, "change": newest_change(PAGE.thing)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def service_new(request: HttpRequest) -> HttpResponseBase:
    """Take on a service. 422: something is missing."""
    me, form = administrator(request), ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = issuing.add_service(**form.cleaned_data, by=me)
        messages.success(request, _("Added."))
        return redirect("service", pk=made.pk)
    return _page(request, "service.html", {"form": form, "row": None}, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def service(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a service. 422: something is missing."""
    me, row = administrator(request), _service(pk)
    shown = {"name": row.name, "role": row.role_id, "teams": [team.pk for team in row.teams.all()]}
    form = ServiceForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        issuing.change_service(row, **form.cleaned_data, by=me)
        messages.success(request, _("Saved."))
        return redirect("service", pk=row.pk)
    return _page(request, "service.html", {"form": form, "row": row, "tokens": _listed(row.api_tokens.all())}, form)


@login_required
@require_POST
def service_retirement(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Lock a service out."""
    me = administrator(request)
    issuing.retire(_service(pk), by=me)
    messages.success(request, _("Retired."))
    return redirect("programs")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def service_token(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a service a token; the answer shows it once. 422: something is missing."""
    me = administrator(request)
    return _new_token(request, _service(pk), me)


@login_required
@require_POST
def token_revocation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Revoke anybody's token."""
    me, row = administrator(request), get_object_or_404(ApiToken, pk=pk)
    issuing.revoke(row, by=me)
    messages.success(request, _("Revoked."))
    return (
        redirect("service", pk=row.agent_id) if row.agent.is_service and row.agent.is_active else redirect("programs")
    )


@login_required
@require_GET
def own_tokens(request: HttpRequest) -> HttpResponse:
    """List one's own tokens."""
    tokens = _listed(ApiToken.objects.filter(agent=_me(request)))
    return _page(request, "own_tokens.html", {"tokens": tokens, "section": "me"})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_token(request: HttpRequest) -> HttpResponseBase:
    """Make oneself a token; the answer shows it once. 422: something is missing."""
    return _new_token(request, _me(request), _me(request))


@login_required
@require_POST
def own_token_revocation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Revoke a token of one's own."""
    me = _me(request)
    issuing.revoke(get_object_or_404(ApiToken, pk=pk, agent=me), by=me)
    messages.success(request, _("Revoked."))
    return redirect("own_tokens")


def _new_token(request: HttpRequest, agent: Agent, me: Agent) -> HttpResponse:
    form = TokenForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "service": agent if agent.is_service else None}
    context["section"] = "settings" if agent.is_service else "me"
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made, secret = issuing.issue(agent, said["name"], said["scopes"], by=me, expires_at=form.expires_at())
        return _page(request, "token_made.html", {**context, "token": made, "secret": secret})
    return _page(request, "token.html", context, form)


def _listed(rows: QuerySet[ApiToken]) -> list[ApiToken]:
    live = rows.filter(revoked_at=None, agent__is_active=True).select_related("agent")
    return list(live.order_by("agent__name", "agent_id", "-pk")[:ROWS_MAX])


def _service(pk: int) -> Agent:
    return get_object_or_404(Agent, pk=pk, is_service=True, is_active=True)


def _me(request: HttpRequest) -> Agent:
    return cast(Agent, request.user)


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], form: TokenForm | ServiceForm | None = None
) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    return render(request, f"agents/programs/{name}", {"section": "settings", **context}, status=status)
