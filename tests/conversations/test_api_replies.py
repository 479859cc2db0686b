"""Answers and drafts by API: the same as from the composer."""

import base64
from typing import Any

import pytest

from agents.models import Agent
from channels_app.models import Channel
from conversations import drafts, replying
from conversations.models import Conversation, Delivery, Entry
from conversations.models.draft import Draft
from tests.conversations.test_api_problems import assert_problem
from tests.factories import make_inbound, receive
from tests.program import API, Program

pytestmark = pytest.mark.django_db


def reply(program: Program, row: Conversation, **body: Any) -> Any:
    said = {"text": "On its way.", **body}
    return program.post(f"conversations/{row.number}/messages/", said)


def test_an_answer_takes_the_best_way_and_tells_its_delivery(conversation: Conversation, agent: Agent) -> None:
    answer = reply(Program(agent), conversation)
    assert answer.status_code == 201
    said = answer.json()
    assert (said["direction"], said["state"], said["by"]) == ("out", "queued", agent.pk)
    sending = said["message"]["deliveries"][0]
    assert (sending["state"], sending["hold_until"]) == ("queued", None)
    assert [part["address"] for part in sending["parts"]] == ["giulia@example.test"]
    listed = Program(agent).get(f"conversations/{conversation.number}/messages/").json()["results"]
    assert [row["text"] for row in listed] == ["Where is my parcel?", "On its way."]


def test_an_answer_goes_where_it_is_told_with_files_and_copies(
    conversation: Conversation, channel: Channel, agent: Agent
) -> None:
    identity = conversation.customer.identities.get()
    file = {"filename": "a.txt", "content_type": "text/plain", "content": base64.b64encode(b"hello").decode()}
    answer = reply(
        Program(agent), conversation, channel=channel.pk, identity=identity.pk, cc=["boss@example.test"],
        subject="Parcel", files=[file], hold_seconds=30,
    )  # fmt: skip
    said = answer.json()["message"]
    assert (said["subject"], [row["filename"] for row in said["files"]]) == ("Parcel", ["a.txt"])
    assert {row["address"] for row in said["recipients"]} == {"giulia@example.test", "boss@example.test"}
    assert said["deliveries"][0]["hold_until"] is not None


def test_who_has_not_read_what_a_colleague_wrote_is_told_once(
    conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    program = Program(agent)
    seen = program.get(f"conversations/{conversation.number}/").json()["last_seq"]
    reply(Program(colleague), conversation)
    stale = reply(program, conversation, seen_seq=seen)
    assert_problem(stale, 409)
    assert (stale.json()["code"], stale.json()["now"]["seq"] > seen) == ("stale", True)
    assert reply(program, conversation, seen_seq=stale.json()["now"]["seq"]).status_code == 201


@pytest.mark.parametrize(
    "body",
    [{"text": ""}, {"text": "x" * 200_001}, {"text": "a\0b"}, {"channel": 1}, {"send_at": "2020-01-01T00:00:00Z"},
     {"hold_seconds": 1e9}, {"files": [{"filename": "a", "content": "no base64!"}]}, {"cc": ["x"] * 51},
     {"seen_seq": -1},
     {"files": [{"filename": "a", "content": "", "content_type": "a\r\nb"}]}],
    ids=lambda body: str(body)[:30],
)  # fmt: skip
def test_an_answer_that_cannot_be_is_400(conversation: Conversation, agent: Agent, body: Any) -> None:
    assert reply(Program(agent), conversation, **body).status_code == 400
    assert Delivery.objects.count() == 0


def test_where_nobody_can_be_written_to_is_409(conversation: Conversation, channel: Channel, agent: Agent) -> None:
    program = Program(agent)
    nowhere = reply(program, conversation, channel=channel.pk, identity=10**9)
    conversation.customer.identities.update(opted_out_at=conversation.opened_at)
    unwanted = reply(program, conversation)
    assert [(one.status_code, one.json()["code"]) for one in (nowhere, unwanted)] == [(409, "no_way")] * 2
    assert Delivery.objects.count() == 0


def test_a_program_that_answers_leaves_what_its_agent_is_writing(conversation: Conversation, agent: Agent) -> None:
    drafts.save(conversation, "reply", drafts.Words("Dear Giulia", writing="w"), by=agent)
    reply(Program(agent), conversation)
    Program(agent).write()
    assert Draft.objects.get(agent=agent, mode="reply").text == "Dear Giulia"


def test_a_draft_is_written_read_and_deleted(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    program, path = Program(agent), f"conversations/{conversation.number}/drafts/reply/"
    assert program.get(path).status_code == 404
    said = {"text": " Dear Giulia", "subject": "Parcel", "cc": ["b@example.test"]}
    put = program.client.put(API + path, said, content_type="application/json")
    assert (put.status_code, put.json()) == (200, {**put.json(), **said, "conversation": conversation.number})
    assert [row["text"] for row in program.get("drafts/").json()["results"]] == [" Dear Giulia"]
    assert Program(colleague).get("drafts/").json()["results"] == []
    assert program.delete(path).status_code == 204
    assert (program.get(path).status_code, program.delete(path).status_code) == (404, 404)
    assert program.get(f"conversations/{conversation.number}/drafts/poem/").status_code == 404


def test_a_draft_that_changed_meanwhile_stays(conversation: Conversation, agent: Agent) -> None:
    program, path = Program(agent), f"{API}conversations/{conversation.number}/drafts/note/"
    put = program.client.put(path, {"text": "One"}, content_type="application/json")
    drafts.save(conversation, "note", drafts.Words("Two"), by=agent)
    headers = {"If-Match": put.headers["ETag"]}
    assert_problem(program.client.put(path, {"text": "3"}, content_type="application/json", headers=headers), 412)
    assert program.client.delete(path, headers=headers).status_code == 412
    assert Draft.objects.get().text == "Two"
    drafts.save(conversation, "note", drafts.Words(""), by=agent)
    assert program.client.put(path, {"text": "3"}, content_type="application/json", headers=headers).status_code == 412


def test_drafts_of_what_one_sees_no_more_are_not_told(conversation: Conversation, agent: Agent) -> None:
    drafts.save(conversation, "note", drafts.Words("Careful"), by=agent)
    agent.memberships.all().delete()
    assert Program(agent).get("drafts/").json()["results"] == []


def test_a_failed_delivery_says_why(conversation: Conversation, agent: Agent) -> None:
    entry = Entry.objects.get(pk=reply(Program(agent), conversation).json()["id"])
    Delivery.objects.update(state="failed", error_code="550", error="No such mailbox.")
    replying.retry(entry)
    said = Program(agent).get(f"entries/{entry.pk}/").json()
    assert [row["state"] for row in said["message"]["deliveries"]] == ["queued", "failed"]
    assert said["message"]["deliveries"][1]["error"] == "No such mailbox."


def test_what_was_said_comes_by_pages_of_the_one_conversation(
    conversation: Conversation, channel: Channel, agent: Agent
) -> None:
    conversation.note(by=agent, text="She called.")
    receive(channel=channel, inbound=make_inbound(address="other@example.test"))
    rows = Program(agent).get(f"conversations/{conversation.number}/messages/").json()["results"]
    assert [row["text"] for row in rows] == ["Where is my parcel?"]
