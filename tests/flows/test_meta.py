"""A whole conversation over each product of Meta: a webhook, an answer, a token that ended, an answer that was lost."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agents.models import Agent
from channels_app import delivery, intake
from channels_app.models import Channel, RawEvent
from conversations.models import Conversation, Delivery, DeliveryPart, Entry
from customers.models import Identity
from helpdesk.lib.outbound import Route
from tests.channels_app.graph_counterpart import Counterpart, speaking
from tests.channels_app.instagram.counterpart import Instagram
from tests.channels_app.messenger.counterpart import Messenger
from tests.channels_app.meta import CONFIGS, KINDS, make_account
from tests.channels_app.whatsapp.counterpart import WhatsApp

PLAYED: dict[str, type[Counterpart]] = {"whatsapp": WhatsApp, "messenger": Messenger, "instagram": Instagram}
# When people wrote, by the provider's clock: their windows are open.
AT = int(time.time()) - 60
PEOPLE = {"whatsapp": "393331234567", "messenger": "7001", "instagram": "9001"}


@pytest.fixture(params=KINDS)
def meta(request: pytest.FixtureRequest, settings: Any) -> Iterator[Counterpart]:
    with speaking(PLAYED[request.param](), settings) as counterpart:
        yield counterpart


@pytest.fixture
def channel(meta: Counterpart, db: None) -> Channel:
    kind = next(kind for kind, product in PLAYED.items() if type(meta) is product)
    return make_account(kind, base_url=meta.url)


def said(channel: Channel, *texts: str) -> dict[str, Any]:
    """Write what somebody says, as each product does."""
    if channel.kind == "whatsapp":
        rows = [{"from": PEOPLE["whatsapp"], "id": f"in-{text}", "timestamp": str(AT), "type": "text",
                 "text": {"body": text}} for text in texts]  # fmt: skip
        return cloud(messages=rows)
    rows = [{"sender": {"id": PEOPLE[channel.kind]}, "recipient": {"id": own(channel)}, "timestamp": AT * 1_000,
             "message": {"mid": f"in-{text}", "text": text}} for text in texts]  # fmt: skip
    return platform(channel, *rows)


def cloud(**value: Any) -> dict[str, Any]:
    metadata = {"phone_number_id": CONFIGS["whatsapp"]["phone_number_id"]}
    change = {"field": "messages", "value": {"metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "215550100", "changes": [change]}]}


def platform(channel: Channel, *items: dict[str, Any]) -> dict[str, Any]:
    name = "page" if channel.kind == "messenger" else "instagram"
    return {"object": name, "entry": [{"id": own(channel), "messaging": list(items)}]}


def own(channel: Channel) -> str:
    return str(CONFIGS[channel.kind].get("page_id") or CONFIGS[channel.kind]["ig_id"])


def arrive(channel: Channel, body: dict[str, Any]) -> str:
    return intake.process(intake.store(channel, body=json.dumps(body).encode(), headers={}).pk)


def answer(channel: Channel, agent: Agent, text: str) -> Delivery:
    identity = Identity.objects.get(kind=channel.kind)
    entry = Conversation.objects.get().reply(by=agent, text=text, to=Route(channel.pk, identity.pk))
    sending = Delivery.objects.get(message_id=entry.pk)
    delivery.deliver(sending.pk)
    sending.refresh_from_db()
    return sending


@pytest.mark.django_db(transaction=True)
def test_somebody_writes_and_is_answered(channel: Channel, meta: Counterpart, agent: Agent) -> None:
    assert arrive(channel, said(channel, "Do you open on Sunday?", "And on Monday?")) == RawEvent.State.FILED
    identity = Identity.objects.get(kind=channel.kind)
    assert identity.realm == channel.adapter.realm_of(channel.config)
    assert Entry.objects.filter(kind="message").count() == 2
    sending = answer(channel, agent, "We do, from nine.")
    assert (sending.state, len(meta.sent)) == (Delivery.State.SENT, 1)
    assert PEOPLE[channel.kind] in json.dumps(meta.sent[0])
    part = DeliveryPart.objects.get()
    assert part.external_id and part.external_id == sending.message.external_id


def test_the_same_delivery_twice_is_one_message(channel: Channel) -> None:
    body = said(channel, "Do you open on Sunday?")
    arrive(channel, body)
    again = json.loads(json.dumps(body))
    again["entry"][0]["later"] = True
    assert arrive(channel, again) == RawEvent.State.DUPLICATE
    assert Entry.objects.filter(kind="message").count() == 1


def test_one_bad_event_of_a_batch_takes_no_other_along(channel: Channel) -> None:
    body = json.loads(json.dumps(said(channel, "first", "second")).replace(PEOPLE[channel.kind], " ", 1))
    arrive(channel, body)
    assert list(Entry.objects.filter(kind="message").values_list("message__text", flat=True)) == ["second"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("meta", ["messenger"], indirect=True)
def test_a_token_that_ended_takes_the_channel_out_of_service(channel: Channel, meta: Counterpart, agent: Agent) -> None:
    arrive(channel, said(channel, "Do you open on Sunday?"))
    meta.token = "another"
    sending = answer(channel, agent, "We do.")
    channel.refresh_from_db()
    assert (sending.state, channel.state, meta.sent) == (Delivery.State.RETRY, Channel.State.DOWN, [])
    assert "access token" in channel.down_reason


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("meta", ["whatsapp", "messenger"], indirect=True)
def test_an_answer_that_was_lost_is_found_again_by_its_key(channel: Channel, meta: Counterpart, agent: Agent) -> None:
    arrive(channel, said(channel, "Do you open on Sunday?"))
    meta.swallows = True
    sending = answer(channel, agent, "We do.")
    assert (sending.state, len(meta.sent)) == (Delivery.State.UNKNOWN, 1)
    delivery.deliver(sending.pk)
    assert len(meta.sent) == 1
    arrive(channel, taken(channel, meta.sent[0]))
    sending.refresh_from_db()
    assert (sending.state, DeliveryPart.objects.get().external_id) == (Delivery.State.SENT, "ours-1")
    assert Entry.objects.filter(kind="message").count() == 2


def taken(channel: Channel, sent: dict[str, Any]) -> dict[str, Any]:
    """Write how each product tells that it took a message: a status, an echo; each with our key."""
    if channel.kind == "whatsapp":
        status = {"id": "ours-1", "status": "sent", "timestamp": str(AT + 1), "recipient_id": sent["to"]}
        return cloud(statuses=[{**status, "biz_opaque_callback_data": sent["biz_opaque_callback_data"]}])
    message = {"mid": "ours-1", "is_echo": True, "app_id": 1, **sent["message"]}
    return platform(channel, {"sender": {"id": own(channel)}, "recipient": sent["recipient"], "message": message})
