"""Who stands behind a session cookie: for sockets, which pass no middleware of pages."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from agents.models import Agent


def agent_of(session_key: str | None) -> Agent | None:
    """Return the active agent who is signed in with this session, as the database says now; None for nobody.

    The same checks as for a page: the session lives, and was begun with the password that is valid today.
    """
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    found = get_user(request)
    return found if isinstance(found, Agent) and found.is_active else None
