"""An address leaves a customer with what was said through it, messages move to other work, and both come back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from agents.models import Agent
from channels_app.models import Channel
from conversations import people
from conversations.merging import merge, parting, rejoining
from conversations.merging.merge import CannotUndo, Gone, SamePerson
from conversations.merging.parting import NothingToMove, OnlyAddress, WentOn
from conversations.models import Conversation, Entry, MergeRecord, Message, SeenMarker
from conversations.reading.stretches import Lens, changes_since
from customers.identify import find
from customers.models import Customer, Identity
from helpdesk.lib.failpoints import Broken
from helpdesk.lib.inbound import Proof
from tests.conftest import Hints
from tests.factories import make_customer, make_inbound, receive
from tests.waiting import together

pytestmark = pytest.mark.django_db


def write(channel: Channel, address: str, text: str, **fields: Any) -> Entry:
    return receive(channel=channel, inbound=make_inbound(address=address, text=text, proof=Proof.PROVEN, **fields))


def address(value: str) -> Identity:
    found = find("email", value)
    assert found is not None
    return found


@pytest.fixture
def anna(channel: Channel, agent: Agent) -> Customer:
    """Writes from two addresses into one conversation."""
    customer = write(channel, "anna@example.test", "One", name="Anna").customer
    people.add_identity(customer, "email", "work@example.test", by=agent)
    write(channel, "work@example.test", "Two", name="Workshop Anna")
    write(channel, "anna@example.test", "Three")
    return customer


def texts(row: Conversation | Customer) -> list[str]:
    name = "entry__conversation" if isinstance(row, Conversation) else "customer"
    rows = Message.objects.filter(**{name: row}).order_by("entry__occurred_at", "pk")
    return list(rows.values_list("text", flat=True))


def message(text: str) -> Entry:
    return Entry.objects.select_related("message", "conversation").get(message__text=text)


def test_an_address_goes_with_what_was_said_through_it(anna: Customer, agent: Agent) -> None:
    record = parting.split(anna, address("work@example.test"), by=agent)
    new = address("work@example.test").customer
    assert (record.kind, record.kept, record.other, new.name) == ("split", anna, new, "Workshop Anna")
    assert (texts(anna), texts(new)) == (["One", "Three"], ["Two"])
    row = new.conversations.get()
    assert (row.last_preview, row.unanswered_count, row.status) == ("Two", 1, "open")
    assert message("Two").message.thread.conversation == row


def test_a_conversation_that_holds_nothing_else_goes_whole(channel: Channel, anna: Customer, agent: Agent) -> None:
    Conversation.objects.get().resolve(by=agent)
    Conversation.objects.update(resolved_at="2000-01-01T00:00:00Z")
    row = write(channel, "work@example.test", "Another thing").conversation
    assert row is not None
    row.note(by=agent, text="Rang them")
    parting.split(anna, address("work@example.test"), by=agent)
    row.refresh_from_db()
    assert row.customer == address("work@example.test").customer
    assert set(row.entries.values_list("customer", flat=True)) == {row.customer_id}


def test_what_was_resolved_makes_no_open_work(anna: Customer, agent: Agent) -> None:
    Conversation.objects.get().resolve(by=agent)
    parting.split(anna, address("work@example.test"), by=agent)
    assert [row.status for row in Conversation.objects.all()] == ["resolved", "resolved"]


def test_an_address_goes_to_somebody_we_know(channel: Channel, anna: Customer, agent: Agent) -> None:
    bruno = write(channel, "bruno@example.test", "Mine").customer
    parting.split(anna, address("work@example.test"), by=agent, to=bruno)
    assert address("work@example.test").customer == bruno and sorted(texts(bruno)) == ["Mine", "Two"]


def test_what_was_read_stays_read_and_what_was_not_does_not(anna: Customer, agent: Agent, colleague: Agent) -> None:
    left = Conversation.objects.get()
    SeenMarker.objects.create(agent=agent, conversation=left, seen_seq=message("Two").seq)
    SeenMarker.objects.create(agent=colleague, conversation=left, seen_seq=message("One").seq)
    record = parting.split(anna, address("work@example.test"), by=agent)
    home = Conversation.objects.exclude(pk=left.pk).get()
    assert [is_unread(left, agent), is_unread(home, agent)] == [True, False]
    assert [is_unread(left, colleague), is_unread(home, colleague)] == [True, True]
    rejoining.undo(record, by=agent)
    assert is_unread(left, agent) and is_unread(left, colleague)


def is_unread(row: Conversation, agent: Agent) -> bool:
    row.refresh_from_db()
    seen = SeenMarker.objects.filter(conversation=row, agent=agent).values_list("seen_seq", flat=True).first() or 0
    return seen < row.last_inbound_seq


def test_numbers_are_never_used_again(anna: Customer, agent: Agent) -> None:
    before = set(Entry.objects.filter(customer=anna).values_list("seq", flat=True))
    record = parting.split(anna, address("work@example.test"), by=agent)
    rejoining.undo(record, by=agent)
    anna.refresh_from_db()
    seqs = list(Entry.objects.filter(customer=anna).values_list("seq", flat=True))
    assert len(set(seqs)) == len(seqs) and max(seqs) == anna.last_seq
    assert message("Two").seq not in before


def test_undo_brings_the_address_back_and_leads_links_to_who_is_left(anna: Customer, agent: Agent) -> None:
    people.change_profile(anna, {"preferred_identity": address("work@example.test")}, by=agent)
    record = parting.split(anna, address("work@example.test"), by=agent)
    anna.refresh_from_db()
    assert anna.preferred_identity is None
    rejoining.undo(record, by=agent)
    anna.refresh_from_db()
    record.other.refresh_from_db()
    assert record.other.merged_into == anna and anna.preferred_identity == address("work@example.test")
    assert texts(anna) == ["One", "Two", "Three"] and anna.conversations.count() == 1


def test_what_was_said_since_comes_back_with_its_address(channel: Channel, anna: Customer, agent: Agent) -> None:
    record = parting.split(anna, address("work@example.test"), by=agent)
    write(channel, "work@example.test", "Since")
    rejoining.undo(record, by=agent)
    assert texts(anna) == ["One", "Two", "Three", "Since"]


def test_a_new_customer_with_another_address_stays_when_the_split_is_undone(
    channel: Channel, anna: Customer, agent: Agent
) -> None:
    record = parting.split(anna, address("work@example.test"), by=agent)
    people.add_identity(record.other, "email", "third@example.test", by=agent)
    write(channel, "third@example.test", "From a third")
    rejoining.undo(record, by=agent)
    record.other.refresh_from_db()
    assert record.other.merged_into is None and texts(record.other) == ["From a third"]
    assert texts(anna) == ["One", "Two", "Three"]


def test_both_timelines_tell_it_and_open_pages_load_again(
    anna: Customer, agent: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    cursor = Customer.objects.get(pk=anna.pk).last_seq
    with django_capture_on_commit_callbacks(execute=True):
        record = parting.split(anna, address("work@example.test"), by=agent)
    acts = dict(Entry.objects.filter(kind="merge").values_list("customer", "data__act"))
    assert acts == {anna.pk: "split", record.other_id: "split_in"}
    anna.refresh_from_db()
    assert changes_since(Lens(anna, agent), cursor).must_reload
    assert {hint["customer"] for hint in live.of("hint") if hint["entry"] == 0} == {anna.pk, record.other_id}


def test_what_cannot_be_split_is_said_and_changes_nothing(anna: Customer, agent: Agent) -> None:
    work, other = address("work@example.test"), make_customer(address="bruno@example.test")
    with pytest.raises(SamePerson):
        parting.split(anna, work, by=agent, to=anna)
    with pytest.raises(OnlyAddress):
        parting.split(other, address("bruno@example.test"), by=agent)
    with pytest.raises(Gone) as gone:
        parting.split(other, work, by=agent)
    assert gone.value.into == anna and not MergeRecord.objects.exists()


def test_an_undone_split_is_not_undone_again_nor_an_old_one(
    anna: Customer, agent: Agent, clock: time_machine.Traveller
) -> None:
    record = parting.split(anna, address("work@example.test"), by=agent)
    rejoining.undo(record, by=agent)
    again = parting.split(anna, address("work@example.test"), by=agent)
    clock.shift(timedelta(days=31))
    for one in (record, again):
        with pytest.raises(CannotUndo):
            rejoining.undo(one, by=agent)


def test_a_split_is_not_undone_while_one_side_is_merged(anna: Customer, agent: Agent) -> None:
    record = parting.split(anna, address("work@example.test"), by=agent)
    bruno = make_customer(address="bruno@example.test")
    merged = merge.merge(bruno, anna, by=agent)
    with pytest.raises(CannotUndo):
        rejoining.undo(record, by=agent)
    merge.undo(merged, by=agent)
    rejoining.undo(record, by=agent)
    assert texts(anna) == ["One", "Two", "Three"]


def test_two_copies_of_one_mail_meet_and_part(channel: Channel, anna: Customer, agent: Agent) -> None:
    bruno = write(channel, "bruno@example.test", "Copy").customer
    Message.objects.filter(text__in=("Copy", "Two")).update(fingerprint=None)
    Message.objects.filter(text__in=("Copy", "Two")).update(fingerprint="f" * 64)
    record = parting.split(anna, address("work@example.test"), by=agent, to=bruno)
    assert Message.objects.get(text="Copy").fingerprint is None
    rejoining.undo(record, by=agent)
    assert Message.objects.get(text="Copy").fingerprint == "f" * 64


def test_messages_move_to_other_work_of_the_customer(anna: Customer, agent: Agent) -> None:
    left = Conversation.objects.get()
    left.note(by=agent, text="About two")
    note = Entry.objects.get(kind="note")
    record = parting.move([message("Two"), note], to=anna, by=agent)
    home = Conversation.objects.exclude(pk=left.pk).get()
    assert (texts(left), texts(home)) == (["One", "Three"], ["Two"])
    assert home.entries.filter(kind="note").exists() and home.customer == anna
    rejoining.undo(record, by=agent)
    assert texts(left) == ["One", "Two", "Three"] and not Conversation.objects.filter(pk=home.pk).exists()


def test_messages_move_to_somebody_else(channel: Channel, anna: Customer, agent: Agent) -> None:
    target = write(channel, "bruno@example.test", "Mine").conversation
    assert target is not None
    record = parting.move([message("Three")], to=target, by=agent)
    moved = message("Three")
    assert (moved.customer, moved.message.customer, moved.conversation) == (target.customer, target.customer, target)
    assert address("anna@example.test").customer == anna
    rejoining.undo(record, by=agent)
    assert texts(anna) == ["One", "Two", "Three"] and texts(target) == ["Mine"]


def test_a_thread_follows_its_newest_message_within_a_customer(channel: Channel, anna: Customer, agent: Agent) -> None:
    record = parting.move([message("Three")], to=anna, by=agent)
    thread = message("Three").message.thread
    assert thread.conversation == message("Three").conversation
    rejoining.undo(record, by=agent)
    thread.refresh_from_db()
    assert thread.conversation == message("One").conversation


def test_what_cannot_be_moved_is_said(anna: Customer, agent: Agent) -> None:
    row = Conversation.objects.get()
    row.resolve(by=agent)
    stale, status = message("Two"), Entry.objects.get(kind="status")
    for entries in ([], [stale], [status]):
        with pytest.raises(NothingToMove):
            parting.move(entries, to=row, by=agent)
    parting.move([stale], to=make_customer(address="bruno@example.test"), by=agent)
    with pytest.raises(WentOn):
        parting.move([stale], to=anna, by=agent)


def test_what_was_moved_on_is_not_moved_back(anna: Customer, agent: Agent) -> None:
    first = parting.move([message("Two")], to=anna, by=agent)
    second = parting.move([message("Two")], to=anna, by=agent)
    with pytest.raises(CannotUndo):
        rejoining.undo(first, by=agent)
    rejoining.undo(second, by=agent)
    rejoining.undo(first, by=agent)
    assert anna.conversations.count() == 1


@pytest.mark.parametrize("what", ["merge", "split", "move", "undo merge", "undo split"])
def test_a_death_in_the_middle_leaves_nothing_half_done(
    channel: Channel, anna: Customer, agent: Agent, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bruno = write(channel, "bruno@example.test", "Mine").customer
    acts = {
        "merge": lambda: merge.merge(anna, bruno, by=agent),
        "split": lambda: parting.split(anna, address("work@example.test"), by=agent),
        "move": lambda: parting.move([message("Two")], to=bruno, by=agent),
    }
    act = acts[what.split()[-1]]
    if what.startswith("undo"):
        record = act()
        act = lambda: (merge if record.kind == "merge" else rejoining).undo(record, by=agent)  # noqa: E731
    before = everything()
    monkeypatch.setenv("TESTING_FAILPOINTS", "1")
    monkeypatch.setenv("FAILPOINTS", "merge.mid=raise")
    with pytest.raises(Broken):
        act()
    assert everything() == before
    monkeypatch.delenv("FAILPOINTS")
    act()
    assert everything() != before


def everything() -> list[Any]:
    tables = (Customer, Identity, Conversation, Entry, Message, MergeRecord, SeenMarker)
    return [list(model.objects.order_by("pk").values_list()) for model in tables]


@pytest.mark.django_db(transaction=True)
def test_two_splits_of_one_address_at_once_end_as_one(channel: Channel, agent: Agent) -> None:
    customer = write(channel, "anna@example.test", "One").customer
    people.add_identity(customer, "email", "work@example.test", by=agent)
    write(channel, "work@example.test", "Two")
    identity = address("work@example.test")
    split = lambda: parting.split(customer, identity, by=agent)  # noqa: E731
    results = together(split, split)
    assert sorted(type(result).__name__ for result in results) == ["Gone", "MergeRecord"]
    assert (texts(customer), MergeRecord.objects.count(), Customer.objects.count()) == (["One"], 1, 2)


@pytest.mark.django_db(transaction=True)
def test_a_split_and_a_merge_of_one_person_at_once_leave_no_message_behind(channel: Channel, agent: Agent) -> None:
    customer = write(channel, "anna@example.test", "One").customer
    people.add_identity(customer, "email", "work@example.test", by=agent)
    write(channel, "work@example.test", "Two")
    other = write(channel, "bruno@example.test", "Mine").customer
    together(
        lambda: parting.split(customer, address("work@example.test"), by=agent),
        lambda: merge.merge(other, customer, by=agent),
    )
    for row in Message.objects.select_related("entry__conversation", "thread__identity"):
        assert row.entry.conversation is not None
        whose = {row.customer_id, row.entry.customer_id, row.entry.conversation.customer_id}
        assert whose == {row.thread.identity.customer_id}
