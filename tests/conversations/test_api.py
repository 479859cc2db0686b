"""The API's first two routes: the timeline of an address, and an answer to it."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, ApiToken
from channels_app.models import Channel
from conversations.models import Conversation, Delivery, Entry
from tests.factories import make_agent, make_conversation, make_customer, make_inbound, receive
from tests.program import GIULIA, Program

pytestmark = pytest.mark.django_db


def test_the_timeline_of_an_address(conversation: Conversation, agent: Agent) -> None:
    conversation.note(by=agent, text="She called.")
    answer = Program(agent).entries()
    rows = answer.json()["results"]
    assert (answer.status_code, answer.json()["next"]) == (200, None)
    assert all(set(row) >= {"id", "kind", "text", "direction", "state", "occurred_at"} for row in rows)
    assert [(row["kind"], row["text"], row["direction"], row["state"]) for row in rows] == [
        ("message", "Where is my parcel?", "in", "received"),
        ("note", "She called.", "", ""),
    ]


def test_the_order_is_the_shown_one(conversation: Conversation, channel: Channel, agent: Agent) -> None:
    first = conversation.entries.get()
    earlier = make_inbound(address=GIULIA, text="Earlier", occurred_at=first.occurred_at.replace(year=2020))
    receive(channel=channel, inbound=earlier)
    assert [row["text"] for row in Program(agent).entries().json()["results"]] == ["Earlier", "Where is my parcel?"]


def test_a_long_timeline_comes_in_pages_without_gap_or_double(channel: Channel, agent: Agent) -> None:
    for number in range(105):
        receive(channel=channel, inbound=make_inbound(address=GIULIA, text=f"{number}"))
    program = Program(agent)
    first = program.entries().json()
    second = program.client.get(first["next"]).json()
    ids = [row["id"] for page in (first, second) for row in page["results"]]
    assert (len(first["results"]), len(ids), len(set(ids)), second["next"]) == (100, 105, 105, None)


def test_an_answer_is_queued_in_the_latest_conversation(
    conversation: Conversation, channel: Channel, agent: Agent
) -> None:
    latest = make_conversation(customer=conversation.customer, channel=channel)
    answer = Program(agent).write(client_id="c-1")
    assert answer.status_code == 201
    assert (answer.json()["direction"], answer.json()["text"]) == ("out", "On its way.")
    entry = Entry.objects.get(pk=answer.json()["id"])
    assert (entry.conversation, entry.by, Delivery.objects.get().message.entry) == (latest, agent, entry)


def test_the_same_client_id_is_the_same_answer(conversation: Conversation, agent: Agent) -> None:
    program = Program(agent)
    first, second = program.write(client_id="c-1"), program.write(client_id="c-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert Delivery.objects.count() == 1


def test_anothers_client_id_is_a_conflict(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    Program(agent).write(client_id="c-1")
    assert Program(colleague).write(client_id="c-1").status_code == 409
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"address": GIULIA}, {"address": GIULIA, "text": ""}, {"address": "nobody", "text": "x"}], ids=str
)
def test_an_incomplete_answer_is_refused(conversation: Conversation, agent: Agent, body: dict[str, str]) -> None:
    answer = Program(agent).client.post("/api/v1/messages/", body, content_type="application/json")
    assert (answer.status_code, Delivery.objects.count()) == (400, 0)


def test_an_outsider_finds_nobody_there(conversation: Conversation, outsider: Agent) -> None:
    program = Program(outsider)
    unknown = program.entries("nobody@example.test")
    assert (program.entries().status_code, program.entries().content) == (404, unknown.content)
    assert (program.write().status_code, Delivery.objects.count()) == (404, 0)


def test_a_visible_customers_invisible_conversation_takes_no_answer(
    conversation: Conversation, outsider: Agent
) -> None:
    make_customer(name="Silent", address="silent@example.test")
    assert Program(outsider).entries("silent@example.test").status_code == 200
    assert Program(outsider).write("silent@example.test").status_code == 404
    assert Delivery.objects.count() == 0


def test_without_a_token_nobody_comes_in(conversation: Conversation) -> None:
    answer = Client().get("/api/v1/entries/", {"address": GIULIA})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert Client().post("/api/v1/messages/", {"address": GIULIA, "text": "x"}).status_code == 401
    assert Delivery.objects.count() == 0


def test_a_session_is_no_token(conversation: Conversation, agent: Agent, client: Client) -> None:
    client.force_login(agent)
    assert client.get("/api/v1/entries/", {"address": GIULIA}).status_code == 401


@pytest.mark.parametrize("end", ["revoked", "left", "wrong"])
def test_a_token_that_ended_opens_nothing(conversation: Conversation, agent: Agent, end: str) -> None:
    program = Program(agent)
    if end == "revoked":
        ApiToken.objects.update(revoked_at=conversation.opened_at)
    elif end == "left":
        Agent.objects.update(is_active=False)
    else:
        program.client = Client(headers={"Authorization": "Bearer tel_wrong"})
    assert program.entries().status_code == 401


def test_a_role_that_does_not_write_may_not(conversation: Conversation, team: Any) -> None:
    reader = make_agent(name="Lia Verdi", role="light", teams=(team,))
    assert Program(reader).entries().status_code == 200
    assert (Program(reader).write().status_code, Delivery.objects.count()) == (403, 0)


def test_the_secret_of_a_token_is_not_kept(agent: Agent) -> None:
    token, secret = ApiToken.issue(agent, "test")
    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values().get())


def test_the_description_names_both_routes(client: Client, agent: Agent) -> None:
    answer = Program(agent).client.get("/api/v1/schema/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert b"/api/v1/entries/" in answer.content
    assert b"/api/v1/messages/" in answer.content
