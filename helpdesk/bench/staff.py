"""The people of the live measurements: agents who are signed in, and customers who wrote before."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from agents.models import Agent, Brand, Membership, Role, Team
from channels_app import intake
from channels_app.models import Channel
from customers.models import Identity
from helpdesk.bench.feeder import message


def make_team(name: str) -> Team:
    """A team whose members hear of all its conversations."""
    return Team.objects.create(name=name, slug=name.lower())


def make_channel(team: Team) -> Channel:
    """A chat-like channel whose messages belong to this team."""
    brand, _made = Brand.objects.get_or_create(is_default=True, defaults={"name": "Bench"})
    channel = Channel(kind="sandbox", name="Bench chat", brand=brand, default_team=team)
    channel.config = {"looks_like": "chat"}
    channel.save()
    return channel


def signed_in(count: int, team: Team) -> list[str]:
    """Make agents of a team and sign each in; return the cookies of their browsers."""
    role = Role.objects.get(slug="agent")
    agents = Agent.objects.bulk_create(
        Agent(email=f"{team.slug}{number}@desk.example.test", name=f"Agent {number}", role=role)
        for number in range(count)
    )
    Membership.objects.bulk_create(Membership(agent=agent, team=team) for agent in agents)
    return [f"{settings.SESSION_COOKIE_NAME}={_session(agent)}" for agent in agents]


def write_first(channel: Channel, senders: list[str]) -> list[int]:
    """Let each of these write once; return their customers."""
    for number, sender in enumerate(senders):
        intake.process(intake.store(channel, body=message(-1 - number, sender), headers={}).pk)
    known = dict(Identity.objects.filter(value__in=senders).values_list("value", "customer_id"))
    return [known[sender] for sender in senders]


def _session(agent: Agent) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    return str(session.session_key)
