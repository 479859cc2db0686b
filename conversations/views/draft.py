"""What is being written, saved while it is written."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from conversations.forms import addresses
from conversations.models.draft import Draft
from conversations.views.access import agent_of, get_conversation
from conversations.views.writing import saved_words
from helpdesk.lib import clock

TEXT_MAX = 200_000


@login_required
@require_POST
def draft(request: HttpRequest, number: int, mode: str) -> HttpResponse:
    """Keep one's text of one mode; an empty one forgets it. Answers the words of the status line."""
    if mode not in Draft.Mode.values:
        raise Http404
    conversation = get_conversation(request, number)
    mine = Draft.objects.filter(agent=agent_of(request), conversation=conversation, mode=mode)
    text = request.POST.get("text", "")[:TEXT_MAX]
    if not text.strip():
        mine.delete()
        return HttpResponse("")
    # Under the row's lock: a note that is posted at the same moment forgets the draft.
    said = {"text": text, "route": route_of(request), "saved_at": clock.now()}
    kept, _made = Draft.objects.update_or_create(
        agent=agent_of(request), conversation=conversation, mode=mode,
        defaults={**said, "version": F("version") + 1}, create_defaults=said,
    )  # fmt: skip
    return HttpResponse(saved_words(kept))


def route_of(request: HttpRequest) -> dict[str, Any]:
    """Read where a draft is going, as far as it says."""
    channel, _dash, identity = request.POST.get("way", "").partition("-")
    if not (channel.isdecimal() and identity.isdecimal()):
        return {}
    return {
        "channel_id": int(channel), "identity_id": int(identity), "subject": request.POST.get("subject", "")[:998],
        "cc": addresses(request.POST.get("cc", "")), "bcc": addresses(request.POST.get("bcc", "")),
    }  # fmt: skip
