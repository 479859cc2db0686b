"""The security headers that Django does not send itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "geolocation", "gyroscope", "magnetometer", "midi", "payment", "usb",
    )
)  # fmt: skip


class SecurityHeaders:
    """Middleware: what may embed our answers, what pages may use, and that personal pages are kept nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add each header that the view has not set itself."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # Everything but the built assets is drawn for one person.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
