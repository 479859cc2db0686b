"""One box over everything: the page, its rows while somebody types, and what may follow in the box."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conversations.lists.queries import counts_of
from conversations.searching import suggesting
from conversations.searching.asking import TEXT_MAX
from conversations.searching.search import search as find
from conversations.views.access import agent_of, is_fragment

GROUPS = {"customers", "conversations", "orders", "messages"}


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what ?q= finds; ?group= one kind alone, ?after= from a cursor on."""
    agent, text = agent_of(request), request.GET.get("q", "")
    group = request.GET.get("group", "")
    group, cursor = (group, request.GET.get("after", "")) if group in GROUPS else ("", "")
    answer = find(agent, text, group=group, cursor=cursor)
    # What was too long is not written back: it was told that its beginning was looked for.
    context: dict[str, Any] = {"answer": answer, "words": text[:TEXT_MAX], "group": group}
    # A page that is put in place of another one is asked for by a script too, and whole.
    if is_fragment(request) and request.headers.get("HX-Request-Type") != "full":
        name = "_hits" if cursor else "_found"
        context["one"] = next(iter(answer.groups), None)
        return render(request, f"conversations/{name}.html", context)
    context |= {"section": "search", "badge": counts_of([], agent)["mine_unread"]}
    return render(request, "conversations/search.html", context)


@login_required
@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer with what may follow ?q=, the text up to the caret."""
    offers = suggesting.offers(agent_of(request), request.GET.get("q", ""))
    return render(request, "conversations/_offers.html", {"offers": offers})
