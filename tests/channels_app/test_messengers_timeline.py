"""From the door to the timeline and back: what Telegram, LINE and Viber tell is filed once, in whatever order."""

import base64
import hashlib
import hmac
import itertools
import json
from typing import Any

import pytest
from django.test import Client

from channels_app import intake
from channels_app.models import Channel, RawEvent
from conversations.models import Conversation, Message, Reaction, Thread
from customers.models import Customer, Identity
from tests import factories
from tests.waiting import together

pytestmark = pytest.mark.django_db
ADA = {"id": 5550100, "first_name": "Ada", "last_name": "Example"}
LEO = {"id": 5550101, "first_name": "Leo"}
PRIVATE = {"id": 5550100, "type": "private"}
GROUP = {"id": -100555, "type": "supergroup", "title": "Neighbours"}
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "s"}
_numbers = itertools.count(1)


@pytest.fixture
def telegram(db: None) -> Channel:
    return factories.make_channel(kind="telegram", config={"token": "1:x", "secret": "s", "groups": "chat"})


def update(_name: str = "message", /, **content: Any) -> bytes:
    around = {"message_id": 7, "from": ADA, "chat": PRIVATE, "date": 1795860000}
    return json.dumps({"update_id": next(_numbers), _name: {**around, **content}}).encode()


def come(channel: Channel, *bodies: bytes, headers: dict[str, str] = SECRET) -> None:
    """Let bodies come in at the door and be filed."""
    for body in bodies:
        url = f"/webhooks/{channel.kind}/{channel.public_key}/"
        assert Client().post(url, body, content_type="application/json", headers=headers).status_code == 200
    for pk in RawEvent.objects.filter(channel=channel, state="new").order_by("pk").values_list("pk", flat=True):
        intake.process(pk)


def test_whatever_the_order_it_ends_the_same(telegram: Channel) -> None:
    said = update(text="Helo")
    edited = update("edited_message", text="Hello", edit_date=1795860060)
    signs = {"old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "❤"}]}
    reacted = update("message_reaction", user=ADA, date=1795860070, **signs)
    come(telegram, reacted, edited, said, said)
    message = Message.objects.get()
    assert (message.text, message.external_id, message.sender.value) == ("Hello", "5550100:7", "5550100")  # type: ignore[union-attr]
    assert Reaction.objects.get().emoji == "❤"
    assert Customer.objects.get().name == "Ada Example"


@pytest.mark.django_db(transaction=True)
def test_the_same_update_at_the_same_moment_is_one_message(telegram: Channel) -> None:
    body = update(text="Hello")
    url = f"/webhooks/telegram/{telegram.public_key}/"

    def call() -> int:
        return Client().post(url, body, content_type="application/json", headers=SECRET).status_code

    assert together(call, call) == [200, 200]
    pk = RawEvent.objects.get().pk
    together(lambda: intake.process(pk), lambda: intake.process(pk))
    assert Message.objects.count() == 1


def test_the_same_number_in_another_chat_is_another_message(telegram: Channel) -> None:
    come(telegram, update(text="a"), update(text="b", **{"from": LEO, "chat": {"id": 5550101, "type": "private"}}))
    assert sorted(Message.objects.values_list("external_id", flat=True)) == ["5550100:7", "5550101:7"]


def test_a_group_is_one_conversation_that_says_who_spoke(telegram: Channel) -> None:
    come(telegram, update(chat=GROUP, text="Hello"), update(chat=GROUP, message_id=8, text="Hi", **{"from": LEO}))
    assert list(Message.objects.order_by("pk").values_list("text", flat=True)) == ["Ada Example: Hello", "Leo: Hi"]
    assert (Conversation.objects.count(), Thread.objects.get().external_id) == (1, "-100555")
    assert Identity.objects.get().value == "-100555"


def test_blocking_the_bot_is_heeded(telegram: Channel) -> None:
    states = {"old_chat_member": {"status": "member"}, "new_chat_member": {"status": "kicked"}}
    come(telegram, update(text="Hello"), update("my_chat_member", **states))
    assert Identity.objects.get().opted_out_at is not None


def test_a_pressed_button_and_an_answer_name_what_they_are_about(telegram: Channel) -> None:
    come(telegram, update(text="a"), update(text="b", message_id=8, reply_to_message={"message_id": 7}))
    assert Message.objects.latest("pk").in_reply_to == "5550100:7"
    pressed = {"id": "55", "from": ADA, "data": "y", "message": {"message_id": 7, "chat": PRIVATE}}
    come(telegram, json.dumps({"update_id": 900, "callback_query": pressed}).encode())
    assert Message.objects.latest("pk").external_id == "5550100:55"


def test_ones_own_card_links_ones_number(telegram: Channel) -> None:
    card = {"phone_number": "393905550100", "first_name": "Ada", "user_id": 5550100}
    come(telegram, update(text="a"), update(message_id=8, contact=card))
    customer = Customer.objects.get()
    assert set(customer.identities.values_list("kind", flat=True)) == {"telegram", "phone"}


def test_a_bad_event_of_lines_does_not_take_the_others(db: None) -> None:
    channel = factories.make_channel(kind="line", config={"channel_secret": "s", "access_token": "t"})
    around = {"type": "message", "timestamp": 1795860000000, "mode": "active"}
    good = {**around, "source": {"type": "user", "userId": "U1"}, "replyToken": "tok"}
    events = [
        {**around, "message": {"id": "1", "type": "text", "text": "from nobody"}},
        {**good, "message": {"id": "2", "type": "text", "text": "Hello"}},
        {**good, "message": {"id": "3", "type": "hologram"}},
    ]
    body = json.dumps({"destination": "d", "events": events}).encode()
    signature = base64.b64encode(hmac.digest(b"s", body, hashlib.sha256)).decode()
    come(channel, body, headers={"X-Line-Signature": signature})
    assert list(Message.objects.order_by("pk").values_list("external_id", flat=True)) == ["2", "3"]
    assert RawEvent.objects.filter(state="quarantined").count() == 1
    assert Thread.objects.get().hints["reply_token"] == "tok"
