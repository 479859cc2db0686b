"""Making rows for tests, through the same methods that the product uses. Keyword only, no library."""

import itertools
from typing import Any

from django.db import transaction

from agents.models import Agent, Brand, Membership, Role, Team
from channels_app import adapters
from channels_app.models import Channel, RawEvent
from conversations import filing
from conversations.models import Conversation, Entry
from customers.identify import Profile, identify
from customers.models import Customer, Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import InboundMessage, Party, Proof
from helpdesk.lib.outbound import Route
from tests import paper

_numbers = itertools.count(1)
adapters.all().setdefault("paper", paper.adapter)
PASSWORD = "correct horse battery"
# The built-in roles, for tests that begin with emptied tables.
ROLES: dict[str, dict[str, Any]] = {
    "admin": {"sight": "all", "can_supervise": True, "can_administer": True},
    "supervisor": {"sight": "all", "can_supervise": True},
    "agent": {"sight": "teams"},
    "light": {"sight": "teams", "can_reply": False},
}


def make_team(*, name: str = "", is_private: bool = False) -> Team:
    name = name or f"Team {next(_numbers)}"
    return Team.objects.create(name=name, slug=name.lower().replace(" ", "-"), is_private=is_private)


def make_role(*, sight: str = "teams", **fields: Any) -> Role:
    slug = f"role-{next(_numbers)}"
    return Role.objects.create(slug=slug, name=slug, sight=sight, **fields)


def built_in_role(*, slug: str) -> Role:
    return Role.objects.get_or_create(slug=slug, defaults={"name": slug.title(), **ROLES[slug]})[0]


def make_agent(*, name: str = "Ana Ionescu", role: str | Role = "agent", teams: tuple[Team, ...] = ()) -> Agent:
    """Make somebody who works here; their password is PASSWORD."""
    email = f"{name.split()[0].lower()}{next(_numbers)}@desk.example.test"
    found = role if isinstance(role, Role) else built_in_role(slug=role)
    agent = Agent.objects.create_user(email, PASSWORD, name=name, role=found)
    for team in teams:
        Membership.objects.create(agent=agent, team=team)
    return agent


def make_brand() -> Brand:
    return Brand.objects.filter(is_default=True).first() or Brand.objects.create(name="Telaio", is_default=True)


def make_channel(*, name: str = "", team: Team | None = None, **fields: Any) -> Channel:
    """Make a channel of the kind of tests/paper.py, unless told another; its address is in its config."""
    name = name or f"Mailbox {next(_numbers)}"
    address = f"{name.lower().replace(' ', '-')}@desk.example.test"
    fields = {"kind": "paper", "config": {"address": address}, "brand": make_brand(), **fields}
    return Channel.objects.create(name=name, default_team=team, **fields)


def make_identity(
    *, address: str = "", customer: Customer | None = None, is_verified: bool = False, kind: str = "email"
) -> Identity:
    """Find or make the address; with a customer, it becomes one more of theirs."""
    address = address or f"person{next(_numbers)}@example.test"
    if customer is None:
        return identify(kind, address)[0]
    verified_at = clock.now() if is_verified else None
    return Identity.objects.create(customer=customer, kind=kind, value=address, verified_at=verified_at)


def make_customer(*, name: str = "Giulia Tedesco", address: str = "") -> Customer:
    address = address or f"person{next(_numbers)}@example.test"
    return identify("email", address, Profile(name=name))[0].customer


def make_inbound(*, address: str, text: str = "Where is my parcel?", **fields: Any) -> InboundMessage:
    """Make what an adapter would have understood from a customer's mail."""
    external_id = fields.pop("external_id", f"<{next(_numbers)}@mail.example.test>")
    sender = Party(kind="email", value=address, as_written=address, name=fields.pop("name", ""))
    return InboundMessage(sender=sender, external_id=external_id, text=text, **fields)


def receive(*, channel: Channel, inbound: InboundMessage, raw: RawEvent | None = None) -> Entry:
    """File a message as intake does; return its entry (the old one for a copy)."""
    with transaction.atomic():
        return filing.file_message(filing.Arrival(channel, inbound, clock.now(), raw.pk if raw else None))[0]


def make_conversation(
    *,
    customer: Customer | None = None,
    channel: Channel | None = None,
    team: Team | None = None,
    messages: int = 1,
    assignee: Agent | None = None,
) -> Conversation:
    """Make a conversation by letting the customer write; every message is in it."""
    channel = channel or make_channel(team=team)
    address = (customer or make_customer()).identities.order_by("pk").first()
    assert address is not None
    first = receive(channel=channel, inbound=make_inbound(address=address.value, subject="My parcel"))
    conversation = first.conversation
    assert conversation is not None
    key = conversation.threads.get().external_id
    for number in range(1, messages):
        again = make_inbound(address=address.value, text=f"Hello? ({number})", proof=Proof.TOKEN, thread_key=key)
        receive(channel=channel, inbound=again)
    if assignee is not None:
        conversation.assign(by=None, agent=assignee)
    conversation.refresh_from_db()
    return conversation


def route_to(conversation: Conversation, **fields: Any) -> Route:
    """The way back to whoever wrote first."""
    thread = conversation.threads.order_by("pk").first()
    assert thread is not None
    return Route(channel_id=thread.channel_id, identity_id=thread.identity_id, **fields)
