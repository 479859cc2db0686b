"""Coming back or over: by the link of a mail or of an agent; and where an answer reaches somebody who leaves."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from channels_app.adapters.webchat import (
    hops,
    leaving,
    limits,
    links,
    promising,
    proving,
    reaching,
    telling,
    visitors,
    vouching,
)  # fmt: skip
from channels_app.adapters.webchat.views.doors import for_anybody, for_visitors, read, refuse, speak, widget
from channels_app.adapters.webchat.views.framing import context_of
from channels_app.models import Channel, Visitor


@never_cache
@require_GET
def back(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Draw the chat as a page of its own. Looking changes nothing: mail scanners follow links, too."""
    channel = widget(key)
    speak(request, request.GET.get("lang", ""))
    is_good = links.find(channel, token) is not None
    context = {**context_of(channel), "link": token if is_good else "", "is_over": not is_good, "is_page": True}
    return render(request, "webchat/frame.html", context, status=200 if is_good else 410)


@never_cache
@require_GET
def hop(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Draw the page on which somebody begins who was asked over. Looking uses nothing up; 410 where nobody may begin.

    The browser that has begun reloads it, too: whether it is that one, its script knows.
    """
    channel = widget(key)
    speak(request, request.GET.get("lang", ""))
    link = hops.find(channel, token)
    is_good = link is not None and hops.is_open(link)
    state = "good" if is_good else "used" if link is not None and link.used_at is not None else "over"
    more = {"link": token, "hop": state, "is_used": state == "used", "is_past": state == "over", "is_page": True}
    return render(request, "webchat/frame.html", {**context_of(channel), **more}, status=200 if is_good else 410)


@for_anybody
@require_POST
def arrivals(request: HttpRequest, channel: Channel, site: str) -> HttpResponse:
    """Make a visitor of the browser that opened a link: 201 with its token, 410 a link that is over, 429 too many.

    By the link of a mail as many as have it, by an agent's the first alone.
    """
    given = read(request)
    token = given.get("link") if given else None
    if given is None or not isinstance(token, str):
        return refuse(400, "json")
    caller = limits.address_of(request)
    if limits.is_spent(limits.GUESSES, caller):
        return refuse(429, "guesses")
    language = visitors.language_in(given.get("language"))
    back = links.find(channel, token)
    if back is not None:
        visitor, fresh = links.open_link(channel, back, language=language)
        return JsonResponse({"token": fresh, "upto": back.upto, "address": visitor.address}, status=201)
    return _over(channel, token, language, caller)


def _over(channel: Channel, token: str, language: str, caller: str) -> HttpResponse:
    """Let the first browser begin by an agent's link."""
    link = hops.find(channel, token)
    if link is None:
        limits.spend(limits.GUESSES, caller)
        return refuse(410, "link")
    try:
        visitor, fresh = hops.begin(channel, link, language=language)
    except hops.Over:
        return refuse(410, "used")
    return JsonResponse({"token": fresh, "upto": None, "address": visitor.address}, status=201)


@for_visitors
@require_POST
def addresses(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Keep where an answer reaches the visitor: 200, 400 no address, 429 too many."""
    given = read(request)
    written = given.get("address") if given else None
    if not isinstance(written, str):
        return refuse(400, "json")
    if not limits.spend(limits.ADDRESSES, str(visitor.pk)):
        return refuse(429, "addresses")
    try:
        return JsonResponse({"address": reaching.keep(visitor, written)})
    except reaching.NoAddress:
        return refuse(400, "address")


@for_visitors
@require_POST
def identity(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Take the shop's word for who this is: 204, 403 not its word, 409 this browser is somebody else's."""
    given = read(request)
    caller = limits.address_of(request)
    if given is None:
        return refuse(400, "json")
    if limits.is_spent(limits.GUESSES, caller):
        return refuse(429, "guesses")
    try:
        who = vouching.read(channel, given)
    except vouching.NotVouched:
        limits.spend(limits.GUESSES, caller)
        return refuse(403, "hash")
    return HttpResponse(status=204) if vouching.recognise(visitor, who) else refuse(409, "other")


@for_visitors
@require_GET
def state(request: HttpRequest, channel: Channel, visitor: Visitor) -> HttpResponse:
    """Tell what the head and the foot of the chat show, by the clock of `zone`, the browser's."""
    identities, zone = visitors.identities_of(visitor), promising.zone_named(request.GET.get("zone", ""))
    told = {"address": visitor.address, "is_proved": not proving.may_prove(visitor)}
    return JsonResponse({**told, **telling.about(channel, identities, zone), **leaving.about(channel, identities)})


@for_anybody
@require_GET
def outlook(request: HttpRequest, channel: Channel, site: str) -> HttpResponse:
    """Tell a browser that has written nothing yet what holds for everybody, in `lang`: 429 asked too often."""
    if not limits.spend(limits.READS, limits.address_of(request)):
        return refuse(429, "reads")
    speak(request, request.GET.get("lang", ""))
    return JsonResponse(telling.everybody(channel, promising.zone_named(request.GET.get("zone", ""))))
