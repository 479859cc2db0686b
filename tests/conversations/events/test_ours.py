"""What providers tell of our own messages: statuses and echoes, before and after the id of a message is stored."""

import random
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from agents.models import Agent
from channels_app import delivery, intake, tasks
from channels_app.models import Channel
from channels_app.reconcile import lines
from conversations import statuses
from conversations.models import (
    Conversation,
    Delivery,
    DeliveryPart,
    Entry,
    Message,
    PendingStatus,
    Reaction,
    Suggestion,
)
from helpdesk.lib import clock
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, Sent, SentPart
from tests import chatter as chatting
from tests.chatter import about, bring, hear, make_chatter, ours, said
from tests.factories import route_to
from tests.paper import Post
from tests.waiting import together

pytestmark = pytest.mark.django_db


class Provider(Post):
    """Accepts, and may call us before it answers. loses_answer: our side never hears of it."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[dict[str, Any]] = []
        self.channel: Channel | None = None

    def take(self, outbound: Outbound) -> Sent:
        for number, event in enumerate(self.meanwhile):
            assert self.channel is not None
            hear(self.channel, event, key=f"meanwhile-{number}")
        self.accepted.append(outbound)
        return Sent("wamid.1", (SentPart(0, "wamid.1"),))


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    found = Provider()
    monkeypatch.setattr(chatting.adapter, "post", found)
    return found


@pytest.fixture
def chatter(provider: Provider) -> Channel:
    provider.channel = make_chatter()
    hear(provider.channel, said("Where is my parcel?"))
    return provider.channel


@pytest.fixture
def reply(chatter: Channel, agent: Agent) -> Delivery:
    conversation = Conversation.objects.get()
    entry = conversation.reply(by=agent, text="On its way.", to=route_to(conversation))
    return Delivery.objects.get(message=entry.message)


def send(found: Delivery) -> str:
    state = delivery.deliver(found.pk)
    found.refresh_from_db()
    return state


def lose(found: Delivery) -> None:
    """Let its sender die after the request: nobody knows."""
    Delivery.objects.filter(pk=found.pk).update(state="unknown")
    found.parts.update(state="unknown")


def key_of(found: Delivery) -> dict[str, Any]:
    return {"details": {"piece_key": f"{found.idempotency_key}:0"}}


def outgoing() -> list[str]:
    return list(Message.objects.filter(direction="out").order_by("pk").values_list("text", flat=True))


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["accepted"], "sent"), (["Delivered"], "delivered"), (["seen", "delivered"], "read"), (["played"], "read"),
        (["undelivered"], "failed"), (["failed", "enroute"], "failed"), (["failed", "delivered"], "delivered"),
        (["delivered", "expired"], "delivered"), (["deleted"], "sent"), (["whatever"], "sent"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)  # fmt: skip
def test_providers_words_move_a_message_up_only(
    chatter: Channel, reply: Delivery, words: list[str], state: str
) -> None:
    send(reply)
    for word in words:
        hear(chatter, ours("status", target_id="wamid.1", status=word))
    reply.refresh_from_db()
    assert reply.state == state
    assert all(line.balances for line in lines())


def test_any_order_of_statuses_before_and_after_the_answer_ends_the_same(chatter: Channel, agent: Agent) -> None:
    chance = random.Random(6)
    conversation = Conversation.objects.get()
    for round_ in range(4):
        entry = conversation.reply(by=agent, text=f"Answer {round_}", to=route_to(conversation))
        found = Delivery.objects.get(message=entry.message)
        history = ["sent", "failed", "delivered", "read"]
        place = chance.randrange(5)
        for number, word in enumerate([*chance.sample(history, 4), *chance.choices(history, k=2)]):
            if number == place:
                found.parts.update(external_id=f"o-{round_}", state="sent")
                Delivery.objects.filter(pk=found.pk).update(state="sent")
            hear(chatter, ours("status", target_id=f"o-{round_}", status=word))
        statuses.settle_pending(10)
        found.refresh_from_db()
        assert (found.state, PendingStatus.objects.count()) == ("read", 0)


def test_a_failure_keeps_our_word_and_the_providers_sentence(chatter: Channel, reply: Delivery) -> None:
    send(reply)
    details = {"code": "window_closed"}
    hear(
        chatter,
        ours("status", target_id="wamid.1", status="failed", error_code="131047", error="Late", details=details),
    )
    reply.refresh_from_db()
    assert (reply.state, reply.error_code, reply.error) == ("failed", "window_closed", "Late")


def test_a_watermark_moves_all_that_was_sent_until_then(chatter: Channel, agent: Agent, reply: Delivery) -> None:
    send(reply)
    claimed = Delivery.objects.get().claimed_at
    assert claimed is not None
    for seconds, state in ((-1, "sent"), (1, "read")):
        watermark = str(int((claimed + timedelta(seconds=seconds)).timestamp() * 1000))
        hear(chatter, {**about("status", "", at=5), "status": "read", "watermark": watermark})
        reply.refresh_from_db()
        assert reply.state == state


def test_a_status_that_is_faster_than_the_answer_is_not_lost(
    chatter: Channel, reply: Delivery, provider: Provider
) -> None:
    provider.meanwhile = [
        ours("status", target_id="wamid.1", status="delivered"),
        ours("status", target_id="wamid.1", status="read", **key_of(reply)),
    ]
    assert (send(reply), PendingStatus.objects.count()) == ("read", 0)
    assert Message.objects.get(direction="out").external_id == "wamid.1"


def test_a_watermark_that_is_faster_than_the_answer_is_not_lost(
    chatter: Channel, reply: Delivery, provider: Provider
) -> None:
    provider.meanwhile = [{**about("status", "", at=5), "status": "delivered", "watermark": "4000000000000"}]
    assert send(reply) == "delivered"


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_that_name_the_same_people_do_not_wait_for_each_other(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = make_chatter()
    for number in (1, 2):
        hear(channel, said(sender_id=f"u-{number}", message_id=f"m-{number}"))
        conversation = Conversation.objects.order_by("-pk")[0]
        entry = conversation.reply(by=agent, text="On its way.", to=route_to(conversation))
        DeliveryPart.objects.filter(delivery__message=entry.message).update(external_id=f"o-{number}", state="sent")
    Delivery.objects.update(state="sent")
    one, two = (ours("status", target_id=f"o-{number}", status="read") for number in (1, 2))
    raws = [
        bring(channel, *events, key=f"{n}-{n_}") for n in range(4) for n_, events in enumerate(((one, two), (two, one)))
    ]
    passing: list[object] = []
    monkeypatch.setattr(intake, "is_passing", lambda error: passing.append(error) or True)
    together(*(partial(tasks.process_event, raw.pk) for raw in raws))
    assert (set(Delivery.objects.values_list("state", flat=True)), passing) == ({"read"}, [])


@pytest.mark.parametrize("kind", ["status", "echo"])
def test_our_own_key_settles_what_may_have_been_sent(chatter: Channel, reply: Delivery, kind: str) -> None:
    lose(reply)
    names = {"target_id": "wamid.1", "status": "sent"} if kind == "status" else {"message_id": "wamid.1"}
    hear(chatter, ours(kind, **names, **key_of(reply)))
    reply.refresh_from_db()
    part = DeliveryPart.objects.get()
    assert (reply.state, part.external_id, part.delivery.message.external_id) == ("sent", "wamid.1", "wamid.1")
    assert outgoing() == ["On its way."]


def test_a_key_of_another_channel_settles_nothing(reply: Delivery) -> None:
    lose(reply)
    hear(make_chatter(), ours("status", target_id="x", status="read", **key_of(reply)))
    reply.refresh_from_db()
    assert reply.state == "unknown"


def test_its_words_settle_what_may_have_been_sent(chatter: Channel, reply: Delivery) -> None:
    lose(reply)
    hear(chatter, ours("echo", message_id="wamid.9", text="On its  way."))
    reply.refresh_from_db()
    assert (reply.state, outgoing()) == ("sent", ["On its way."])


def test_a_file_settles_what_may_have_been_sent(chatter: Channel, agent: Agent) -> None:
    conversation = Conversation.objects.get()
    file = OutboundFile("a.png", "image/png", b"png")
    entry = conversation.reply(by=agent, text="", attachments=(file,), to=route_to(conversation))
    lose(Delivery.objects.get(message=entry.message))
    hear(chatter, ours("echo", message_id="wamid.9", files=[{"type": "image", "ref": "f"}]))
    assert (Delivery.objects.get().state, outgoing()) == ("sent", [""])


def test_an_echo_to_another_address_of_theirs_waits_too(chatter: Channel, reply: Delivery) -> None:
    other = {"kind": "other", "value": "u-second"}
    hear(chatter, said("Me", message_id="m-2", aliases=[other]))
    Delivery.objects.update(state="sending")
    hear(chatter, ours("echo", message_id="wamid.1", text="On its way.") | {"recipient_id": "u-second"})
    assert outgoing() == ["On its way."]


@pytest.mark.parametrize("with_key", [True, False], ids=["key", "id"])
def test_our_own_echo_is_never_a_second_message(
    chatter: Channel, reply: Delivery, provider: Provider, *, with_key: bool
) -> None:
    echo = ours("echo", message_id="wamid.1", text="On its way.", **(key_of(reply) if with_key else {}))
    provider.meanwhile = [echo]
    assert send(reply) == "sent"
    statuses.settle_pending(10)
    hear(chatter, echo)
    assert (outgoing(), PendingStatus.objects.count()) == (["On its way."], 0)


def test_an_echo_of_nothing_we_sent_is_an_answer_from_the_providers_app(chatter: Channel) -> None:
    for key in ("a", "b"):
        hear(chatter, ours("echo", message_id="wamid.7", text="I looked: tomorrow.", at=9), key=key)
    entry = Entry.objects.select_related("message", "conversation").get(message__direction="out")
    conversation = entry.conversation
    assert conversation is not None
    assert (entry.message.text, entry.data["from"], entry.actor) == ("I looked: tomorrow.", "provider_app", "agent")
    assert (entry.message.deliveries.count(), conversation.waiting_since, conversation.status) == (0, None, "open")
    assert all(line.balances for line in lines())


def test_an_echo_to_somebody_new_waits_for_them(provider: Provider) -> None:
    hear(make_chatter(), ours("echo", message_id="wamid.7", text="Hello!"))
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.waiting_since, outgoing()) == ("waiting", None, ["Hello!"])


def test_an_echo_waits_while_something_is_being_sent(chatter: Channel, reply: Delivery) -> None:
    Delivery.objects.update(state="sending")
    DeliveryPart.objects.update(state="sending")
    raw = hear(chatter, ours("echo", message_id="wamid.7", text="From my phone"))
    assert (raw.messages_count, statuses.settle_pending(10), outgoing()) == (0, 0, ["On its way."])
    with time_machine.travel(raw.received_at + timedelta(seconds=70)):
        assert statuses.settle_pending(10) == 1
    assert (outgoing(), PendingStatus.objects.count()) == (["On its way.", "From my phone"], 0)
    assert all(line.balances for line in lines())


def test_what_happened_in_the_providers_app_happens_here(chatter: Channel) -> None:
    hear(chatter, ours("echo", message_id="wamid.7", text="Tomorow"))
    hear(chatter, ours("echo_edit", target_id="wamid.7", text="Tomorrow", at=6))
    hear(chatter, about("reaction", "wamid.7", at=7, reaction="🙏"))
    message = Message.objects.get(direction="out")
    assert (message.text, message.reactions.get().emoji) == ("Tomorrow", "🙏")
    hear(chatter, ours("echo_delete", target_id="wamid.7", at=8))
    assert outgoing() == [""]


def test_what_an_agent_changed_from_here_is_no_second_change(chatter: Channel, agent: Agent, reply: Delivery) -> None:
    send(reply)
    Message.objects.filter(direction="out").update(text="Tomorrow.", edited_at=clock.now())
    Reaction.objects.create(message=reply.message, by=agent, emoji="🙏", at=clock.now())
    hear(chatter, ours("echo_edit", target_id="wamid.1", text="Tomorrow."))
    hear(chatter, ours("reaction", target_id="wamid.1", reaction="🙏"))
    assert (reply.message.versions.count(), reply.message.reactions.get().by) == (0, agent)


def test_a_further_address_that_the_answer_told_is_linked(
    chatter: Channel, agent: Agent, reply: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(chatter, said("Hi", sender_id="u-bruno", message_id="m-2"))
    told = tuple(Party("other", value) for value in ("u-second", "u-bruno"))
    able = replace(chatting.adapter.capabilities, in_pieces=True, reply_window_hours=None)
    monkeypatch.setattr(chatting.ChatterAdapter, "capabilities", able)
    monkeypatch.setattr(Provider, "take", lambda *_: Sent("wamid.1", (SentPart(0, "wamid.1"),), told))
    assert send(reply) == "sent"
    assert reply.message.customer.identities.filter(value="u-second").exists()
    assert Suggestion.objects.get().state == "open"


def test_a_reaction_that_is_faster_than_the_answer_is_not_lost(
    chatter: Channel, reply: Delivery, provider: Provider
) -> None:
    provider.meanwhile = [about("reaction", "wamid.1", at=7, reaction="🙏")]
    send(reply)
    assert reply.message.reactions.get().emoji == "🙏"


def test_a_status_of_a_customers_own_message_is_not_kept(chatter: Channel) -> None:
    hear(chatter, ours("status", target_id="m-1", status="seen"))
    assert PendingStatus.objects.count() == 0


def test_statuses_of_messages_from_elsewhere_crowd_out_nobody(chatter: Channel, reply: Delivery) -> None:
    hear(chatter, *(ours("status", target_id=f"foreign-{number}", status="read") for number in range(3)))
    PendingStatus.objects.create(
        channel=chatter, external_id="wamid.1", event={"state": "read", "error_code": "", "error": ""}
    )
    reply.parts.update(external_id="wamid.1", state="sent")
    Delivery.objects.update(state="sent")
    assert statuses.settle_pending(1) == 1
    reply.refresh_from_db()
    assert reply.state == "read"


def test_a_provider_that_knows_of_an_opt_out_is_believed(chatter: Channel, reply: Delivery) -> None:
    send(reply)
    hear(chatter, ours("status", target_id="wamid.1", status="failed", details={"code": "opted_out"}))
    part = DeliveryPart.objects.get()
    assert part.identity is not None and part.identity.opted_out_at is not None
