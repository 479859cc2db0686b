"""Whoever writes on a channel can be answered there: from the webhook to the provider's word that it was delivered."""

import pytest

from channels_app import adapters, delivery, intake
from channels_app.models import RawEvent, SandboxMessage
from channels_app.sandbox import posting
from conversations import ways
from conversations.models import Delivery, Entry
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.outbound import Route
from tests.channels_app.test_played_kinds import KINDS, SENDERS, account
from tests.factories import make_channel

# What a form does not demand and an account that sends needs.
MORE = {
    "api": {"target_url": "https://system.example.test/desk"},
    "http_sms": {"headers": "{}", "url": "https://gateway.example.test/send"},
}
pytestmark = pytest.mark.django_db


def settle() -> None:
    """File what came through the door."""
    for raw in RawEvent.objects.filter(state="new"):
        assert intake.process(raw.pk) == "filed", raw.error


@pytest.mark.parametrize("kind", KINDS)
def test_who_writes_can_be_answered_and_the_answer_arrives(kind: str) -> None:
    channel = make_channel(
        kind=kind, config={**account(adapters.get(kind).ConfigForm), **MORE.get(kind, {})}, is_sandbox=True
    )
    sender = SENDERS.get(channel.identity_kind, "4711")
    event = Event(EventKind.MESSAGE, sender_id=sender, sender_name="Giulia", message_id="4711", text="Hello?")
    posting.post(channel, event)
    settle()
    entry = Entry.objects.get(kind="message")
    best = ways.ways(entry.customer, channel.brand)[0]
    assert (best.channel, best.identity, best.why_not) == (channel, entry.message.sender, "")
    assert entry.conversation is not None
    entry.conversation.reply(by=None, text="On its way.", to=Route(channel.pk, best.identity.pk))
    queued = Delivery.objects.get()
    assert delivery.deliver(queued.pk) == "sent", Delivery.objects.get().error
    played = SandboxMessage.objects.get()
    assert played.text == "On its way."
    simulator = channel.adapter.simulator
    assert simulator is not None
    if "delivered" in posting.offered(simulator):
        assert posting.report(played, "delivered")
        settle()
        assert Delivery.objects.get().state == "delivered"
