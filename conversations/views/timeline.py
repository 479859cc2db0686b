"""One customer's timeline: what changed since a cursor, pages in both directions, and where words were said."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conversations.models.conversation import Conversation
from conversations.reading import stretches
from conversations.reading.stretches import SHOWS, Lens, Stretch
from conversations.reading.telling import tell
from conversations.views.access import agent_of, get_customer
from customers.models import Customer

WORDS_MAX = 200


@login_required
@require_GET
def entries(request: HttpRequest, customer: int) -> HttpResponse:
    """Answer with entries of a timeline, narrowed by ?show= (with ?c= for one conversation).

    ?after=<cursor>: what is new or changed. ?before=, ?later=<place>: a page in that direction. ?around=<entry>: where
    it stands (404 when it does not). Else the newest page.
    X-Cursor: what to ask after next time. X-Reload: the page must be loaded again. X-Earlier, X-Later: there is more.
    """
    lens = _lens(request, get_customer(request, customer))
    stretch = _asked(request, lens)
    if stretch is None:
        raise Http404
    context = {"told": tell(stretch.entries, lens.agent), "agent": lens.agent}
    response = render(request, "conversations/_entries.html", context)
    response.headers["X-Cursor"] = str(stretch.cursor)
    said = {"X-Reload": stretch.must_reload, "X-Earlier": stretch.has_earlier, "X-Later": stretch.has_later}
    for name in (name for name, is_so in said.items() if is_so):
        response.headers[name] = "1"
    return response


@login_required
@require_GET
def finding(request: HttpRequest, customer: int) -> JsonResponse:
    """Answer {"entries": [pk, …], "is_all": bool}: where all the words of ?q= stand, the newest first."""
    lens = Lens(get_customer(request, customer), agent_of(request))
    found = stretches.said(lens, request.GET.get("q", "")[:WORDS_MAX])
    return JsonResponse({"entries": found[: stretches.HITS_MAX], "is_all": len(found) <= stretches.HITS_MAX})


def _lens(request: HttpRequest, customer: Customer) -> Lens:
    """Nonsense for what is shown is everything; a conversation that one may not see is none."""
    agent, show = agent_of(request), request.GET.get("show", "all")
    if show != "conversation":
        return Lens(customer, agent, show if show in SHOWS else "all")
    seen = Conversation.objects.visible_to(agent).filter(customer=customer, number=_number(request, "c") or 0)
    return Lens(customer, agent, show, seen.values_list("pk", flat=True).first() or 0)


def _asked(request: HttpRequest, lens: Lens) -> Stretch | None:
    after, around = _number(request, "after"), _number(request, "around")
    if after is not None:
        return stretches.changes_since(lens, after)
    if around is not None:
        return stretches.around(lens, around)
    if "later" in request.GET:
        return stretches.later(lens, request.GET["later"])
    return stretches.earlier(lens, request.GET.get("before", ""))


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None
