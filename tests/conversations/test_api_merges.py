"""Merges, splits, moves and suggestions by API: the functions of the pages, and the rights they ask."""

from typing import Any

import pytest

from agents.models import Agent
from channels_app.models import Channel
from conversations.merging import merge, suggesting
from conversations.models import Conversation, Entry, MergeRecord, Suggestion
from customers.models import Customer
from tests.factories import (
    make_channel,
    make_conversation,
    make_customer,
    make_identity,
    make_inbound,
    make_team,
    receive,
)
from tests.program import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def twin(channel: Channel) -> Customer:
    """Somebody else of the team, who wrote once."""
    return make_conversation(customer=make_customer(name="G. Tedesco"), channel=channel).customer


@pytest.fixture
def hidden() -> Customer:
    """Somebody of another team."""
    return receive(
        channel=make_channel(team=make_team(name="Elsewhere")),
        inbound=make_inbound(address="h@example.test", name="Hidden"),
    ).customer


def test_two_become_one_and_two_again(conversation: Conversation, twin: Customer, agent: Agent) -> None:
    kept, program = conversation.customer, Program(agent)
    made = program.post("merges/", {"kept": kept.pk, "other": twin.pk, "take": ["name"], "reasons": ["Said so"]})
    said = made.json()
    assert (made.status_code, said["kept"], said["other"], said["reasons"], said["by"], said["can_undo"]) == (
        201, kept.pk, twin.pk, ["Said so"], agent.pk, True
    )  # fmt: skip
    kept.refresh_from_db()
    assert (kept.name, Conversation.objects.filter(customer=kept).count()) == ("G. Tedesco", 2)
    undone = program.post(f"merges/{said['id']}/undoing/")
    assert (undone.status_code, undone.json()["can_undo"], undone.json()["undone_by"]) == (200, False, agent.pk)
    assert Conversation.objects.filter(customer=twin).count() == 1
    again = program.post(f"merges/{said['id']}/undoing/")
    assert (again.status_code, again.json()["code"]) == (409, "cannot_undo")
    assert again.json()["detail"] == "This merge was undone already."


def test_without_reasons_the_desk_says_what_it_knows(conversation: Conversation, agent: Agent) -> None:
    twin = make_customer(name="Giulia Tedesco")
    said = Program(agent).post("merges/", {"kept": conversation.customer_id, "other": twin.pk}).json()
    assert said["reasons"] == [reason.words for reason in suggesting.reasons_for(conversation.customer, twin)] != []


def test_the_same_merge_twice_is_the_same_answer(conversation: Conversation, twin: Customer, agent: Agent) -> None:
    said = {"kept": conversation.customer_id, "other": twin.pk}
    first, second = Program(agent).post("merges/", said), Program(agent).post("merges/", said)
    assert (first.status_code, second.status_code, first.json()) == (201, 200, second.json())
    assert MergeRecord.objects.count() == 1


def test_who_cannot_be_merged_is_said(conversation: Conversation, twin: Customer, agent: Agent) -> None:
    kept, third, program = conversation.customer, make_customer(name="Third"), Program(agent)
    same = program.post("merges/", {"kept": kept.pk, "other": kept.pk})
    merge.merge(kept, twin, by=agent)
    gone = program.post("merges/", {"kept": third.pk, "other": twin.pk})
    back = program.post("merges/", {"kept": twin.pk, "other": third.pk})
    assert [(one.status_code, one.json()["code"]) for one in (same, gone, back)] == [
        (409, "same"), (409, "merged"), (409, "merged")
    ]  # fmt: skip
    assert (gone.json()["merged_into"], back.json()["merged_into"]) == (kept.pk, kept.pk)
    assert MergeRecord.objects.count() == 1


def test_a_side_one_does_not_see_is_absent(conversation: Conversation, hidden: Customer, agent: Agent) -> None:
    program, kept = Program(agent), conversation.customer_id
    pairs = [(kept, hidden.pk), (hidden.pk, kept), (kept, 999_999)]
    answers = [program.post("merges/", {"kept": one, "other": two}) for one, two in pairs]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[2].content)}
    assert MergeRecord.objects.count() == 0


def test_who_would_not_see_both_again_does_not_undo(
    conversation: Conversation, hidden: Customer, agent: Agent, supervisor: Agent
) -> None:
    record = merge.merge(conversation.customer, hidden, by=supervisor)
    assert Program(agent).get(f"merges/{record.pk}/").status_code == 200
    assert Program(agent).post(f"merges/{record.pk}/undoing/").status_code == 404
    assert MergeRecord.objects.get().undone_at is None


def test_the_merges_of_a_customer_are_one_page_in_few_queries(
    conversation: Conversation, agent: Agent, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        merge.merge(conversation.customer, make_customer(name=f"Twin {number}"), by=agent)
    with django_assert_max_num_queries(8):
        rows = Program(agent).get("merges/", customer=conversation.customer_id).json()["results"]
    assert [row["kept"] for row in rows] == [conversation.customer_id] * 5
    assert Program(agent).get("merges/").status_code == 400


def test_an_address_is_split_out_and_comes_back(conversation: Conversation, channel: Channel, agent: Agent) -> None:
    wrong = make_identity(address="marco@example.test", customer=conversation.customer)
    receive(channel=channel, inbound=make_inbound(address="marco@example.test", text="Marco here"))
    program = Program(agent)
    made = program.post("splits/", {"identity": wrong.pk})
    wrong.refresh_from_db()
    assert (made.status_code, made.json()["kind"], made.json()["other"]) == (201, "split", wrong.customer_id)
    assert wrong.customer_id != conversation.customer_id
    assert program.post(f"merges/{made.json()['id']}/undoing/").status_code == 200
    wrong.refresh_from_db()
    assert wrong.customer_id == conversation.customer_id


def test_a_split_that_cannot_be_is_refused(
    conversation: Conversation, hidden: Customer, agent: Agent, supervisor: Agent
) -> None:
    only, program = conversation.customer.identities.get(), Program(agent)
    alone = program.post("splits/", {"identity": only.pk})
    theirs = program.post("splits/", {"identity": only.pk, "to": conversation.customer_id})
    unseen = program.post("splits/", {"identity": only.pk, "to": hidden.pk})
    assert [answer.status_code for answer in (alone, theirs, unseen)] == [409, 409, 404]
    merge.merge(conversation.customer, hidden, by=supervisor)
    # What was said through the address is a foreign team's, so it is not this agent's to move.
    row = conversation.customer.identities.get(value="h@example.test")
    assert program.post("splits/", {"identity": row.pk}).status_code == 403
    assert MergeRecord.objects.filter(kind="split").count() == 0


def test_messages_are_moved_to_a_new_conversation_and_back(conversation: Conversation, agent: Agent) -> None:
    entry, program = conversation.entries.get(), Program(agent)
    made = program.post("moves/", {"entries": [entry.pk], "customer": conversation.customer_id})
    entry.refresh_from_db()
    assert (made.status_code, made.json()["kind"]) == (201, "move")
    assert entry.conversation_id != conversation.pk
    assert program.post(f"merges/{made.json()['id']}/undoing/").status_code == 200
    entry.refresh_from_db()
    assert entry.conversation_id == conversation.pk


def test_a_move_moves_all_or_nothing(conversation: Conversation, hidden: Customer, agent: Agent) -> None:
    program, entry = Program(agent), conversation.entries.get()
    status = conversation.wait(by=agent)
    foreign = Entry.objects.get(customer=hidden)
    assert status is not None
    tries = [
        {"entries": [entry.pk, foreign.pk], "customer": conversation.customer_id},
        {"entries": [entry.pk, 999_999], "customer": conversation.customer_id},
        {"entries": [entry.pk, status.pk], "customer": conversation.customer_id},
        {"entries": [entry.pk], "conversation": conversation.number},
        {"entries": [entry.pk], "conversation": foreign.conversation.number if foreign.conversation else 0},
        {"entries": [entry.pk], "customer": hidden.pk},
        {"entries": [entry.pk]},
        {"entries": [], "customer": conversation.customer_id},
    ]
    codes = [program.post("moves/", said).status_code for said in tries]
    assert (codes, MergeRecord.objects.count()) == ([404, 404, 409, 409, 404, 404, 400, 400], 0)


def test_a_visible_message_of_a_foreign_conversation_is_not_ones_to_move(
    conversation: Conversation, hidden: Customer, agent: Agent, supervisor: Agent
) -> None:
    merge.merge(conversation.customer, hidden, by=supervisor)
    entry = Entry.objects.exclude(conversation=conversation).get(kind="message")
    said = {"entries": [entry.pk], "customer": conversation.customer_id}
    assert Program(agent).get(f"entries/{entry.pk}/").status_code == 200
    assert Program(agent).post("moves/", said).status_code == 403


def test_suggestions_are_told_and_rejected_for_good(conversation: Conversation, agent: Agent, outsider: Agent) -> None:
    twin, program, path = make_customer(name="Twin"), Program(agent), f"customers/{conversation.customer_id}/"
    one, two = sorted((conversation.customer_id, twin.pk))
    Suggestion.objects.create(one_id=one, two_id=two, score=60, reasons=[["address", "g@example.test", False]])
    (told,) = program.get(f"{path}suggestions/").json()["results"]
    assert (told["other"], told["name"], told["score"]) == (twin.pk, "Twin", 60)
    assert told["reasons"] == [{"kind": "address", "detail": "g@example.test", "is_proved": False, "points": 60}]
    assert b"Giulia" not in Program(outsider).get(f"customers/{twin.pk}/suggestions/").content
    answers = [program.post(f"{path}rejections/", {"other": twin.pk}) for _ in range(2)]
    assert ([answer.status_code for answer in answers], program.get(f"{path}suggestions/").json()["results"]) == (
        [204, 204], []
    )  # fmt: skip
    assert Entry.objects.filter(kind="merge", data__act="kept_apart").count() == 1


def test_nobody_is_somebody_else_than_themselves(conversation: Conversation, hidden: Customer, agent: Agent) -> None:
    program, path = Program(agent), f"customers/{conversation.customer_id}/rejections/"
    same, unseen = program.post(path, {"other": conversation.customer_id}), program.post(path, {"other": hidden.pk})
    assert (same.status_code, same.json()["code"], unseen.status_code) == (409, "same", 404)
    assert unseen.json()["code"] == "not_found"


def test_an_entry_names_the_other_customer_only_to_who_may_know_them(
    conversation: Conversation, hidden: Customer, agent: Agent, supervisor: Agent
) -> None:
    suggesting.reject(conversation.customer, hidden, by=supervisor)
    told = Entry.objects.get(kind="merge")
    for reader, name in ((supervisor, "Hidden"), (agent, None)):
        program = Program(reader)
        listed = program.get("entries/", customer=conversation.customer_id, kind="merge").json()["results"]
        assert [one["data"].get("name") for one in (*listed, program.get(f"entries/{told.pk}/").json())] == [name] * 2
