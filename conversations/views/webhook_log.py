"""What webhooks sent and what came back, for administrators; tests and replays."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from agents.models import Agent
from agents.settings_pages import administrator
from conversations.models.webhook import Webhook, WebhookDelivery
from conversations.views.access import is_fragment
from conversations.webhooks import keeping, telling
from helpdesk.lib import clock

PAGE = 50
# How far back failed ones are replayed, in hours; 0: all that are kept.
HOURS = ("1", "24", "72", "0")
SHOWN = {
    "failed": keeping.UNSENT,
    "waiting": (*keeping.WAITING, WebhookDelivery.State.SENDING),
    "delivered": (WebhookDelivery.State.DELIVERED,),
}


@login_required
@require_GET
def webhook_deliveries(request: HttpRequest, pk: int) -> HttpResponse:
    """List what it sent, newest first (state=failed, waiting or delivered)."""
    me, row = administrator(request), get_object_or_404(Webhook, pk=pk)
    rows, shown, before = keeping.log_of(row, me), request.GET.get("state", ""), request.GET.get("before", "")
    if shown in SHOWN:
        rows = rows.filter(state__in=SHOWN[shown])
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    context = {"row": row, "deliveries": found[:PAGE], "older": older, "shown": shown if shown in SHOWN else ""}
    return render(request, "conversations/webhook_deliveries.html", {**context, "section": "settings"})


@login_required
@require_GET
def webhook_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one with what is sent and what came back. Of the body nothing is kept: it is shown as it is now."""
    delivery = _seen(administrator(request), pk)
    if is_fragment(request):
        return render(request, "conversations/_webhook_delivery.html", {"delivery": delivery, "row": delivery.webhook})
    body = telling.body_of(delivery)
    context = {"delivery": delivery, "row": delivery.webhook, "body": body.decode() if body is not None else None}
    return render(request, "conversations/webhook_delivery.html", {**context, "section": "settings"})


@login_required
@require_POST
def webhook_test(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a test event and lead to what becomes of it."""
    administrator(request)
    row = keeping.test(get_object_or_404(Webhook, pk=pk))
    return redirect("webhook_delivery", row.pk)


@login_required
@require_POST
def webhook_replay(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send one again."""
    delivery = _seen(administrator(request), pk)
    if keeping.replay(delivery):
        messages.success(request, _("It is sent again now."))
    return redirect("webhook_delivery", pk)


@login_required
@require_POST
def webhook_replays(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send again what failed within some hours (hours=1, 24, 72, or 0 for all)."""
    administrator(request)
    row, hours = get_object_or_404(Webhook, pk=pk), request.POST.get("hours", "")
    if hours not in HOURS:
        raise Http404
    since = clock.real() - timedelta(hours=int(hours)) if hours != "0" else None
    n = keeping.replay_failed(row, since)
    messages.success(request, ngettext("%(n)d is sent again.", "%(n)d are sent again.", n) % {"n": n})
    return redirect("webhook_deliveries", pk)


def _seen(me: Agent, pk: int) -> WebhookDelivery:
    """Return a delivery whose entry this administrator sees. 404."""
    delivery = get_object_or_404(WebhookDelivery.objects.select_related("webhook", "entry"), pk=pk)
    if not keeping.log_of(delivery.webhook, me).filter(pk=pk).exists():
        raise Http404
    return delivery
