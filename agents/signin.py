"""How agents get in: nobody signs up by themselves, an administrator invites them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest

from agents import leaving


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

    def logout(self, request: HttpRequest) -> None:
        """End the session and close the agent's sockets; browsers still signed in connect again."""
        agent_id = request.user.pk
        super().logout(request)
        if agent_id:
            leaving.tell(agent_id)
