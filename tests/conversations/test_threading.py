"""Which conversation an inbound message joins: the five steps as a table (docs/decisions/0002)."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction

from agents.models import Brand, Workspace
from channels_app.models import Channel
from conversations import threading
from conversations.models import Conversation, Entry, Participant, Thread
from conversations.threading import FOREIGN_TOKEN, UNCONFIRMED, Place
from customers.models import Customer, Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import InboundMessage, Proof, Robot
from tests.factories import make_channel, make_conversation, make_customer, make_identity, make_inbound
from tests.waiting import together

pytestmark = pytest.mark.django_db

OWNER, SECOND, STRANGER = "giulia@example.test", "giulia@second.test", "mallory@example.test"


@dataclass(frozen=True)
class Case:
    """What arrives, and where it must go. `its`: the thread's conversation; `other`: her latest."""

    expected: str
    proof: Proof
    by: str = OWNER
    has_key: bool = True
    state: str = "open"
    has_other: bool = False
    robot: Robot = Robot.NONE
    joins_unproven: bool = False
    is_verified: bool = False
    takes_part: bool = False


CASES = {
    # Steps 1 and 2: our token, or a chat's thread.
    "a token joins its open conversation": Case("its", Proof.TOKEN),
    "a token joins its conversation although another is newer": Case("its", Proof.TOKEN, has_other=True),
    "a token reopens what was lately resolved": Case("its reopened", Proof.TOKEN, state="resolved"),
    "a token reopens it although another is open": Case("its reopened", Proof.TOKEN, state="resolved", has_other=True),
    "a token wakes nothing that was resolved long ago": Case("new", Proof.TOKEN, state="old"),
    "after the window a token goes to the latest": Case("other", Proof.TOKEN, state="old", has_other=True),
    "a split thread goes to the latest": Case("other", Proof.TOKEN, state="split", has_other=True),
    "a split thread without another opens one": Case("new", Proof.TOKEN, state="split"),
    "a snoozed conversation is joined": Case("its", Proof.TOKEN, state="snoozed"),
    "a chat joins its open conversation": Case("its", Proof.PROVEN),
    "a chat reopens what was lately resolved": Case("its reopened", Proof.PROVEN, state="resolved"),
    # A token in somebody else's hands.
    "a verified second address may use the token": Case("its", Proof.TOKEN, SECOND, is_verified=True),
    "an unverified second address may not": Case("new foreign", Proof.TOKEN, SECOND),
    "a stranger may not use the token": Case("new foreign", Proof.TOKEN, STRANGER),
    "a participant may": Case("its", Proof.TOKEN, STRANGER, takes_part=True),
    "a participant reopens": Case("its reopened", Proof.TOKEN, STRANGER, takes_part=True, state="resolved"),
    "a stranger's token goes nowhere near the latest": Case("new foreign", Proof.TOKEN, STRANGER, has_other=True),
    "a stranger's token is no use on a split thread": Case("new foreign", Proof.TOKEN, STRANGER, state="split"),
    # A sender who is not who they say.
    "a failed sender joins nothing": Case("new unconfirmed", Proof.FAILED),
    "a failed sender joins nothing by From": Case("new unconfirmed", Proof.FAILED, has_key=False, has_other=True),
    "not even where the channel is trusting": Case(
        "new unconfirmed", Proof.FAILED, has_other=True, joins_unproven=True
    ),
    "a failed participant joins nothing": Case("new unconfirmed", Proof.FAILED, STRANGER, takes_part=True),
    # Step 3: the latest open conversation, whatever the channel.
    "a proven sender joins the latest": Case("other", Proof.PROVEN, has_key=False, has_other=True),
    "a proven sender does not reopen without a thread": Case("new", Proof.PROVEN, has_key=False, state="resolved"),
    "a proven stranger joins nobody": Case("new", Proof.PROVEN, STRANGER, has_key=False, has_other=True),
    "a proven second address joins its customer": Case("other", Proof.PROVEN, SECOND, has_key=False, has_other=True),
    # Unproven.
    "an unproven sender joins nothing": Case("new", Proof.UNPROVEN, has_key=False, has_other=True),
    "a trusting channel lets them": Case("other", Proof.UNPROVEN, has_key=False, has_other=True, joins_unproven=True),
    "but not a stranger": Case("new", Proof.UNPROVEN, STRANGER, has_key=False, has_other=True, joins_unproven=True),
    # Robots.
    "a robot files by token": Case("its", Proof.TOKEN, robot=Robot.AUTO_REPLY),
    "a robot reopens nothing": Case("its", Proof.TOKEN, robot=Robot.AUTO_REPLY, state="resolved"),
    "a robot without a token stands apart": Case(
        "new quiet", Proof.PROVEN, has_key=False, has_other=True, robot=Robot.MAILING_LIST
    ),
}


@dataclass(frozen=True)
class World:
    """Giulia, her thread with its conversation, and perhaps a newer conversation of hers."""

    channel: Channel
    giulia: Customer
    its: Conversation
    thread: Thread
    other: Conversation | None


def build(case: Case) -> World:
    """Set the table for one case."""
    channel = make_channel(join_unproven=case.joins_unproven)
    giulia = make_customer(name="Giulia", address=OWNER)
    make_identity(customer=giulia, address=SECOND, is_verified=case.is_verified)
    its = make_conversation(customer=giulia, channel=channel)
    thread = its.threads.get()
    settle(its, thread, case.state)
    if case.takes_part:
        stranger = make_identity(customer=make_customer(address="other@example.test"), address=STRANGER)
        Participant.objects.create(conversation=its, identity=stranger)
    other = make_conversation(customer=giulia, channel=make_channel(name="Second mailbox")) if case.has_other else None
    return World(channel, giulia, its, thread, other)


def settle(conversation: Conversation, thread: Thread, state: str) -> None:
    """Bring the thread's conversation into the state of the case."""
    if state in {"resolved", "old"}:
        conversation.resolve(by=None)
    if state == "old":
        Conversation.objects.filter(pk=conversation.pk).update(resolved_at=clock.now() - timedelta(days=15))
    if state == "snoozed":
        conversation.snooze(by=None, until=clock.now() + timedelta(hours=1))
    if state == "split":
        Thread.objects.filter(pk=thread.pk).update(conversation=None)
        Entry.objects.filter(conversation=conversation).update(conversation=None)
        conversation.resolve(by=None)


def place(world: World, inbound: InboundMessage) -> Place:
    """Ask for the place and make what it lacks."""
    identity = make_identity(address=inbound.sender.value)
    with transaction.atomic():
        return threading.find_or_open(world.channel, identity, inbound)


def verdict(world: World, place: Place) -> str:
    """Say in the words of the table where the message went."""
    assert place.conversation is not None
    names = {world.its.pk: "its"} | ({world.other.pk: "other"} if world.other else {})
    words = [names.get(place.conversation.pk, "new")]
    words += ["reopened"] if place.reopens else []
    words += {UNCONFIRMED: ["unconfirmed"], FOREIGN_TOKEN: ["foreign"]}.get(place.warning, [])
    words += ["quiet"] if place.conversation.is_quiet else []
    return " ".join(words)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_five_steps(case: Case) -> None:
    world = build(case)
    key = world.thread.external_id if case.has_key else ""
    inbound = make_inbound(address=case.by, proof=case.proof, thread_key=key, robot=case.robot)
    assert verdict(world, place(world, inbound)) == case.expected


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_nobody_lands_in_a_strangers_conversation(case: Case) -> None:
    world = build(case)
    key = world.thread.external_id if case.has_key else ""
    landed = place(world, make_inbound(address=case.by, proof=case.proof, thread_key=key, robot=case.robot))
    assert landed.conversation is not None
    is_guest = case.takes_part and landed.conversation == world.its
    assert is_guest or landed.conversation.customer == landed.identity.customer
    assert Participant.objects.count() == int(case.takes_part)


def test_a_new_conversation_takes_team_and_brand_of_its_channel() -> None:
    world = build(Case("new", Proof.UNPROVEN))
    landed = place(world, make_inbound(address="new@example.test", subject="Where is it?"))
    assert landed.conversation is not None
    assert (landed.conversation.team, landed.conversation.brand) == (world.channel.default_team, world.channel.brand)
    assert landed.conversation.subject == "Where is it?"


def test_a_foreign_token_opens_a_conversation_with_a_thread_of_its_own() -> None:
    world = build(Case("new foreign", Proof.TOKEN))
    inbound = make_inbound(address=STRANGER, proof=Proof.TOKEN, thread_key=world.thread.external_id)
    landed = place(world, inbound)
    assert landed.thread is not None
    assert landed.thread.external_id != world.thread.external_id
    assert landed.detail == STRANGER
    world.thread.refresh_from_db()
    assert world.thread.conversation == world.its


def test_a_token_of_no_thread_proves_nothing() -> None:
    world = build(Case("new", Proof.TOKEN, has_other=True))
    landed = place(world, make_inbound(address=OWNER, proof=Proof.TOKEN, thread_key="a" * 26))
    assert verdict(world, landed) == "new"


def test_a_chat_id_means_nothing_on_another_channel() -> None:
    world = build(Case("new", Proof.PROVEN))
    Conversation.objects.filter(pk=world.its.pk).update(is_spam=True)
    elsewhere = World(make_channel(name="Elsewhere"), world.giulia, world.its, world.thread, None)
    landed = place(elsewhere, make_inbound(address=OWNER, proof=Proof.PROVEN, thread_key=world.thread.external_id))
    assert verdict(elsewhere, landed) == "new"


def test_a_token_is_good_on_another_mailbox() -> None:
    world = build(Case("its", Proof.TOKEN))
    elsewhere = World(make_channel(name="Elsewhere"), world.giulia, world.its, world.thread, None)
    landed = place(elsewhere, make_inbound(address=OWNER, proof=Proof.TOKEN, thread_key=world.thread.external_id))
    assert verdict(elsewhere, landed) == "its"


def test_spam_is_joined_by_nobody_without_a_token() -> None:
    world = build(Case("new", Proof.PROVEN))
    Conversation.objects.filter(pk=world.its.pk).update(is_spam=True)
    assert verdict(world, place(world, make_inbound(address=OWNER, proof=Proof.PROVEN))) == "new"


def test_a_conversation_of_another_brand_is_not_joined() -> None:
    world = build(Case("new", Proof.PROVEN))
    Conversation.objects.filter(pk=world.its.pk).update(brand=Brand.objects.create(name="Another face"))
    assert verdict(world, place(world, make_inbound(address=OWNER, proof=Proof.PROVEN))) == "new"


@pytest.mark.parametrize(("has_key", "expected"), [(False, "new"), (True, "its")])
def test_parallel_conversations_are_kept_apart_by_thread(has_key: bool, expected: str) -> None:
    world = build(Case(expected, Proof.TOKEN))
    Workspace.get()
    Workspace.objects.update(allows_parallel_conversations=True)
    key = world.thread.external_id if has_key else ""
    proof = Proof.TOKEN if has_key else Proof.PROVEN
    assert verdict(world, place(world, make_inbound(address=OWNER, proof=proof, thread_key=key))) == expected


@pytest.mark.django_db(transaction=True)
def test_two_mails_of_a_new_address_at_once_make_one_customer_and_one_conversation() -> None:
    channel = make_channel(join_unproven=True)

    def arrive() -> Place:
        with transaction.atomic():
            return threading.find_or_open(channel, make_identity(address=OWNER), make_inbound(address=OWNER))

    first, second = together(arrive, arrive)
    assert first.conversation == second.conversation
    assert (Customer.objects.count(), Conversation.objects.count(), Identity.objects.count()) == (1, 1, 1)
