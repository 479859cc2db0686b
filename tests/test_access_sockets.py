"""What each role hears: every audience of docs/architecture.md, by sockets that ask for all they can."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents import leaving
from agents.models import Agent, Team
from conversations import consumers, live, whereabouts
from conversations.models import Thread
from conversations.whereabouts import Act
from tests.factories import make_agent, make_channel, make_inbound, make_role, make_team, receive
from tests.sockets import Socket, Sockets, play, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS = ("ours", "theirs", "private", "beside", "behind", "nobody", "absent")
KNOWN = {"customer.ours", "customer.beside", "customer.behind", "customer.nobody"}
EVERYBODY = {f"customer.{name}" for name in CUSTOMERS if name != "absent"}
TEAMS = {"agent.me", "team.0", "team.ours"}
# Role → what it hears of all that is said; nobody hears what another agent, another team or a visitor is told.
# customer.nobody wrote to a mailbox of no team.
HEARS: dict[str, set[str]] = {
    "member": TEAMS | KNOWN,
    "light": TEAMS | KNOWN,
    # Does not read whole timelines: a hint of one would tell what else there is.
    "short": TEAMS,
    "own": {"agent.me"},
    "owner": {"agent.me", "customer.private"},
    "insider": {"agent.me", "team.0", "team.private", "customer.private", "customer.behind", "customer.nobody"},
    "outsider": {"agent.me", "team.0", "customer.nobody"},
    "supervisor": {"agent.me", "all"} | EVERYBODY,
    "admin": {"agent.me", "all"} | EVERYBODY,
}


# Role → of whose comings and goings it hears (conversations/whereabouts.py). Of who talks with a private team only who
# may know of that; of customer.behind, who talks with both, everybody who knows them.
SEES: dict[str, set[str]] = {
    "member": {"ours", "beside", "behind", "nobody"},
    "light": {"ours", "beside", "behind", "nobody"},
    "short": set(),
    "own": set(),
    "owner": {"private"},
    "insider": {"private", "behind", "nobody"},
    "outsider": {"nobody"},
    "supervisor": set(CUSTOMERS) - {"absent"},
    "admin": set(CUSTOMERS) - {"absent"},
}


class Stage:
    """Who asks, and what there is to hear."""

    def __init__(self) -> None:
        self.teams = {name: make_team(name=name.title(), is_private=name == "private") for name in ("ours", "private")}
        self.teams |= {"theirs": make_team(name="Theirs")}
        self.agents = {role: self.agent(role) for role in HEARS}
        self.customers = {"absent": 987_654}
        for name, homes in {
            "ours": ["ours"],
            "theirs": ["theirs"],
            "private": ["private"],
            "beside": ["theirs", "ours"],
            "behind": ["private", "ours"],
            "nobody": [None],
        }.items():
            for home in homes:
                door = make_channel(team=self.teams[home] if home else None)
                entry = receive(channel=door, inbound=make_inbound(address=f"{name}@example.test"))
                self.customers[name] = entry.customer_id
                if name == "private" and entry.conversation:
                    entry.conversation.assign(by=None, agent=self.agents["owner"])

    def agent(self, role: str) -> Agent:
        homes: dict[str, tuple[Team, ...]] = {"insider": (self.teams["private"],), "outsider": (make_team(),)}
        roles: dict[str, Any] = {
            "own": make_role(sight="own"),
            "owner": make_role(sight="own"),
            "short": make_role(reads_whole_timelines=False),
        }
        named = role if role in {"light", "supervisor", "admin"} else "agent"
        return make_agent(name=role.title(), role=roles.get(role, named), teams=homes.get(role, (self.teams["ours"],)))

    def audiences(self, me: Agent) -> dict[str, str]:
        """Every audience there is, by what the table calls it."""
        other = self.agents["outsider"] if me != self.agents["outsider"] else self.agents["member"]
        named = {"all": "all", "team.0": "team.0", "agent.me": f"agent.{me.pk}", "agent.other": f"agent.{other.pk}"}
        named |= {f"team.{name}": f"team.{team.pk}" for name, team in self.teams.items()}
        named |= {f"customer.{name}": f"customer.{pk}" for name, pk in self.customers.items()}
        return named | {"visitor.identity": "visitor.identity.1", "visitor.thread": "visitor.thread.1"}


async def heard(socket: Socket, stage: Stage, me: Agent) -> set[str]:
    """Say one thing on every audience; return on which of them this socket heard it."""
    for name, audience in stage.audiences(me).items():
        await sync_to_async(live.publish)([audience], {"type": "said", "on": name, "to": me.pk})
    await sync_to_async(live.publish)([f"agent.{me.pk}"], {"type": "said", "on": "end", "to": me.pk})
    found: set[str] = set()
    while (frame := await socket.next("said"))["on"] != "end":
        if frame["to"] == me.pk:
            found.add(frame["on"])
    return found


async def ask_for_everything(socket: Socket, stage: Stage) -> None:
    for pk in stage.customers.values():
        await socket.say("watch", customer=pk)
        while (frame := await socket.frame())["type"] not in {"watching", "denied"} or frame["customer"] != pk:
            pass


def test_each_role_hears_exactly_what_it_may() -> None:
    stage = Stage()

    async def scene(sockets: Sockets) -> None:
        for role, agent in stage.agents.items():
            socket = await sockets.open(agent)
            await ask_for_everything(socket, stage)
            assert (role, await heard(socket, stage, agent)) == (role, HEARS[role])

    play(scene)


def test_each_role_hears_of_those_who_come_and_go_whose_conversation_it_may_see() -> None:
    stage = Stage()
    named = {pk: name for name, pk in stage.customers.items()}

    def come_and_go() -> None:
        for thread in Thread.objects.order_by("pk"):
            assert whereabouts.tell_each([Act(thread.identity_id, {"what": "here"})]) == [True]

    async def scene(sockets: Sockets) -> None:
        for role, agent in stage.agents.items():
            socket = await sockets.open(agent)
            await ask_for_everything(socket, stage)
            await sync_to_async(come_and_go)()
            await sync_to_async(live.publish)([f"agent.{agent.pk}"], {"type": "said", "on": "end"})
            found: set[str] = set()
            while (frame := await socket.frame())["type"] != "said":
                found |= {named[frame["customer"]]} if frame.get("what") == "here" else set()
            assert (role, found) == (role, SEES[role])

    play(scene)


def test_who_loses_something_hears_nothing_of_it_from_then_on() -> None:
    stage = Stage()
    member, ours = stage.agents["member"], stage.teams["ours"]

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(member)
        await ask_for_everything(socket, stage)
        await sync_to_async(leaving.leave_team)(member, ours)
        assert await socket.closed() == consumers.SIGNED_OUT
        again = await sockets.open(member)
        await ask_for_everything(again, stage)
        assert await heard(again, stage, member) == {"agent.me", "team.0", "customer.nobody"}

    play(scene)


def test_who_is_locked_out_is_turned_away() -> None:
    stage = Stage()
    member = stage.agents["member"]

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(member)
        cookie = await sync_to_async(sign_in)(member)
        await sync_to_async(leaving.deactivate)(member)
        assert await socket.closed() == consumers.SIGNED_OUT
        late = Socket(cookie)
        assert await late.connect()
        assert await late.closed() == consumers.SIGNED_OUT

    play(scene)
