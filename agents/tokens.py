"""Programs sign in with `Authorization: Bearer <token>`; the token acts for its agent."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from agents.models import ApiToken

SCHEME = "bearer"


class TokenAuthentication(BaseAuthentication):
    """Looks the token up by its digest; a wrong one is refused even where nobody need sign in."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the token's agent and the token, or None without such a header."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        token = ApiToken.find(secret.strip())
        if token is None:
            raise AuthenticationFailed
        return token.agent, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge, so that a missing token is answered 401 and not 403."""
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description names this way of signing in; registered by being defined."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return OpenAPI's word for a bearer token."""
        return {"type": "http", "scheme": SCHEME}
