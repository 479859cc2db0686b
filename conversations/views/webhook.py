"""The settings of webhooks, for administrators: made, changed, switched, rolled and removed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Agent
from agents.settings_pages import SettingsPage, administrator, newest_change
from conversations.models.webhook import Webhook, WebhookDelivery
from conversations.webhooks import keeping, signing
from conversations.webhooks.failing import THING
from conversations.webhooks.forms import WebhookForm
from helpdesk.lib import clock

PAGE = SettingsPage(
    gettext_lazy("Webhooks"),
    gettext_lazy("What happens on timelines is told to your other programs, signed, within seconds."),
    "webhook_list", "link", THING,
)  # fmt: skip
NEWEST, COUNTED_MAX = 5, 1_000
State = WebhookDelivery.State


@login_required
@require_GET
def webhook_list(request: HttpRequest) -> HttpResponse:
    """List the webhooks and how they are."""
    administrator(request)
    context = {"rows": Webhook.objects.all(), "page": PAGE, "change": newest_change(PAGE.thing)}
    return render(request, "conversations/webhooks.html", {**context, "section": "settings"})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def webhook_new(request: HttpRequest) -> HttpResponseBase:
    """Make a webhook and show its secret, this once. 422: it cannot be so."""
    me = administrator(request)
    form = WebhookForm(request.POST or None, teams=keeping.offered(me))
    if request.method == "POST" and form.is_valid():
        try:
            return _secret(request, *keeping.make(form.wanted, by=me))
        except keeping.Refused as refused:
            _explain(form, refused)
    status = 422 if form.errors else 200
    return render(request, "conversations/webhook_form.html", {"form": form, "section": "settings"}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_one(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one with what it sent last; change it. 422: it cannot be so."""
    me, row = administrator(request), get_object_or_404(Webhook, pk=pk)
    form = WebhookForm(request.POST or None, teams=keeping.offered(me), row=row)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.change(row, form.wanted, by=me)
        except keeping.Refused as refused:
            _explain(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("webhook_one", pk)
    return _page(request, row, form, me)


@login_required
@require_POST
@never_cache
def webhook_secret(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give it another secret and show it, this once (overlap=1: the former counts for another day). 409: not yet."""
    me, row = administrator(request), get_object_or_404(Webhook, pk=pk)
    try:
        secret = keeping.roll(row, by=me, overlaps=request.POST.get("overlap") == "1")
    except keeping.Refused:
        form = WebhookForm(teams=keeping.offered(me), row=row)
        return _page(request, row, form, me, status=409)
    row.refresh_from_db()
    return _secret(request, row, secret)


@login_required
@require_POST
def webhook_switch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Switch it on (on=1: what waits is sent; on=bare: it is left out) or off (on=0)."""
    me, row = administrator(request), get_object_or_404(Webhook, pk=pk)
    wish = request.POST.get("on", "")
    if wish in {"1", "bare"}:
        keeping.switch_on(row, by=me, sends_waiting=wish == "1")
        messages.success(request, _("Switched on."))
    elif wish == "0":
        keeping.switch_off(row, by=me)
        messages.success(request, _("Switched off."))
    return redirect("webhook_one", pk)


@login_required
@require_POST
def webhook_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Remove it with its log."""
    me = administrator(request)
    keeping.remove(get_object_or_404(Webhook, pk=pk), by=me)
    messages.success(request, _("Removed."))
    return redirect("webhook_list")


def _secret(request: HttpRequest, row: Webhook, secret: str) -> HttpResponse:
    context = {"row": row, "secret": secret, "section": "settings"}
    return render(request, "conversations/webhook_secret.html", context, status=201)


def _page(request: HttpRequest, row: Webhook, form: WebhookForm, me: Agent, *, status: int = 200) -> HttpResponse:
    log = keeping.log_of(row, me)
    context = {
        "row": row, "form": form, "deliveries": log[:NEWEST], "max": COUNTED_MAX,
        "waiting": log.filter(state__in=keeping.WAITING)[: COUNTED_MAX + 1].count(),
        "unsent": log.filter(state__in=keeping.UNSENT)[: COUNTED_MAX + 1].count(),
        "is_rolling": signing.is_rolling(row, clock.real()), "is_early": status == 409,
    }  # fmt: skip
    status = 422 if form.errors else status
    return render(request, "conversations/webhook.html", {**context, "section": "settings"}, status=status)


def _explain(form: WebhookForm, refused: keeping.Refused) -> None:
    if str(refused) == "taken":
        form.add_error("name", _("There is a webhook of this name already."))
    else:
        form.add_error(None, _("There are %(n)d webhooks already. Remove one first.") % {"n": keeping.WEBHOOKS_MAX})
