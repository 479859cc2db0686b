"""The public API: versioned, described by OpenAPI at `/api/v1/schema/`."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from conversations.api.problems import Absent

APP_URLS = ("conversations.api_urls", "customers.api_urls", "channels_app.api_urls")

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    *[path("", include(module)) for module in APP_URLS if find_spec(module)],
    # Last: programs get a problem, not a page. Without the slash at the end Django leads on to what has one.
    re_path(r"^(?:[\s\S]*/)?$", Absent.as_view(), name="api-absent"),
]
