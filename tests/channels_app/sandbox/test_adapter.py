"""The channel of no provider: what it looks like, what it reads, and that nothing leaves."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import RequestFactory

from agents.models import Agent
from channels_app import adapters, delivery, intake
from channels_app.adapters.sandbox.looks import LOOKS
from channels_app.models import Channel, RawEvent
from conversations.models import Conversation, Delivery, Entry
from conversations.reading import telling
from conversations.templatetags.timeline import channel_words
from customers.models import Identity
from helpdesk.lib import crypto
from helpdesk.lib.inbound import InboundMessage, InvalidSignature, Malformed, Proof, RawInput, Robot
from helpdesk.lib.outbound import Route
from tests import factories

ADAPTER = adapters.get("sandbox")
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def understand(looks_like: str = "chat", **given: Any) -> InboundMessage:
    body = json.dumps({"from": "visitor-7", "text": "Hello", **given}).encode()
    found = ADAPTER.parse(RawInput(body, AT, config={"looks_like": looks_like}))[0]
    assert isinstance(found, InboundMessage)
    return found


def make_channel(looks_like: str, **config: str) -> Channel:
    return factories.make_channel(kind="sandbox", config={"looks_like": looks_like, **config})


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_has_a_word_and_an_identity(look: str) -> None:
    assert LOOKS[look].identity_kind in Identity.Kind.values
    assert LOOKS[look].label == channel_words(look) != look


def test_a_channel_looks_as_configured_without_its_seal(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel.objects.get(pk=make_channel("telegram").pk)
    monkeypatch.setattr(crypto, "unseal", lambda sealed: pytest.fail("the seal was opened"))
    assert (channel.icon, channel.label, channel.identity_kind) == ("telegram", "Telegram", "telegram")


def test_an_unknown_look_is_mail(db: None) -> None:
    channel = make_channel("pigeon")
    assert (channel.icon, channel.label, channel.identity_kind) == ("email", "Email", "email")


def test_a_message_is_read() -> None:
    picture = {"name": "foto.png", "type": "image/png", "base64": base64.b64encode(b"png").decode()}
    read = understand(name="Giulia", at="2026-11-20T09:30:00+01:00", html="<p>Hi<script>x</script>", files=[picture])
    assert (read.sender.kind, read.sender.value, read.sender.name) == ("visitor", "visitor-7", "Giulia")
    assert read.occurred_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert "script" not in read.html and "Hi" in read.html
    assert [(file.filename, file.data) for file in read.files] == [("foto.png", b"png")]
    assert (read.proof, read.thread_key, read.robot) == (Proof.PROVEN, "visitor-7", Robot.NONE)


@pytest.mark.parametrize(
    "given", [{"from": 7}, {"text": ""}, {"at": "soon"}, {"robot": "r2"}, {"files": [{"base64": "?"}]}, {"files": [1]}]
)
def test_what_makes_no_sense_is_malformed(given: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        understand(**given)


def test_http_needs_the_key(db: None) -> None:
    request = RequestFactory().post("/", headers={"X-Sandbox-Key": "right"})
    ADAPTER.verify(request, make_channel("chat", key="right"))
    for config in ({}, {"key": "wrong"}):
        with pytest.raises(InvalidSignature):
            ADAPTER.verify(request, make_channel("chat", **config))


def test_a_chat_and_its_answer(transactional_db: None, agent: Agent) -> None:
    channel = make_channel("chat")
    event = intake.store(channel, body=b'{"from": "visitor-7", "text": "Hello"}', headers={})
    assert intake.process(event.pk) == RawEvent.State.FILED
    conversation = Conversation.objects.get()
    assert conversation.last_channel_kind == "chat"
    entry = conversation.reply(by=agent, text="Hi!", to=Route(channel.pk, Identity.objects.get().pk))
    sending = Delivery.objects.get(message_id=entry.pk)
    delivery.deliver(sending.pk)
    sending.refresh_from_db()
    assert sending.state == Delivery.State.SENT
    assert [told.icon for told in telling.tell(Entry.objects.filter(kind="message"), agent)] == ["chat", "chat"]
