"""Entries by API: filters, what each kind tells, notes, and sight."""

from typing import Any

import pytest

from agents.models import Agent
from channels_app.models import Channel
from conversations import people, recording, undo
from conversations.models import Conversation, Entry
from customers.models import Customer
from helpdesk.lib.inbound import InboundFile
from tests.factories import make_agent, make_channel, make_inbound, make_role, make_team, receive, route_to
from tests.program import GIULIA, Program

pytestmark = pytest.mark.django_db


def kinds(answer: Any) -> list[str]:
    return [row["kind"] for row in answer.json()["results"]]


def test_the_timeline_of_a_customer_is_that_of_their_address(conversation: Conversation, agent: Agent) -> None:
    program = Program(agent)
    by_number = program.get("entries/", customer=conversation.customer_id).json()
    assert by_number == program.entries().json()
    (row,) = by_number["results"]
    assert program.get(f"entries/{row['id']}/").json() == row
    assert (row["customer"], row["conversation"], row["actor"]) == (
        conversation.customer_id, conversation.number, "customer"
    )  # fmt: skip


def test_entries_are_narrowed(conversation: Conversation, agent: Agent) -> None:
    conversation.note(by=agent, text="She called.")
    recording.pin_note(conversation.customer, "Has a dog.", by=agent)
    program, who = Program(agent), {"customer": conversation.customer_id}
    middle = Entry.objects.get(data__text="She called.").occurred_at.isoformat()
    assert kinds(program.get("entries/", **who, kind="note")) == ["note", "note"]
    assert kinds(program.get("entries/", **who, conversation=conversation.number)) == ["message", "note"]
    assert kinds(program.get("entries/", **who, before=middle)) == ["message"]
    assert [row["text"] for row in program.get("entries/", **who, after=middle).json()["results"]] == ["Has a dog."]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"customer": "1", "address": GIULIA},
        {"customer": "x"},
        {"customer": "99999999999999999999"},
        {"address": GIULIA, "kind": "message__id"},
        {"address": GIULIA, "after": "yesterday"},
        {"address": GIULIA, "cursor": "x"},
        {"address": GIULIA, "cursor": "eHwx"},
        {"address": f"{GIULIA}\0"},
    ],
    ids=str,
)
def test_a_question_that_cannot_be_is_refused(conversation: Conversation, agent: Agent, asked: dict[str, str]) -> None:
    assert Program(agent).get("entries/", **asked).status_code == 400


def test_a_message_tells_who_and_with_what(channel: Channel, agent: Agent) -> None:
    photo = InboundFile("photo.png", "image/png", b"\x89PNG")
    entry = receive(channel=channel, inbound=make_inbound(address=GIULIA, subject="Parcel", files=(photo,)))
    said = Program(agent).get(f"entries/{entry.pk}/").json()["message"]
    assert (said["subject"], said["channel"], said["sender"]) == ("Parcel", channel.pk, entry.message.sender_id)
    assert [(one["filename"], one["content_type"], one["state"]) for one in said["files"]] == [
        ("photo.png", "image/png", "here")
    ]


def test_what_changed_is_told_by_field(conversation: Conversation, agent: Agent) -> None:
    conversation.wait(by=agent)
    people.change_profile(conversation.customer, {"name": "Giulia T."}, by=agent)
    people.add_identity(conversation.customer, "email", "g@example.test", by=agent)
    rows = Program(agent).get("entries/", customer=conversation.customer_id).json()["results"]
    told = {row["kind"]: row["data"] for row in rows}
    assert told["status"]["after"]["status"] == "waiting"
    assert told["profile"] == {"before": {"name": "Giulia Tedesco"}, "after": {"name": "Giulia T."}}
    assert (told["identity"]["act"], told["identity"]["value"]) == ("added", "g@example.test")


def test_what_was_taken_back_is_not_read(conversation: Conversation, agent: Agent) -> None:
    held = conversation.reply(by=agent, text="Oops", to=route_to(conversation), hold_seconds=10)
    undo.undo_send(held, by=agent)
    row = Program(agent).get(f"entries/{held.pk}/").json()
    assert (row["is_undone"], row["text"], row["message"], row["state"]) == (True, "", None, "cancelled")


def test_a_page_asks_as_much_for_many_entries_as_for_one(
    channel: Channel, agent: Agent, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        receive(channel=channel, inbound=make_inbound(address=GIULIA, text=f"{number}"))
    with django_assert_max_num_queries(9):
        assert len(Program(agent).entries().json()["results"]) == 30


def test_notes_are_written_into_a_conversation_and_about_a_customer(conversation: Conversation, team: Any) -> None:
    # Who may not write to customers may write notes, as on the pages.
    reader = make_agent(name="Lia Verdi", role="light", teams=(team,))
    program, path = Program(reader), f"conversations/{conversation.number}/notes/"
    answers = [program.post(path, {"text": "She called.", "client_id": "n-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    pinned = program.post(f"customers/{conversation.customer_id}/notes/", {"text": "Has a dog."}).json()
    assert (pinned["text"], pinned["data"]["is_pinned"], pinned["by"]) == ("Has a dog.", True, reader.pk)
    assert Entry.objects.filter(kind="note").count() == 2


def test_a_note_is_pinned_and_taken_off_again(conversation: Conversation, agent: Agent) -> None:
    note, program = conversation.note(by=agent, text="Has a dog."), Program(agent)
    told = [program.patch(f"entries/{note.pk}/", {"is_pinned": is_on}).json()["data"] for is_on in (True, False)]
    assert told == [{"is_pinned": True}, {"is_pinned": False}]
    message = Entry.objects.get(kind="message")
    assert program.patch(f"entries/{message.pk}/", {"is_pinned": True}).status_code == 409


def test_a_note_that_cannot_be_is_refused(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    path = f"conversations/{conversation.number}/notes/"
    conversation.note(by=colleague, text="Mine", client_id="n-1")
    assert Program(agent).post(path, {"text": "x", "client_id": "n-1"}).status_code == 409
    assert Program(agent).post(path, {"text": " "}).status_code == 400
    assert Program(agent).post(f"customers/{conversation.customer_id}/notes/", {"text": "x" * 2001}).status_code == 400
    assert Entry.objects.filter(kind="note").count() == 1


def test_a_private_teams_entries_do_not_exist_for_others(
    conversation: Conversation, customer: Customer, agent: Agent
) -> None:
    private = make_channel(team=make_team(name="Complaints", is_private=True))
    secret = receive(channel=private, inbound=make_inbound(address=GIULIA, text="secret"))
    program = Program(agent)
    assert b"secret" not in program.get("entries/", customer=customer.pk).content
    assert program.get(f"entries/{secret.pk}/").status_code == 404
    assert secret.conversation is not None
    hidden = program.get("entries/", customer=customer.pk, conversation=secret.conversation.number)
    assert hidden.json()["results"] == []
    assert program.post(f"conversations/{secret.conversation.number}/notes/", {"text": "x"}).status_code == 404


def test_a_role_that_reads_no_whole_timelines_reads_its_own_conversations(
    conversation: Conversation, channel: Channel
) -> None:
    other = make_channel(team=make_team(name="Back"))
    receive(channel=other, inbound=make_inbound(address=GIULIA, text="elsewhere"))
    role = make_role(sight="teams", reads_whole_timelines=False)
    narrow = make_agent(name="Nora Neri", role=role, teams=(channel.default_team,))  # type: ignore[arg-type]
    rows = Program(narrow).get("entries/", customer=conversation.customer_id).json()["results"]
    assert [row["text"] for row in rows] == ["Where is my parcel?"]
