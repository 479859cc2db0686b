"""Entries: their numbers, their place, and what the conversation's row keeps of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from channels_app.models import Channel
from conversations import timeline
from conversations.models import Attachment, Blob, Conversation, Entry
from customers.models import Customer
from helpdesk.lib.inbound import InboundFile, Proof, Robot
from tests.conftest import Hints
from tests.factories import make_conversation, make_customer, make_inbound, receive
from tests.waiting import together

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def note(customer: Customer, **fields: Any) -> Entry:
    with transaction.atomic():
        return timeline.record(timeline.New(kind=Entry.Kind.NOTE, customer=customer, **fields))


def test_numbers_count_up_per_customer() -> None:
    giulia, bruno = make_customer(address="a@example.test"), make_customer(address="b@example.test")
    assert [note(giulia).seq, note(bruno).seq, note(giulia).seq] == [1, 1, 2]


def test_a_new_entry_is_touched_at_birth() -> None:
    entry = note(make_customer())
    assert entry.touched_seq == entry.seq == 1


def test_touching_takes_the_next_number_and_leaves_the_first() -> None:
    giulia = make_customer()
    first, _ = note(giulia), note(giulia)
    with transaction.atomic():
        timeline.touch(first)
    first.refresh_from_db()
    assert (first.seq, first.touched_seq) == (1, 3)
    assert Customer.objects.get(pk=giulia.pk).last_seq == 3


def test_touching_sets_what_it_is_given() -> None:
    entry = note(make_customer())
    with transaction.atomic():
        timeline.touch(entry, data={"text": "changed"})
    entry.refresh_from_db()
    assert entry.data == {"text": "changed"}


def test_the_conversation_must_be_the_customers(conversation: Conversation) -> None:
    with pytest.raises(ValueError, match="another customer"):
        note(make_customer(), conversation=conversation)
    assert Entry.objects.filter(kind=Entry.Kind.NOTE).count() == 0


def test_a_number_is_used_once() -> None:
    entry = note(make_customer())
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(
            customer=entry.customer, seq=entry.seq, touched_seq=9, kind="note", actor="agent", occurred_at=NOON
        )


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_and_no_double_when_many_write_at_once() -> None:
    giulia = make_customer()
    together(*[lambda: note(giulia)] * 8)
    assert sorted(Entry.objects.values_list("seq", flat=True)) == list(range(1, 9))


def test_a_mail_is_entry_message_and_addresses(channel: Channel) -> None:
    entry = receive(channel=channel, inbound=make_inbound(address="giulia@example.test", subject="Parcel"))
    message = entry.message
    assert (entry.kind, entry.actor, entry.visibility) == ("message", "customer", "public")
    assert (message.direction, message.subject, message.text) == ("in", "Parcel", "Where is my parcel?")
    assert [(row.role, row.address) for row in message.recipients.all()] == [("from", "giulia@example.test")]
    assert message.customer == entry.customer == message.sender.customer


def test_the_row_keeps_the_last_message(channel: Channel) -> None:
    conversation = make_conversation(channel=channel, messages=3)
    newest = Entry.objects.filter(conversation=conversation).latest("seq")
    assert conversation.last_entry_at == newest.occurred_at
    assert conversation.last_inbound_seq == newest.seq
    assert conversation.last_preview == "Hello? (2)"
    assert conversation.unanswered_count == 3


def test_a_new_conversation_is_written_once_with_what_its_list_shows(channel: Channel) -> None:
    known = make_customer(address="giulia@example.test")
    note(known)
    before = updated()
    entry = receive(channel=channel, inbound=make_inbound(address="giulia@example.test", subject="Parcel"))
    conversation = Conversation.objects.get(customer=known)
    assert (conversation.last_entry_at, conversation.last_inbound_seq) == (entry.occurred_at, entry.seq)
    assert (conversation.last_preview, conversation.last_channel_kind) == (entry.message.text, channel.icon)
    assert (conversation.waiting_since, conversation.unanswered_count) == (entry.occurred_at, 1)
    assert conversation.next_due_kind == "reply"
    assert conversation.threads.get().last_in_at == known.identities.get().last_seen_at
    assert updated() == before


def updated() -> int:
    """How many rows of conversations and threads this transaction wrote again."""
    names = ["conversations_conversation", "conversations_thread"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_stat_get_xact_tuples_updated(n::regclass)) FROM unnest(%s::text[]) AS n", [list(names)]
        )
        return int(cursor.fetchone()[0])


def test_a_late_message_does_not_turn_the_row_back(conversation: Conversation, channel: Channel) -> None:
    before = conversation.last_entry_at
    late = make_inbound(
        address="giulia@example.test",
        proof=Proof.TOKEN,
        thread_key=conversation.threads.get().external_id,
        occurred_at=before - timedelta(days=2),
    )
    receive(channel=channel, inbound=late)
    conversation.refresh_from_db()
    assert conversation.last_entry_at == before


def test_a_robot_starts_no_clock(channel: Channel) -> None:
    inbound = make_inbound(address="noreply@example.test", robot=Robot.AUTO_REPLY)
    conversation = receive(channel=channel, inbound=inbound).conversation
    assert conversation is not None
    assert (conversation.waiting_since, conversation.next_due_at, conversation.unanswered_count) == (None, None, 0)
    assert conversation.is_quiet


def test_the_clock_runs_from_the_oldest_unanswered(channel: Channel) -> None:
    conversation = make_conversation(channel=channel, messages=2)
    first = Entry.objects.filter(conversation=conversation).earliest("seq")
    assert conversation.waiting_since == first.occurred_at
    assert conversation.next_due_at == first.occurred_at + timedelta(minutes=60)


def test_a_file_is_kept_once_however_often_it_comes(channel: Channel) -> None:
    file = InboundFile("photo.png", "image/png", b"\x89PNG same bytes")
    for _ in range(2):
        receive(channel=channel, inbound=make_inbound(address="giulia@example.test", files=(file,)))
    assert (Attachment.objects.count(), Blob.objects.count()) == (2, 1)
    assert bytes(Blob.objects.get().content) == file.data


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, NOON),
        (NOON - timedelta(days=3, microseconds=-5), NOON - timedelta(days=3, microseconds=-5)),
        (NOON + timedelta(minutes=4), NOON + timedelta(minutes=4, microseconds=7)),
        (NOON + timedelta(minutes=6), NOON),
        (datetime(1999, 12, 31, tzinfo=UTC), NOON),
        (NOON, NOON + timedelta(microseconds=7)),
    ],
)
def test_a_providers_time_is_believed_when_it_can_be_true(said: datetime | None, expected: datetime) -> None:
    assert timeline.moment(said, NOON, 7) == expected


def test_whole_second_times_keep_the_order_of_arrival() -> None:
    assert timeline.moment(NOON, NOON, 1) < timeline.moment(NOON, NOON, 2)


def test_nothing_is_told_when_the_transaction_fails(live: Hints) -> None:
    giulia = make_customer()
    with transaction.atomic():
        note(giulia)
        transaction.set_rollback(True)
    assert (live.published, Entry.objects.count()) == ([], 0)


def test_a_recorded_entry_is_told_after_commit(
    live: Hints, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    giulia = make_customer()
    with django_capture_on_commit_callbacks(execute=True):
        entry = note(giulia)
        assert live.published == []
    assert [frame["entry"] for frame in live.of("hint")] == [entry.pk]


def test_a_row_tells_when_its_first_message_was_written_not_when_it_came(channel: Channel) -> None:
    written = NOON - timedelta(hours=3)
    inbound = make_inbound(address="giulia@example.test", occurred_at=written)
    entry = receive(channel=channel, inbound=inbound)
    assert entry.conversation is not None
    assert entry.conversation.last_entry_at == entry.occurred_at < written + timedelta(seconds=1)
