"""What people do with a conversation: each a POST to a noun, answered by the head of the sheet and a toast."""

import json
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.models import Agent, Team
from conversations import courtesy, undo
from conversations.changes import Taken
from conversations.forms import AssignmentForm, SnoozeForm
from conversations.known.story import facts_of, strip_of
from conversations.models.conversation import Conversation, ConversationQuerySet
from conversations.models.entry import Entry
from conversations.models.savedview import SeenMarker
from conversations.views.access import agent_of, get_conversation, get_entry, is_fragment
from conversations.views.sheet import acts_for
from conversations.ways import reach_of
from conversations.whereabouts import outlook


@login_required
@require_GET
def conversation(request: HttpRequest, number: int) -> HttpResponse:
    """Lead to the timeline that a conversation stands on."""
    row = get_conversation(request, number)
    return redirect(f"{reverse('customer', args=[row.customer_id])}?c={row.number}")


@login_required
@require_GET
def state(request: HttpRequest, number: int) -> HttpResponse:
    """Show the head of the sheet, its state and what can be done, and what is known."""
    return _head(request, get_conversation(request, number))


@login_required
@require_GET
def whereabouts(request: HttpRequest, number: int) -> HttpResponse:
    """Show where the customer of this conversation is, and what they looked at: for a sheet that is open."""
    row = get_conversation(request, number)
    context = {"conversation": row, "outlook": outlook(row, reach_of(row.customer, agent=agent_of(request)))}
    return render(request, "conversations/_whereabouts_and_pages.html", context)


@login_required
@require_POST
def assignment(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take it, or give it to a colleague, a team or nobody."""
    row = get_conversation(request, number, verb="reply")
    agent = agent_of(request)
    form = AssignmentForm(request.POST)
    if not form.is_valid():
        return _refused(request, row, _("This colleague or team cannot be chosen."))
    if form.cleaned_data["take"]:
        try:
            entry = row.take(by=agent)
        except Taken as taken:
            return _refused(request, row, _("%(agent)s took it first.") % {"agent": taken.owner})
        return _done(request, row, entry, _("It is yours."))
    to: Agent | None = form.cleaned_data["agent"]
    team: Team | None = form.cleaned_data["team"]
    entry = row.assign(by=agent, agent=to, team=team)
    return _done(request, row, entry, _assigned_words(agent, to, team))


@login_required
@require_POST
def snooze(request: HttpRequest, number: int) -> HttpResponseBase:
    """Put it away until a time."""
    row = get_conversation(request, number, verb="reply")
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return _refused(request, row, form.sentence())
    until: datetime = form.cleaned_data["until"]
    return _done(request, row, row.snooze(by=agent_of(request), until=until), _("Snoozed."))


@login_required
@require_POST
def resolution(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say that the work is done."""
    row = get_conversation(request, number, verb="reply")
    return _done(request, row, row.resolve(by=agent_of(request)), _("Resolved."))


@login_required
@require_POST
def reopening(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take the work up again."""
    row = get_conversation(request, number, verb="reply")
    return _done(request, row, row.reopen(by=agent_of(request)), _("Open again."))


@login_required
@require_POST
def waiting(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say that it is the customer's turn."""
    row = get_conversation(request, number, verb="reply")
    return _done(request, row, row.wait(by=agent_of(request)), _("Waiting for the customer."))


@login_required
@require_POST
def undoing(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put back what an entry changed."""
    entry = get_entry(request, pk, verb="reply")
    row = get_object_or_404(Conversation, pk=entry.conversation_id)
    try:
        undo.undo(entry, by=agent_of(request))
    except undo.TooLate:
        return _refused(request, row, _("It was changed in the meantime and cannot be undone."))
    return _done(request, row, None, _("Undone."))


@login_required
@require_POST
def seen(request: HttpRequest, number: int) -> HttpResponse:
    """Remember up to where this agent has read; it never goes back."""
    row = get_conversation(request, number)
    asked = request.POST.get("seq", "")
    seq = min(int(asked), row.customer.last_seq) if asked.isdecimal() and len(asked) < 19 else 0
    marker, _made = SeenMarker.objects.get_or_create(agent=agent_of(request), conversation=row)
    if SeenMarker.objects.filter(pk=marker.pk, seen_seq__lt=seq).update(seen_seq=seq):
        courtesy.seen(row.pk)
    return HttpResponse(status=204)


def _assigned_words(by: Agent, to: Agent | None, team: Team | None) -> str:
    if to is not None:
        return _("It is yours.") if to == by else _("Assigned to %(agent)s.") % {"agent": to}
    return _("Handed to %(team)s.") % {"team": team} if team else _("Nobody owns it now.")


def _done(request: HttpRequest, row: Conversation, entry: Entry | None, words: str) -> HttpResponseBase:
    """Answer an act: the fresh head and a toast with its undo; without a script, the page."""
    if not is_fragment(request):
        return redirect("conversation", number=row.number)
    can_undo = entry is not None and entry.kind in undo.UNDOABLE
    return _toast(request, row, words, reverse("undoing", args=[entry.pk]) if entry and can_undo else "")


def _refused(request: HttpRequest, row: Conversation, words: str) -> HttpResponseBase:
    response = _toast(request, row, words, "", is_bad=True)
    response.status_code = 422
    return response


def _toast(request: HttpRequest, row: Conversation, words: str, undo_url: str, *, is_bad: bool = False) -> HttpResponse:
    fresh = get_object_or_404(_rows(), pk=row.pk)
    sheet = acts_for(agent_of(request), fresh.customer, fresh)
    context = {"sheet": sheet, "conversation": fresh, "words": words, "undo": undo_url, "bad": is_bad}
    response = render(request, "conversations/_done.html", context)
    response.headers["HX-Trigger"] = json.dumps({"workspace:changed": {"conversation": row.pk}})
    return response


def _head(request: HttpRequest, row: Conversation) -> HttpResponse:
    agent = agent_of(request)
    strip = strip_of(facts_of(row.customer, row, agent))
    context = {"sheet": acts_for(agent, row.customer, row), "conversation": row, "oob": False, "strip": strip}
    return render(request, "conversations/_state_and_acts.html", context)


def _rows() -> ConversationQuerySet:
    return Conversation.objects.select_related("customer", "assignee", "team", "topic", "brand")
