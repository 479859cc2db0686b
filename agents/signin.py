"""How agents get in: nobody signs up by themselves, an administrator invites them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from agents import leaving


class AccountAdapter(DefaultAccountAdapter):
    """Allauth's seams that differ here."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: accounts are made by an administrator."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing on the next page: being signed in is plain to see."""

    def logout(self, request: HttpRequest) -> None:
        """End the session and close the agent's sockets; browsers still signed in connect again."""
        agent_id = request.user.pk
        super().logout(request)
        if agent_id:
            leaving.tell(agent_id)
