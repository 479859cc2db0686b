"""Two customers become one and two again: nothing lost, nothing twice, nothing unread that was read."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from channels_app.models import Channel
from channels_app.tasks import TRIES
from conversations import people, timeline, waiting
from conversations.locks import Moved
from conversations.merging import merge
from conversations.merging.merge import CannotUndo, Gone, Plan, SamePerson
from conversations.models import Conversation, Entry, MergeRecord, Message, SeenMarker
from conversations.reading.stretches import Lens, changes_since
from conversations.ways import ways
from customers.models import Customer
from helpdesk.lib import clock as our_clock
from helpdesk.lib.inbound import Proof
from tests.conftest import Hints
from tests.factories import make_inbound, receive, route_to
from tests.waiting import together

pytestmark = pytest.mark.django_db


def write(channel: Channel, address: str, text: str = "Hello", **fields: Any) -> Entry:
    inbound = make_inbound(address=address, text=text, proof=Proof.PROVEN, **fields)
    return receive(channel=channel, inbound=inbound)


def write_until_it_stays(channel: Channel, address: str, text: str) -> Entry:
    """Write as a worker does, which tries again when the sender moved while it waited for the lock."""
    for _try in range(TRIES):
        with suppress(Moved):
            return write(channel, address, text)
    raise AssertionError("The sender moved each time.")


def person(channel: Channel, address: str, *texts: str) -> Customer:
    for text in texts or ("Hello",):
        entry = write(channel, address, text, name=address.split("@")[0].title())
    return entry.customer


@pytest.fixture
def giulia(channel: Channel) -> Customer:
    return person(channel, "giulia@example.test", "Where is my parcel?", "Hello?")


@pytest.fixture
def shopper(channel: Channel) -> Customer:
    return person(channel, "giu.shop@example.test", "Is 10432 on its way?")


def said(customer: Customer) -> list[str]:
    rows = Message.objects.filter(customer=customer, entry__customer=customer)
    return list(rows.order_by("entry__occurred_at", "pk").values_list("text", flat=True))


def marks(row: Conversation) -> tuple[dict[int, int], int]:
    """How far each agent has read, and the newest message's number on the conversation's own timeline."""
    newest = Entry.objects.filter(conversation=row, message__direction="in").latest("seq")
    row.refresh_from_db()
    assert row.last_inbound_seq == newest.seq
    return dict(SeenMarker.objects.filter(conversation=row).values_list("agent", "seen_seq")), newest.seq


def test_every_relation_to_a_customer_has_a_rule() -> None:
    found = {
        f"{relation.related_model._meta.label}.{relation.field.name}"
        for relation in apps.get_model("customers.Customer")._meta.related_objects
    }
    assert found == set(merge.MERGE_RULES)


def test_both_are_on_one_timeline(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    record = merge.merge(giulia, shopper, by=agent, plan=Plan(reasons=("Same phone",)))
    shopper.refresh_from_db()
    assert shopper.merged_into == giulia
    assert said(giulia) == ["Where is my parcel?", "Hello?", "Is 10432 on its way?"]
    assert giulia.identities.count() == 2 and giulia.conversations.count() == 2
    assert record.evidence == {"reasons": ["Same phone"]}


def test_numbers_stay_unique_and_rising(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    merge.merge(giulia, shopper, by=agent)
    giulia.refresh_from_db()
    seqs = list(Entry.objects.filter(customer=giulia).order_by("seq").values_list("seq", flat=True))
    assert len(set(seqs)) == len(seqs) and giulia.last_seq == seqs[-1] == giulia.reset_seq


def test_what_was_read_stays_read(giulia: Customer, shopper: Customer, agent: Agent, colleague: Agent) -> None:
    row = shopper.conversations.get()
    SeenMarker.objects.create(agent=agent, conversation=row, seen_seq=row.last_inbound_seq)
    SeenMarker.objects.create(agent=colleague, conversation=row, seen_seq=0)
    for change in (
        lambda: merge.merge(giulia, shopper, by=agent),
        lambda: merge.undo(MergeRecord.objects.get(), by=agent),
    ):
        change()
        row.refresh_from_db()
        seen = dict(SeenMarker.objects.filter(conversation=row).values_list("agent", "seen_seq"))
        assert (seen[agent.pk], seen[colleague.pk]) == (row.last_inbound_seq, 0)


def test_fields_are_chosen_and_gaps_filled(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    Customer.objects.filter(pk=shopper.pk).update(language="it", name="Giu T.", custom={"shoe": 39})
    merge.merge(giulia, shopper, by=agent, plan=Plan(take=frozenset({"name"})))
    giulia.refresh_from_db()
    assert (giulia.name, giulia.language, giulia.custom) == ("Giu T.", "it", {"shoe": 39})


def test_undo_brings_both_back(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    Customer.objects.filter(pk=shopper.pk).update(language="it")
    record = merge.merge(giulia, shopper, by=agent, plan=Plan(take=frozenset({"name"})))
    merge.undo(record, by=agent)
    giulia.refresh_from_db()
    shopper.refresh_from_db()
    assert (shopper.merged_into, giulia.language, giulia.name) == (None, "", "Giulia")
    assert (said(giulia), said(shopper)) == (["Where is my parcel?", "Hello?"], ["Is 10432 on its way?"])
    assert shopper.identities.get().value == "giu.shop@example.test"
    assert shopper.conversations.get().customer == shopper


def test_a_field_that_was_changed_since_stays(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    record = merge.merge(giulia, shopper, by=agent, plan=Plan(take=frozenset({"name"})))
    people.change_profile(giulia, {"name": "Giulia Tassinari"}, by=agent)
    merge.undo(record, by=agent)
    giulia.refresh_from_db()
    assert giulia.name == "Giulia Tassinari"


def test_what_was_said_since_follows_its_address(
    channel: Channel, giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    record = merge.merge(giulia, shopper, by=agent)
    write(channel, "giu.shop@example.test", "From the shop address")
    write(channel, "giulia@example.test", "From the old address")
    merge.undo(record, by=agent)
    assert said(giulia)[-1] == "From the old address"
    assert said(shopper)[-1] == "From the shop address"
    for customer in (giulia, shopper):
        for row in Conversation.objects.filter(customer=customer):
            assert set(row.entries.values_list("customer", flat=True)) == {customer.pk}
            last = Message.objects.filter(entry__conversation=row, direction="in").latest("entry__seq")
            assert (row.last_preview, row.last_inbound_seq) == (last.text, last.entry.seq)


def test_an_undo_asks_as_many_statements_however_much_was_said_since(channel: Channel, agent: Agent) -> None:
    asked = []
    for number, many in enumerate((1, 6)):
        kept, other = (person(channel, f"{name}{number}@example.test") for name in ("kept", "other"))
        record = merge.merge(kept, other, by=agent)
        for text in range(many):
            write(channel, f"other{number}@example.test", f"Since then ({text})")
            write(channel, f"kept{number}@example.test", f"And I ({text})")
        with CaptureQueriesContext(connection) as queries:
            merge.undo(record, by=agent)
        asked.append(len(queries))
        assert len(said(other)) == 1 + many
    assert asked[0] == asked[1]


def test_an_answer_since_follows_the_address_it_went_to(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    record = merge.merge(giulia, shopper, by=agent)
    row = shopper_row = Conversation.objects.get(pk=record.moved["conversations.Conversation"][0])
    row.reply(by=agent, text="It is on its way.", to=route_to(shopper_row))
    merge.undo(record, by=agent)
    assert said(shopper)[-1] == "It is on its way."


def test_work_begun_since_follows_its_address(
    channel: Channel, giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    record = merge.merge(giulia, shopper, by=agent)
    for row in Conversation.objects.filter(customer=giulia):
        row.resolve(by=agent)
    Conversation.objects.update(resolved_at="2000-01-01T00:00:00Z")
    begun = write(channel, "giu.shop@example.test", "Something else").conversation
    assert begun is not None
    merge.undo(record, by=agent)
    begun.refresh_from_db()
    assert begun.customer == shopper


def test_two_copies_of_one_mail_part_and_get_their_mark_back(
    channel: Channel, giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    Message.objects.filter(customer=giulia).update(fingerprint=None)
    first = Message.objects.filter(customer=giulia).earliest("pk")
    copy = Message.objects.get(customer=shopper)
    Message.objects.filter(pk__in=(first.pk, copy.pk)).update(fingerprint="f" * 64)
    record = merge.merge(giulia, shopper, by=agent)
    copy.refresh_from_db()
    assert copy.fingerprint is None
    merge.undo(record, by=agent)
    copy.refresh_from_db()
    assert copy.fingerprint == "f" * 64


def test_who_waits_since_then_is_due_on_their_own_side(
    channel: Channel, giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    for row in Conversation.objects.filter(customer=shopper):
        row.resolve(by=agent)
    record = merge.merge(giulia, shopper, by=agent)
    came = write(channel, "giu.shop@example.test", "From the shop address")
    assert came.conversation is not None and came.conversation.customer == giulia
    merge.undo(record, by=agent)
    came.refresh_from_db()
    row = Conversation.objects.get(pk=came.conversation_id)
    assert (row.customer, row.unanswered_count) == (shopper, 1)
    assert row.next_due_at == waiting.due_at(came.occurred_at)


def test_an_entry_read_before_a_merge_gets_a_number_of_who_it_belongs_to_now(
    giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    stale = Entry.objects.select_related("customer", "conversation").get(customer=shopper)
    merge.merge(giulia, shopper, by=agent)
    timeline.touch(stale)
    giulia.refresh_from_db()
    assert (stale.customer, stale.touched_seq) == (giulia, giulia.last_seq)


def test_the_merge_and_its_undo_stand_on_the_timelines(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    record = merge.merge(giulia, shopper, by=agent)
    merge.undo(record, by=agent)
    acts = list(Entry.objects.filter(kind="merge").order_by("pk").values_list("customer", "data__act"))
    assert acts == [(giulia.pk, "merged"), (giulia.pk, "parted"), (shopper.pk, "parted")]


def test_a_customer_is_not_merged_into_themselves_nor_twice(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    with pytest.raises(SamePerson):
        merge.merge(giulia, giulia, by=agent)
    merge.merge(giulia, shopper, by=agent)
    for one, two in ((giulia, shopper), (shopper, giulia)):
        with pytest.raises(Gone) as gone:
            merge.merge(one, two, by=agent)
        assert gone.value.into == giulia


def test_an_undone_merge_is_not_undone_again(giulia: Customer, shopper: Customer, agent: Agent) -> None:
    record = merge.merge(giulia, shopper, by=agent)
    merge.undo(record, by=agent)
    with pytest.raises(CannotUndo):
        merge.undo(record, by=agent)


def test_after_thirty_days_a_merge_stands(
    giulia: Customer, shopper: Customer, agent: Agent, clock: time_machine.Traveller
) -> None:
    record = merge.merge(giulia, shopper, by=agent)
    clock.shift(timedelta(days=31))
    with pytest.raises(CannotUndo):
        merge.undo(record, by=agent)


def test_merges_are_undone_in_their_order(channel: Channel, giulia: Customer, shopper: Customer, agent: Agent) -> None:
    third = person(channel, "g.t@example.test", "Third")
    first = merge.merge(giulia, shopper, by=agent)
    second = merge.merge(third, giulia, by=agent)
    with pytest.raises(CannotUndo):
        merge.undo(first, by=agent)
    merge.undo(second, by=agent)
    merge.undo(first, by=agent)
    assert [said(who)[0] for who in (third, giulia, shopper)] == [
        "Third",
        "Where is my parcel?",
        "Is 10432 on its way?",
    ]


def test_open_pages_of_both_load_again(
    giulia: Customer, shopper: Customer, agent: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    cursors = {who: Customer.objects.get(pk=who.pk).last_seq for who in (giulia, shopper)}
    with django_capture_on_commit_callbacks(execute=True):
        merge.merge(giulia, shopper, by=agent)
    for who, cursor in cursors.items():
        who.refresh_from_db()
        assert changes_since(Lens(who, agent), cursor).must_reload
    assert {hint["customer"] for hint in live.of("hint") if hint["entry"] == 0} >= {giulia.pk, shopper.pk}


@pytest.mark.django_db(transaction=True)
def test_two_merges_of_one_person_at_once_end_as_one(channel: Channel, agent: Agent) -> None:
    one, two, three = (person(channel, f"p{n}@example.test") for n in range(3))
    results = together(lambda: merge.merge(one, two, by=agent), lambda: merge.merge(three, two, by=agent))
    assert sorted(type(result).__name__ for result in results) == ["Gone", "MergeRecord"]


@pytest.mark.django_db(transaction=True)
def test_a_message_that_arrives_while_two_are_merged_is_not_lost(channel: Channel, agent: Agent) -> None:
    for number in range(5):
        one, two = (person(channel, f"{name}{number}@example.test") for name in ("one", "two"))
        merged, arrived = together(
            lambda one=one, two=two: merge.merge(one, two, by=agent),
            lambda number=number: write_until_it_stays(channel, f"two{number}@example.test", "Meanwhile"),
        )
        assert isinstance(merged, MergeRecord) and isinstance(arrived, Entry)
        assert sorted(said(one)) == ["Hello", "Hello", "Meanwhile"]


def test_an_added_address_of_the_merged_belongs_to_who_is_left(
    giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    merge.merge(giulia, shopper, by=agent)
    assert people.add_identity(shopper, "email", "new@example.test", by=agent).customer == giulia


def test_the_way_back_is_where_they_wrote_last_not_what_came_with_the_merge(
    channel: Channel, giulia: Customer, shopper: Customer, agent: Agent
) -> None:
    newest = write(channel, "giulia@example.test", "Any news?", occurred_at=our_clock.now() + timedelta(minutes=1))
    merge.merge(giulia, shopper, by=agent)
    assert newest.message.sender == ways(giulia, channel.brand)[0].identity
