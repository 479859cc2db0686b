"""Where uvicorn enters: pages over HTTP, live hints over WebSockets."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
# Requests are served from many threads, so this process keeps a pool of database connections.
os.environ.setdefault("DATABASE_POOL_MAX", "12")

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application

# Pages are drawn in threads beside the event loop that carries the hints: it gets its turn after half a millisecond
# instead of five (docs/performance.md).
sys.setswitchinterval(0.0005)
pages = get_asgi_application()

from helpdesk.ws_urls import urlpatterns  # noqa: E402 - the apps must be loaded before their consumers are

application = ProtocolTypeRouter(
    {"http": pages, "websocket": AllowedHostsOriginValidator(CookieMiddleware(URLRouter(urlpatterns)))}
)
