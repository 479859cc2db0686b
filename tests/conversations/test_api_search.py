"""The search by API: what the page finds, within sight and scopes."""

import pytest
from django.test import Client

from agents.models import Agent, ApiToken
from channels_app.models import Channel
from conversations.known import facts
from conversations.models import Entry, Fact
from conversations.searching import filling
from tests.factories import make_inbound, receive
from tests.program import GIULIA, Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(channel: Channel) -> Entry:
    entry = receive(
        channel=channel, inbound=make_inbound(address=GIULIA, text="The blue zipper of order 10432 is torn")
    )
    facts.keep(entry, [facts.Learnt(Fact.Kind.KNOWN, "10432", Fact.What.ORDER)])
    filling.keep([entry])
    return entry


def test_one_question_finds_messages_orders_and_people(said: Entry, agent: Agent) -> None:
    program = Program(agent)
    found = program.get("search/", q="zippers").json()
    (group,) = found["groups"]
    assert (group["group"], group["next"], found["problems"]) == ("messages", None, [])
    (hit,) = group["hits"]
    assert (hit["id"], hit["customer"], hit["conversation"]) == (said.pk, said.customer_id, said.conversation.number)
    assert [piece["text"] for piece in hit["line"] if piece["is_hit"]] == ["zipper"]
    assert hit["url"].endswith(f"#m-{said.pk}")
    assert [one["group"] for one in program.get("search/", q="10432").json()["groups"]] == ["orders", "messages"]
    assert [one["group"] for one in program.get("search/", q="giulia").json()["groups"]] == ["customers"]


def test_an_outsider_finds_nothing(said: Entry, outsider: Agent) -> None:
    for words in ("zipper", "10432", "giulia", f"#{said.conversation.number}"):
        assert Program(outsider).get("search/", q=words).json()["groups"] == []


def test_one_kind_is_read_page_by_page(said: Entry, channel: Channel, agent: Agent) -> None:
    more = [receive(channel=channel, inbound=make_inbound(address=GIULIA, text=f"zipper {n}")) for n in range(2)]
    filling.keep(more)
    program, seen = Program(agent), []
    answer = program.get("search/", q="zipper", group="messages", limit=1).json()
    while True:
        (group,) = answer["groups"]
        seen += [hit["id"] for hit in group["hits"]]
        if group["next"] is None:
            break
        answer = program.client.get(group["next"]).json()
    assert seen == [more[1].pk, more[0].pk, said.pk]


def test_a_token_that_does_not_read_customers_finds_none(said: Entry, agent: Agent) -> None:
    token, secret = ApiToken.issue(agent, "narrow")
    ApiToken.objects.filter(pk=token.pk).update(scopes=["conversations:read"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/search/", {"q": "giulia"}).json()["groups"] == []
    assert len(client.get("/api/v1/search/", {"q": "zipper"}).json()["groups"]) == 1
    ApiToken.objects.filter(pk=token.pk).update(scopes=["customers:read"])
    assert client.get("/api/v1/search/", {"q": "zipper"}).status_code == 403


def test_what_is_not_understood_is_said(said: Entry, agent: Agent) -> None:
    program = Program(agent)
    assert program.get("search/").status_code == 400
    assert program.get("search/", q="zipper", group="secrets").status_code == 400
    assert len(program.get("search/", q="zipper before:someday").json()["problems"]) == 1
    assert program.get("search/", q="x" * 1_001).status_code == 400
