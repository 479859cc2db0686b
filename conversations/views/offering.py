"""What the composer asks for while somebody writes: the approved texts of a channel, and how a long text is split."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from conversations import templating
from conversations.bridging import joined
from conversations.known.story import facts_of
from conversations.views.access import agent_of, get_conversation
from conversations.views.answers import bridge_of, way_of
from conversations.views.writing import composer_for
from conversations.ways import reach_of
from helpdesk.lib import markup, pieces

TEXT_MAX = 200_000


@login_required
@require_GET
def ways_to(request: HttpRequest, number: int) -> HttpResponse:
    """Show the ways to the customer as they are now, for a composer that is open."""
    row = get_conversation(request, number, verb="reply")
    composer = composer_for(agent_of(request), row, [])
    return render(request, "conversations/_route.html", {"composer": composer})


@login_required
@require_GET
def templates(request: HttpRequest, number: int) -> HttpResponse:
    """Show the texts that may go by a way (`way` in the address), with what is known filled in."""
    row = get_conversation(request, number, verb="reply")
    way = way_of(row, request.GET.get("way", ""))
    if way is None:
        raise Http404
    facts = facts_of(row.customer, row, agent_of(request))
    offers = templating.offers(way, row.customer, row.brand, facts)
    name = row.customer.best_name
    context = {"offers": offers, "name": name, "icon": way.channel.icon, "channel": way.channel.label}
    return render(request, "conversations/_templates.html", context)


@login_required
@require_POST
def parts(request: HttpRequest, number: int) -> HttpResponse:
    """Show the messages that a text would become by a way; nothing is kept."""
    row = get_conversation(request, number, verb="reply")
    reach = reach_of(row.customer, agent=agent_of(request))
    way = way_of(row, request.POST.get("way", ""), reach)
    if way is None:
        raise Http404
    text = request.POST.get("text", "").replace("\r\n", "\n")[:TEXT_MAX]
    if request.POST.get("bridge"):
        text = joined(bridge_of(row, way, reach), text)
    can = way.channel.capabilities
    leaving = markup.leaving(text, can.markup, is_marked=True)
    found = [leaving.part(*one.text).stripped().text for one in pieces.cut(text, [], can, is_marked=True) if one.text]
    return render(request, "conversations/_parts.html", {"parts": found, "count": len(found)})
