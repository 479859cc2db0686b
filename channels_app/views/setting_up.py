"""The page of a channel, for administrators: its steps of set-up, its health, and what can be tried."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agents.settings_pages import administrator
from channels_app import health, keeping, learning, steps, trying
from channels_app.addresses import webhook_of
from channels_app.models import Channel
from helpdesk.lib import clock
from helpdesk.lib.outbound import SendError

LOGS, TEMPLATES_MAX, TEXT_MAX, TO_MAX = 20, 200, 1_000, 320


@login_required
@require_GET
@never_cache
def channel_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a channel: how it is, what is to be done at the provider, what its provider answered lately."""
    administrator(request)
    row = get_object_or_404(Channel.objects.select_related("brand", "default_team"), pk=pk)
    abilities, token = row.adapter.capabilities_of(row), _token(row)
    is_told = row.adapter.has_webhook and (row.adapter.setup_steps or health.is_called(row.adapter))
    webhook = webhook_of(row) if is_told else ""
    todo = steps.steps_of(
        row.adapter, {"webhook": webhook, "verify_token": token, "snippet": row.adapter.snippet_of(row)}
    )
    context = {
        **_waiting(row), "health": health.of(row), "abilities": abilities, "logs": row.logs.order_by("-at")[:LOGS],
        "templates": row.templates.order_by("name", "language")[:TEMPLATES_MAX] if abilities.has_templates else [],
        "steps": todo, "webhook": webhook, "verify_token": token, "has_verify_token": row.adapter.has_verify_token,
        "shows_webhook": not steps.offers(todo, webhook), "shows_token": not steps.offers(todo, token),
        "is_unreachable": webhook.startswith("http://") and not row.is_sandbox, "is_used": keeping.is_used(row),
        "former_key_until": row.former_key_until if (row.former_key_until or clock.real()) > clock.real() else None,
        "section": "settings",
    }  # fmt: skip
    return render(request, "channels_app/channel.html", context)


@login_required
@require_GET
@never_cache
def channel_waiting(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether the provider has called; asked again and again by the page that waits for it."""
    administrator(request)
    return render(request, "channels_app/_first_call.html", _waiting(get_object_or_404(Channel, pk=pk)))


@login_required
@require_POST
def channel_check(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask the provider whether the account works."""
    administrator(request)
    _say(request, trying.check(get_object_or_404(Channel, pk=pk)), _("The account works."))
    return redirect("channel_one", pk)


@login_required
@require_POST
def channel_connection(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Tell the provider to call us (on=1), or to call us no more (on=0)."""
    me, is_on = administrator(request), request.POST.get("on") == "1"
    tried = trying.connect(get_object_or_404(Channel, pk=pk), is_on=is_on, by=me)
    _say(request, tried, _("Connected. The provider calls this desk.") if is_on else _("Disconnected."))
    return redirect("channel_one", pk)


@login_required
@require_POST
def channel_message(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a test message to an address that was typed."""
    me, row = administrator(request), get_object_or_404(Channel, pk=pk)
    to, text = request.POST.get("to", "").strip()[:TO_MAX], request.POST.get("text", "").strip()[:TEXT_MAX]
    try:
        tried = trying.send(row, to, text or _("This is a test message."), by=me)
    except trying.NotSent as refused:
        messages.error(request, str(refused))
    else:
        _say(request, tried, _("The provider took it and calls it %(id)s.") % {"id": tried.external_id or "–"})
    return redirect("channel_one", pk)


@login_required
@require_POST
def channel_templates(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Read the provider's approved texts anew."""
    administrator(request)
    try:
        count = learning.sync_templates(get_object_or_404(Channel, pk=pk))
    except SendError as error:
        _say(request, trying.Tried(_(error.message), error.provider_code or error.code), "")
    else:
        words = ngettext("%(n)d template was read.", "%(n)d templates were read.", count)
        messages.success(request, words % {"n": count})
    return redirect("channel_one", pk)


def _say(request: HttpRequest, tried: trying.Tried, words: str) -> None:
    if not tried.words:
        messages.success(request, words)
        return
    code = f" ({tried.code})" if tried.code else ""
    messages.error(request, f"{tried.words}{code}")


def _waiting(row: Channel) -> dict[str, Any]:
    return {"row": row, "is_called": health.is_called(row.adapter)}


def _token(row: Channel) -> str:
    return str(keeping.account_of(row).get(keeping.VERIFY_TOKEN, "")) if row.adapter.has_verify_token else ""
