"""Where providers reach us: always the configured public address, never what a request claims; and who calls."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from channels_app.models import Channel


def webhook_of(channel: Channel, path: str = "") -> str:
    """Return a channel's address on the web as a provider is told it. path: what follows, `status/` for instance."""
    return settings.PUBLIC_URL + reverse("webhook", args=[channel.kind, channel.public_key]) + path


def called(request: HttpRequest) -> str:
    """Return the address that a provider called, as it signed it: our public origin, its path and query."""
    return settings.PUBLIC_URL + request.get_full_path()


def caller(request: HttpRequest) -> str:
    """Return where a request came from, past our own proxies; '' where it passed fewer than stand before the desk."""
    count = settings.TRUSTED_PROXIES_COUNT
    if not count:
        return str(request.META.get("REMOTE_ADDR", ""))
    passed = [one.strip() for one in request.headers.get("x-forwarded-for", "").split(",")]
    return passed[-count] if len(passed) >= count else ""
