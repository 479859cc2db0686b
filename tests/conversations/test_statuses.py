"""What providers say of our messages moves a delivery up, never down, and shows the worst."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from agents.models import Agent
from channels_app import delivery
from channels_app.models import Channel
from conversations import statuses
from conversations.models import Conversation, Delivery, DeliveryPart, PendingStatus
from helpdesk.lib.inbound import Bounce, BounceRecipient, InboundStatus
from tests.factories import route_to
from tests.paper import Post
from tests.waiting import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent_delivery(conversation: Conversation, agent: Agent, sent: Post) -> Delivery:
    """A reply to Giulia with a copy to her boss, accepted by the provider."""
    to = route_to(conversation, cc=("boss@example.test",))
    entry = conversation.reply(by=agent, text="On its way.", to=to)
    found = Delivery.objects.get(message=entry.message)
    delivery.deliver(found.pk)
    found.refresh_from_db()
    return found


def say(found: Delivery, place: int, state: str, **fields: str) -> None:
    part = found.parts.get(position=place)
    assert part.external_id is not None
    statuses.apply(found.channel, InboundStatus(external_id=part.external_id, state=state, **fields))
    found.refresh_from_db()


def states(found: Delivery) -> tuple[str, list[str]]:
    return found.state, list(DeliveryPart.objects.filter(delivery=found).values_list("state", flat=True))


def test_a_delivery_shows_the_worst_of_its_parts(sent_delivery: Delivery) -> None:
    say(sent_delivery, 0, "delivered")
    assert states(sent_delivery) == ("sent", ["delivered", "sent"])
    say(sent_delivery, 1, "delivered")
    assert sent_delivery.state == "delivered"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (["delivered", "read"], "read"),
        (["read", "delivered"], "read"),
        (["delivered", "sent"], "delivered"),
        (["failed"], "failed"),
        (["failed", "sent"], "failed"),
        (["failed", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["delivered", "delivered"], "delivered"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
def test_statuses_in_any_order_end_the_same(sent_delivery: Delivery, said: list[str], shown: str) -> None:
    for state in said:
        say(sent_delivery, 0, state)
    assert sent_delivery.parts.get(position=0).state == shown


def test_a_change_touches_the_entry_and_a_repetition_does_not(sent_delivery: Delivery) -> None:
    entry = sent_delivery.message.entry
    seen = []
    for _ in range(2):
        say(sent_delivery, 0, "failed", error="The mailbox is full.")
        entry.refresh_from_db()
        seen.append(entry.touched_seq)
    assert seen[0] == seen[1] > entry.seq
    assert sent_delivery.error == "The mailbox is full."


def test_a_status_before_its_message_is_kept_and_applied(conversation: Conversation, agent: Agent, sent: Post) -> None:
    entry = conversation.reply(by=agent, text="On its way.", to=route_to(conversation))
    found = Delivery.objects.get(message=entry.message)
    early = InboundStatus(external_id=f"sent-{found.idempotency_key}#0", state="delivered")
    assert statuses.apply(found.channel, early) is False
    assert PendingStatus.objects.count() == 1
    delivery.deliver(found.pk)
    found.refresh_from_db()
    assert (found.state, PendingStatus.objects.count()) == ("delivered", 0)


def test_a_status_of_another_channel_is_not_ours(sent_delivery: Delivery, channel: Channel) -> None:
    from_elsewhere = Channel.objects.create(kind="paper", name="Elsewhere", brand=channel.brand)
    part = sent_delivery.parts.get(position=0)
    assert part.external_id is not None
    statuses.apply(from_elsewhere, InboundStatus(external_id=part.external_id, state="failed"))
    sent_delivery.refresh_from_db()
    assert sent_delivery.state == "sent"


def test_a_bounce_fails_whom_it_names(sent_delivery: Delivery) -> None:
    bounce = Bounce(is_permanent=True, recipients=(BounceRecipient("Boss@Example.test", "5.1.1", "failed"),))
    statuses.bounced(sent_delivery.message, bounce)
    sent_delivery.refresh_from_db()
    assert states(sent_delivery) == ("failed", ["sent", "failed"])
    assert sent_delivery.error_code == "bounced 5.1.1"


def test_a_bounce_that_names_nobody_fails_everybody(sent_delivery: Delivery) -> None:
    statuses.bounced(sent_delivery.message, Bounce(is_permanent=True))
    assert states(Delivery.objects.get())[1] == ["failed", "failed"]


def test_a_temporary_bounce_changes_nothing(sent_delivery: Delivery) -> None:
    bounce = Bounce(is_permanent=False, recipients=(BounceRecipient("giulia@example.test", "4.2.2", "delayed"),))
    statuses.bounced(sent_delivery.message, bounce)
    assert states(Delivery.objects.get()) == ("sent", ["sent", "sent"])


@pytest.mark.django_db(transaction=True)
def test_statuses_at_once_never_lead_down(sent_delivery: Delivery) -> None:
    part = sent_delivery.parts.get(position=0)

    def hear(state: str) -> None:
        with transaction.atomic():
            statuses.apply(sent_delivery.channel, InboundStatus(external_id=str(part.external_id), state=state))

    for _ in range(3):
        DeliveryPart.objects.filter(pk=part.pk).update(state="sent")
        together(lambda: hear("read"), lambda: hear("delivered"))
        part.refresh_from_db()
        assert part.state == "read"


def test_a_status_that_came_during_the_sending_is_settled_by_the_sweep(sent_delivery: Delivery) -> None:
    name = str(sent_delivery.parts.get(position=0).external_id)
    PendingStatus.objects.create(
        channel=sent_delivery.channel, external_id=name, event={"state": "read", "error_code": "", "error": ""}
    )
    assert (statuses.settle_pending(10), PendingStatus.objects.count()) == (1, 0)
    assert sent_delivery.parts.get(position=0).state == "read"


def test_a_status_of_nobodys_message_is_forgotten_after_two_days(
    channel: Channel, clock: time_machine.Traveller
) -> None:
    statuses.apply(channel, InboundStatus(external_id="nobody's", state="read"))
    assert (statuses.settle_pending(10), PendingStatus.objects.count()) == (0, 1)
    clock.shift(timedelta(days=2, seconds=1))
    assert (statuses.settle_pending(10), PendingStatus.objects.count()) == (0, 0)


def test_an_unknown_delivery_moves_on_when_a_sign_of_life_comes(sent_delivery: Delivery) -> None:
    sent_delivery.parts.update(state="unknown")
    Delivery.objects.update(state="unknown")
    for place in (0, 1):
        say(sent_delivery, place, "delivered")
    assert sent_delivery.state == "delivered"
