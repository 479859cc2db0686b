"""What customers say in every kind of event becomes an entry that says it, once."""

from typing import Any

import pytest
import time_machine

from channels_app.models import Channel
from channels_app.reconcile import lines
from conversations.models import Attachment, Conversation, Entry, Message, Thread
from conversations.windows import window_of
from customers.models import Customer
from helpdesk.lib import queue
from tests.chatter import GIULIA, about, hear, make_chatter, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def chatter(db: None) -> Channel:
    return make_chatter()


def entry_of(**more: Any) -> Entry:
    return Entry.objects.select_related("message__thread", "conversation").get(kind="message", **more)


def test_a_message_is_one_entry_however_often_it_comes(chatter: Channel) -> None:
    for key in ("a", "b", "c"):
        hear(chatter, said("Ciao", sender_name="Giulia"), key=key)
    entry = entry_of()
    assert (entry.message.text, entry.customer.name, entry.actor) == ("Ciao", "Giulia", "customer")
    assert (Thread.objects.get().external_id, Conversation.objects.count()) == (GIULIA, 1)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"kind": "postback", "text": "Yes please", "payload": "YES"}, "Yes please"),
        ({"kind": "postback", "text": "", "payload": "YES", "details": {"title": "Yes"}}, "Yes"),
        ({"kind": "postback", "text": "", "payload": "YES"}, "YES"),
        (
            {"kind": "form_reply", "payload": '{"flow_token":"x","full_name":"Ana","ok":true,"of":["a",1]}'},
            "Full name: Ana\nOk: ✓\nOf: a, 1",
        ),
        ({"kind": "form_reply", "text": "Sent", "payload": '{"full_name":'}, '{"full_name":'),
        ({"kind": "form_reply", "text": "", "payload": "[" * 10_000}, "[" * 10_000),
        (
            {
                "kind": "order",
                "text": "Please",
                "details": {
                    "catalog_id": "c",
                    "product_items": [
                        {"product_retailer_id": "SKU-1", "quantity": 2, "item_price": 12.5, "currency": "EUR"},
                        {"product_retailer_id": "SKU-2"},
                    ],
                },
            },
            "Please\n2 × SKU-1, 12.5 EUR\n1 × SKU-2",
        ),
    ],
)  # fmt: skip
def test_every_kind_says_what_was_said(chatter: Channel, event: dict[str, Any], text: str) -> None:
    hear(chatter, {**said(), **event})
    assert entry_of().message.text == text


def test_an_entry_keeps_what_somebody_may_ask_about(chatter: Channel) -> None:
    details = {"headline": "New in", "piece_key": "ours", "odd": "a\0b\ud800"}
    more = {"payload": "P", "ref": "spring", "ad_id": "7", "story_url": "https://cdn.example.test/s", "reply_to": "m-0"}
    hear(chatter, said(is_forwarded=True, details=details, **more))
    data = entry_of().data
    assert (data["forwarded"], data["payload"], data["story"], data["reply_to"]) == (
        True,
        "P",
        more["story_url"],
        "m-0",
    )
    assert data["referral"] == {"ref": "spring", "ad_id": "7", "headline": "New in"}
    assert data["details"] == {"headline": "New in", "odd": "ab\ufffd"}
    assert entry_of().message.in_reply_to == "m-0"


def test_what_cannot_be_shown_is_said_with_the_providers_reason(chatter: Channel) -> None:
    hear(chatter, said("", kind="unsupported", error="Message type unknown", error_code="131051"))
    entry = entry_of()
    assert entry.data["warning"] == "Their app sent something that cannot be shown here."
    assert entry.data["warning_detail"] == entry.conversation.last_preview == "Message type unknown"


def test_a_comment_is_a_thread_of_its_post_and_author(chatter: Channel) -> None:
    link = {"link": "https://social.example.test/p/9"}
    hear(chatter, said("Nice!", kind="comment", conversation_id="post-9", message_id="c-1", details=link))
    entry = entry_of()
    thread = entry.message.thread
    assert (thread.kind, thread.external_id, thread.reply_window_until) == ("comment", f"post-9:{GIULIA}", None)
    assert entry.data["comment"] == {"post": "post-9", "id": "c-1", **link}


def test_files_wait_and_ring_and_places_are_here(
    chatter: Channel, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rings: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "ring_now", lambda *args, **_: rings.append(args) or True)
    place = {"type": "location", "lat": 45.0, "lng": 0.0, "text": "Via Roma 1"}
    files = [{"type": "image", "ref": "f-1", "mime": "image/png"}, place, {"type": "audio", "error": "Gone"}]
    with django_capture_on_commit_callbacks(execute=True):
        hear(chatter, said("", files=files))
    image, here, gone = Attachment.objects.order_by("pk")
    assert [(row.kind, row.state, row.filename) for row in (image, here, gone)] == [
        ("image", "waiting", "image.png"), ("location", "here", "Via Roma 1"), ("audio", "unavailable", "audio.ogg"),
    ]  # fmt: skip
    assert (image.source["ref"], here.source["lat"], here.source["lng"]) == ("f-1", 45.0, 0.0)
    assert [ring for ring in rings if ring[0] == "channels_app.fetch_media"] == [("channels_app.fetch_media", image.pk)]
    assert entry_of().conversation.last_preview == "📷 +2"


def test_the_time_to_answer_counts_from_what_they_said_last(chatter: Channel) -> None:
    hear(chatter, said(at=60, message_id="m-2"))
    hear(chatter, said(at=0, message_id="m-1"))
    hear(chatter, about("reaction", at=120, reaction="👍"))
    thread = Thread.objects.get()
    assert f"{thread.reply_window_until:%d %H:%M}" == "23 11:00"


def test_a_delivery_that_comes_late_does_not_open_the_window_for_longer(
    chatter: Channel, clock: time_machine.Traveller
) -> None:
    """The provider counts from when they wrote: three hours late leaves twenty-one, whatever it brings before that."""
    clock.move_to("2026-11-22T13:00:00+00:00")
    hear(chatter, said(at=0, message_id="m-2"))
    hear(chatter, said("Earlier", message_id="m-1", occurred_at="2026-11-22T08:00:00+00:00"))
    thread = Thread.objects.get()
    assert thread.last_in_at is not None
    assert f"{thread.last_in_at:%d %H:%M} {thread.reply_window_until:%d %H:%M}" == "22 10:00 23 10:00"
    clock.move_to("2026-11-23T09:59:00+00:00")
    assert window_of(thread, chatter.capabilities) == "open"
    clock.move_to("2026-11-23T10:00:30+00:00")
    assert window_of(thread, chatter.capabilities) == "closed"


def test_the_thread_keeps_the_newest_hints(chatter: Channel) -> None:
    hear(chatter, said(hints={"reply_token": "t-1"}))
    assert Thread.objects.get().hints == {"reply_token": "t-1"}


def test_a_group_is_one_conversation_whoever_speaks(chatter: Channel) -> None:
    group = {"conversation_id": "g-7", "chat_type": "group"}
    hear(chatter, said("Who is there?", **group))
    hear(chatter, said("Me", sender_id="u-bruno", sender_name="Bruno", message_id="m-2", **group))
    hear(chatter, said("And who am I?", sender_id="", message_id="m-3", **group))
    assert Thread.objects.get().kind == "group"
    assert Message.objects.filter(entry__conversation=Conversation.objects.get()).count() == 3
    assert Entry.objects.get(customer__name="Bruno").kind == "took_part"


def test_ids_that_count_within_a_chat_are_told_apart(chatter: Channel) -> None:
    hear(chatter, said("One", conversation_id="71", sender_id="71"))
    hear(chatter, said("Two", conversation_id="72", sender_id="72"))
    assert set(Message.objects.values_list("external_id", flat=True)) == {"71:m-1", "72:m-1"}


def test_an_event_without_a_message_id_is_filed_once(chatter: Channel) -> None:
    press = said("Yes", kind="postback", message_id="", payload="Y")
    for key in ("a", "b"):
        hear(chatter, press, key=key)
    hear(chatter, {**press, "payload": "N"})
    assert Message.objects.count() == 2


def test_a_bad_one_of_many_takes_nobody_along_and_the_books_balance(chatter: Channel) -> None:
    raw = hear(
        chatter, said("One"), said("Nobody", sender_id="", message_id="m-2"), said("One"),
        about("reaction", at=3, reaction="👍"), about("typing", at=4),
        {"kind": "status", "status": "read", "watermark": "9" * 30},
    )  # fmt: skip
    assert (raw.state, raw.messages_count, raw.duplicates_count) == ("filed", 2, 1)
    assert (Message.objects.get().text, Message.objects.get().reactions.count()) == ("One", 1)
    assert all(line.balances for line in lines())


@pytest.mark.parametrize("kind", ["typing", "template", "account", "status", "handshake", "test_event", "ignored"])
def test_what_is_no_contact_makes_nobody_a_customer(chatter: Channel, kind: str) -> None:
    hear(
        chatter, {"kind": kind, "sender_id": GIULIA, "status": "read", "target_id": "m-9", "watermark": "1780000000000"}
    )
    assert (Customer.objects.count(), Entry.objects.count()) == (0, 0)
