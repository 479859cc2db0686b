"""Which pages are the desk's own: scheme, host and port as browsers spell them, and nothing that only looks alike."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def is_own(origin: str, host: str) -> bool:
    """Whether a page of this origin came from this desk.

    host: what the request was sent to. It counts where the desk answers to it, since one desk may have several names;
    PUBLIC_URL counts where a proxy has taken the port away.
    """
    public = urlsplit(settings.PUBLIC_URL)
    if origin == f"{public.scheme}://{public.netloc}":
        return True
    domain, _port = split_domain_port(host)
    schemes = ("https",) if settings.HTTPS else ("http", "https")
    return origin in {f"{scheme}://{host}" for scheme in schemes} and validate_host(domain, settings.ALLOWED_HOSTS)
