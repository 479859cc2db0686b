"""The API keeps what its own description promises, whatever it is asked."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from agents.models import Agent, ApiToken
from conversations.models import Conversation

pytestmark = pytest.mark.django_db
# What a schema cannot say: that an address must be a customer's, and that a token is asked for first.
CHECKS = (
    not_a_server_error,
    response_schema_conformance,
    content_type_conformance,
)


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """Requests of a real server end by closing the database connection; the test's must stay open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("path", ["/api/v1/entries/", "/api/v1/messages/"])
def test_the_description_holds_for_anything_asked(path: str, conversation: Conversation, agent: Agent) -> None:
    secret = ApiToken.issue(agent, "test")[1]
    headers = {"Authorization": f"Bearer {secret}"}
    app = get_wsgi_application()
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", app, headers=headers)
    (operation,) = [one.ok() for one in schema.get_all_operations() if one.ok().path == path]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
