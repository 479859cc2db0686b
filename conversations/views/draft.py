"""What is being written, saved while it is written."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents.permissions import can
from conversations import buttons, courtesy, drafts
from conversations.forms import addresses
from conversations.models.draft import Draft
from conversations.views.access import agent_of, get_conversation
from conversations.views.writing import saved_words

TEXT_MAX = 200_000
NAME_MAX = 64
VERSION_DIGITS = 9


@login_required
@require_POST
def draft(request: HttpRequest, number: int, mode: str) -> HttpResponse:
    """Keep one's text of one mode. Answers the words of the status line.

    409: it was sent already, or, with words that say so, a colleague took it over.
    """
    if mode not in Draft.Mode.values:
        raise Http404
    conversation = get_conversation(request, number)
    try:
        kept = drafts.save(conversation, mode, words_of(request), by=agent_of(request))
    except drafts.TakenOver as taken:
        return HttpResponse(escape(taken_words(taken)), status=409)
    except drafts.Closed:
        return HttpResponse("", status=409)
    if mode == Draft.Mode.REPLY and kept.text:
        courtesy.types(conversation.pk)
    return HttpResponse(saved_words(kept))


def words_of(request: HttpRequest) -> drafts.Words:
    """Read what is being written, and where it is going as far as the page says."""
    post = request.POST
    version = post.get("version", "")
    return drafts.Words(
        text=post.get("text", "")[:TEXT_MAX],
        route={**route_of(request), **buttons.kept(post.getlist("button"))},
        writing=post.get("writing", "")[:NAME_MAX],
        page=post.get("page", "")[:NAME_MAX],
        version=int(version) if version.isdecimal() and len(version) <= VERSION_DIGITS else 0,
    )


@login_required
@require_GET
def of_colleague(request: HttpRequest, number: int, mode: str, agent: int) -> HttpResponse:
    """Show what a colleague has written so far, to whoever sees the conversation."""
    theirs = Draft.objects.filter(agent=agent, conversation=get_conversation(request, number), mode=mode)
    found = get_object_or_404(theirs.exclude(text="").select_related("agent"))
    may_take = found.agent_id != agent_of(request).pk and (mode == Draft.Mode.NOTE or can(agent_of(request), "reply"))
    return render(request, "conversations/_their_draft.html", {"draft": found, "may_take": may_take})


def taken_words(taken: drafts.TakenOver) -> str:
    """Say who made a text theirs."""
    return _("%(who)s took over what you were writing.") % {"who": taken.by}


def route_of(request: HttpRequest) -> dict[str, Any]:
    """Read where a draft is going, as far as it says."""
    channel, _dash, identity = request.POST.get("way", "").partition("-")
    if not (channel.isdecimal() and identity.isdecimal()):
        return {}
    return {
        "channel_id": int(channel), "identity_id": int(identity), "subject": request.POST.get("subject", "")[:998],
        "cc": addresses(request.POST.get("cc", "")), "bcc": addresses(request.POST.get("bcc", "")),
    }  # fmt: skip
