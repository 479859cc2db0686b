"""The desk plays Telegram, LINE and Viber: what they "send" passes their own door, what we send is taken or refused."""

from typing import Any

import pytest
from django.test import Client

from channels_app.models import Channel, RawEvent, SandboxMessage
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Party, RawInput
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, QuickReply, SendError, Sent
from tests import factories

CONFIGS: dict[str, dict[str, object]] = {
    "telegram": {"token": "1:x"}, "line": {"access_token": "t", "channel_secret": "s", "sticker_url": "https://s.invalid/{id}/sticker.png"},
    "viber": {"token": "t"},
}  # fmt: skip
WHO = {"telegram": "5550100", "line": "U1", "viber": "ada="}
FILES = {
    "image": EventFile("image", ref="sample.png", url="https://files.invalid/sample.png", name="sample.png"),
    "voice": EventFile("audio", ref="s.ogg", url="https://files.invalid/s.ogg", is_voice=True),
    "audio": EventFile("audio", ref="s.mp3", url="https://files.invalid/s.mp3", mime="audio/mpeg"),
    "video": EventFile("video", ref="s.mp4", url="https://files.invalid/s.mp4"),
    "file": EventFile("file", ref="s.pdf", url="https://files.invalid/s.pdf", name="s.pdf"),
    "sticker": EventFile("sticker", ref="s.webp", url="https://files.invalid/s.webp"),
    "location": EventFile("location", lat=45.4642, lng=9.19, text="Milano"),
    "contact": EventFile("contact", name="Ada Example", phones=("+390255501420",)),
}
CODES = {
    "throttled": "throttled", "provider_error": "provider_error", "credentials": "credentials",
    "rejected_recipient": "rejected_recipient", "opted_out": "opted_out",
}  # fmt: skip


@pytest.fixture(params=sorted(CONFIGS))
def channel(request: pytest.FixtureRequest, db: None) -> Channel:
    return factories.make_channel(kind=request.param, config=CONFIGS[request.param], is_sandbox=True)


def said(channel: Channel, kind: EventKind, **fields: Any) -> Event:
    who = {"recipient_id": WHO[channel.kind]} if kind == EventKind.STATUS else {"sender_id": WHO[channel.kind]}
    told = {"sender_name": "Ada Example", "message_id": "912345678", "occurred_at": clock.now(), **who, **fields}
    return Event(kind, **told)


def told(channel: Channel, event: Event) -> Event:
    """Let the provider tell it at the door; return what the adapter makes of it."""
    simulator = channel.adapter.simulator
    assert simulator is not None
    webhook = simulator.webhook(channel, event)
    url = f"/webhooks/{channel.kind}/{channel.public_key}/"
    answer = Client().post(url, webhook.body, content_type="application/json", headers=webhook.headers)
    assert (answer.status_code, RawEvent.objects.filter(channel=channel).count()) == (200, 1)
    (found,) = channel.adapter.parse(RawInput(body=webhook.body, received_at=clock.real()))
    assert isinstance(found, Event)
    return found


def send(channel: Channel, text: str = "Hello", **fields: Any) -> Sent:
    to = OutboundRecipient("to", Party(kind=channel.kind, value=WHO[channel.kind]), 0)
    return channel.adapter.send(channel, Outbound("key", "t", (to,), text, piece_key="key:0", **fields))


def test_a_text_comes_in(channel: Channel) -> None:
    found = told(channel, said(channel, EventKind.MESSAGE, text="Ciao 🙂"))
    assert (found.kind, found.sender_id, found.text, found.message_id) == (
        "message", WHO[channel.kind], "Ciao 🙂", "912345678",
    )  # fmt: skip


def test_every_kind_of_event_comes_in(channel: Channel) -> None:
    simulator = channel.adapter.simulator
    assert simulator is not None
    for kind in simulator.kinds:
        RawEvent.objects.all().delete()
        event = said(channel, EventKind(kind), text="x", target_id="812345678", reaction="👍", payload="p", ref="r")
        found = told(channel, event)
        assert (found.kind, found.sender_id) == (kind, WHO[channel.kind])
        if kind in {"edit", "delete", "reaction"}:
            assert found.target_id == "812345678"


def test_every_kind_of_file_comes_in(channel: Channel) -> None:
    simulator = channel.adapter.simulator
    assert simulator is not None
    for name in simulator.files:
        RawEvent.objects.all().delete()
        (file,) = told(channel, said(channel, EventKind.MESSAGE, files=(FILES[name],))).files
        assert (file.type, file.lat) == (FILES[name].type, FILES[name].lat)


def test_what_the_provider_does_not_have_is_said(channel: Channel) -> None:
    simulator = channel.adapter.simulator
    assert simulator is not None
    with pytest.raises(ValueError, match="has no"):
        simulator.webhook(channel, said(channel, EventKind.STORY_MENTION))


def test_a_text_goes_out_and_can_be_looked_at(channel: Channel) -> None:
    sent = send(channel, quick_replies=(QuickReply("Yes", "y"),))
    row = SandboxMessage.objects.get()
    assert (row.external_id, row.text) == (sent.external_id, "Hello")
    if channel.kind != "line":
        assert row.recipient == WHO[channel.kind]


def test_a_picture_goes_out(channel: Channel) -> None:
    send(channel, "", files=(OutboundFile("p.png", "image/png", b"\x89PNG\r\n\x1a\npicture"),))
    assert SandboxMessage.objects.count() == 1


def test_every_trouble_has_its_word(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = channel.adapter.simulator
    assert simulator is not None
    right = simulator.answer
    for fault in simulator.faults:
        monkeypatch.setattr(simulator, "answer", lambda channel, ask, _="", fault=fault: right(channel, ask, fault))
        with pytest.raises(SendError) as caught:
            send(channel)
        assert caught.value.code == CODES[fault]
    assert SandboxMessage.objects.count() == 0


def test_what_is_too_long_is_refused(channel: Channel) -> None:
    with pytest.raises(SendError):
        send(channel, "x" * 7001)


def test_connecting_and_asking_works(channel: Channel) -> None:
    adapter = channel.adapter
    adapter.connect(channel)
    adapter.check(channel)
    adapter.disconnect(channel)
    profile = adapter.profile(channel, Party(kind=channel.kind, value=WHO[channel.kind]))
    assert profile is not None
    assert profile.name.startswith("Ada")


def test_viber_says_how_far_a_message_got(db: None) -> None:
    channel = factories.make_channel(kind="viber", config=CONFIGS["viber"], is_sandbox=True)
    name = send(channel).external_id
    found = told(channel, said(channel, EventKind.STATUS, target_id=name, status="seen", direction="out"))
    assert (found.kind, found.target_id, found.status, found.recipient_id) == ("status", name, "seen", "ada=")


def test_telegram_changes_what_was_sent(db: None) -> None:
    channel = factories.make_channel(kind="telegram", config=CONFIGS["telegram"], is_sandbox=True)
    name, ada = send(channel).external_id, Party(kind="telegram", value="5550100")
    channel.adapter.edit(channel, ada, name, "Better")
    channel.adapter.react(channel, ada, name, "👍")
    channel.adapter.withdraw(channel, ada, name)
    assert (
        told(channel, said(channel, EventKind.REACTION, target_id=name, reaction="❤")).target_id == name.split(":")[1]
    )


def test_line_gives_files_and_stickers(db: None) -> None:
    channel = factories.make_channel(kind="line", config=CONFIGS["line"], is_sandbox=True)
    assert channel.adapter.fetch_media(channel, EventFile("file", ref="1")).content.startswith(b"%PDF")
    assert channel.adapter.fetch_media(channel, EventFile("sticker", ref="1988")).content.startswith(b"\x89PNG")
