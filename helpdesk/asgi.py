"""Where uvicorn enters: pages over HTTP, live hints over WebSockets."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
# Requests are served from many threads, so this process keeps a pool of database connections.
os.environ.setdefault("DATABASE_POOL_MAX", "12")

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application

pages = get_asgi_application()

# The apps must be loaded before their consumers are.
from helpdesk.own_pages import OwnPages  # noqa: E402
from helpdesk.ws_urls import urlpatterns  # noqa: E402

application = ProtocolTypeRouter({"http": pages, "websocket": OwnPages(CookieMiddleware(URLRouter(urlpatterns)))})
