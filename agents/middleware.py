"""What every request goes through: the workspace's time, an agent's language and zone, and texts that can be kept."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation

from agents import timing

# Asked when the database is away: it must not wait for it here.
WITHOUT_TIME = "/healthz"


class AgentLanguage:
    """Middleware after AuthenticationMiddleware: what the agent chose wins over what the browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Draw the page in the agent's language and time zone; without a log-in leave both as they are."""
        if request.path_info != WITHOUT_TIME:
            timing.keep()
        if request.user.is_authenticated:
            _speak(request, request.user.language)
            _place(request.user.time_zone)
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


class WithoutNul:
    """Middleware after AuthenticationMiddleware: what agents write has no NUL.

    PostgreSQL keeps none, and no keyboard writes one: it comes with a text that was pasted. Left out, so that nobody
    loses the rest.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the address and the form of whoever is signed in; other bodies are their readers' to check."""
        if request.user.is_authenticated:
            request.GET = _without_nul(request.GET)  # type: ignore[assignment]
            if request.method == "POST":
                request.POST = _without_nul(request.POST)  # type: ignore[assignment]
        return self.get_response(request)


def _without_nul(form: QueryDict) -> QueryDict:
    if not any("\0" in part for name, values in form.lists() for part in (name, *values)):
        return form
    clean = QueryDict(mutable=True, encoding=form.encoding)
    for name, values in form.lists():
        clean.setlist(name.replace("\0", ""), [value.replace("\0", "") for value in values])
    clean._mutable = False
    return clean


def _speak(request: HttpRequest, language: str) -> None:
    if language:
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


def _place(name: str) -> None:
    try:
        timezone.activate(zoneinfo.ZoneInfo(name))
    except (ValueError, zoneinfo.ZoneInfoNotFoundError):
        # A zone that this machine does not know must not lock anybody out.
        timezone.deactivate()
