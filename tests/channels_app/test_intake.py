"""What arrives: kept first, filed once, never lost, and in quarantine when it cannot be read."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from psycopg import OperationalError as NobodyThere
from psycopg.errors import LockNotAvailable, QueryCanceled

from channels_app import intake, intake_sql, tasks
from channels_app.models import Channel, RawEvent
from conversations import filing
from conversations.models import Blob, Conversation, Entry, Message
from customers.models import Customer, Identity
from helpdesk.lib import queue
from helpdesk.lib.inbound import Inbound, RawInput
from tests import paper
from tests.factories import make_channel, make_customer, make_identity
from tests.paper import letter
from tests.waiting import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was rung, without a broker."""
    rings: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "ring_now", lambda *args, **_: rings.append(args) or True)
    return rings


def store(channel: Channel, body: bytes, key: str = "d-1") -> RawEvent:
    return intake.store(channel, body=body, headers={"x-delivery": key})


def test_what_arrives_is_kept_before_anything_looks_at_it(channel: Channel) -> None:
    event = store(channel, b"not a letter at all")
    assert (event.state, intake.body_of(event)) == ("new", b"not a letter at all")
    assert Entry.objects.count() == 0


def test_a_kept_event_rings_after_commit(
    channel: Channel, rung: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        event = store(channel, letter())
        assert rung == []
    assert rung == [("channels_app.process_event", event.pk)]


def test_a_repeated_delivery_is_counted_not_kept_again(channel: Channel) -> None:
    first = store(channel, letter())
    again = store(channel, letter())
    assert again == first
    assert RawEvent.objects.get().copies_count == 1


def test_the_same_key_on_another_channel_is_another_event(channel: Channel) -> None:
    store(channel, letter())
    store(make_channel(), letter())
    assert RawEvent.objects.count() == 2


def test_a_repeated_delivery_of_a_filed_event_rings_nobody(
    channel: Channel, rung: list[tuple[Any, ...]], django_capture_on_commit_callbacks: Any
) -> None:
    intake.process(store(channel, letter()).pk)
    with django_capture_on_commit_callbacks(execute=True):
        store(channel, letter())
    assert rung == []


def test_a_large_body_is_kept_apart(channel: Channel, settings: Any) -> None:
    settings.BLOB_INLINE_MAX_BYTES = 10
    event = store(channel, letter())
    event.refresh_from_db()
    assert event.body is None
    assert intake.body_of(event) == letter() == bytes(Blob.objects.get().content)


def test_too_large_a_body_is_refused_and_not_kept(channel: Channel, settings: Any) -> None:
    settings.INBOUND_BODY_MAX_BYTES = 10
    with pytest.raises(intake.TooBig):
        store(channel, letter())
    assert RawEvent.objects.count() == 0


def test_an_event_becomes_an_entry_that_names_it(channel: Channel) -> None:
    event = store(channel, letter(id="l-1"))
    assert intake.process(event.pk) == "filed"
    event.refresh_from_db()
    entry = Entry.objects.get()
    assert (entry.raw, entry.message.external_id) == (event, "l-1")
    assert (event.attempts, event.messages_count, event.error) == (1, 1, "")
    assert event.filed_at is not None


def test_processing_twice_is_one_entry(channel: Channel) -> None:
    event = store(channel, letter())
    assert [intake.process(event.pk), intake.process(event.pk)] == ["filed", "filed"]
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_processing_twice_at_once_is_one_entry(channel: Channel) -> None:
    event = store(channel, letter())
    results = together(*[lambda: intake.process(event.pk)] * 3)
    assert results == ["filed"] * 3
    assert (Entry.objects.count(), Customer.objects.count(), Conversation.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_message_through_two_mailboxes_at_once_is_one_entry(channel: Channel) -> None:
    events = [store(box, letter(id="l-1", fingerprint="f" * 64)) for box in (channel, make_channel(team=None))]
    results = together(*[lambda event=event: intake.process(event.pk) for event in events])
    assert sorted(results) == ["duplicate", "filed"]
    assert (Entry.objects.count(), len(Message.objects.get().also_on)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_messages_of_a_new_person_at_once_are_one_customer(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(join_unproven=True)
    events = [store(channel, letter(id=f"l-{n}", text=f"Part {n}"), key=f"d-{n}") for n in range(4)]
    results = together(*[lambda event=event: intake.process(event.pk) for event in events])
    assert results == ["filed"] * 4
    assert (Entry.objects.count(), Customer.objects.count(), Conversation.objects.count()) == (4, 1, 1)
    assert sorted(Entry.objects.values_list("seq", flat=True)) == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_storing_the_same_delivery_twice_at_once_is_one_event(channel: Channel) -> None:
    results = together(*[lambda: store(channel, letter())] * 3)
    assert len({event.pk for event in results}) == 1
    assert RawEvent.objects.get().copies_count == 2


def test_a_copy_under_another_name_is_a_duplicate(channel: Channel) -> None:
    intake.process(store(channel, letter(id="l-1")).pk)
    copy = store(channel, letter(id="l-1"), key="d-2")
    assert intake.process(copy.pk) == "duplicate"
    copy.refresh_from_db()
    assert (copy.messages_count, copy.duplicates_count, Entry.objects.count()) == (1, 1, 1)


def test_the_same_id_with_another_body_is_kept_and_marked(channel: Channel) -> None:
    for number in ("1", "2"):
        body = letter(id="l-1", text=f"Text {number}", fingerprint=number * 64)
        intake.process(store(channel, body, key=f"d-{number}").pk)
    second = Message.objects.latest("pk")
    assert second.is_id_reused
    assert second.external_id is not None
    assert second.external_id.startswith("l-1#")
    assert len(second.external_id) == len("l-1#") + 12


def test_a_batch_is_filed_whole(channel: Channel) -> None:
    batch = b"[" + b",".join(letter(**{"from": f"p{n}@example.test", "id": f"l-{n}"}) for n in range(3)) + b"]"
    event = store(channel, batch)
    assert intake.process(event.pk) == "filed"
    event.refresh_from_db()
    assert (event.messages_count, Entry.objects.count(), Customer.objects.count()) == (3, 3, 3)


def test_an_unwanted_event_is_ignored_with_its_reason(channel: Channel) -> None:
    event = store(channel, letter(ignore="typing"))
    assert intake.process(event.pk) == "ignored"
    event.refresh_from_db()
    assert (event.error, Entry.objects.count()) == ("typing", 0)


def test_what_cannot_be_read_is_in_quarantine_at_once_with_its_bytes(channel: Channel) -> None:
    event = store(channel, b"\xff\x00 no letter")
    assert intake.process(event.pk) == "quarantined"
    event.refresh_from_db()
    assert (event.error, intake.body_of(event)) == ("This is no letter.", b"\xff\x00 no letter")
    assert (event.filed_at, Entry.objects.count()) == (None, 0)


def test_what_breaks_us_is_tried_again_and_then_in_quarantine(channel: Channel, settings: Any) -> None:
    settings.INBOUND_ATTEMPTS_MAX = 3
    event = store(channel, letter(text="crash"))
    states = []
    for _ in range(4):
        tasks.process_event(event.pk)
        event.refresh_from_db()
        states.append(event.state)
    assert states == ["new", "new", "quarantined", "quarantined"]
    assert (event.attempts, event.error) == (3, "ZeroDivisionError: The reader of letters is broken.")


@pytest.mark.parametrize("harm", [MemoryError, RecursionError, TimeoutError, UnicodeError])
def test_whatever_a_reader_dies_of_the_bytes_are_kept_and_the_next_is_filed(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, harm: type[Exception]
) -> None:
    read = paper.adapter.parse

    def fail(raw: RawInput) -> list[Inbound]:
        if b"poison" in raw.body:
            raise harm
        return read(raw)

    monkeypatch.setattr(paper.adapter, "parse", fail)
    poison, other = (store(channel, letter(text=text), text) for text in ("poison", "well"))
    for _ in range(5):
        tasks.process_events([poison.pk, other.pk])
    states = dict(RawEvent.objects.values_list("pk", "state"))
    assert states == {poison.pk: "quarantined", other.pk: "filed"}
    assert b"poison" in intake.body_of(poison)


def test_an_event_that_kills_its_worker_ends_in_quarantine(channel: Channel, settings: Any) -> None:
    settings.INBOUND_ATTEMPTS_MAX = 3
    event = store(channel, letter())
    RawEvent.objects.filter(pk=event.pk).update(attempts=3)
    assert intake.process(event.pk) == "quarantined"
    assert Entry.objects.count() == 0


def test_a_broken_event_does_not_stop_the_next(channel: Channel) -> None:
    broken, good = store(channel, letter(text="crash")), store(channel, letter(), key="d-2")
    tasks.process_events([broken.pk, good.pk])
    good.refresh_from_db()
    assert (good.state, Entry.objects.count()) == ("filed", 1)


def test_replay_files_what_can_now_be_read(
    channel: Channel,
    monkeypatch: pytest.MonkeyPatch,
    rung: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    event = store(channel, b"no letter")
    intake.process(event.pk)
    with django_capture_on_commit_callbacks(execute=True):
        intake.replay(event)
    assert rung == [("channels_app.process_event", event.pk)]
    monkeypatch.setattr(type(channel.adapter), "parse", lambda self, raw: [])
    assert intake.process(event.pk) == "filed"


def test_replaying_twice_files_once(channel: Channel) -> None:
    event = store(channel, letter())
    RawEvent.objects.filter(pk=event.pk).update(state="quarantined", attempts=5, error="x")
    for _ in range(2):
        intake.replay(event)
        intake.process(event.pk)
    event.refresh_from_db()
    assert (event.state, event.error, Entry.objects.count()) == ("filed", "", 1)


def test_a_filed_event_cannot_be_replayed(channel: Channel) -> None:
    event = store(channel, letter())
    intake.process(event.pk)
    intake.replay(event)
    event.refresh_from_db()
    assert event.state == "filed"


def test_a_claimed_event_is_what_the_orm_reads(channel: Channel) -> None:
    event = store(channel, letter())
    claimed = intake_sql.claim(event.pk)
    assert claimed is not None
    for row in (claimed, claimed.channel, claimed.channel.brand, claimed.channel.default_team):
        assert row is not None
        kept = type(row)._base_manager.get(pk=row.pk)
        names = [field.attname for field in row._meta.concrete_fields]
        assert [getattr(row, name) for name in names] == [getattr(kept, name) for name in names]
    assert (claimed.attempts, intake.body_of(claimed)) == (1, letter())


def test_what_became_of_an_event_is_written_in_every_field(channel: Channel) -> None:
    event = store(channel, letter())
    event.state, event.error, event.messages_count, event.duplicates_count = "filed", "why", 3, 1
    intake_sql.finish(event, at=event.received_at)
    kept = RawEvent.objects.get()
    names = [field.attname for field in event._meta.concrete_fields if field.attname != "attempts"]
    assert [getattr(kept, name) for name in names] == [getattr(event, name) for name in names]
    assert intake_sql.claim(event.pk) is None


@pytest.mark.parametrize(("trouble", "attempts"), [(LockNotAvailable, 0), (NobodyThere, 0), (QueryCanceled, 3)])
def test_a_lock_that_comes_too_late_is_not_held_against_the_message(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception], attempts: int
) -> None:
    def busy(*_: object) -> None:
        raise OperationalError("busy") from trouble()

    event = intake.store(channel, body=letter(), headers={})
    monkeypatch.setattr(intake, "_file", busy)
    tasks.process_event(event.pk)
    event.refresh_from_db()
    assert (event.state, event.attempts) == (RawEvent.State.NEW, attempts)


def test_a_sender_who_moves_while_being_locked_is_filed_at_the_second_try(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = make_identity(address="giulia@example.test")
    kept = make_customer(name="Giulia", address="other@example.test")
    known = [Identity.objects.select_related("customer").get(pk=stale.pk)]
    Identity.objects.filter(pk=stale.pk).update(customer=kept)
    found = filing.identify
    monkeypatch.setattr(
        filing, "identify", lambda *args, **more: (known.pop(), False) if known else found(*args, **more)
    )
    event = store(channel, letter())
    tasks.process_event(event.pk)
    event.refresh_from_db()
    assert (event.state, event.attempts, Entry.objects.get().customer) == ("filed", 1, kept)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_cut_while_filing_is_made_anew(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    event = intake.store(channel, body=letter(), headers={})
    file, cut = intake._file, []

    def cut_once(*args: Any) -> str:
        if not cut:
            cut.append(True)
            with connection.cursor() as cursor:
                cursor.execute("select pg_terminate_backend(pg_backend_pid())")
        return file(*args)

    monkeypatch.setattr(intake, "_file", cut_once)
    tasks.process_event(event.pk)
    event.refresh_from_db()
    assert (event.state, event.attempts, cut) == (RawEvent.State.FILED, 1, [True])
