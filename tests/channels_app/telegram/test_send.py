"""Sending through Telegram, against a counterpart on loopback."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from channels_app.adapters.telegram import client
from channels_app.adapters.telegram.config import secrets_of
from channels_app.models import Channel, ChannelLog
from helpdesk.lib import markup
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import MediaGone, Outbound, OutboundFile, OutboundRecipient, QuickReply, SendError, Sent
from tests import factories
from tests.channels_app.provider import HANG_UP, Reply, serving
from tests.channels_app.telegram.counterpart import TOKEN, TOO_WIDE, Telegram

ADA = Party(kind="telegram", value="5550100")


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    counterpart = Telegram()
    with serving(counterpart):
        yield counterpart


@pytest.fixture
def channel(db: None, telegram: Telegram, settings: Any) -> Channel:
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{telegram.port}"]
    return factories.make_channel(kind="telegram", config={"token": TOKEN, "base_url": telegram.url, "secret": "s"})


def piece(text: str = "Hello", to: Party = ADA, **fields: Any) -> Outbound:
    return Outbound("key", "t", (OutboundRecipient("to", to, 0),), text, piece_key="key:0", **fields)


def send(channel: Channel, outbound: Outbound) -> Sent:
    return channel.adapter.send(channel, outbound)


def refusal(channel: Channel, outbound: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        send(channel, outbound or piece())
    return caught.value


def file(content_type: str = "application/pdf", data: bytes = b"content", name: str = 'è "x".pdf') -> OutboundFile:
    return OutboundFile(name, content_type, data)


def test_a_text_leaves_and_is_named_with_its_chat(channel: Channel, telegram: Telegram) -> None:
    sent = send(channel, piece("Ciao 🙂 <b>"))
    assert telegram.sent == [("sendMessage", {"chat_id": "5550100", "text": "Ciao 🙂 <b>"})]
    assert (sent.external_id, sent.parts[0].external_id, sent.parts[0].state) == ("5550100:101", "5550100:101", "sent")


@pytest.mark.parametrize(("content_type", "method", "field"), [
    ("image/jpeg", "sendPhoto", "photo"), ("image/gif", "sendAnimation", "animation"),
    ("video/mp4", "sendVideo", "video"),
    ("audio/ogg; codecs=opus", "sendVoice", "voice"), ("audio/mpeg", "sendAudio", "audio"),
    ("application/pdf", "sendDocument", "document"), ("image/svg+xml", "sendDocument", "document"),
])  # fmt: skip
def test_a_file_goes_as_what_it_is(
    channel: Channel, telegram: Telegram, content_type: str, method: str, field: str
) -> None:
    send(channel, piece("Look", files=(file(content_type),)))
    used, fields = telegram.sent[0]
    assert (used, fields["caption"], fields[field][1]) == (method, "Look", b"content")
    assert fields[field][0].replace("%22", '"') == 'è "x".pdf'


def test_a_picture_too_wide_goes_as_a_file(channel: Channel, telegram: Telegram) -> None:
    send(channel, piece("", files=(file("image/png", TOO_WIDE),)))
    assert [method for method, _ in telegram.sent] == ["sendDocument"]


def test_a_picture_too_large_goes_as_a_file(channel: Channel, telegram: Telegram) -> None:
    send(channel, piece("", files=(file("image/png", b"x" * (10 * 1024 * 1024 + 1)),)))
    assert [method for method, _ in telegram.sent] == ["sendDocument"]


def test_an_answer_finds_its_message_its_topic_and_its_business(channel: Channel, telegram: Telegram) -> None:
    hints = {"topic": "3", "business": "bc-1"}
    sent = send(channel, piece(quotes="5550100:41", hints=hints))
    fields = telegram.sent[0][1]
    assert fields["reply_parameters"] == {"message_id": 41, "allow_sending_without_reply": True}
    assert (fields["message_thread_id"], fields["business_connection_id"]) == (3, "bc-1")
    assert sent.external_id == "bc-1/5550100:101"


def test_answers_to_press(channel: Channel, telegram: Telegram) -> None:
    send(channel, piece(quick_replies=(QuickReply("Yes", "y"), QuickReply("No", "n"))))
    rows = telegram.sent[0][1]["reply_markup"]["inline_keyboard"]
    assert rows == [[{"text": "Yes", "callback_data": "y"}], [{"text": "No", "callback_data": "n"}]]
    assert refusal(channel, piece(quick_replies=(QuickReply("Yes", "è" * 33),))).code == "rejected_content"


def test_titles_that_are_too_long_to_come_back_are_told_apart(channel: Channel, telegram: Telegram) -> None:
    titles = ["Субота, з десятої до дванадцятої години, вранці", "Субота, з десятої до дванадцятої години, у магазині"]
    send(channel, piece(quick_replies=tuple(QuickReply(title, title) for title in titles)))
    (first,), (second,) = telegram.sent[0][1]["reply_markup"]["inline_keyboard"]
    assert [first["text"], second["text"]] == titles
    assert first["callback_data"] != second["callback_data"]
    assert max(len(one["callback_data"].encode()) for one in (first, second)) <= 64


def test_a_group_that_moved_is_followed(channel: Channel, telegram: Telegram) -> None:
    telegram.moved["-5"], telegram.chats["-1005"] = "-1005", {"id": -1005, "type": "supergroup"}
    sent = send(channel, piece(to=Party(kind="telegram", value="-5")))
    assert (sent.external_id, sent.aliases) == ("-1005:101", (Party(kind="telegram", value="-1005"),))


@pytest.mark.parametrize(("state", "code"), [("blocked", "opted_out"), ("gone", "rejected_recipient")])
def test_who_cannot_be_reached(channel: Channel, telegram: Telegram, state: str, code: str) -> None:
    getattr(telegram, state).add("5550100")
    error = refusal(channel)
    assert (error.code, error.retryable, error.maybe_sent) == (code, False, False)


def test_somebody_whom_the_bot_does_not_know(channel: Channel) -> None:
    assert refusal(channel, piece(to=Party(kind="telegram", value="1"))).code == "rejected_recipient"


def test_too_fast_waits_as_long_as_telegram_says(channel: Channel, telegram: Telegram) -> None:
    telegram.left = 0
    error = refusal(channel)
    assert (error.code, error.retryable, error.retry_after_seconds) == ("throttled", True, 7)


@pytest.mark.parametrize(("status", "description", "code"), [
    (400, "Bad Request: message is too long", "rejected_content"),
    (400, "Bad Request: something new", "rejected_content"),
    (403, "Forbidden: something new", "opted_out"),
    (403, "Forbidden: bot can't initiate conversation with a user", "rejected_recipient"),
    (401, "Unauthorized", "credentials"), (404, "Not Found", "credentials"),
    (413, "Request Entity Too Large", "too_large"),
    (400, "Bad Request: BUSINESS_CONNECTION_INVALID", "account"),
    (400, "Bad Request: not enough rights to send text messages to the chat", "rejected_recipient"),
])  # fmt: skip
def test_every_refusal_has_its_word(
    channel: Channel, telegram: Telegram, status: int, description: str, code: str
) -> None:
    telegram.faults.append(Reply(status, {"ok": False, "error_code": status, "description": description}))
    error = refusal(channel)
    assert (error.code, error.retryable, error.maybe_sent) == (code, False, False)
    assert error.provider_code == f"{status} {description}"


def test_trouble_at_telegram_is_tried_again(channel: Channel, telegram: Telegram) -> None:
    telegram.faults.append(Reply(502, b"Bad Gateway"))
    error = refusal(channel)
    assert (error.code, error.retryable, error.maybe_sent) == ("provider_error", True, False)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", {"ok": True}, {"ok": True, "result": {}}, {"ok": 1}])
def test_an_answer_nobody_understands_may_have_been_sent(channel: Channel, telegram: Telegram, body: object) -> None:
    telegram.faults.append(Reply(200, body))
    assert refusal(channel).maybe_sent


def test_a_line_cut_after_the_request_may_have_been_sent(channel: Channel, telegram: Telegram) -> None:
    telegram.faults.append(Reply(HANG_UP))
    error = refusal(channel)
    assert (error.code, error.maybe_sent, len(telegram.sent)) == ("timeout", True, 1)


def test_nobody_there_is_tried_again(channel: Channel, settings: Any) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1:9"]
    channel.config = {**channel.config, "base_url": "http://127.0.0.1:9"}
    error = refusal(channel)
    assert (error.code, error.retryable, error.maybe_sent) == ("connection", True, False)


def test_what_was_sent_can_be_changed(channel: Channel, telegram: Telegram) -> None:
    name, adapter = send(channel, piece()).external_id, channel.adapter
    captioned = send(channel, piece("x", files=(file(),))).external_id
    adapter.edit(channel, ADA, name, "Better")
    # As it is already: nothing to do.
    adapter.edit(channel, ADA, name, "Hello")
    adapter.edit(channel, ADA, captioned, "Better")
    adapter.react(channel, ADA, name, "❤")
    adapter.react(channel, ADA, name, "")
    adapter.withdraw(channel, ADA, name)
    adapter.withdraw(channel, ADA, f"bc-1/{name}")
    adapter.typing(channel, ADA, name)
    assert [call.path.rpartition("/")[2] for call in telegram.calls[2:]] == [
        "editMessageText", "editMessageText", "editMessageText", "editMessageCaption", "setMessageReaction",
        "setMessageReaction", "deleteMessage", "deleteBusinessMessages", "sendChatAction",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "5550100", "5550100:x", ":1", "5550100:900"])
def test_what_is_not_there_cannot_be_changed(channel: Channel, name: str) -> None:
    with pytest.raises(SendError) as caught:
        channel.adapter.withdraw(channel, ADA, name)
    assert caught.value.code == "rejected_content"


def test_a_sign_that_telegram_does_not_have(channel: Channel) -> None:
    name = send(channel, piece()).external_id
    with pytest.raises(SendError) as caught:
        channel.adapter.react(channel, ADA, name, "🧵")
    assert caught.value.code == "rejected_content"


def test_a_file_is_fetched(channel: Channel, telegram: Telegram) -> None:
    telegram.files["f-1"] = ("photos/1.jpg", b"\xff\xd8picture")
    assert channel.adapter.fetch_media(channel, EventFile("image", ref="f-1")).content == b"\xff\xd8picture"


@pytest.mark.parametrize("given", [
    EventFile("image"), EventFile("image", ref="none"), EventFile("video", ref="big", size_bytes=21 * 1024 * 1024),
    EventFile("file", ref="local"), EventFile("file", ref="up"),
])  # fmt: skip
def test_a_file_that_is_gone(channel: Channel, telegram: Telegram, given: EventFile) -> None:
    telegram.files |= {"local": ("/var/lib/x", b"x"), "up": ("../x", b"x")}
    with pytest.raises(MediaGone):
        channel.adapter.fetch_media(channel, given)


def test_connecting_tells_the_address_and_a_secret_of_our_making(channel: Channel, telegram: Telegram) -> None:
    channel.config = {"token": TOKEN, "base_url": telegram.url}
    channel.save()
    channel.adapter.connect(channel)
    kept = Channel.objects.get(pk=channel.pk)
    assert telegram.webhook["url"].endswith(f"/webhooks/telegram/{channel.public_key}/")
    assert telegram.webhook["secret_token"] == secrets_of(kept)[0]
    assert {"callback_query", "my_chat_member", "message_reaction"} <= set(telegram.webhook["allowed_updates"])
    assert kept.address == "@shop_bot"
    channel.adapter.disconnect(channel)
    assert telegram.webhook == {}


def test_the_bot_is_asked_for_itself_and_for_people(channel: Channel, telegram: Telegram) -> None:
    channel.adapter.check(channel)
    telegram.chats[ADA.value] = {**telegram.chats[ADA.value], "photo": {"small_file_id": "face-1"}}
    profile = channel.adapter.profile(channel, ADA)
    assert profile is not None
    assert (profile.name, profile.picture_ref) == ("Ada", "face-1")


def test_the_token_stands_nowhere(channel: Channel, telegram: Telegram, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.files["f-1"] = ("photos/1.jpg", b"x")
    channel.adapter.fetch_media(channel, EventFile("image", ref="f-1"))
    telegram.faults.append(Reply(401, {"ok": False, "description": "Unauthorized"}))
    said = str(vars(refusal(channel))) + caplog.text
    said += str(list(ChannelLog.objects.values_list("what", "detail")))
    assert TOKEN.partition(":")[2] not in said
    assert "5550100" not in str(list(ChannelLog.objects.values_list("what", "detail")))


def test_what_is_marked_stands_beside_the_text_in_utf_16(channel: Channel, telegram: Telegram) -> None:
    text = "🙂 **a _b_** [c](https://x.test) <b>\n> q\n> 🙂r\n- `x*`"
    said = markup.leaving(text, channel.capabilities.markup, is_marked=True).part(0, len(text))
    send(channel, piece(said.text, marks=said.marks))
    send(channel, piece(said.text, marks=said.marks, files=(file(),)))
    fields, with_file = (one for _, one in telegram.sent)
    assert (fields["text"], with_file["caption"]) == ("🙂 a b c <b>\nq\n🙂r\n- x*",) * 2
    assert fields["entities"] == [
        {"type": "bold", "offset": 3, "length": 3}, {"type": "italic", "offset": 5, "length": 1},
        {"type": "text_link", "offset": 7, "length": 1, "url": "https://x.test"},
        {"type": "blockquote", "offset": 13, "length": 5}, {"type": "code", "offset": 21, "length": 2},
    ]  # fmt: skip
    assert with_file["caption_entities"] == fields["entities"]
    assert "parse_mode" not in fields


def test_an_edit_carries_its_marks_too(channel: Channel, telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Any]] = []
    monkeypatch.setattr(client, "call", lambda channel, method, fields: asked.append((method, fields)))
    said = markup.leaving("**new**", channel.capabilities.markup, is_marked=True).part(0, 7)
    channel.adapter.edit_marked(channel, ADA, "5550100:41", said)
    assert [(method, fields["text"], fields["entities"]) for method, fields in asked] == [
        ("editMessageText", "new", [{"type": "bold", "offset": 0, "length": 3}])
    ]
