"""Refuses combinations of settings that look harmless and are not: no process of the desk starts with them."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from helpdesk.lib import failpoints

SECRET_KEY_LENGTH = 50
SECRET_KEY_LETTERS = 10


def refuse_unsafe() -> None:
    """Raise ImproperlyConfigured naming every variable that makes this production unsafe."""
    if found := unsafe():
        raise ImproperlyConfigured("\ntelaio: ".join(found))


def unsafe() -> list[str]:
    """Return a sentence per dangerous setting, beginning with the variable to change; none outside production."""
    if not settings.PRODUCTION:
        return []
    return [text for is_bad, text in _rules() if is_bad]


def _rules() -> list[tuple[bool, str]]:
    key = settings.SECRET_KEY
    return [
        (failpoints.is_on(), f"{failpoints.SWITCH}: breaks the desk on purpose; only tests may have it on"),
        (settings.DEBUG, "DEBUG: must be off in production; it shows secrets to visitors"),
        ("*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS: name the hosts; * believes any Host header"),
        (len(key) < SECRET_KEY_LENGTH, f"SECRET_KEY: is shorter than {SECRET_KEY_LENGTH} characters"),
        (len(set(key)) < SECRET_KEY_LETTERS, "SECRET_KEY: repeats itself; make a random one"),
        (not settings.HTTPS and not _is_loopback(), "PUBLIC_URL: plain http sends log-ins in the clear; use https"),
    ]


def _is_loopback() -> bool:
    return urlsplit(settings.PUBLIC_URL).hostname in {"localhost", "127.0.0.1", "::1"}
