"""What somebody leaves behind: the open conversations they own, and a team's queue to give them to."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from agents.models import Agent, Team
from agents.permissions import keep_sight
from agents.settings_pages import administrator
from conversations.models.conversation import Conversation, ConversationQuerySet

# As many as lists change at once; what is left is given with the next press.
AT_ONCE, SHOWN = 200, 50


class HandoverForm(forms.Form):
    """The team that gets them."""

    team = forms.ModelChoiceField(Team.objects.all(), label=gettext_lazy("Team"), empty_label=None)

    def __init__(self, data: object = None) -> None:
        super().__init__(data, label_suffix="", auto_id="handover-%s")  # type: ignore[arg-type]
        self.fields["team"].widget.attrs |= {"class": "input", "translate": "no"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the open conversations of somebody, and give them to a team's queue. 422: to which?"""
    me = keep_sight(administrator(request))
    row = get_object_or_404(Agent, pk=pk)
    form = HandoverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        count = _give(_left_by(row, me), row, form.cleaned_data["team"], me)
        words = ngettext("%(n)d conversation given to %(team)s.", "%(n)d conversations given to %(team)s.", count)
        messages.success(request, words % {"n": count, "team": form.cleaned_data["team"]})
        return redirect("handover", pk=row.pk)
    return _page(request, row, form, _left_by(row, me))


def _left_by(row: Agent, me: Agent) -> ConversationQuerySet:
    """What one may not see oneself is not told of, nor given away."""
    mine = Conversation.objects.visible_to(me).unresolved().filter(assignee=row)
    return mine.select_related("customer", "team").order_by("-last_entry_at", "-pk")


def _give(rows: ConversationQuerySet, agent: Agent, team: Team, me: Agent) -> int:
    """Each is told on its own timeline; one that somebody else took meanwhile stays theirs."""
    return sum(row.assign_from(agent, by=me, team=team) is not None for row in rows[:AT_ONCE])


def _page(request: HttpRequest, row: Agent, form: HandoverForm, left: ConversationQuerySet) -> HttpResponse:
    context = {"row": row, "form": form, "count": left.count(), "rows": left[:SHOWN], "section": "settings"}
    return render(request, "conversations/handover.html", context, status=422 if form.errors else 200)
