"""Every address of the API with every method: how it is asked. tests/test_access_matrix.py asks as every role."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agents.models import Agent, ApiToken
from tests.test_access import PROGRAMS, World, everything_kept, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "patch", "put", "delete")
FAR = 100_000


@dataclass(frozen=True)
class Call:
    """One method of one address: its answer to somebody who may, and to whose role does not write."""

    name: str
    allowed: int
    method: str = "get"
    args: Callable[[World], list[Any]] = lambda world: []
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    light: int = 0

    @property
    def key(self) -> str:
        return f"{self.method} {self.name}"


def person(world: World) -> list[Any]:
    return [world.conversation.customer_id]


def number(world: World) -> list[Any]:
    return [world.conversation.number]


def draft(world: World) -> list[Any]:
    return [world.conversation.number, "reply"]


def address(world: World) -> int:
    return world.conversation.customer.identities.earliest("pk").pk


def said(world: World) -> dict[str, Any]:
    return {"customer": world.conversation.customer_id}


def other(world: World) -> dict[str, Any]:
    return {"other": world.stranger.pk}


def consent(world: World) -> dict[str, Any]:
    return {"identity": address(world), "purpose": "survey", "state": "refused", "source": "By phone"}


ONE = [lambda world: [address(world)], lambda world: [world.merge.pk], lambda world: [world.company.pk]]
# What belongs to one team: an outsider finds it absent.
OBJECTS = [
    Call("api-customer", 200, "get", person, light=200),
    Call("api-customer", 200, "patch", person, lambda world: {"name": "G."}, light=403),
    Call("api-customer-identities", 200, "get", person, light=200),
    Call(
        "api-customer-identities", 201, "post", person,
        lambda world: {"kind": "email", "value": "new@example.test"}, light=403,
    ),
    Call("api-customer-consents", 200, "get", person, light=200),
    Call("api-customer-consents", 201, "post", person, consent, light=403),
    Call("api-customer-notes", 201, "post", person, lambda world: {"text": "Has a dog."}, light=201),
    Call("api-customer-suggestions", 200, "get", person, light=200),
    Call("api-customer-rejections", 204, "post", person, other, light=403),
    Call("api-identity", 200, "get", ONE[0], light=200),
    Call("api-identity", 200, "patch", ONE[0], lambda world: {"is_verified": True}, light=403),
    Call("api-identity", 409, "delete", ONE[0], light=403),
    Call("api-company", 200, "get", ONE[2], light=200),
    Call("api-company", 200, "patch", ONE[2], lambda world: {"name": "Bolt"}, light=403),
    Call("api-company", 409, "delete", ONE[2], light=403),
    Call("api-merges", 200, "get", data=said, light=200),
    Call("api-merges", 201, "post", data=lambda world: {"kept": said(world)["customer"], **other(world)}, light=403),
    Call("api-merge", 200, "get", ONE[1], light=200),
    Call("api-merge-undoing", 200, "post", ONE[1], light=403),
    Call("api-splits", 201, "post", data=lambda world: {"identity": address(world)}, light=403),
    Call("api-moves", 201, "post", data=lambda world: {**said(world), "entries": [world.message.pk]}, light=403),
    Call("api-entries", 200, "get", data=said, light=200),
    Call("api-entry", 200, "get", lambda world: [world.message.pk], light=200),
    Call("api-entry", 200, "patch", lambda world: [world.note.pk], lambda world: {"is_pinned": True}, light=200),
    Call("api-conversation", 200, "get", number, light=200),
    Call("api-conversation-assignment", 200, "post", number, lambda world: {"take": True}, light=403),
    Call("api-conversation-snooze", 200, "post", number, lambda world: {"until": "2099-01-01T09:00:00Z"}, light=403),
    Call("api-conversation-resolution", 200, "post", number, light=403),
    Call("api-conversation-reopening", 200, "post", number, light=403),
    Call("api-conversation-waiting", 200, "post", number, light=403),
    Call("api-conversation-tags", 200, "post", number, lambda world: {"name": "late"}, light=403),
    Call("api-conversation-tag", 204, "delete", lambda world: [world.conversation.number, "old"], light=403),
    Call("api-conversation-messages", 200, "get", number, light=200),
    Call("api-conversation-messages", 201, "post", number, lambda world: {"text": "On its way."}, light=403),
    Call("api-conversation-draft", 200, "put", draft, lambda world: {"text": "Dear"}, light=200),
    Call("api-conversation-draft", 200, "get", draft, light=200),
    Call("api-conversation-draft", 204, "delete", draft, light=204),
    Call(
        "api-conversation-notes", 201, "post",
        lambda world: [world.conversation.number], lambda world: {"text": "Odd."}, light=201,
    ),
    Call(
        "api-messages", 201, "post",
        data=lambda world: {"address": "giulia@example.test", "text": "On its way."}, light=403,
    ),
]  # fmt: skip
# Lists, and what is nobody's yet: everybody who works here has them.
OWN = [
    Call("api-customers", 200, light=200),
    Call(
        "api-customers", 201, "post",
        data=lambda world: {"identities": [{"kind": "email", "value": "new@example.test"}]}, light=403,
    ),
    Call("api-identities", 200, data=lambda world: {"address": "giulia@example.test"}, light=200),
    Call("api-conversations", 200, light=200),
    Call("api-drafts", 200, light=200),
    Call("api-tags", 200, light=200),
    Call("api-search", 200, data=lambda world: {"q": "giulia parcel"}, light=200),
    Call("api-topics", 200, light=200),
    Call("api-custom-fields", 200, light=200),
    Call("api-agents", 200, light=200),
    Call("api-teams", 200, light=200),
    Call("api-channels", 200, light=200),
    Call("api-me", 200, light=200),
    Call("api-companies", 200, light=200),
    Call("api-companies", 201, "post", data=lambda world: {"name": "Bolt"}, light=403),
]  # fmt: skip
CALLS = [*OBJECTS, *OWN]


def ask(agent: Agent | None, call: Call, world: World, args: list[Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {ApiToken.issue(agent, 'test')[1]}"} if agent else {}
    url = reverse(call.name, args=call.args(world) if args is None else args)
    kind = {} if call.method == "get" else {"content_type": "application/json"}
    return getattr(Client(headers=headers), call.method)(url, call.data(world), **kind)


def routes(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[URLPattern]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        elif str(pattern.name).startswith(PROGRAMS):
            yield pattern


def kept(*, with_reads: bool = True) -> dict[str, str]:
    """Everything but the tokens that asking takes, and who read whom: the one table that a GET writes."""
    left_out = {"agents_apitoken"} if with_reads else {"agents_apitoken", "conversations_customerread"}
    return {table: total for table, total in everything_kept().items() if table not in left_out}


def test_every_method_of_every_address_is_in_the_table() -> None:
    found = {
        f"{method} {route.name}"
        for route in routes()
        for method in METHODS
        if route.name not in {"api-schema", "api-docs", "api-absent"} and hasattr(route.callback.view_class, method)  # type: ignore[attr-defined]
    }
    assert found == {call.key for call in CALLS}


def test_what_is_hidden_and_what_is_absent_answer_the_same(world: World, outsider: Agent) -> None:
    for call in (call for call in OBJECTS if call.args(world)):
        hidden, absent = (
            ask(outsider, call, world, [call.args(world)[0] + far, *call.args(world)[1:]]) for far in (0, FAR)
        )
        assert (call.key, hidden.status_code, hidden.content) == (call.key, 404, absent.content)


def test_lists_say_nothing_of_others(world: World, outsider: Agent) -> None:
    for call in (call for call in OWN if call.method == "get"):
        answer = ask(outsider, call, world)
        assert (call.key, answer.status_code) == (call.key, call.allowed)
        assert b"giulia" not in answer.content.lower()
        assert b"Acme" not in answer.content


def test_nobody_comes_in_without_a_token(world: World, agent: Agent) -> None:
    before = kept()
    session = Client()
    session.force_login(agent)
    for call in CALLS:
        assert (call.key, ask(None, call, world).status_code) == (call.key, 401)
        url = reverse(call.name, args=call.args(world))
        assert (call.key, getattr(session, call.method)(url).status_code) == (call.key, 401)
    assert {**kept(), "agents_agent": ""} == {**before, "agents_agent": ""}


def test_reading_changes_nothing(world: World, colleague: Agent) -> None:
    before = kept(with_reads=False)
    for call in (call for call in CALLS if call.method == "get"):
        assert (call.key, ask(colleague, call, world).status_code) == (call.key, call.allowed)
    assert kept(with_reads=False) == before
