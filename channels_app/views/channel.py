"""The settings of channels, for administrators: listed, made, changed, paused and removed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import timing
from agents.models import Workspace
from agents.settings_pages import SettingsPage, administrator, newest_change
from channels_app import adapters, health, keeping, steps
from channels_app.adapters._base import Adapter
from channels_app.forms import FORGET, ChannelForm, account_form, parted
from channels_app.models import Channel

PAGE = SettingsPage(
    gettext_lazy("Channels"), gettext_lazy("Where customers reach you: mailboxes, numbers, pages and accounts."),
    "channel_list", "chat", keeping.THING,
)  # fmt: skip
REFUSALS = {
    "taken": gettext_lazy("There is a channel of this name already."),
    "played": gettext_lazy("Sandboxes are not allowed on this desk. Allow them on the page of channels first."),
}


@login_required
@require_GET
def channel_list(request: HttpRequest) -> HttpResponse:
    """List the channels and how each is."""
    administrator(request)
    rows = Channel.objects.select_related("brand", "default_team").order_by("name", "pk")
    context = {
        "rows": [(row, health.of(row)) for row in rows], "page": PAGE, "change": newest_change(PAGE.thing),
        "section": "settings", "workspace_plays": timing.may_play(), "asks_for_sandboxes": timing.is_in_production(),
        "has_pictures": Workspace.get().fetches_pictures,
    }  # fmt: skip
    return render(request, "channels_app/channels.html", context)


@login_required
@require_GET
def channel_kinds(request: HttpRequest) -> HttpResponse:
    """Let somebody choose a kind."""
    administrator(request)
    kinds = sorted(adapters.all().values(), key=lambda one: str(one.label).casefold())
    return render(request, "channels_app/channel_kinds.html", {"kinds": kinds, "section": "settings"})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_new(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Make a channel of a kind. 422: it cannot be so."""
    me, adapter = administrator(request), adapters.all().get(kind)
    if adapter is None:
        raise Http404
    forms = _forms(request, adapter, None)
    if request.method == "POST" and all(form.is_valid() for form in forms):
        try:
            row = keeping.make(kind, forms[0].wanted(forms[1].cleaned_data), by=me)
        except keeping.Refused as refused:
            forms[0].add_error(None if str(refused) != "taken" else "name", str(REFUSALS[str(refused)]))
        else:
            messages.success(request, _("Added."))
            return redirect("channel_one", row.pk)
    return _page(request, adapter, forms, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_account(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a channel. 422: it cannot be so."""
    me, row = administrator(request), get_object_or_404(Channel, pk=pk)
    forms = _forms(request, row.adapter, row)
    if request.method == "POST" and all(form.is_valid() for form in forms):
        try:
            keeping.change(row, forms[0].wanted(forms[1].cleaned_data), by=me)
        except keeping.Refused as refused:
            forms[0].add_error(None if str(refused) != "taken" else "name", str(REFUSALS[str(refused)]))
        else:
            messages.success(request, _("Saved."))
            return redirect("channel_one", pk)
    return _page(request, row.adapter, forms, row)


@login_required
@require_POST
def channel_state(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Pause it (on=0), let it go on (on=1), or take away the warnings that were seen (seen=1)."""
    me, row = administrator(request), get_object_or_404(Channel, pk=pk)
    if request.POST.get("on") == "1":
        keeping.resume(row, by=me)
        messages.success(request, _("It goes on."))
    elif request.POST.get("on") == "0":
        keeping.pause(row, by=me)
        messages.success(request, _("Paused. What waits is kept."))
    elif request.POST.get("seen") == "1":
        keeping.forget_warnings(row)
    return redirect("channel_one", pk)


@login_required
@require_POST
def channel_key(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give it another address on the web (what=address; overlap=1: the former counts for a day) or verify token."""
    me, row = administrator(request), get_object_or_404(Channel, pk=pk)
    if request.POST.get("what") == "address":
        keeping.roll_key(row, by=me, overlaps=request.POST.get("overlap") == "1")
        messages.success(request, _("Give the provider the new address."))
    elif request.POST.get("what") == "token":
        keeping.roll_token(row, by=me)
        messages.success(request, _("Give the provider the new verify token."))
    return redirect("channel_one", pk)


@login_required
@require_POST
def channel_removal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Remove it, if nothing was ever said through it."""
    me, row = administrator(request), get_object_or_404(Channel, pk=pk)
    try:
        keeping.remove(row, by=me)
    except keeping.Refused:
        messages.error(request, _("Something was said through it, so it can only be paused."))
        return redirect("channel_one", pk)
    messages.success(request, _("Removed."))
    return redirect("channel_list")


@login_required
@require_POST
def sandboxes(request: HttpRequest) -> HttpResponseBase:
    """Allow channels that the desk plays (on=1), or no new ones (on=0)."""
    me = administrator(request)
    timing.allow_sandboxes(is_allowed=request.POST.get("on") == "1", by=me)
    messages.success(request, _("Saved."))
    return redirect("channel_list")


@login_required
@require_POST
def profile_pictures(request: HttpRequest) -> HttpResponseBase:
    """Ask providers for pictures of who writes (on=1), or no more (on=0)."""
    me = administrator(request)
    keeping.fetch_pictures(is_on=request.POST.get("on") == "1", by=me)
    messages.success(request, _("Saved."))
    return redirect("channel_list")


def _forms(request: HttpRequest, adapter: Adapter, row: Channel | None) -> tuple[ChannelForm, Any]:
    given = request.POST if request.method == "POST" else None
    kept = keeping.account_of(row) if row else {}
    return ChannelForm(given, adapter=adapter, row=row, can_play=timing.may_play()), account_form(adapter, kept, given)


def _page(request: HttpRequest, adapter: Adapter, forms: tuple[ChannelForm, Any], row: Channel | None) -> HttpResponse:
    shown, folded = parted(forms[1])
    context = {
        "form": forms[0], "account": forms[1], "adapter": adapter, "row": row, "forget": FORGET, "shown": shown,
        "folded": folded, "is_unfolded": any(field.errors for field in folded),
        "steps": [] if row else steps.steps_of(adapter, {}),
        "is_unreadable": row is not None and bool(row.sealed_config) and not keeping.account_of(row),
        "section": "settings",
    }  # fmt: skip
    # What is wrong with the whole stands beside the fields already.
    wrong = [form for form in forms if any(field.errors for field in form)]
    status = 422 if any(form.errors for form in forms) else 200
    return render(request, "channels_app/channel_form.html", {**context, "wrong": wrong}, status=status)
