"""The language and time zone an agent chose, for the length of one request."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


class AgentLanguage:
    """Middleware after AuthenticationMiddleware: what the agent chose wins over what the browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Draw the page in the agent's language and time zone; without a log-in leave both as they are."""
        if request.user.is_authenticated:
            _speak(request, request.user.language)
            _place(request.user.time_zone)
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()


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
