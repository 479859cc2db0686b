"""How agents get in: nobody signs up by themselves, an administrator invites them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from agents import audit, leaving
from agents.models import Agent

EMAIL_MAX = 254


class AccountAdapter(DefaultAccountAdapter):
    """Allauth's seams that differ here."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts are made by an administrator."""
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Refuse services, whichever way somebody comes in as one."""
        return self.respond_user_inactive(request, user) if user.is_service else super().pre_login(
            request, user, **kwargs
        )  # fmt: skip

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Say on the next page only what went wrong: being signed in is plain to see."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **kwargs)

    def post_login(self, request: HttpRequest, user: Agent, **kwargs: Any) -> HttpResponse:
        """Write down who came, and from where."""
        audit.changed(user, "login", {}, {"from": self.get_client_ip(request)})
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down who was tried, alike for an address that nobody has; limits of tries come before this."""
        tried = str(credentials.get("email") or credentials.get("username") or "")
        # What is no address may be a password in the wrong field.
        tried = tried[:EMAIL_MAX] if "@" in tried and " " not in tried else "?"
        audit.changed(None, "login_failed", {}, {"person": tried, "from": self.get_client_ip(request)})

    def set_password(self, user: Agent, password: str) -> None:
        """Close the sockets of the sessions that end with the old password."""
        super().set_password(user, password)
        leaving.tell(user.pk)

    def logout(self, request: HttpRequest) -> None:
        """End the session and close the agent's sockets; browsers still signed in connect again."""
        agent_id = request.user.pk
        super().logout(request)
        if agent_id:
            leaving.tell(agent_id)
