"""Sending through Viber, against a counterpart on loopback."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from channels_app.models import Channel, ChannelLog
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import MediaGone, Outbound, OutboundFile, OutboundRecipient, QuickReply, SendError, Sent
from tests import factories
from tests.channels_app.provider import HANG_UP, Reply, serving
from tests.channels_app.viber.counterpart import TOKEN, Viber, told

ADA = Party(kind="viber", value="ada=")
MB = 1024 * 1024


@pytest.fixture
def viber() -> Iterator[Viber]:
    counterpart = Viber()
    with serving(counterpart):
        yield counterpart


@pytest.fixture
def channel(db: None, viber: Viber, settings: Any) -> Channel:
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{viber.port}"]
    settings.PUBLIC_URL = "https://desk.example.test"
    return factories.make_channel(kind="viber", name="Shop", config={"token": TOKEN, "base_url": viber.url})


def piece(text: str = "Hello", to: Party = ADA, **fields: Any) -> Outbound:
    return Outbound("key", "t", (OutboundRecipient("to", to, 0),), text, piece_key="key:0", **fields)


def send(channel: Channel, outbound: Outbound) -> Sent:
    return channel.adapter.send(channel, outbound)


def refusal(channel: Channel, outbound: Outbound | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        send(channel, outbound or piece())
    return caught.value


def test_a_text_leaves_with_the_name_of_who_wrote(channel: Channel, viber: Viber) -> None:
    sent = send(channel, piece("Bună", sender_name="Ana Ionescu"))
    assert viber.sent == [{"receiver": "ada=", "sender": {"name": "Ana Ionescu"}, "type": "text", "text": "Bună"}]
    assert (sent.external_id, sent.parts[0].external_id) == ("5741311803571721001", "5741311803571721001")


@pytest.mark.parametrize(
    ("name", "shown"), [("", "Shop"), ("A very long name of somebody here", "A very long name of somebod…")]
)
def test_a_name_always_fits(channel: Channel, viber: Viber, name: str, shown: str) -> None:
    send(channel, piece(sender_name=name))
    assert viber.sent[0]["sender"]["name"] == shown


@pytest.mark.parametrize(("file", "fields"), [
    (OutboundFile("p.png", "image/png", b"x"), {"type": "picture", "text": ""}),
    (OutboundFile("p.png", "image/png", b"x" * (MB + 1)), {"type": "file", "size": MB + 1, "file_name": "p.png"}),
    (OutboundFile("v.mp4", "video/mp4", b"x"), {"type": "video", "size": 1}),
    (OutboundFile(f"{'x' * 300}.pdf", "application/pdf", b"x"), {"type": "file", "file_name": f"{'x' * 252}.pdf"}),
])  # fmt: skip
def test_a_file_is_fetched_from_us(channel: Channel, viber: Viber, file: OutboundFile, fields: dict[str, Any]) -> None:
    send(channel, piece("", files=(file,)))
    assert {name: viber.sent[0][name] for name in fields} == fields
    assert viber.sent[0]["media"].startswith("https://desk.example.test/")


def test_answers_to_press(channel: Channel, viber: Viber) -> None:
    send(channel, piece(quick_replies=(QuickReply("Da", "yes"),)))
    (button,) = viber.sent[0]["keyboard"]["Buttons"]
    assert (button["Text"], button["ActionBody"], button["ActionType"]) == ("Da", "yes", "reply")


@pytest.mark.parametrize(("status", "code", "is_ours"), [
    (2, "credentials", True), (3, "rejected_content", False), (5, "rejected_recipient", False), (6, "opted_out", False),
    (7, "account", True), (10, "not_configured", True), (13, "rejected_recipient", False),
    (99, "rejected_content", False),
])  # fmt: skip
def test_every_status_has_its_word(channel: Channel, viber: Viber, status: int, code: str, is_ours: bool) -> None:
    viber.faults.append(told(status, "words"))
    error = refusal(channel)
    assert (error.code, error.our_fault, error.retryable, error.maybe_sent) == (code, is_ours, False, False)
    assert error.provider_code == f"{status} words"


def test_too_many_to_one_person_wait(channel: Channel, viber: Viber) -> None:
    viber.left = 0
    error = refusal(channel)
    assert (error.code, error.retryable, error.retry_after_seconds) == ("throttled", True, 600)


def test_who_cannot_be_reached(channel: Channel, viber: Viber) -> None:
    assert refusal(channel, piece(to=Party(kind="viber", value="leo="))).code == "opted_out"
    viber.unknown.add("leo=")
    assert refusal(channel, piece(to=Party(kind="viber", value="leo="))).code == "rejected_recipient"


def test_too_much_is_not_even_tried(channel: Channel, viber: Viber) -> None:
    assert refusal(channel, piece("😀" * 8000)).code == "too_large"
    assert viber.calls == []
    # As long as Viber takes it, in letters that need several bytes.
    send(channel, piece("ș" * 7000))


@pytest.mark.parametrize("fault", [Reply(200, b""), Reply(200, b"[]"), told(0, "ok"), Reply(HANG_UP)])
def test_an_answer_nobody_understands_may_have_been_sent(channel: Channel, viber: Viber, fault: Reply) -> None:
    viber.faults.append(fault)
    assert refusal(channel).maybe_sent


@pytest.mark.parametrize(("fault", "code"), [(Reply(503, b""), "provider_error"), (Reply(429, b""), "throttled")])
def test_trouble_at_viber_is_tried_again(channel: Channel, viber: Viber, fault: Reply, code: str) -> None:
    viber.faults.append(fault)
    error = refusal(channel)
    assert (error.code, error.retryable, error.maybe_sent) == (code, True, False)


def test_connecting_tells_the_address(channel: Channel, viber: Viber) -> None:
    channel.adapter.connect(channel)
    assert viber.webhook["url"] == f"https://desk.example.test/webhooks/viber/{channel.public_key}/"
    assert "seen" in viber.webhook["event_types"]
    assert Channel.objects.get(pk=channel.pk).address == "shopbot"
    channel.adapter.disconnect(channel)
    assert viber.webhook["url"] == ""


def test_the_bot_and_people_are_asked_for(channel: Channel) -> None:
    channel.adapter.check(channel)
    profile = channel.adapter.profile(channel, ADA)
    assert profile is not None
    assert (profile.name, profile.language) == ("Ada", "ro")


def test_a_sticker_without_a_picture_is_gone(channel: Channel) -> None:
    with pytest.raises(MediaGone):
        channel.adapter.fetch_media(channel, EventFile("sticker", ref="40100"))


def test_the_token_stands_nowhere(channel: Channel, viber: Viber, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    viber.faults.append(told(2, "invalidAuthToken"))
    noted = str(list(ChannelLog.objects.values_list("what", "detail")))
    assert TOKEN not in str(vars(refusal(channel))) + caplog.text + noted
