"""Asking the customer of a conversation over to a secure chat."""

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from channels_app import hopping
from conversations.exchanges import NoWay
from conversations.views.access import agent_of, get_conversation, is_fragment
from conversations.views.answers import way_of


@login_required
@require_POST
def hops(request: HttpRequest, number: int) -> HttpResponseBase:
    """Send the customer a link by a way. 422: that way it cannot go, or this brand has no chat."""
    row = get_conversation(request, number, verb="reply")
    way = way_of(row, request.POST.get("way", ""))
    if way is None:
        return _toast(request, _("This address is not one of the customer's."), status=422)
    try:
        hopping.send(row, way, by=agent_of(request))
    except NoWay as no:
        return _toast(request, _(str(no)), status=422)
    if not is_fragment(request):
        return redirect("conversation", number=row.number)
    return _toast(request, _("The link is on its way."))


def _toast(request: HttpRequest, words: str, status: int = 200) -> HttpResponse:
    context = {"words": words, "undo": "", "bad": status != 200}
    response = render(request, "_partials/_toast.html", context, status=status)
    response.headers["HX-Trigger"] = json.dumps({"workspace:changed": {}})
    return response
