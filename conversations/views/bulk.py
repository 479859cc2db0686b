"""One act on several conversations: each on its own, so that one that cannot be changed stops no other."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from agents.models import Agent
from conversations import undo
from conversations.forms import AssignmentForm, SnoozeForm
from conversations.models.conversation import Conversation
from conversations.models.entry import Entry
from conversations.views.access import agent_of, get_conversation, get_entry, is_fragment

MOST = 200
Act = Callable[[Conversation], Entry | None]


@login_required
@require_POST
def changes(request: HttpRequest) -> HttpResponseBase:
    """Assign, snooze or resolve the conversations of `numbers`. act: "<what>:<to whom, or until when>"."""
    act = _act(request.POST.get("act", ""), agent_of(request))
    if act is None:
        return _told(request, _("This cannot be done to several at once."), is_bad=True)
    entries, refused = [], 0
    numbers = _numbers(request.POST.get("numbers", ""))
    for number in numbers:
        try:
            entries.append(act(get_conversation(request, number, verb="reply")))
        except (Http404, PermissionDenied):
            refused += 1
    undoable = [str(entry.pk) for entry in entries if entry is not None and entry.kind in undo.UNDOABLE]
    url = f"{reverse('undoings')}?entries={','.join(undoable)}" if undoable else ""
    return _told(request, _words(len(entries), refused), url, is_bad=refused > 0)


@login_required
@require_POST
def undoings(request: HttpRequest) -> HttpResponseBase:
    """Put back what several entries changed; what was changed since stays."""
    too_late = 0
    for pk in _numbers(request.GET.get("entries", "")):
        try:
            undo.undo(get_entry(request, pk, verb="reply"), by=agent_of(request))
        except (Http404, PermissionDenied, undo.TooLate):
            too_late += 1
    words = _("Undone.") if not too_late else _("It was changed in the meantime and cannot be undone.")
    return _told(request, words, is_bad=too_late > 0)


def _act(asked: str, agent: Agent) -> Act | None:
    """Return what is to be done to each; None when it is not known or makes no sense."""
    what, _colon, value = asked.partition(":")
    if what == "resolution":
        return lambda row: row.resolve(by=agent)
    if what == "snooze":
        until = SnoozeForm({"until": value})
        return (lambda row: row.snooze(by=agent, until=until.cleaned_data["until"])) if until.is_valid() else None
    if what == "assignment":
        to = AssignmentForm({"agent": value})
        return (lambda row: row.assign(by=agent, agent=to.cleaned_data["agent"])) if to.is_valid() else None
    return None


def _numbers(text: str) -> list[int]:
    found = (int(part) for part in text.split(",")[:MOST] if part.isdecimal() and len(part) < 19)
    return list(dict.fromkeys(found))


def _words(done: int, refused: int) -> str:
    words = ngettext("%(n)d conversation changed.", "%(n)d conversations changed.", done) % {"n": done}
    if not refused:
        return words
    rest = ngettext("%(n)d could not be changed.", "%(n)d could not be changed.", refused) % {"n": refused}
    return f"{words} {rest}"


def _told(request: HttpRequest, words: str, undo_url: str = "", *, is_bad: bool = False) -> HttpResponseBase:
    if not is_fragment(request):
        return redirect("inbox_home")
    context = {"words": words, "undo": undo_url, "bad": is_bad}
    response: HttpResponse = render(request, "_partials/_toast.html", context)
    response.headers["HX-Trigger"] = "workspace:changed"
    return response
