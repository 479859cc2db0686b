"""Nothing but what is allowed changes, whatever fields a body names; and odd bodies are refused everywhere."""

import re
import time
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import reverse

from agents.models import Agent
from conversations.api.parsing import BODY_MAX_BYTES
from helpdesk.api_description import described
from tests.conversations.test_api_problems import assert_problem
from tests.factories import make_agent
from tests.program import Program
from tests.test_access import World, world
from tests.test_access_api import CALLS, Call, ask, kept

__all__ = ["world"]
pytestmark = pytest.mark.django_db
ROOMS = ("agents", "customers", "conversations", "channels_app")
WRITING = [call for call in CALLS if call.method != "get"]
# What no program may ever write, by table; and who somebody is.
GUARDED = {
    "agents_agent": "id, email, role_id, is_active, is_service, is_superuser, password",
    "agents_role": "id, can_administer, can_supervise, sight", "agents_membership": "agent_id, team_id",
    "agents_team": "id, is_private", "channels_app_channel": "id, state, sealed_config, public_key",
    "customers_customer": "id, merged_into_id, is_blocked, is_third_party, first_seen_at, last_seq > 0",
    "customers_identity": "id, customer_id, kind, realm, value",
    "conversations_conversation": "id, number, customer_id, is_spam, version > 0, opened_at, brand_id",
    "conversations_entry": "id, customer_id, by_id, seq, kind, occurred_at",
}  # fmt: skip
# What some calls are for, and what comes along with it.
ALLOWED = {
    "post api-merges": {
        "customers_customer", "customers_identity", "conversations_conversation", "conversations_entry",
    },
    "post api-merge-undoing": {
        "customers_customer", "customers_identity", "conversations_conversation", "conversations_entry",
    },
    "post api-splits": {"customers_identity", "conversations_conversation", "conversations_entry"},
    "post api-moves": {"conversations_conversation", "conversations_entry"},
}  # fmt: skip


def every_field() -> dict[str, Any]:
    """All names of all fields of all models of ours, with values that would do harm."""
    names = {
        name
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
        for field in model._meta.get_fields()
        for name in (field.name, getattr(field, "attname", field.name))
    }
    return dict.fromkeys(sorted(names), 1)


def guarded() -> dict[str, set[tuple[Any, ...]]]:
    """Return what must stay, of the rows that are there."""
    found = {}
    with connection.cursor() as cursor:
        for table, columns in GUARDED.items():
            cursor.execute(f"select {columns} from {table}")
            found[table] = set(cursor.fetchall())
    return found


def test_fields_that_are_not_offered_change_nothing(world: World, colleague: Agent) -> None:
    for call in WRITING:
        # All of them in one world, each as if it were the first.
        with transaction.atomic():
            assert stuffed(call, world, colleague) <= ALLOWED.get(call.key, set())
            assert Agent.objects.filter(is_superuser=True).count() == 0
            transaction.set_rollback(True)


def stuffed(call: Call, world: World, colleague: Agent) -> set[str]:
    """Ask with every field of everything in the body; return the tables whose guarded columns changed."""
    taken = _taken(call, reverse(call.name, args=call.args(world)))
    # The body that is allowed, and everything else beside it; another value of what it takes is another request.
    rest = {name: value for name, value in every_field().items() if name not in taken}
    said, before = {**rest, **call.data(world)}, guarded()
    answer = ask(colleague, Call(call.name, call.allowed, call.method, call.args, lambda world: said), world)
    assert (call.key, answer.status_code) == (call.key, call.allowed)
    after = guarded()
    return {table for table in GUARDED if not before[table] <= after[table]}


def _taken(call: Call, path: str) -> set[str]:
    """Return the names of the fields that an operation takes."""
    said = described()
    for pattern, methods in said["paths"].items():
        if call.method in methods and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            body = methods[call.method].get("requestBody", {}).get("content", {}).get("application/json", {})
            name = body.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
            return set(said["components"]["schemas"].get(name, {}).get("properties", {}))
    raise AssertionError(f"{path} is not described")


BODIES = [
    (b" " * (BODY_MAX_BYTES + 1), 413), (b"[" * 100_000, 400), (b'{"text": "\\ud800"}', 400), (b"\xff\xfe{}", 400),
    (b'{"text": NaN}', 400), (b"null", 400),
]  # fmt: skip


def test_no_post_takes_an_odd_body(world: World, colleague: Agent) -> None:
    program, before = Program(colleague), kept()
    for call in (call for call in WRITING if call.method == "post" and call.data(world)):
        path = reverse(call.name, args=call.args(world))
        for body, code in BODIES:
            begun = time.monotonic()
            answer = program.client.post(path, body, content_type="application/json")
            assert (call.key, body[:12], answer.status_code) == (call.key, body[:12], code)
            assert_problem(answer, code)
            assert time.monotonic() - begun < 1.0
    assert kept() == before


def test_a_role_is_no_field_of_anybody(agent: Agent) -> None:
    boss = make_agent(name="Ada", role="admin")
    for path in ("me/", f"agents/{boss.pk}/", "agents/"):
        answer = Program(agent).patch(path, {"role": "admin", "is_superuser": True})
        assert answer.status_code in {404, 405}
    agent.refresh_from_db()
    assert agent.role.slug == "agent"
