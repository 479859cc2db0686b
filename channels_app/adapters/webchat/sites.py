"""Which websites may show a widget. An origin is scheme, host and port, spelled as browsers spell it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

PORTS = {"http": 80, "https": 443}
HOST_MAX = 253


def origin_of(written: str) -> str:
    """Spell an address as its origin; '' for what is none: another scheme, no host, a name and password, a wildcard."""
    try:
        parts = urlsplit(written.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in PORTS or not _is_host(host) or parts.username is not None:
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != PORTS[parts.scheme] else "")


def allowed(config: dict[str, Any]) -> tuple[str, ...]:
    """Return the origins where a widget may stand: what its administrator listed, and the desk's own pages."""
    listed = [origin_of(line) for line in str(config.get("sites", "")).split()]
    return tuple(dict.fromkeys(filter(None, (*listed, origin_of(settings.PUBLIC_URL)))))


def is_allowed(config: dict[str, Any], site: str) -> bool:
    """Whether a page of this origin may show the widget."""
    return bool(site) and origin_of(site) == site and site in allowed(config)


def _is_host(host: str) -> bool:
    is_short = 0 < len(host) <= HOST_MAX
    return is_short and host.isascii() and all(letter.isalnum() or letter in "-.:" for letter in host)
