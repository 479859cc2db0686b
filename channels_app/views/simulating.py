"""The page on which customers of a sandbox are simulated, for administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.settings_pages import administrator
from channels_app.models import Channel, SandboxMessage
from channels_app.sandbox import planning, posting
from channels_app.sandbox.saying import SayingForm

SHOWN = 50
FAULTS: dict[str, Any] = {
    "throttled": gettext_lazy("Too many at once: try again later"),
    "provider_error": gettext_lazy("A problem of the provider's"),
    "credentials": gettext_lazy("The channel is not let in"),
    "rejected_recipient": gettext_lazy("Nobody of this address"),
    "window_closed": gettext_lazy("The time to answer freely is over"),
    "no_offers": gettext_lazy("The customer wants no offers"),
    "opted_out": gettext_lazy("The customer wants no messages"),
    planning.NO_ANSWER: gettext_lazy("It is taken, and no answer comes"),
}
FOLLOWS: dict[str, Any] = {
    "": gettext_lazy("Nothing"), "delivered": gettext_lazy("Delivered after a second"),
    "read": gettext_lazy("Delivered after a second, read after three"),
}  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def channel_test(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Simulate what a customer does, and see what was sent to customers. 422: it cannot be so."""
    administrator(request)
    row = get_object_or_404(Channel, pk=pk)
    simulator = row.adapter.simulator if row.is_sandbox else None
    if simulator is None:
        return render(request, "channels_app/no_sandbox.html", {"row": row, "section": "settings"})
    form = SayingForm(request.POST or None, channel=row, simulator=simulator)
    if request.method == "POST" and form.is_valid():
        try:
            form.happen()
        except posting.NotTaken as refused:
            form.add_error(None, _("The provider cannot send this, or the desk did not take it: %s") % refused)
        else:
            messages.success(request, _("Received."))
            return redirect("channel_test", pk)
    return render(request, "channels_app/channel_test.html", _page(row, form), status=422 if form.errors else 200)


@login_required
@require_safe
@never_cache
def channel_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw what was sent, for the page that looks again and again."""
    administrator(request)
    return render(request, "channels_app/_sent.html", _sent(get_object_or_404(Channel, pk=pk)))


@login_required
@require_POST
def channel_status(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let the provider say that a message (message=) was delivered, read or failed (state=)."""
    administrator(request)
    row = get_object_or_404(Channel, pk=pk)
    message = row.sandbox_messages.select_related("channel").filter(pk=_number(request, "message")).first()
    if row.is_sandbox and message is not None:
        try:
            posting.report(message, request.POST.get("state", ""))
        except posting.NotTaken as refused:
            messages.error(request, _("The provider cannot send this, or the desk did not take it: %s") % refused)
    return redirect("channel_test", pk)


@login_required
@require_POST
def channel_plan(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say what the next sends meet, how slow the provider is and what follows by itself."""
    administrator(request)
    row = get_object_or_404(Channel, pk=pk)
    if row.is_sandbox:
        fault, follows = request.POST.get("fault", ""), request.POST.get("follows", "")
        planning.set_plan(
            row, fault=fault if fault in _faults(row) else "", left=_number(request, "times"),
            delay_seconds=_number(request, "delay"), follows=follows if follows in FOLLOWS else "",
        )  # fmt: skip
        messages.success(request, _("Saved."))
    return redirect("channel_test", pk)


def _page(row: Channel, form: SayingForm) -> dict[str, Any]:
    plan = planning.plan_of(row)
    return {
        **_sent(row), "form": form, "plan": plan, "faults": _faults(row).items(), "follows": FOLLOWS.items(),
        "times_max": planning.TIMES_MAX, "delay_max": planning.DELAY_MAX_SECONDS, "section": "settings",
    }  # fmt: skip


def _faults(row: Channel) -> dict[str, Any]:
    simulator = row.adapter.simulator
    known = (*simulator.faults, planning.NO_ANSWER) if simulator else ()
    return {name: FAULTS.get(name, name.replace("_", " ")) for name in known}


def _sent(row: Channel) -> dict[str, Any]:
    simulator = row.adapter.simulator
    states = posting.offered(simulator) if simulator and row.is_sandbox else ()
    found = row.sandbox_messages.order_by("-pk")[:SHOWN]
    return {"row": row, "sent": [(message, _offered(message, states)) for message in found]}


def _offered(message: SandboxMessage, states: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return what can still be said of a message."""
    words = {"delivered": _("Mark delivered"), "read": _("Mark read"), "failed": _("Fail")}
    return [(state, words[state]) for state in states if posting.is_up(message.state, state)]


def _number(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
