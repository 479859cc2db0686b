"""The API keeps what its own description promises, whatever it is asked."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agents.models import Agent, ApiToken, Team
from channels_app.models import Channel
from conversations.merging import merge
from conversations.models import Conversation
from customers.models import Company
from tests.factories import make_conversation, make_customer, make_identity

pytestmark = pytest.mark.django_db
# What a schema cannot say: that an address must be a customer's, and that a token is asked for first.
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
WORDS = (
    "customers", "identities", "companies", "merges", "splits", "moves", "entries", "conversations", "messages",
    "drafts", "tags", "topics", "custom-fields", "agents", "teams", "channels", "me",
)  # fmt: skip


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """Requests of a real server end by closing the database connection; the test's must stay open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def real(conversation: Conversation, channel: Channel, team: Team, supervisor: Agent) -> dict[str, list[Any]]:
    """Numbers that lead somewhere, for parameters and bodies; the rest is made up."""
    person, twin = conversation.customer, make_conversation(channel=channel).customer
    record = merge.merge(person, make_customer(name="Twin"), by=supervisor)
    extra, company = make_identity(address="g@example.test", customer=person), Company.objects.create(name="Acme")
    return {
        "customer": [person.pk, twin.pk],
        "number": [conversation.number],
        "identities": [*person.identities.values_list("pk", flat=True), extra.pk],
        "companies": [company.pk],
        "merges": [record.pk],
        "entries": list(conversation.entries.values_list("pk", flat=True)),
        "mode": ["reply", "note"], "name": ["late", "x"], "assignee": [supervisor.pk], "team": [team.pk],
        "channel": [channel.pk],
    }  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_the_description_holds_for_anything_asked(word: str, real: dict[str, list[Any]], supervisor: Agent) -> None:
    ask_all(word, real, supervisor, examples=5, mode=GenerationMode.POSITIVE)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("word", WORDS)
def test_the_description_holds_for_much_more(
    word: str, mode: GenerationMode, real: dict[str, list[Any]], supervisor: Agent
) -> None:
    ask_all(word, real, supervisor, examples=50, mode=mode)


def test_the_description_is_valid_and_nothing_in_it_is_guessed() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def ask_all(word: str, real: dict[str, list[Any]], agent: Agent, *, examples: int, mode: GenerationMode) -> None:
    """Ask every operation whose address begins with a word as often as wanted."""
    headers = {"Authorization": f"Bearer {ApiToken.issue(agent, 'test')[1]}"}
    wanted = [one for one in operations() if one.path.startswith(f"/api/v1/{word}/")]
    assert wanted
    for operation in wanted:
        ask(operation, real.get(word, []), real, headers, examples, mode)


@cache
def operations() -> list[Any]:
    """Read the description once in each process of tests."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())
    return [one.ok() for one in schema.get_all_operations()]


def ask(
    operation: Any, own: list[int], real: dict[str, list[Any]], headers: dict[str, str], examples: int, mode: Any
) -> None:
    @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans(), data=st.data())
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def once(case: Any, is_real: bool, data: Any) -> None:
        if is_real:
            lead_somewhere(case, own, real, data)
        # Which host is asked is decided before any address is.
        case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "host"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    once()


def lead_somewhere(case: Any, own: list[int], real: dict[str, list[Any]], data: Any) -> None:
    """Put numbers of rows that are there in place of made-up ones."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = data.draw(st.sampled_from(real.get(name, own)))
    if case.method == "GET" and case.path in {"/api/v1/entries/", "/api/v1/merges/"}:
        asked = {name: value for name, value in (case.query or {}).items() if name != "address"}
        case.query = {**asked, "customer": data.draw(st.sampled_from(real["customer"]))}
    if isinstance(case.body, dict):
        rows = {"kept": "customer", "other": "customer", "to": "customer", "identity": "identities"}
        for name in case.body:
            found = real.get(rows.get(name, name))
            if found and name not in {"identities", "name"}:
                case.body[name] = (
                    data.draw(st.lists(st.sampled_from(found)))
                    if name == "entries"
                    else data.draw(st.sampled_from(found))
                )
