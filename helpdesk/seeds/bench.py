"""A desk after some years, for measurements: any number of conversations, the same ones for the same seed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.management import CommandError
from django.db import connection, transaction

from agents.models import Agent, Brand, Membership, Role, Team, Workspace
from channels_app.models import Channel
from conversations.models import Topic
from customers.models import Customer
from helpdesk.lib import clock
from helpdesk.seeds import copying, e2e, people, wording
from helpdesk.seeds.crowd import FIRST_NUMBER, Crowd, Desk, longs

WORKSPACE = "Telaio bench"
TEAMS, PRIVATE, AGENTS, BRANDS, TOPICS = 20, (7, 19), 40, 3, 12
# The teams of the agent who is measured: large, middling and small ones, one of them private.
OWN_TEAMS = (0, 2, 4, 7, 9, 11, 15, 18)
AGENT = "bench0@example.test"
# Of each brand: mail, chat.
CHANNELS = ("desk{}@bench.example.test", "bench{}")


@dataclass(frozen=True, slots=True)
class Wish:
    """How much to load. entries: of a conversation, on average. is_told: other people's data may be removed.

    customers: exactly so many (as many as conversations at most); None: whoever the dice bring, some 45 of 100.
    """

    size: int = 10_000
    entries: float = 3.0
    seed: str = "1"
    is_told: bool = False
    customers: int | None = None

    def __post_init__(self) -> None:
        # Each long conversation has somebody of its own, and the others have at least one between them.
        least = min(self.size, 1 + longs(self.size))
        if self.size < 1 or not least <= (least if self.customers is None else self.customers) <= self.size:
            raise CommandError(f"So many conversations take at least {least} customers and at most {self.size}.")


def load(wish: Wish) -> dict[str, Any]:
    """Start over with so many conversations. Refuses a database that holds anybody else's data, unless told."""
    Workspace.get()
    is_ours = Workspace.objects.filter(pk=1, name=WORKSPACE).exists()
    if not (is_ours or wish.is_told) and Customer.objects.exists():
        raise CommandError("This database has customers; bench would remove them. Use an empty one, or --replace.")
    with transaction.atomic():
        # A table with checks still to come cannot be emptied.
        connection.check_constraints()
        with connection.cursor() as cursor:
            # Emptied in the same transaction, the tables are filled without being logged row by row.
            cursor.execute(e2e.EMPTY)
        Workspace.objects.filter(pk=1).update(name=WORKSPACE, reply_target_minutes=60)
        crowd = Crowd(_desk(), seed=wish.seed, now=clock.now(), target=timedelta(minutes=60), entries=wish.entries)
        connection.check_constraints()
        copying.trust()
        crowd.write(wish.size, wish.customers)
        copying.settle(crowd.to.tables)
        wording.keep(list(dict.fromkeys(crowd.texts)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('conversation_number', %s)", [FIRST_NUMBER + wish.size])
    if not connection.in_atomic_block:
        _vacuum(crowd)
    return {"agent": AGENT, "password": people.PASSWORD, "rows": {_name(one): one.count for one in crowd.to.tables}}


def _vacuum(crowd: Crowd) -> None:
    """Do at once what the server would do within minutes: mark what everybody sees."""
    with connection.cursor() as cursor:
        for table in crowd.to.tables:
            cursor.execute(f"VACUUM {table.model._meta.db_table}")
        cursor.execute("VACUUM conversations_searchable")


def _name(table: copying.Table) -> str:
    return str(table.model._meta.verbose_name_plural)


def _desk() -> Desk:
    """Find or make who works there; the largest team gets some twelve times what the smallest gets."""
    teams = [_team(place) for place in range(TEAMS)]
    brands = [Brand.objects.filter(is_default=True).first() or Brand.objects.create(name="Bench", is_default=True)]
    brands += [Brand.objects.get_or_create(name=f"Bench {place}")[0] for place in range(1, BRANDS)]
    agents: dict[int | None, list[int]] = {team.pk: [] for team in teams}
    everybody = [_agent(place, teams, agents) for place in range(AGENTS)]
    return Desk(
        teams=[*(team.pk for team in teams), None],
        weights=[*((place + 1) ** -0.8 for place in range(TEAMS)), 0.1],
        agents={**agents, None: everybody},
        brands=[brand.pk for brand in brands],
        mail=[_channel("email", CHANNELS[0].format(brand.pk), brand, teams[0]) for brand in brands],
        chat=[_channel("sandbox", CHANNELS[1].format(brand.pk), brand, teams[1]) for brand in brands],
        topics=[Topic.objects.create(name=f"Topic {place}").pk for place in range(TOPICS)],
    )


def _team(place: int) -> Team:
    row = {"name": f"Bench {place:02d}", "is_private": place in PRIVATE}
    return Team.objects.get_or_create(slug=f"bench-{place:02d}", defaults=row)[0]


def _agent(place: int, teams: list[Team], members: dict[int | None, list[int]]) -> int:
    """Find or make an agent; the first is in eight teams, each of the others in a large one and two that follow."""
    email = f"bench{place}@example.test"
    found = Agent.objects.filter(email=email).first()
    # Nobody signs in as the others.
    password = people.PASSWORD if place == 0 else None
    agent = found or Agent.objects.create_user(
        email, password, name=f"Bench {place}", role=Role.objects.get(slug="agent")
    )
    own = OWN_TEAMS if place == 0 else (place % 5, (place * 3) % TEAMS, (place * 7 + 1) % TEAMS)
    for team in (teams[number] for number in own):
        Membership.objects.get_or_create(agent=agent, team=team)
        members[team.pk].append(agent.pk)
    return agent.pk


def _channel(kind: str, address: str, brand: Brand, team: Team) -> int:
    channel = Channel(kind=kind, name=address, brand=brand, default_team=team)
    channel.config = {"address": address, "name": "The Desk"} | (
        {"looks_like": "whatsapp"} if kind == "sandbox" else {}
    )
    channel.save()
    return channel.pk
