"""Refuses combinations of settings that look harmless and are not."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from helpdesk.lib import failpoints

SECRET_KEY_LENGTH = 50


@register
def unsafe_settings(**_: Any) -> list[CheckMessage]:
    """Return one error per dangerous combination, naming the variable to change."""
    if not settings.PRODUCTION:
        return []
    return [Error(text, id=f"telaio.{code}") for code, bad, text in _findings() if bad]


def _findings() -> list[tuple[str, bool, str]]:
    return [
        ("E001", settings.DEBUG, "DEBUG: must be off outside development; it shows secrets to visitors."),
        ("E002", "*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS: name the hosts; * trusts any Host header."),
        ("E003", len(settings.SECRET_KEY) < SECRET_KEY_LENGTH, "SECRET_KEY: is shorter than 50 characters."),
        ("E004", len(set(settings.SECRET_KEY)) < 10, "SECRET_KEY: repeats itself; make a random one."),
        ("E006", failpoints.is_on(), "TESTING_FAILPOINTS: is for tests; it lets anybody with a shell break the desk."),
        ("E005", not settings.HTTPS and not _is_loopback(), "PUBLIC_URL: plain http sends log-ins in the clear."),
    ]


def _is_loopback() -> bool:
    return urlsplit(settings.PUBLIC_URL).hostname in {"localhost", "127.0.0.1", "::1"}
