"""What agents change of messages that were said, on channels that can."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations import amending
from conversations.models.entry import Entry
from conversations.replying import NoWay
from conversations.views.access import agent_of, get_entry, is_fragment

TEXT_MAX = 20_000


@login_required
@require_POST
def reaction(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put a sign on a message, or take mine away. 422: the channel cannot."""
    emoji = request.POST.get("emoji", "")[: amending.EMOJI_MAX].replace("\0", "").strip()
    return _done(request, pk, lambda entry: amending.react(entry, emoji, by=agent_of(request)))


@login_required
@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change what was sent. 422: the channel cannot, or does not take this text."""
    text = request.POST.get("text", "")[:TEXT_MAX].replace("\0", "")
    return _done(request, pk, lambda entry: amending.edit_sent(entry, text, by=agent_of(request)))


@login_required
@require_POST
def withdrawal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a message away on the other side too. 422: the channel cannot."""
    return _done(request, pk, lambda entry: amending.withdraw(entry, by=agent_of(request)))


@login_required
@require_POST
def hiding(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hide a public comment, or show it again ("is_hidden" empty). 422: the channel cannot."""
    is_hidden = bool(request.POST.get("is_hidden", ""))
    return _done(request, pk, lambda entry: amending.hide(entry, is_hidden=is_hidden, by=agent_of(request)))


def _done(request: HttpRequest, pk: int, act: Callable[[Entry], Any]) -> HttpResponseBase:
    entry = get_entry(request, pk, verb="reply")
    try:
        act(entry)
    except NoWay as no:
        return render(request, "conversations/_wrong.html", {"words": _(str(no))}, status=422)
    if not is_fragment(request):
        return redirect("customer", customer=entry.customer_id)
    response = HttpResponse("")
    response.headers["HX-Trigger"] = "workspace:changed"
    return response
