"""Who stands behind a session cookie: for sockets, which pass no middleware of pages."""

from collections.abc import Collection
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from agents.models import Agent
from helpdesk.lib import clock


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


def agents_of(session_keys: Collection[str]) -> dict[str, Agent]:
    """Return who is signed in with each of these sessions, as `agent_of` does, in three queries for all.

    Their roles and memberships come along. A session that is not like the others is looked at alone.
    """
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=clock.real())
    held = {row.session_key: row.get_decoded() for row in rows}
    numbers = {data[SESSION_KEY] for data in held.values() if SESSION_KEY in data}
    known = Agent.objects.select_related("role").prefetch_related("memberships").in_bulk(map(int, numbers))
    found: dict[str, Agent] = {}
    for key, data in held.items():
        agent = known.get(int(data.get(SESSION_KEY, 0)))
        if agent is None or not agent.is_active:
            continue
        if not constant_time_compare(data.get(HASH_SESSION_KEY, ""), agent.get_session_auth_hash()):
            agent = agent_of(key)
        if agent is not None:
            found[key] = agent
    return found
