"""What every view of a widget begins with: which widget, from which site, and whose token."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from channels_app.adapters.webchat import limits, sites, visitors
from channels_app.models import Channel, Visitor
from helpdesk.lib import origins

# A hundred thousand characters of four bytes, and what is said around them.
BODY_MAX_BYTES = 512 * 1024
SITE_HEADER = "x-telaio-site"
LANGUAGES = ("en", "it", "ro")
Answering = Callable[[HttpRequest, Channel, Visitor], HttpResponse]


def widget(key: str) -> Channel:
    """Return the widget of a key. Raises Http404."""
    channel = visitors.find_widget(key)
    if channel is None:
        raise Http404
    return channel


def site_of(request: HttpRequest, channel: Channel) -> str:
    """Return the origin that shows the widget; '' where it must not stand."""
    site = request.headers.get(SITE_HEADER, "")
    return site if sites.is_allowed(channel.config, site) else ""


def is_by_the_frame(request: HttpRequest) -> bool:
    """Whether a browser says that our own page asks, or says nothing of it, as with a GET."""
    origin = request.headers.get("origin")
    return origin is None or origins.is_own(origin, request.get_host())


def for_anybody(view: Callable[[HttpRequest, Channel, str], HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in any browser that shows the widget on a site where it may stand: 403 for another site.

    Nothing here goes by a cookie, so there is none to protect. Whoever asks is the frame, which is our own page: where
    a browser names another one it was not the frame.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, key: str) -> HttpResponse:
        channel = widget(key)
        site = site_of(request, channel) if is_by_the_frame(request) else ""
        return view(request, channel, site) if site else refuse(403, "site")

    return answer


def for_visitors(view: Answering) -> Callable[..., HttpResponse]:
    """Let in who has a token of this widget and this site: 403 another site, 401 no such token, 429 too many guesses.

    Tokens travel in a header that no other site can make a browser send.
    """

    @for_anybody
    @wraps(view)
    def answer(request: HttpRequest, channel: Channel, site: str) -> HttpResponse:
        caller = limits.address_of(request)
        if limits.is_spent(limits.GUESSES, caller):
            return refuse(429, "guesses")
        visitor = visitors.find(channel, visitors.token_in(request), site)
        if visitor is None:
            limits.spend(limits.GUESSES, caller)
            return refuse(401, "token")
        speak(request, visitor.language)
        return view(request, channel, visitor)

    return answer


def speak(request: HttpRequest, language: str) -> None:
    """Answer in a language that is asked for, if there is one of it."""
    chosen = language.lower().partition("-")[0]
    if chosen in LANGUAGES:
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen


def read(request: HttpRequest) -> dict[str, Any] | None:
    """Return a request's JSON object; None for anything else, or too much of it."""
    if int(request.headers.get("content-length") or 0) > BODY_MAX_BYTES:
        return None
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def refuse(status: int, code: str, **more: Any) -> HttpResponse:
    """Say no in a word that the frame understands."""
    return JsonResponse({"error": code, **more}, status=status)
