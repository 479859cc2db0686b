"""What people do with known things, and the story so far. Acts are answered by a toast and the fresh strip."""

import json

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conversations.known import facts
from conversations.known.story import entries_of, facts_of, story_of, strip_of
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from conversations.views.access import agent_of, get_conversation, get_entry, is_fragment


@login_required
@require_GET
def story(request: HttpRequest, number: int) -> HttpResponse:
    """Show the story of a conversation so far: it is drawn anew when somebody gets it or notes something."""
    row, agent = get_conversation(request, number), agent_of(request)
    told = story_of(row, facts_of(row.customer, row, agent), entries_of(row, agent), agent)
    return render(request, "conversations/_story.html", {"story": told})


@login_required
@require_POST
def dismissal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say that it is not so, or that a promise is kept. 422: somebody was faster."""
    fact = _changeable(request, pk)
    is_promise = fact.kind == Fact.Kind.PROMISED
    try:
        entry = facts.dismiss(fact, by=agent_of(request))
    except facts.Changed:
        return _answer(request, fact, _("Somebody changed it in the meantime."))
    return _answer(request, fact, _("Promise kept.") if is_promise else _("Dismissed."), entry)


@login_required
@require_POST
def correction(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say how it really is. 422: nothing to correct, or somebody was faster."""
    fact = _changeable(request, pk)
    try:
        entry = facts.correct(fact, request.POST.get("value", ""), by=agent_of(request))
    except ValueError:
        return _answer(request, fact, _("Write how it should be."))
    except facts.Changed:
        return _answer(request, fact, _("Somebody changed it in the meantime."))
    return _answer(request, fact, _("Corrected."), entry)


def _changeable(request: HttpRequest, pk: int) -> Fact:
    """Return a fact whose entry this agent sees and may write beside. 404, 403."""
    fact = get_object_or_404(Fact, pk=pk)
    entry = get_entry(request, fact.entry_id, verb="reply")
    if entry.conversation is None:
        raise Http404
    fact.entry = entry
    return fact


def _answer(request: HttpRequest, fact: Fact, words: str, entry: Entry | None = None) -> HttpResponseBase:
    """Answer an act: a toast with its undo and the strip; without a script, the page."""
    row = get_object_or_404(Conversation.objects.select_related("customer"), pk=fact.entry.conversation_id)
    if not is_fragment(request):
        return redirect("conversation", number=row.number)
    strip = strip_of(facts_of(row.customer, row, agent_of(request)))
    undo = reverse("undoing", args=[entry.pk]) if entry is not None else ""
    context = {"strip": strip, "words": words, "undo": undo, "bad": entry is None}
    response = render(request, "conversations/_fact_done.html", context, status=200 if entry is not None else 422)
    response.headers["HX-Trigger"] = json.dumps({"workspace:changed": {"conversation": row.pk}})
    return response
