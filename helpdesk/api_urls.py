"""The public API: versioned, described by OpenAPI at `/api/v1/schema/`, and as a page at `/api/v1/`."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, re_path

from conversations.api.problems import Absent
from helpdesk import api_page

APP_URLS = ("conversations.api_urls", "customers.api_urls", "channels_app.api_urls")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", api_page.docs, name="api-docs"),
    path("schema/", api_page.Description.as_view(), name="api-schema"),
    *[path("", include(module)) for module in APP_URLS if find_spec(module)],
    # Last: programs get a problem, not a page. Without the slash at the end Django leads on to what has one.
    re_path(r"^(?:[\s\S]*/)?$", Absent.as_view(), name="api-absent"),
]
