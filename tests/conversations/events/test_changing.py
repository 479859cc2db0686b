"""Edits, deletions and reactions: the same end in any order, and nothing left of what was deleted."""

import random
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents.models import Agent, Team
from channels_app import tasks
from channels_app.models import Channel
from conversations import after, statuses
from conversations.models import Attachment, Blob, Conversation, Entry, Fact, FileLink, Message, PendingStatus, Reaction
from conversations.models.searchable import Searchable
from conversations.searching import filling
from helpdesk.lib import clock
from tests.chatter import about, bring, hear, make_chatter, said
from tests.factories import make_team
from tests.waiting import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def chatter(db: None) -> Channel:
    return make_chatter()


def state() -> dict[str, Any]:
    """Everything that people see of the one message."""
    message = Message.objects.select_related("entry__conversation").get()
    conversation = message.entry.conversation
    assert conversation is not None
    return {
        "text": message.text,
        "edited": message.edited_at,
        "deleted": message.deleted_at,
        # Whole seconds are told apart by where they came from.
        "versions": sorted((row.text, row.at.replace(microsecond=0)) for row in message.versions.all()),
        "reactions": [(row.emoji, row.at) for row in message.reactions.all()],
        "preview": conversation.last_preview,
        "data": {name: value for name, value in message.entry.data.items() if name not in {"unreacted"}},
    }  # fmt: skip


def test_an_edit_replaces_the_text_and_keeps_what_was_said(chatter: Channel) -> None:
    hear(chatter, said("Order 12"))
    before = Entry.objects.get().touched_seq
    hear(chatter, about("edit", at=3, text="Order 13"))
    message = Message.objects.get()
    assert (message.text, f"{message.edited_at:%H:%M}") == ("Order 13", "10:03")
    assert list(message.versions.values_list("text", flat=True)) == ["Order 12"]
    assert (Entry.objects.get().touched_seq > before, Conversation.objects.get().last_preview) == (True, "Order 13")


def test_an_edit_is_found_by_its_new_words(chatter: Channel) -> None:
    hear(chatter, said("umbrella"))
    filling.keep(Entry.objects.select_related("message"))
    hear(chatter, about("edit", at=3, text="parasol"))
    assert "parasol" in Searchable.objects.get().vector and "umbrella" not in Searchable.objects.get().vector


def test_an_edit_teaches_what_its_words_say_now(chatter: Channel) -> None:
    hear(chatter, said("My order is 4711-22"))
    entry = Entry.objects.get()
    after.run([entry.pk])
    hear(chatter, about("edit", at=3, text="Sorry, order 4711-23"))
    assert list(Fact.objects.filter(what="order").values_list("value", flat=True)) == ["4711-23"]


def test_what_arrived_with_a_deleted_message_is_not_given_any_more(chatter: Channel, supervisor: Agent) -> None:
    hear(chatter, said("Secret"))
    browser = Client()
    browser.force_login(supervisor)
    address = f"/entries/{Message.objects.get().pk}/original/"
    assert browser.get(address).status_code == 200
    hear(chatter, about("delete", at=2))
    assert browser.get(address).status_code == 404


def test_a_delivery_with_words_of_somebody_unseen_is_not_given(team: Team, agent: Agent, supervisor: Agent) -> None:
    hear(make_chatter(team=team), said("Mine"), said("Theirs", sender_id="u-other", message_id="m-2"))
    Conversation.objects.filter(customer__identities__value="u-other").update(team=make_team(is_private=True))
    address = f"/entries/{Message.objects.get(text='Mine').pk}/original/"
    for who, status in ((agent, 404), (supervisor, 200)):
        browser = Client()
        browser.force_login(who)
        assert browser.get(address).status_code == status


def test_what_two_workers_missed_is_done_by_the_sweep(chatter: Channel) -> None:
    hear(chatter, about("edit", at=3, text="Order 13"))
    kept = PendingStatus.objects.get()
    hear(chatter, said("Order 12"))
    Message.objects.update(text="Order 12", edited_at=None)
    kept.save(force_insert=True)
    assert (statuses.settle_pending(10), Message.objects.get().text) == (1, "Order 13")


def test_what_comes_once_more_after_days_changes_nothing(chatter: Channel) -> None:
    history = [*HISTORY, about("delete", at=7)]
    hear(chatter, *history)
    before = state()
    with time_machine.travel(clock.real() + timedelta(hours=72)):
        for event in history:
            hear(chatter, event)
    assert (state(), Entry.objects.count(), PendingStatus.objects.count()) == (before, 1, 0)


def test_nothing_is_left_of_a_deleted_message_but_that_it_was(chatter: Channel) -> None:
    hear(chatter, said("My order is 4711-22", payload="P", files=[{"type": "image", "ref": "f"}]))
    message = Message.objects.get()
    blob = Blob.keep(b"a picture")
    Attachment.objects.update(blob=blob)
    filling.keep([message.entry])
    Fact.objects.create(customer=message.customer, entry=message.entry, kind="known", what="order", value="4711-22")
    hear(chatter, about("edit", at=1, text="My order is 4711-23"))
    hear(chatter, about("delete", at=2))
    message.refresh_from_db()
    assert (message.text, message.versions.count(), message.external_id) == ("", 0, "m-1")
    assert (Attachment.objects.count(), Blob.objects.filter(pk=blob).count(), Fact.objects.count()) == (0, 0, 0)
    assert (Searchable.objects.get().vector, Conversation.objects.get().last_preview) == ("", "")
    assert Entry.objects.get(pk=message.pk).data == {"proof": "proven"}


def test_bytes_that_another_file_needs_stay(chatter: Channel) -> None:
    hear(chatter, said("One", files=[{"type": "image", "ref": "f"}]), said("Two", message_id="m-2"))
    blob = Blob.keep(b"a picture")
    Attachment.objects.update(blob=blob)
    Attachment.objects.create(entry=Message.objects.get(external_id="m-2").entry, blob_id=blob, filename="again.png")
    hear(chatter, about("delete", at=2))
    assert (Attachment.objects.count(), Blob.objects.filter(pk=blob).count()) == (1, 1)


def test_bytes_that_a_link_was_given_out_for_stay(chatter: Channel) -> None:
    hear(chatter, said("One", files=[{"type": "image", "ref": "f"}]))
    blob = Blob.keep(b"a picture")
    Attachment.objects.update(blob=blob)
    FileLink.objects.create(digest="0" * 64, blob_id=blob, filename="a.png")
    hear(chatter, about("delete", at=2))
    assert (Attachment.objects.count(), Blob.objects.filter(pk=blob).count()) == (0, 1)


def test_a_message_that_was_deleted_before_it_came_is_a_tombstone(chatter: Channel) -> None:
    hear(chatter, about("delete", at=2))
    assert PendingStatus.objects.count() == 1
    hear(chatter, said("Oops", files=[{"type": "image", "ref": "f"}]))
    message = Message.objects.get()
    assert (message.text, message.deleted_at is not None, Attachment.objects.count()) == ("", True, 0)
    assert (PendingStatus.objects.count(), Conversation.objects.get().last_preview) == (0, "")


def test_customers_change_no_message_of_ours(chatter: Channel, agent: Agent, conversation: Conversation) -> None:
    Message.objects.update(direction="out", channel=chatter, external_id="m-9")
    hear(chatter, about("edit", "m-9", at=3, text="Yes, free of charge"), about("delete", "m-9", at=4))
    assert Message.objects.get().text == "Where is my parcel?"


def test_the_newest_reaction_of_each_counts(chatter: Channel) -> None:
    hear(chatter, said("Hi"), about("reaction", at=3, reaction="👍"), about("reaction", at=2, reaction="❤️"))
    assert list(Reaction.objects.values_list("emoji", flat=True)) == ["👍"]
    hear(chatter, about("reaction", at=4, reaction="", is_removed=True), about("reaction", at=3, reaction="👍"))
    assert Reaction.objects.count() == 0


def test_a_reaction_makes_nobody_a_customer(chatter: Channel) -> None:
    group = {"conversation_id": "g-7", "chat_type": "group"}
    hear(chatter, said("Hi", **group))
    hear(chatter, about("reaction", at=3, reaction="👍", **group) | {"sender_id": "u-stranger"})
    assert (Reaction.objects.get().identity, Message.objects.get().customer.identities.count()) == (None, 1)


HISTORY = [
    said("one"),
    about("edit", at=2, text="two"),
    about("edit", at=4, text="one"),
    about("reaction", at=3, reaction="👍"),
    about("reaction", at=5, reaction="", is_removed=True),
    about("reaction", at=6, reaction="❤️"),
]


@pytest.mark.parametrize("is_deleted", [False, True], ids=["edited", "deleted"])
def test_any_order_and_any_repetition_end_the_same(chatter: Channel, is_deleted: bool) -> None:
    history = [*HISTORY, *([about("delete", at=7)] if is_deleted else [])]
    hear(chatter, *history)
    expected = state()
    assert (expected["text"], expected["deleted"] is not None) == (("", True) if is_deleted else ("one", False))
    chance = random.Random(6)
    for round_ in range(5):
        other = make_chatter()
        Message.objects.all().delete()
        shuffled = chance.sample(history, len(history)) + chance.choices(history, k=3)
        for number, event in enumerate(shuffled):
            hear(other, event, key=f"{round_}-{number}")
        assert state() == expected, shuffled
        assert PendingStatus.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_delivery_taken_by_two_workers_is_one_message() -> None:
    chatter = make_chatter()
    first, second = bring(chatter, said("One"), key="a"), bring(chatter, said("One"), key="b")
    together(*(partial(tasks.process_event, raw.pk) for raw in (first, second, first)))
    assert Message.objects.count() == 1
