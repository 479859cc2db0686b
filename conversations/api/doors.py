"""What a request goes through before its view: the scope of its token, and how often that may ask.

Imports no view: views are made with it.
"""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from agents.models import ApiToken
from agents.programs import limiting
from agents.programs.scopes import Scope

if TYPE_CHECKING:
    from rest_framework.views import APIView

PROBLEM = "application/problem+json"


class MissingScope(PermissionDenied):
    """The token was not made for this."""

    default_code = "scope"

    def __init__(self, detail: str, scope: str) -> None:
        super().__init__(detail)
        # Told beside the sentence (conversations.api.problems).
        self.more = {"scope": scope}


class HasScope(BasePermission):
    """Tokens that were made for this method of this noun."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Raise MissingScope, which names what is missing."""
        needed = scope_of(view, request.method or "")
        if needed is None or (isinstance(request.auth, ApiToken) and needed in request.auth.scopes):
            return True
        said = _("This token lacks the scope %(scope)s.") % {"scope": needed.value}
        raise MissingScope(said, scope=needed.value)


class PerToken(BaseThrottle):
    """Counts what each token asks; what is left is said with every answer."""

    left: limiting.Left | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Whether this one is still within the minute's number."""
        self.left = limiting.spend(request.auth.pk) if isinstance(request.auth, ApiToken) else None
        view.left = self.left  # type: ignore[attr-defined]
        return self.left is None or not self.left.is_over

    def wait(self) -> float | None:
        """In how many seconds it may ask again."""
        return float(self.left.reset_seconds) if self.left else None


def scope_of(view: "APIView", method: str) -> Scope | None:
    """Return what a method of a view needs; None where there is no such method."""
    name = "get" if method.lower() == "head" else method.lower()
    scopes: dict[str, Scope] = getattr(view, "scopes", {})
    if name not in scopes and hasattr(view, name) and name != "options":
        raise LookupError(f"{type(view).__name__}.{name} names no scope")
    return scopes.get(name)
