"""Sending through LINE, against a counterpart on loopback."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from channels_app.models import Channel, ChannelLog
from conversations.models.thread import Thread
from helpdesk.lib import clock
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import MediaGone, Outbound, OutboundFile, OutboundRecipient, QuickReply, SendError, Sent
from tests import factories
from tests.channels_app.line.counterpart import TOKEN, Line
from tests.channels_app.provider import HANG_UP, Reply, serving

ADA = Party(kind="line", value="U1")
PICTURE = OutboundFile("p.png", "image/png", b"\x89PNG\r\n\x1a\npicture")


@pytest.fixture
def line() -> Iterator[Line]:
    counterpart = Line()
    with serving(counterpart):
        yield counterpart


@pytest.fixture
def channel(db: None, line: Line, settings: Any) -> Channel:
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{line.port}"]
    settings.PUBLIC_URL = "https://desk.example.test"
    config = {"access_token": TOKEN, "channel_secret": "s", "base_url": line.url, "data_url": line.url}
    return factories.make_channel(kind="line", config=config)


def piece(text: str = "Hello", to: Party = ADA, **fields: Any) -> Outbound:
    return Outbound("key", "t", (OutboundRecipient("to", to, 0),), text, **{"piece_key": "key:0", **fields})


def fresh(token: str = "tok-1", seconds_old: int = 5) -> dict[str, str]:
    return {"reply_token": token, "reply_at": str(int(clock.real().timestamp()) - seconds_old)}


def send(channel: Channel, outbound: Outbound) -> Sent:
    return channel.adapter.send(channel, outbound)


def refusal(channel: Channel, outbound: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        send(channel, outbound or piece())
    return caught.value


def test_a_fresh_token_makes_it_a_reply(channel: Channel, line: Line) -> None:
    line.reply_tokens.add("tok-1")
    sent = send(channel, piece(hints=fresh()))
    assert [how for how, _ in line.sent] == ["reply"]
    assert (sent.external_id, sent.parts[0].external_id) == ("461230966842064001", "461230966842064001")


@pytest.mark.parametrize("hints", [{}, {"reply_token": "tok-1"}, fresh(seconds_old=51), {**fresh(), "reply_at": "x"}])
def test_an_old_token_makes_it_a_push(channel: Channel, line: Line, hints: dict[str, str]) -> None:
    line.reply_tokens.add("tok-1")
    send(channel, piece(hints=hints))
    assert line.sent == [("push", {"to": "U1", "messages": [{"type": "text", "text": "Hello"}]})]


def test_a_token_that_was_used_makes_it_a_push(channel: Channel, line: Line) -> None:
    line.reply_tokens.add("tok-1")
    for number in range(2):
        send(channel, piece(hints=fresh(), piece_key=f"key:{number}"))
    assert [how for how, _ in line.sent] == ["reply", "push"]


def test_the_same_piece_is_pushed_once(channel: Channel, line: Line) -> None:
    first, again = send(channel, piece()), send(channel, piece())
    assert (len(line.sent), first.external_id) == (1, again.external_id)
    send(channel, piece(piece_key="key:1"))
    assert len(line.sent) == 2


def test_a_push_without_an_answer_is_tried_again(channel: Channel, line: Line) -> None:
    line.faults.append(Reply(HANG_UP))
    error = refusal(channel)
    assert (error.code, error.retryable, error.maybe_sent) == ("connection", True, False)
    send(channel, piece())
    assert len(line.sent) == 1


@pytest.mark.parametrize("fault", [Reply(HANG_UP), Reply(500, {"message": "Internal server error"})])
def test_a_reply_without_an_answer_may_have_been_sent(channel: Channel, line: Line, fault: Reply) -> None:
    line.reply_tokens.add("tok-1")
    line.faults.append(fault)
    assert refusal(channel, piece(hints=fresh())).maybe_sent


def test_trouble_at_line_is_tried_again_when_pushed(channel: Channel, line: Line) -> None:
    line.faults.append(Reply(500, {"message": "Internal server error"}))
    error = refusal(channel)
    assert (error.code, error.retryable, error.maybe_sent) == ("provider_error", True, False)


def test_too_fast_waits_as_long_as_line_says(channel: Channel, line: Line) -> None:
    line.faults.append(Reply(429, {"message": "The API rate limit has been exceeded."}, {"retry-after": "9"}))
    error = refusal(channel)
    assert (error.code, error.retryable, error.retry_after_seconds) == ("throttled", True, 9)


def test_a_month_that_is_used_up_is_not_tried_again(channel: Channel, line: Line) -> None:
    line.quota = 0
    error = refusal(channel)
    assert (error.code, error.retryable, error.our_fault) == ("account", False, True)


@pytest.mark.parametrize(("to", "code"), [("U1", "opted_out"), ("Unobody", "rejected_recipient")])
def test_who_cannot_be_reached(channel: Channel, line: Line, to: str, code: str) -> None:
    line.blocked.add("U1")
    assert refusal(channel, piece(to=Party(kind="line", value=to))).code == code


@pytest.mark.parametrize(("status", "message", "code"), [
    (401, "Authentication failed", "credentials"), (403, "Not available", "account"), (413, "Too large", "too_large"),
    (400, "The request body has 1 error(s)", "rejected_content"),
])  # fmt: skip
def test_every_refusal_has_its_word(channel: Channel, line: Line, status: int, message: str, code: str) -> None:
    line.faults.append(Reply(status, {"message": message}))
    error = refusal(channel)
    assert (error.code, error.provider_code) == (code, f"{status} {message}")


def test_a_picture_is_fetched_from_us(channel: Channel, line: Line) -> None:
    send(channel, piece("", files=(PICTURE,)))
    (picture,) = line.sent[0][1]["messages"]
    assert picture["type"] == "image"
    assert picture["originalContentUrl"].startswith("https://desk.example.test/")


@pytest.mark.parametrize(("file", "code"), [
    (OutboundFile("a.pdf", "application/pdf", b"x"), "unsupported"),
    (OutboundFile("a.png", "image/png", b"x" * (1024 * 1024 + 1)), "too_large"),
])  # fmt: skip
def test_a_file_that_line_does_not_take(channel: Channel, line: Line, file: OutboundFile, code: str) -> None:
    assert refusal(channel, piece("", files=(file,))).code == code
    assert line.calls == []


def test_a_desk_without_https_sends_no_pictures(channel: Channel, settings: Any) -> None:
    settings.PUBLIC_URL = "http://desk.example.test"
    assert refusal(channel, piece("", files=(PICTURE,))).code == "not_configured"


def test_answers_to_press(channel: Channel, line: Line) -> None:
    send(channel, piece(quick_replies=(QuickReply("Yes", "y"),)))
    (item,) = line.sent[0][1]["messages"][0]["quickReply"]["items"]
    assert item["action"] == {"type": "postback", "label": "Yes", "data": "y", "displayText": "Yes"}
    assert refusal(channel, piece(quick_replies=(QuickReply("x" * 21, "y"),))).code == "rejected_content"


def test_typing_is_shown_to_people_only(channel: Channel, line: Line) -> None:
    channel.adapter.typing(channel, ADA, "")
    channel.adapter.typing(channel, Party(kind="line", value="C1"), "")
    assert [call.json for call in line.calls] == [{"chatId": "U1", "loadingSeconds": 20}]


def test_what_was_read_is_told_by_its_token(channel: Channel, line: Line) -> None:
    channel.adapter.mark_read(channel, ADA, "")
    assert line.calls == []
    identity = factories.make_identity(kind="line", address="U1")
    Thread.objects.create(channel=channel, identity=identity, external_id="U1", hints={"read_token": "read-1"})
    channel.adapter.mark_read(channel, ADA, "")
    assert line.calls[0].json == {"markAsReadToken": "read-1"}


def test_a_file_is_fetched_with_our_credentials(channel: Channel, line: Line) -> None:
    line.contents["600002"] = ("succeeded", b"\xff\xd8picture")
    assert channel.adapter.fetch_media(channel, EventFile("image", ref="600002")).content == b"\xff\xd8picture"
    assert channel.adapter.fetch_media(channel, EventFile("video", ref="600002")).content == b"\xff\xd8picture"
    assert [call.path.endswith("/transcoding") for call in line.calls] == [False, True, False]


def test_a_film_is_waited_for(channel: Channel, line: Line) -> None:
    line.contents["1"] = ("processing", b"x")
    with pytest.raises(SendError) as caught:
        channel.adapter.fetch_media(channel, EventFile("video", ref="1"))
    assert (caught.value.retryable, caught.value.retry_after_seconds) == (True, 10)


@pytest.mark.parametrize("file", [
    EventFile("video", ref="failed"), EventFile("image", ref="none"), EventFile("image"), EventFile("sticker", ref="1"),
])  # fmt: skip
def test_a_file_that_is_gone(channel: Channel, line: Line, file: EventFile) -> None:
    line.contents["failed"] = ("failed", b"")
    with pytest.raises(MediaGone):
        channel.adapter.fetch_media(channel, file)


def test_connecting_tells_the_address_and_tries_it(channel: Channel, line: Line) -> None:
    channel.adapter.connect(channel)
    assert line.endpoint == f"https://desk.example.test/webhooks/line/{channel.public_key}/"
    assert Channel.objects.get(pk=channel.pk).address == "@123abcde"
    line.is_reached = False
    with pytest.raises(SendError) as caught:
        channel.adapter.connect(channel)
    assert (caught.value.our_fault, caught.value.provider_code) == (True, "COULD_NOT_CONNECT")


def test_people_and_groups_have_names(channel: Channel) -> None:
    channel.adapter.check(channel)
    names = [channel.adapter.profile(channel, Party(kind="line", value=value)) for value in ("U1", "C1", "R1", "U9")]
    assert [found and found.name for found in names] == ["Ada", "Neighbours", None, None]


def test_secrets_and_people_stand_nowhere(channel: Channel, line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    channel.adapter.profile(channel, Party(kind="line", value="U9"))
    line.faults.append(Reply(401, {"message": "Authentication failed"}))
    noted = str(list(ChannelLog.objects.values_list("what", "detail")))
    assert TOKEN not in str(vars(refusal(channel))) + caplog.text + noted
    assert "U9" not in noted
