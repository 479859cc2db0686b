"""`bench search`: rare, middling and common words at a small and a large desk, in turns (P7: docs/performance.md)."""

import os
import time
from typing import Any

import psycopg

from agents.models import Agent, Team
from conversations.models import Conversation, Message
from conversations.searching.search import search
from helpdesk.bench import harness
from helpdesk.bench.desks import Desk, Wanted, name_of, open_desks
from helpdesk.bench.harness import Cpu, Row
from helpdesk.seeds import bench

# The 95th of a hundred at the large desk, to that at the small one.
LIMIT = 4.0
WARM_UP = 3
# Conversations of five entries, of which so many are messages.
ENTRIES, MESSAGES = 5.0, 3.38
# How often each word stands in messages, see helpdesk/seeds/crowd.py.
ASKS = {
    "rare: an order's number, in one conversation": "{order}",
    "seldom: a word in 1 of 1,000": "crampon",
    "middling: a word in 1 of 100": "zipper",
    "two middling words, in 1 of 100 both": "zipper gaiter",
    "common: a word in most": "parcel",
    "a common word with a seldom one": "parcel crampon",
    "the beginning of a word": "cramp",
    "two common words in quotes": '"return label"',
    "nowhere": "xyzzy",
}
OTHERS = {
    "operators: from and a common word": "parcel from:{address}",
    "operators: state and owner": "status:open assignee:me",
    "a customer's address": "{address}",
    "a customer's name": "{name}",
}
ILIKE = "bare ILIKE for a seldom word"
# What a desk without an index for words does, beside it: texts read until there are fifty.
NAIVE = """
    SELECT m.entry_id FROM conversations_message m JOIN conversations_entry e ON e.id = m.entry_id
    JOIN conversations_conversation c ON c.id = e.conversation_id
    WHERE c.team_id = ANY(%s) AND m.text ILIKE %s ORDER BY m.entry_id DESC LIMIT 50
"""


def run(*, rounds: int, requests: int, wanted: Wanted) -> dict[str, Any]:
    """Measure and return the report. wanted: sizes in messages; requests: of each kind in a round."""
    before = os.getloadavg()
    conversations = tuple(int(size / MESSAGES) for size in wanted.sizes)
    with open_desks(Wanted(conversations, ENTRIES, wanted.is_kept)) as desks:
        found = measure(desks, rounds=rounds, requests=requests)
        counts = [Row("messages", float(_count(desk)), f"at {desk_name(desk)}") for desk in desks]
    return harness.report("search", rounds, [*rows_of(found, [desk_name(desk) for desk in desks]), *counts], before)


class Figures:
    """What was measured of one question at one desk: CPU of each round, and how long its slow ones took."""

    def __init__(self) -> None:
        self.cpu: list[Cpu] = []
        self.slow: list[float] = []


def measure(desks: list[Desk], *, rounds: int, requests: int) -> dict[tuple[str, str], Figures]:
    """Ask each desk in turns; return figures by (what, desk)."""
    urls = {desk_name(desk): _urls(desk) for desk in desks}
    naive = {desk_name(desk): _Naive(desk) for desk in desks}
    found: dict[tuple[str, str], Figures] = {}
    for _round in range(rounds):
        for what in ASKS | OTHERS:
            for desk in desks:
                figures = found.setdefault((what, desk_name(desk)), Figures())
                _ask(desk, urls[desk_name(desk)][what], requests, figures)
        for desk in desks:
            figures = found.setdefault((ILIKE, desk_name(desk)), Figures())
            figures.cpu.append(naive[desk_name(desk)].measure())
    return found


def desk_name(desk: Desk) -> str:
    """Its size in messages, as it was asked for."""
    thousands = round(desk.size * MESSAGES / 1000)
    return name_of(thousands * 1000) if thousands else str(desk.size)


def rows_of(found: dict[tuple[str, str], Figures], names: list[str]) -> list[Row]:
    """The gates first: the slow ones of the largest desk beside the smallest; then each by itself."""
    small, large = names[0], names[-1]
    rows = []
    if len(names) > 1:
        for what in ASKS | OTHERS:
            ours, theirs = found[what, large].slow, found[what, small].slow
            limit = LIMIT if what in ASKS else None
            rows.append(harness.ratio(f"{what}: p95, {large} to {small}", ours, theirs, "ms", limit))
        # The same in CPU, which does not hang on who else is waiting for it.
        rows += [
            harness.compare(f"{what}: {large} to {small}", found[what, large].cpu, found[what, small].cpu, LIMIT)
            for what in ASKS
        ]
    for name in names:
        # A common word is found at once by reading texts too; a seldom one is what an index is for.
        seldom, naive = found["seldom: a word in 1 of 1,000", name].cpu, found[ILIKE, name].cpu
        rows.append(harness.compare(f"a seldom word: whole request to bare ILIKE, {name}", seldom, naive))
        rows += [harness.alone(f"{what}, {name}", one.cpu) for (what, desk), one in found.items() if desk == name]
    return rows


def _ask(desk: Desk, url: str, requests: int, figures: Figures) -> None:
    desk.enter()
    for _number in range(WARM_UP):
        desk.get(url, {"HX-Request": "true"})
    took: list[float] = []

    def work() -> None:
        for _number in range(requests):
            began = time.perf_counter()
            desk.get(url, {"HX-Request": "true"})
            took.append((time.perf_counter() - began) * 1000)

    figures.cpu.append(harness.measure(work, requests, desk.backend))
    figures.slow.append(sorted(took)[min(len(took) - 1, int(len(took) * 0.95))])


def _urls(desk: Desk) -> dict[str, str]:
    """What the box asks while somebody types, fifty hits each. Raises RuntimeError where nothing is found."""
    desk.enter()
    agent = desk_agent()
    # Mails have the order's number in their subject.
    mails = Conversation.objects.visible_to(agent).genuine().filter(last_channel_kind="email")
    half = mails.filter(pk__lt=desk.size // 2).order_by("-pk")[0]
    identity = half.customer.identities.order_by("pk")[0]
    names = {"order": half.subject.split()[-1], "address": identity.value, "name": half.customer.name}
    urls = {}
    for what, text in (ASKS | OTHERS).items():
        asked = text.format(**names)
        group = "customers" if what.startswith("a customer's") else "messages"
        urls[what] = f"/search/?group={group}&q={asked.replace(' ', '+').replace(chr(34), '%22')}"
        if what != "nowhere" and not search(agent, asked, group=group).count:
            raise RuntimeError(f"Nothing is found for {asked}")
    return urls


def desk_agent() -> Agent:
    """The agent of eight teams."""
    return Agent.objects.get(email=bench.AGENT)


def _count(desk: Desk) -> int:
    desk.enter()
    return Message.objects.count()


class _Naive:
    """The reference, on a connection of its own."""

    def __init__(self, desk: Desk) -> None:
        desk.enter()
        self.teams = list(Team.objects.filter(agents__email=bench.AGENT).values_list("pk", flat=True))
        self.link = psycopg.connect(**desk.link.get_connection_params() | {"cursor_factory": psycopg.Cursor})
        self.link.autocommit = True

    def measure(self) -> Cpu:
        """Ask once."""
        return harness.measure(
            lambda: self.link.execute(NAIVE, [self.teams, "%crampon%"]).fetchall(), 1, self.link.info.backend_pid
        )
