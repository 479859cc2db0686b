"""Scopes: each method of each address needs exactly one, and a token without it is told which."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, ApiToken
from agents.programs.scopes import Scope, every
from conversations.api.doors import scope_of
from conversations.api.nouns import Noun
from tests.conversations.test_api_problems import assert_problem
from tests.test_access import World, everything_kept, world
from tests.test_access_api import CALLS, METHODS, ask, routes

__all__ = ["world"]
pytestmark = pytest.mark.django_db


def views() -> list[tuple[str, Any]]:
    """Every address that takes a token."""
    found = [(str(route.name), getattr(route.callback, "view_class", object)) for route in routes()]
    return [(name, view) for name, view in found if issubclass(view, Noun)]


def test_every_method_of_every_address_has_one_scope() -> None:
    for name, view in views():
        has = {method for method in METHODS if hasattr(view, method)}
        assert (name, set(view.scopes)) == (name, has)
        assert all(isinstance(scope_of(view(), method), Scope) for method in has)


def test_only_the_description_its_page_and_nothing_need_no_token() -> None:
    taking = {name for name, _view in views()}
    assert {str(route.name) for route in routes()} - taking == {"api-schema", "api-docs", "api-absent"}


def test_a_view_that_names_no_scope_lets_nobody_in() -> None:
    class Forgotten(Noun):
        def get(self, request: Any) -> None:
            """Nobody gets here."""

    with pytest.raises(LookupError):
        scope_of(Forgotten(), "get")


def test_reading_needs_a_scope_of_reading() -> None:
    for name, view in views():
        assert (name, view.scopes.get("get", "x:read").endswith(":read")) == (name, True)
        assert not any(scope.endswith(":read") for method, scope in view.scopes.items() if method != "get")


def test_without_its_scope_nothing_happens_and_its_name_is_said(
    world: World, supervisor: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow: dict[str, Any] = {}
    issue = ApiToken.issue
    monkeypatch.setattr(ApiToken, "issue", lambda agent, name: issue(agent, name, scopes=narrow["scopes"]))
    views_by_name = dict(views())
    for call in CALLS:
        needed = views_by_name[call.name].scopes[call.method]
        narrow["scopes"] = [scope for scope in every() if scope != needed]
        before = {**everything_kept(), "agents_apitoken": ""}
        answer = ask(supervisor, call, world)
        assert (call.key, answer.status_code) == (call.key, 403)
        assert (answer.json()["code"], answer.json()["scope"]) == ("scope", needed)
        assert {**everything_kept(), "agents_apitoken": ""} == before


def test_a_refusal_names_the_scope_in_a_sentence(agent: Agent) -> None:
    secret = ApiToken.issue(agent, "narrow", scopes=["customers:read"])[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = client.post("/api/v1/companies/", {"name": "Acme"}, content_type="application/json")
    assert_problem(answer, 403)
    assert answer.json()["detail"] == "This token lacks the scope customers:write."
    assert client.get("/api/v1/companies/").status_code == 200
    assert client.head("/api/v1/companies/").status_code == 200


def test_a_method_that_is_not_there_is_405_with_any_scope(agent: Agent) -> None:
    secret = ApiToken.issue(agent, "narrow", scopes=[])[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    for method in ("put", "options", "trace"):
        assert getattr(client, method)("/api/v1/companies/").status_code == 405
