"""What a visitor asks for when they leave: a copy, an end, a word on how it was, to be forgotten."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from channels_app.adapters.webchat import leaving, limits, reaching
from channels_app.adapters.webchat.views.doors import for_visitors, read, refuse
from channels_app.models import Channel, Visitor
from conversations import ending, rating

# Whoever presses a button again and again.
PRESSES = limits.Limit("presses", 20, 3_600)


@for_visitors
@require_POST
def copies(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Mail a copy of the chat: 202, 400 no address, 409 none can go and why, 429 too many."""
    given = read(request)
    written = given.get("address", "") if given is not None else None
    if given is None or not isinstance(written, str):
        return refuse(400, "json")
    caller = limits.address_of(request)
    try:
        address = leaving.mail_copy(visitor, written, zone=given.get("zone"), caller=caller)
    except reaching.NoAddress:
        return refuse(400, "address")
    except leaving.NotMailed as refused:
        return refuse(refused.status, refused.code)
    return JsonResponse({"address": address}, status=202)


@for_visitors
@require_GET
def copy(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Give the chat as a file: 200, 429 too many."""
    if not limits.spend(limits.READS, str(visitor.pk)):
        return refuse(429, "reads")
    text = leaving.file_of(channel, visitor, request.GET.get("zone"))
    # The mark tells programs that know no better which letters these are.
    return HttpResponse(text.encode("utf-8-sig"), content_type="text/plain; charset=utf-8")


@for_visitors
@require_POST
def endings(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """End the chat: 204, also where it was over; 409 there is none, 429 too many."""
    if not limits.spend(PRESSES, str(visitor.pk)):
        return refuse(429, "presses")
    conversation = leaving.current(visitor)
    if conversation is None:
        return refuse(409, "nothing")
    ending.end(conversation)
    return HttpResponse(status=204)


@for_visitors
@require_POST
def ratings(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Keep how our help was: 204, 400 no rating, 409 not asked (any more), 429 too many."""
    given = read(request) or {}
    score, comment = given.get("score"), given.get("comment", "")
    is_score = isinstance(score, int) and not isinstance(score, bool) and score in rating.SCORES
    if not is_score or not isinstance(comment, str) or len(comment) > rating.COMMENT_MAX:
        return refuse(400, "json")
    if not limits.spend(PRESSES, str(visitor.pk)):
        return refuse(429, "presses")
    conversation = leaving.current(visitor)
    try:
        if conversation is None:
            return refuse(409, "nothing")
        # PostgreSQL keeps neither NUL nor half a letter in JSON.
        clean = comment.replace("\0", "").encode("utf-8", "ignore").decode().strip()
        rating.rate(conversation, int(str(score)), clean)
    except rating.NotNow:
        return refuse(409, "closed")
    return HttpResponse(status=204)


@for_visitors
@require_POST
def erasures(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Forget this browser and ask the team for the rest: 200 with the reference ('': nothing was kept)."""
    reference = leaving.forget(visitor)
    if reference is None:
        return refuse(401, "token")
    return JsonResponse({"reference": reference})
