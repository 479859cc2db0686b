"""The description of the API as a page, and for programs.

Tried under the policy of this desk (drf-spectacular-sidecar, 2026-11-28): Redoc stops with an error, since it writes
styles into the page; Swagger UI runs, and is 1.5 MB of script that shows nothing without it, in one language and
outside the desk's themes. So the page is drawn here, by the server.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from helpdesk import api_description


class Description(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or JSON (`Accept`)."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with what was made once: it is the same for everybody who reads this language."""
        return Response(api_description.described())


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Show the whole API to people; nothing of it is secret."""
    context = {
        "nouns": api_description.nouns(), "scopes": list(Scope), "desk": settings.PUBLIC_URL,
        "per_minute": settings.API_REQUESTS_PER_MINUTE,
    }  # fmt: skip
    return render(request, "helpdesk/api.html", context)
