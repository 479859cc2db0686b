"""A long text in parts becomes one message, in whatever order they come, and shows what is there meanwhile."""

import itertools
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from channels_app.models import Channel
from conversations.events import parts
from conversations.events.filing import Happening, file_event
from conversations.models import Conversation, Message
from customers.models import Customer
from helpdesk.lib.events import Event, EventKind
from tests import factories

AT = datetime(2026, 11, 28, 10, tzinfo=UTC)
WORDS = {1: "Where is ", 2: "my parcel, ", 3: "please?"}


@pytest.fixture
def number(db: None) -> Channel:
    config = {"address": "+40310555000", "signature_secret": "s"}
    return factories.make_channel(name="SMS", kind="vonage_sms", config=config)


def come(channel: Channel, part: int, *, ref: str = "17", total: int = 3, at: datetime = AT, name: str = "") -> str:
    concat = {"concat": {"ref": ref, "part": part, "total": total}}
    event = Event(
        EventKind.MESSAGE, sender_id="40740555012", message_id=name or f"{ref}-{at:%H%M}-{part}", text=WORDS[part],
        occurred_at=at, details=concat,
    )  # fmt: skip
    with transaction.atomic():
        return file_event(Happening(channel, event, at))


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])), ids=str)
def test_any_order_gives_the_whole(number: Channel, order: tuple[int, ...]) -> None:
    outcomes = [come(number, part) for part in order]
    assert outcomes == ["filed", "applied", "applied"]
    assert Message.objects.get().text == "Where is my parcel, please?"
    assert Conversation.objects.get().last_preview == "Where is my parcel, please?"


@pytest.mark.parametrize(
    ("order", "text"), [((2,), "…my parcel, …"), ((3, 1), "Where is …please?"), ((1,), "Where is …")]
)
def test_what_is_missing_is_shown(number: Channel, order: tuple[int, ...], text: str) -> None:
    for part in order:
        come(number, part)
    assert Message.objects.get().text == text


def test_each_part_tells_those_who_look(number: Channel, live: Any, django_capture_on_commit_callbacks: Any) -> None:
    come(number, 1)
    with django_capture_on_commit_callbacks(execute=True):
        come(number, 2)
    assert live.of("hint")


def test_a_part_that_comes_again_is_a_copy(number: Channel) -> None:
    assert [come(number, part) for part in (1, 2, 1, 2)] == ["filed", "applied", "copy", "copy"]
    assert Message.objects.get().text == "Where is my parcel, …"


def test_the_same_number_later_is_another_text(number: Channel) -> None:
    come(number, 1)
    assert come(number, 2, at=AT + timedelta(minutes=11)) == "filed"
    assert Message.objects.count() == 2


def test_the_same_part_with_another_name_begins_another_text(number: Channel) -> None:
    come(number, 1)
    assert come(number, 1, name="other") == "filed"
    assert (come(number, 2), Message.objects.count()) == ("applied", 2)


def test_texts_of_two_numbers_are_kept_apart(number: Channel) -> None:
    come(number, 1, ref="17")
    come(number, 1, ref="18")
    assert {come(number, 2, ref="18"), come(number, 2, ref="17")} == {"applied"}
    assert set(Message.objects.values_list("text", flat=True)) == {"Where is my parcel, …"}


def test_a_message_in_one_piece_is_none_of_this() -> None:
    assert not parts.is_part(Happening(None, Event(EventKind.MESSAGE, details={"concat": {"part": "1"}}), AT))


@pytest.mark.django_db(transaction=True)
def test_two_parts_at_once_are_one_message() -> None:
    config = {"address": "+40310555000"}
    channel = factories.make_channel(name="SMS", kind="vonage_sms", config=config)
    gate = threading.Barrier(2)

    def deliver(part: int) -> None:
        gate.wait()
        come(channel, part, total=2)
        connection.close()

    threads = [threading.Thread(target=deliver, args=(part,)) for part in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Message.objects.get().text, Customer.objects.count()) == ("Where is my parcel, ", 1)
