"""Whatever two people's histories are: merged and parted again they are as before, but for their numbers."""

import os
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent
from channels_app.models import Channel
from conversations import people, recording
from conversations.merging import merge, parting, rejoining
from conversations.merging.parting import MOVABLE, NothingToMove
from conversations.models import Conversation, Entry, Message, SeenMarker
from customers.identify import find
from customers.models import Customer, CustomField
from helpdesk.lib.inbound import Proof
from tests.factories import make_inbound, receive, route_to

pytestmark = pytest.mark.django_db
ADDRESSES = ("anna@example.test", "anna.work@example.test", "bruno@example.test", "bruno.home@example.test")
ACTS = (
    "write",
    "write",
    "write",
    "reply",
    "note",
    "resolve",
    "wait",
    "take",
    "see",
    "rename",
    "learn",
    "forget",
    "tag",
    "untag",
)
DETAILS = ("size", "plan", "dog")
histories = st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(ADDRESSES)), max_size=14)
# So many chance histories of each kind; `make test-all` takes more.
HISTORIES = int(os.environ.get("HISTORIES", "12"))
quickly = settings(max_examples=HISTORIES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def owner(address: str) -> Customer:
    identity = find("email", address)
    assert identity is not None
    return identity.customer


def begin(channel: Channel, agent: Agent) -> None:
    for slug in DETAILS:
        CustomField.objects.create(slug=slug, name=slug.title())
    for first, second in (ADDRESSES[:2], ADDRESSES[2:]):
        write(channel, first, "First")
        people.add_identity(owner(first), "email", second, by=agent)


def write(channel: Channel, address: str, text: str) -> None:
    receive(channel=channel, inbound=make_inbound(address=address, text=text, proof=Proof.PROVEN))


def live_through(channel: Channel, agent: Agent, history: list[tuple[str, str]], name: str) -> None:
    for place, (act, address) in enumerate(history):
        words = f"{name} {place}"
        if act == "write":
            write(channel, address, words)
        elif act == "rename":
            people.change_profile(owner(address), {"name": words}, by=agent)
        elif act in {"learn", "forget"}:
            detail = f"custom-{DETAILS[place % len(DETAILS)]}"
            people.change_profile(owner(address), {detail: words if act == "learn" else None}, by=agent)
        elif act == "tag":
            recording.tag_customer(owner(address), DETAILS[place % len(DETAILS)], by=agent)
        elif act == "untag":
            recording.untag_customer(owner(address), DETAILS[place % len(DETAILS)], by=agent)
        else:
            on_newest(act, owner(address), agent, words)


def on_newest(act: str, customer: Customer, agent: Agent, words: str) -> None:
    row = Conversation.objects.filter(customer=customer).order_by("pk").last()
    if row is None:
        # Split out and not written from yet.
        return
    if act == "reply":
        row.reply(by=agent, text=words, to=route_to(row))
    elif act == "note":
        row.note(by=agent, text=words)
    elif act == "see":
        SeenMarker.objects.update_or_create(agent=agent, conversation=row, defaults={"seen_seq": customer.last_seq})
    elif act != "take" or row.assignee is None:
        getattr(row, act)(by=agent)


def picture(customer: Customer) -> dict[str, Any]:
    """Everything of a customer but numbers."""
    customer.refresh_from_db()
    entries = Entry.objects.filter(customer=customer).exclude(kind="merge").order_by("seq")
    rows = Conversation.objects.filter(customer=customer).order_by("pk")
    shown = ("pk", "status", "subject", "assignee", "waiting_since", "next_due_at", "unanswered_count", "last_preview",
             "last_entry_at", "first_reply_at", "resolved_at", "reopened_count")  # fmt: skip
    return {
        "fields": (customer.name, customer.language, customer.preferred_identity_id, customer.merged_into_id),
        "details": customer.custom,
        "tags": recording.tags_of_customer(customer),
        "entries": list(entries.values_list("pk", "kind", "data", "conversation", "occurred_at")),
        "texts": list(
            Message.objects.filter(customer=customer).order_by("pk").values_list("pk", "text", "fingerprint")
        ),
        "identities": list(customer.identities.order_by("pk").values_list("pk", "value")),
        "conversations": list(rows.values_list(*shown)),
        "unread": [row.pk for row in rows if is_unread(row)],
        "rising": [entry.pk for entry in entries] == [entry.pk for entry in entries.order_by("pk")],
    }


def is_unread(row: Conversation) -> bool:
    seen = SeenMarker.objects.filter(conversation=row).values_list("seen_seq", flat=True).first() or 0
    return seen < row.last_inbound_seq


@quickly
@given(history=histories)
def test_merged_and_parted_they_are_as_before(channel: Channel, agent: Agent, history: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        begin(channel, agent)
        live_through(channel, agent, history, "before")
        anna, bruno = owner(ADDRESSES[0]), owner(ADDRESSES[2])
        before = picture(anna), picture(bruno)
        merge.undo(merge.merge(anna, bruno, by=agent), by=agent)
        assert (picture(anna), picture(bruno)) == before
        transaction.set_rollback(True)


@quickly
@given(history=histories, since=histories)
def test_what_is_said_while_they_are_one_follows_its_address(
    channel: Channel, agent: Agent, history: list[tuple[str, str]], since: list[tuple[str, str]]
) -> None:
    with transaction.atomic():
        begin(channel, agent)
        live_through(channel, agent, history, "before")
        anna, bruno = owner(ADDRESSES[0]), owner(ADDRESSES[2])
        record = merge.merge(anna, bruno, by=agent)
        live_through(channel, agent, since, "since")
        said = Message.objects.count()
        merge.undo(record, by=agent)
        assert Message.objects.count() == said
        for message in Message.objects.select_related("thread__identity", "entry__conversation"):
            whose = message.thread.identity.customer_id
            assert (message.customer_id, message.entry.customer_id) == (whose, whose)
            assert message.entry.conversation is not None and message.entry.conversation.customer_id == whose
        assert owner(ADDRESSES[3]).pk == bruno.pk
        for customer in (anna, bruno):
            customer.refresh_from_db()
            seqs = list(Entry.objects.filter(customer=customer).values_list("seq", flat=True))
            assert max(seqs) <= customer.last_seq
        transaction.set_rollback(True)


def unnumbered(customer: Customer) -> dict[str, Any]:
    """The picture without what hangs on the order of numbers: what comes back is newer than what stayed."""
    shown = picture(customer)
    shown["entries"] = sorted(shown["entries"])
    del shown["rising"]
    return shown


def whose_is_what() -> None:
    """Every message is on the timeline and in a conversation of one and the same customer, every number once."""
    for message in Message.objects.select_related("entry__conversation"):
        assert message.entry.conversation is not None
        assert {message.customer_id, message.entry.customer_id} == {message.entry.conversation.customer_id}
    seqs = list(Entry.objects.values_list("customer", "seq"))
    assert len(set(seqs)) == len(seqs)
    for customer in Customer.objects.all():
        assert max((seq for whose, seq in seqs if whose == customer.pk), default=0) <= customer.last_seq


@quickly
@given(history=histories, to_bruno=st.booleans())
def test_split_and_rejoined_they_are_as_before(
    channel: Channel, agent: Agent, history: list[tuple[str, str]], to_bruno: bool
) -> None:
    with transaction.atomic():
        begin(channel, agent)
        live_through(channel, agent, history, "before")
        anna, bruno = owner(ADDRESSES[0]), owner(ADDRESSES[2])
        identity = find("email", ADDRESSES[1])
        assert identity is not None
        before = unnumbered(anna), unnumbered(bruno)
        record = parting.split(anna, identity, by=agent, to=bruno if to_bruno else None)
        whose_is_what()
        rejoining.undo(record, by=agent)
        assert (unnumbered(anna), unnumbered(bruno)) == before
        whose_is_what()
        transaction.set_rollback(True)


@quickly
@given(history=histories, since=histories, to_bruno=st.booleans())
def test_what_is_said_while_an_address_is_split_out_follows_it(
    channel: Channel, agent: Agent, history: list[tuple[str, str]], since: list[tuple[str, str]], to_bruno: bool
) -> None:
    with transaction.atomic():
        begin(channel, agent)
        live_through(channel, agent, history, "before")
        anna, bruno = owner(ADDRESSES[0]), owner(ADDRESSES[2])
        identity = find("email", ADDRESSES[1])
        assert identity is not None
        record = parting.split(anna, identity, by=agent, to=bruno if to_bruno else None)
        live_through(channel, agent, since, "since")
        said = Message.objects.count()
        rejoining.undo(record, by=agent)
        assert Message.objects.count() == said
        whose_is_what()
        for message in Message.objects.select_related("thread__identity"):
            assert message.customer_id == message.thread.identity.customer_id
        assert [owner(address).pk for address in ADDRESSES] == [anna.pk, anna.pk, bruno.pk, bruno.pk]
        transaction.set_rollback(True)


@quickly
@given(
    history=histories, picked=st.sets(st.integers(0, 15), min_size=1), where=st.sampled_from(["new", "anna", "bruno"])
)
def test_moved_and_moved_back_they_are_as_before(
    channel: Channel, agent: Agent, history: list[tuple[str, str]], picked: set[int], where: str
) -> None:
    with transaction.atomic():
        begin(channel, agent)
        live_through(channel, agent, history, "before")
        anna, bruno = owner(ADDRESSES[0]), owner(ADDRESSES[2])
        rows = list(Entry.objects.filter(customer=anna, kind__in=MOVABLE).order_by("pk"))
        entries = [entry for place, entry in enumerate(rows) if place in picked] or rows[:1]
        before = unnumbered(anna), unnumbered(bruno)
        newest = {"anna": anna, "bruno": bruno}.get(where)
        to = Conversation.objects.filter(customer=newest).latest("pk") if newest else anna
        try:
            record = parting.move(entries, to=to, by=agent)
        except NothingToMove:
            record = None
        whose_is_what()
        if record is not None:
            rejoining.undo(record, by=agent)
        assert (unnumbered(anna), unnumbered(bruno)) == before
        whose_is_what()
        transaction.set_rollback(True)
