"""`bench reconnect`: every socket is lost at once and comes back, signed in; nothing written meanwhile is missing."""

import os
from typing import Any

from channels_app import intake
from channels_app.models import Channel
from conversations.models import Entry
from helpdesk.bench import harness, parts, staff
from helpdesk.bench.child import Child
from helpdesk.bench.feeder import message
from helpdesk.bench.harness import Cpu, Row
from helpdesk.bench.parts import Parts

LIMIT = 3.0
AT_ONCE = 200
PAGES = 50
MISSED = 100


def run(*, rounds: int, count: int) -> dict[str, Any]:
    """Measure and return the report. count: sockets."""
    before = os.getloadavg()
    with parts.running("web") as desk:
        bench = _Bench(desk, count)
        for number in range(rounds):
            bench.round(number)
        bench.crowd.end()
    return harness.report("reconnect", rounds, bench.rows(), before)


class _Bench:
    """The sockets, some of which show a page, and what was measured."""

    def __init__(self, desk: Parts, count: int) -> None:
        team = staff.make_team("Storm")
        self.desk, self.count, self.channel = desk, count, staff.make_channel(team)
        self.senders = [f"visitor{number}" for number in range(PAGES)]
        customers = staff.write_first(self.channel, self.senders)
        cookies = staff.signed_in(count, team)
        self.crowd = Child("helpdesk.bench.crowd")
        self.crowd.ask("open", group="relay", url=desk.relay, cookies=[""] * count, watches=[])
        self.crowd.ask("open", group="web", url=desk.desk, cookies=cookies[PAGES:], watches=[])
        self.crowd.ask("open", group="pages", url=desk.desk, cookies=cookies[:PAGES], watches=customers)
        self.crowd.ask("show", group="pages", url=desk.desk)
        self.bare: list[Cpu] = []
        self.ours: list[Cpu] = []
        self.pages: list[Cpu] = []
        self.seconds: list[float] = []
        self.missing = 0

    def round(self, number: int) -> None:
        """The relay's sockets go and come; then the desk's, while customers write."""
        self.crowd.ask("drop", group="relay")
        self.bare.append(self._back("relay", "relay")[0])
        for group in ("web", "pages"):
            self.crowd.ask("drop", group=group)
        written = _write(self.channel, self.senders, number)
        cpu, seconds = self._back("web", "web")
        self.ours.append(cpu)
        self.seconds.append(seconds)
        self.pages.append(self._back("web", "pages", settle=True)[0])
        self.missing += self._missing(written)

    def rows(self) -> list[Row]:
        """The result: the gate first."""
        slowest = max(self.seconds)
        return [
            harness.compare(f"one of {self.count - PAGES} sockets back, signed in", self.ours, self.bare, LIMIT),
            harness.alone("bare connection", self.bare),
            harness.compare(f"one of {PAGES} pages back, with what it missed", self.pages, self.bare),
            Row("messages missed and not in hand afterwards", self.missing, "", limit=0, ok=self.missing == 0),
            Row("all back, slowest round", round(slowest, 1), "s"),
        ]

    def _back(self, process: str, group: str, *, settle: bool = False) -> tuple[Cpu, float]:
        """Let a group return; what it cost per socket, and how long until the last one was heard."""
        names = (process, "postgres")
        before = [harness.tree_ms(self.desk.pids[name]) for name in names]
        seconds = self.crowd.ask("again", group=group, at_once=AT_ONCE)
        if settle:
            self.crowd.ask("settle", group=group)
        used = [harness.tree_ms(self.desk.pids[name]) - early for name, early in zip(names, before, strict=True)]
        size = self.crowd.ask("size", group=group)
        return Cpu(used[0] / size, used[1] / size), seconds

    def _missing(self, written: list[int]) -> int:
        """Messages written while the pages were away that the page of their customer does not show."""
        hands = {customer: hand for customer, hand, _reloads, _failures in self.crowd.ask("hands", group="pages")}
        rows = Entry.objects.filter(message__channel=self.channel, pk__in=written).values_list("pk", "customer_id")
        return sum(pk not in hands[customer] for pk, customer in rows) + len(written) - len(rows)


def _write(channel: Channel, senders: list[str], number: int) -> list[int]:
    """Let customers write; return the entries."""
    last = Entry.objects.latest("pk").pk
    for place in range(MISSED):
        name = number * MISSED + place
        intake.process(intake.store(channel, body=message(name, senders[place % len(senders)]), headers={}).pk)
    written = Entry.objects.filter(pk__gt=last, kind=Entry.Kind.MESSAGE).values_list("pk", flat=True)
    if len(written) != MISSED:
        raise RuntimeError(f"Only {len(written)} of {MISSED} messages were filed.")
    return list(written)
