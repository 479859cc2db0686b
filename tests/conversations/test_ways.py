"""Through which channel and identity, until when, and why not."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from agents.models import Agent, Team
from channels_app.adapters.sandbox import adapter as sandbox
from channels_app.models import Channel
from conversations.models import Conversation, Thread
from conversations.ways import Way, reach_of, ways
from customers.models import Customer, Identity
from helpdesk.lib import clock as clocks
from helpdesk.lib.inbound import InboundMessage, Party
from tests import factories

pytestmark = pytest.mark.django_db
VALUES = {"whatsapp": "+390555550142", "phone": "+390555550143"}


def look(name: str, team: Team | None = None) -> Channel:
    return factories.make_channel(name=f"Our {name}", kind="sandbox", config={"looks_like": name}, team=team)


def write(channel: Channel, customer: Customer, text: str = "Hello") -> Conversation:
    """Let the customer write through a channel, from one identity of its kind."""
    kind = channel.identity_kind
    value = VALUES.get(kind, f"{kind}-1")
    Identity.objects.get_or_create(customer=customer, kind=kind, value=value)
    said = InboundMessage(sender=Party(kind=kind, value=value), external_id=f"{channel.pk}-{text}", text=text)
    found = factories.receive(channel=channel, inbound=said).conversation
    assert found is not None
    return found


def best(customer: Customer, channel: Channel) -> Way:
    return ways(Customer.objects.get(pk=customer.pk), channel.brand)[0]


def way(customer: Customer, channel: Channel) -> Way:
    return next(one for one in ways(customer, channel.brand) if one.channel == channel)


def test_a_window_is_open_then_closed_and_a_template_is_still_a_way(
    clock: time_machine.Traveller, customer: Customer, team: Team
) -> None:
    whatsapp = look("whatsapp", team)
    write(whatsapp, customer)
    found = way(customer, whatsapp)
    assert (found.window, found.can_write) == ("open", True)
    assert found.until == Thread.objects.get(channel=whatsapp).last_in_at + timedelta(hours=24)  # type: ignore[operator]
    clock.shift(timedelta(hours=24, seconds=1))
    found = way(customer, whatsapp)
    assert (found.window, found.can_write, found.needs_template, found.can_use) == ("closed", False, True, True)
    assert found.why_not == "The time to answer here is over"


def test_a_person_may_write_for_seven_days_where_robots_may_not(
    clock: time_machine.Traveller, customer: Customer, team: Team
) -> None:
    instagram = look("instagram", team)
    write(instagram, customer)
    clock.shift(timedelta(hours=25))
    found = way(customer, instagram)
    assert (found.window, found.can_write) == ("human", True)
    clock.shift(timedelta(days=7))
    found = way(customer, instagram)
    assert (found.window, found.can_use) == ("closed", False)


def test_a_longer_window_of_the_provider_counts(clock: time_machine.Traveller, customer: Customer, team: Team) -> None:
    whatsapp = look("whatsapp", team)
    write(whatsapp, customer)
    Thread.objects.filter(channel=whatsapp).update(reply_window_until=clocks.now() + timedelta(hours=72))
    clock.shift(timedelta(hours=48))
    assert way(customer, whatsapp).window == "open"


def test_nobody_is_written_to_first_where_they_must_begin(customer: Customer, team: Team) -> None:
    telegram = look("telegram", team)
    Identity.objects.create(customer=customer, kind="telegram", value="55")
    assert way(customer, telegram).why_not == "They have to write here first"
    Thread.objects.create(
        channel=telegram, identity=customer.identities.get(kind="telegram"), external_id="55", last_in_at=clocks.now()
    )
    assert way(customer, telegram).can_write


def test_an_id_of_another_page_is_no_way(customer: Customer, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    messenger = look("messenger", team)
    monkeypatch.setattr(sandbox.SandboxAdapter, "realm_of", lambda _self, _config: "page-1")
    Identity.objects.create(customer=customer, kind="messenger", value="7", realm="page-2")
    assert [one for one in ways(customer, messenger.brand) if one.channel == messenger] == []
    Identity.objects.create(customer=customer, kind="messenger", value="7", realm="page-1")
    assert [one.identity.realm for one in ways(customer, messenger.brand) if one.channel == messenger] == ["page-1"]


def test_opted_out_and_paused_say_so_and_a_channel_that_is_down_still_takes_it(customer: Customer, team: Team) -> None:
    whatsapp = look("whatsapp", team)
    write(whatsapp, customer)
    customer.identities.filter(kind="whatsapp").update(opted_out_at=clocks.now(), opted_out_reason="STOP")
    found = way(customer, whatsapp)
    assert found.why_not.startswith("Opted out on ") and found.why_not.endswith(": STOP") and not found.can_use
    customer.identities.update(opted_out_at=None)
    Channel.objects.filter(pk=whatsapp.pk).update(state="paused")
    assert way(customer, whatsapp).why_not == "This channel is paused"
    Channel.objects.filter(pk=whatsapp.pk).update(state="down")
    assert way(customer, whatsapp).can_write and way(customer, whatsapp).note
    Channel.objects.filter(pk=whatsapp.pk).update(state="active", is_sandbox=True)
    assert way(customer, whatsapp).note == "Sandbox: nothing leaves this desk"


def test_the_best_is_where_they_wrote_then_what_they_prefer_then_the_best_address(
    clock: time_machine.Traveller, conversation: Conversation, channel: Channel, team: Team
) -> None:
    customer, instagram = conversation.customer, look("instagram", team)
    write(instagram, customer)
    assert best(customer, channel).channel == instagram
    assert best(customer, channel).reason == "because they wrote on Instagram"
    clock.shift(timedelta(days=8))
    other = factories.make_identity(customer=customer, is_verified=True)
    assert best(customer, channel).identity == other
    assert best(customer, channel).reason == "because it is the best of their addresses that can be written to"
    first = customer.identities.filter(kind="email").order_by("pk").first()
    Customer.objects.filter(pk=customer.pk).update(preferred_identity=first)
    assert (best(customer, channel).identity, best(customer, channel).reason) == (
        first, "because they prefer this address",
    )  # fmt: skip


def test_however_many_channels_and_addresses_the_threads_are_asked_once(
    customer: Customer, team: Team, django_assert_num_queries: Any
) -> None:
    for _round in range(3):
        write(look("whatsapp", team), customer)
        write(look("telegram", team), customer)
    brand = factories.make_brand()
    reach = reach_of(customer)
    with django_assert_num_queries(1):
        assert len(ways(customer, brand, reach)) == 6


def test_what_a_look_can_do_follows_its_look(agent: Agent) -> None:
    units = {
        name: look(name).adapter.capabilities_of(look(name)).text_unit for name in ("sms", "instagram", "whatsapp")
    }
    assert units == {"sms": "segments", "instagram": "bytes", "whatsapp": "characters"}
