"""The named statements write what the ORM writes: one row by each way, every field compared."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from channels_app.models import Channel
from conversations import timeline
from conversations.models import Conversation, Entry, Message, Recipient, Thread
from customers.identify import identify
from customers.models import Customer, Identity
from helpdesk.lib import clock, sql
from tests.factories import make_identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(conversation: Conversation, channel: Channel) -> timeline.NewMessage:
    """A message with something in every field."""
    identity = make_identity(address="other@example.test")
    thread = Thread.objects.create(channel=channel, identity=identity, external_id="thread")
    return timeline.NewMessage(
        thread=thread, direction="in", text="Text é", html="<p>", quoted="> q", subject="Subject", language="it",
        sender=identity, external_id="<1@example.test>", is_id_reused=True, fingerprint="f" * 64,
        in_reply_to="<0@example.test>", template="t", has_remote_images=True,
        addresses=(("from", "a@example.test", "A", identity), ("to", "b@example.test", "", None)),
    )  # fmt: skip


def new(conversation: Conversation) -> timeline.New:
    return timeline.New(
        kind=Entry.Kind.MESSAGE, customer=conversation.customer, conversation=conversation,
        visibility=Entry.Visibility.PUBLIC, occurred_at=clock.now(), data={"proof": "none", "é": [1]}, client_id="c",
        is_done=True,
    )  # fmt: skip


def fields(row: models.Model, *but: str) -> dict[str, Any]:
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in but]
    return {name: getattr(row, name) for name in names}


def test_an_entry_with_its_message_is_what_the_orm_writes(
    conversation: Conversation, said: timeline.NewMessage
) -> None:
    made = timeline.record_message(new(conversation), said)
    entry, message = Entry.objects.get(pk=made.pk), Message.objects.get(pk=made.pk)
    assert fields(made) == fields(entry)
    assert fields(made.message) == fields(message)
    with transaction.atomic():
        Message.objects.filter(pk=made.pk).update(external_id=None, fingerprint=None)
        Entry.objects.filter(pk=made.pk).update(client_id=None)
        twin = timeline._entry(new(conversation))
        twin.seq = twin.touched_seq = made.seq + 1
        twin.recorded_at, twin.occurred_at, twin.done_at = entry.recorded_at, entry.occurred_at, entry.done_at
        twin.save()
        other = timeline._message(new(conversation), said)
        other.entry = twin
        other.save(force_insert=True)
    twin.refresh_from_db()
    other.refresh_from_db()
    assert fields(twin, "id", "seq", "touched_seq") == fields(entry, "id", "seq", "touched_seq")
    assert fields(other, "entry_id") == fields(message, "entry_id")


def test_the_addresses_are_kept_in_order(conversation: Conversation, said: timeline.NewMessage) -> None:
    made = timeline.record_message(new(conversation), said)
    rows = Recipient.objects.filter(message_id=made.pk)
    assert [fields(row, "id", "message_id") for row in rows] == [
        {"role": role, "address": address, "name": name, "identity_id": who.pk if who else None}
        for role, address, name, who in said.addresses
    ]


@pytest.mark.parametrize("model", [Customer, Identity, Conversation, Thread])
def test_insert_writes_every_field_of_a_row(
    conversation: Conversation, said: timeline.NewMessage, model: type[models.Model]
) -> None:
    if model is Identity:
        conversation.customer.identities.update(value="moved@example.test")
    row = {Customer: conversation.customer, Conversation: conversation, Thread: said.thread}.get(model, said.sender)
    assert isinstance(row, models.Model)
    row.refresh_from_db()
    unique = {"id", "number", "external_id", "value"}
    values = fields(row, "id", "number") | ({"external_id": "again"} if model is Thread else {})
    twin = model(**(values | ({"value": "again@example.test"} if model is Identity else {})))
    sql.insert(twin)
    assert fields(model._base_manager.get(pk=twin.pk)) == fields(twin)
    assert fields(twin, *unique) == fields(row, *unique)


def test_a_person_is_found_with_everything_that_is_known_of_them() -> None:
    known = make_identity(address="other@example.test")
    Customer.objects.filter(pk=known.customer_id).update(custom={"size": 43})
    found, is_new = identify("email", "other@example.test")
    assert (fields(found), is_new) == (fields(Identity.objects.get(pk=known.pk)), False)
    assert fields(found.customer) == fields(Customer.objects.get(pk=known.customer_id))


def test_errors_are_those_of_django(conversation: Conversation, said: timeline.NewMessage) -> None:
    timeline.record_message(new(conversation), said)
    with pytest.raises(IntegrityError), transaction.atomic():
        timeline.record_message(new(conversation), said)


def test_nothing_is_prepared_where_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    assert identify("email", "nobody@example.test")[1]
