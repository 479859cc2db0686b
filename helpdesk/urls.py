"""Every address of the desk, by app. Addresses are nouns and a contract: they do not change."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from helpdesk.health import healthz

# Each app brings its own list; the order decides only where two would fit.
APP_URLS = ("conversations.urls", "customers.urls", "agents.urls", "channels_app.urls")

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("", include("agents.signin_urls")),
    path("language/", set_language, name="set_language"),
    path("api/v1/", include("helpdesk.api_urls")),
    path("", include("helpdesk.exports.urls")),
    path("", include("helpdesk.demo_shop")),
    *[path("", include(module)) for module in APP_URLS if find_spec(module)],
]
