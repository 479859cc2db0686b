"""Conversations by API: found by what they are, changed by nouns, each change one entry."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Team
from agents.programs import issuing
from channels_app.models import Channel
from conversations import recording
from conversations.models import Conversation, Entry, Topic
from helpdesk.lib import clock as now
from tests.conversations.test_api_problems import assert_problem
from tests.factories import built_in_role, make_agent, make_conversation, make_team
from tests.program import API, Program

pytestmark = pytest.mark.django_db
LATER = "2099-01-01T09:00:00Z"


def found(program: Program, **asked: Any) -> list[int]:
    answer = program.get("conversations/", **asked)
    assert answer.status_code == 200, answer.json()
    return [row["number"] for row in answer.json()["results"]]


def act(program: Program, row: Conversation, noun: str, body: Any = None, **headers: str) -> Any:
    path = f"{API}conversations/{row.number}/{noun}/"
    return program.client.post(path, body or {}, content_type="application/json", headers=headers)


@pytest.fixture
def two(conversation: Conversation, channel: Channel) -> tuple[Conversation, Conversation]:
    """An older and a newer one, of two customers."""
    return conversation, make_conversation(channel=channel)


def test_the_newest_message_stands_first_and_pages_have_no_gap(agent: Agent, channel: Channel, customer: Any) -> None:
    numbers = [make_conversation(channel=channel).number for _n in range(3)]
    program = Program(agent)
    assert found(program) == numbers[::-1]
    from_api = program.get("conversations/").json()["results"][0]
    assert set(from_api) >= {"number", "customer", "status", "team", "assignee", "tags", "last_seq", "version"}


def test_a_long_list_comes_in_pages(agent: Agent, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.api.pages.LatestFirst.page_size", 2)
    numbers = [make_conversation(channel=channel).number for _n in range(3)]
    program = Program(agent)
    first = program.get("conversations/").json()
    second = program.client.get(first["next"]).json()
    assert [row["number"] for page in (first, second) for row in page["results"]] == numbers[::-1]
    assert second["next"] is None
    assert program.get("conversations/", cursor="fHg").status_code == 400


def test_each_filter_finds_what_it_says(
    two: tuple[Conversation, Conversation], agent: Agent, team: Team, colleague: Agent
) -> None:
    old, new = two
    topic = Topic.objects.create(name="Parcels")
    Conversation.objects.filter(pk=old.pk).update(topic=topic, is_spam=True)
    old.resolve(by=agent)
    new.assign(by=agent, agent=colleague)
    recording.tag(old, "late", by=agent)
    program = Program(agent)
    for asked in (
        {"status": "resolved"}, {"customer": old.customer_id}, {"topic": topic.pk}, {"tag": " Late"},
        {"is_assigned": "false"}, {"is_spam": "true"},
    ):  # fmt: skip
        assert (asked, found(program, **asked)) == (asked, [old.number])
    assert found(program, assignee=colleague.pk) == found(program, is_assigned="true") == [new.number]
    assert found(program, team=team.pk) == [new.number, old.number]
    assert found(program, status="resolved", assignee=colleague.pk) == found(program, tag="zzz") == []


def test_what_happened_since_is_found_by_any_change(two: tuple[Conversation, Conversation], agent: Agent) -> None:
    program, since = Program(agent), now.real()
    assert found(program, updated_after=since.isoformat()) == []
    two[0].wait(by=agent)
    assert found(program, updated_after=since.isoformat()) == [two[0].number]
    assert found(program, updated_after=(now.real() + timedelta(hours=1)).isoformat()) == []


@pytest.mark.parametrize(
    "asked",
    [{"status__in": "open"}, {"customer__name": "Giulia"}, {"team__is_private": "true"}, {"order_by": "version"},
     {"assignee__role__can_administer": "true"}, {"pk": "1"}],
    ids=str,
)  # fmt: skip
def test_a_lookup_smuggled_in_is_refused_by_name(agent: Agent, conversation: Conversation, asked: Any) -> None:
    answer = Program(agent).get("conversations/", **asked)
    assert_problem(answer, 400)
    assert list(answer.json()["errors"]) == list(asked)


@pytest.mark.parametrize(
    "asked",
    [{"status": "new"}, {"team": "x"}, {"assignee": "-1"}, {"customer": "9" * 30}, {"updated_after": "yesterday"},
     {"tag": "x" * 61}, {"tag": "a\0b"}, {"is_spam": "perhaps"}, {"status": "open' or 1=1--"}],
    ids=str,
)  # fmt: skip
def test_a_filter_that_cannot_be_is_400(agent: Agent, asked: Any) -> None:
    answer = Program(agent).get("conversations/", **asked)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(asked))


def test_a_list_asks_as_much_for_many_as_for_one(
    agent: Agent, channel: Channel, django_assert_num_queries: Any
) -> None:
    program = Program(agent)
    make_conversation(channel=channel)
    program.get("conversations/")
    with CaptureQueriesContext(connection) as asked:
        program.get("conversations/")
    for _n in range(4):
        make_conversation(channel=channel)
    with django_assert_num_queries(len(asked)):
        program.get("conversations/")


def test_others_conversations_are_not_there(conversation: Conversation, outsider: Agent) -> None:
    assert found(Program(outsider)) == found(Program(outsider), customer=conversation.customer_id) == []


def test_each_act_is_one_entry_by_its_agent(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    program, had = Program(agent), conversation.entries.count()
    for noun, body, said in (
        ("assignment", {"take": True}, {"assignee": agent.pk}),
        ("assignment", {"assignee": colleague.pk}, {"assignee": colleague.pk}),
        ("assignment", {"assignee": None}, {"assignee": None}),
        ("waiting", {}, {"status": "waiting"}),
        ("snooze", {"until": LATER}, {"status": "snoozed", "snoozed_until": LATER}),
        ("resolution", {}, {"status": "resolved"}),
        ("reopening", {}, {"status": "open", "reopened_count": 1}),
        ("tags", {"name": "Late "}, {"tags": ["late"]}),
    ):
        answer = act(program, conversation, noun, body)
        had += 1
        assert (noun, answer.status_code, answer.json()) == (noun, 200, {**answer.json(), **said})
        assert (noun, conversation.entries.count(), conversation.entries.latest("pk").by) == (noun, had, agent)
    again = act(program, conversation, "reopening")
    assert (again.status_code, conversation.entries.count()) == (200, had)


def test_a_tag_is_taken_off(conversation: Conversation, agent: Agent) -> None:
    recording.tag(conversation, "a/b", by=agent)
    path = f"conversations/{conversation.number}/tags/a%2Fb/"
    assert Program(agent).delete(path).status_code == 204
    assert (recording.tags_of(conversation), Program(agent).delete(path).status_code) == ([], 404)


def test_whoever_takes_later_is_told_who_was_faster(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    conversation.take(by=colleague)
    answer = act(Program(agent), conversation, "assignment", {"take": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "taken")
    assert colleague.name in answer.json()["detail"]


def test_no_work_is_given_to_services(conversation: Conversation, agent: Agent, team: Team) -> None:
    admin = make_agent(name="Ada", role="admin")
    service = issuing.add_service("Robot", built_in_role(slug="agent"), [team], by=admin)
    given = act(Program(agent), conversation, "assignment", {"assignee": service.pk})
    taken = act(Program(service), conversation, "assignment", {"take": True})
    assert (given.status_code, taken.status_code, taken.json()["code"]) == (400, 409, "service")
    entry = act(Program(service), conversation, "waiting")
    assert (entry.status_code, conversation.entries.latest("pk").by) == (200, service)


def test_a_service_sees_what_its_teams_see(conversation: Conversation, team: Team) -> None:
    admin = make_agent(name="Ada", role="admin")
    inside = issuing.add_service("In", built_in_role(slug="agent"), [team], by=admin)
    outside = issuing.add_service("Out", built_in_role(slug="agent"), [make_team()], by=admin)
    assert (found(Program(inside)), found(Program(outside))) == ([conversation.number], [])
    assert Program(outside).get(f"conversations/{conversation.number}/").status_code == 404


@pytest.mark.parametrize(
    ("noun", "body"),
    [("assignment", {}), ("assignment", {"assignee": 10**9}), ("assignment", {"team": 10**9, "assignee": None}),
     ("snooze", {}), ("snooze", {"until": "2020-01-01T00:00:00Z"}), ("tags", {"name": "x" * 61}),
     ("tags", {"name": ""})],
    ids=str,
)  # fmt: skip
def test_an_act_that_cannot_be_is_400_and_changes_nothing(
    conversation: Conversation, agent: Agent, noun: str, body: Any
) -> None:
    assert act(Program(agent), conversation, noun, body).status_code == 400
    assert conversation.entries.count() == 1


def test_an_act_on_what_was_not_seen_is_412(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    program, path = Program(agent), f"conversations/{conversation.number}/"
    tag = program.get(path).headers["ETag"]
    conversation.wait(by=colleague)
    assert_problem(act(program, conversation, "resolution", **{"If-Match": tag}), 412)
    fresh = program.get(path)
    assert fresh.json()["status"] == "waiting"
    assert act(program, conversation, "resolution", **{"If-Match": fresh.headers["ETag"]}).status_code == 200


def test_the_rest_of_the_desk_is_read(agent: Agent, team: Team, channel: Channel, outsider: Agent) -> None:
    private = make_team(name="Complaints", is_private=True)
    make_agent(name="Paul", teams=(private,))
    hidden = Channel.objects.create(
        kind="paper",
        name="Secret",
        config={"address": "s@desk.example.test"},
        brand=channel.brand,
        default_team=private,
    )
    program = Program(agent)
    me = program.get("me/").json()
    assert (me["id"], me["teams"], me["token"]["name"]) == (agent.pk, [team.pk], "test")
    rows = program.get("channels/").json()["results"]
    assert [row["id"] for row in rows] == [channel.pk]
    assert channel.public_key not in str(rows) and "config" not in str(rows)
    assert {row["name"]: row["teams"] for row in program.get("agents/").json()["results"]}["Paul"] == []
    assert "@" not in str(program.get("agents/").json())
    boss = Program(make_agent(name="Sofia", role="supervisor"))
    assert hidden.pk in [row["id"] for row in boss.get("channels/").json()["results"]]


def test_tags_of_what_one_may_not_see_are_not_told(conversation: Conversation, agent: Agent, outsider: Agent) -> None:
    recording.tag(conversation, "lawsuit", by=agent)
    assert [row["name"] for row in Program(agent).get("tags/").json()["results"]] == ["lawsuit"]
    assert Program(outsider).get("tags/").json()["results"] == []
    assert Entry.objects.filter(kind="tags").count() == 1
