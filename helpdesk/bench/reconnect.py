"""`bench reconnect`: every socket is lost at once and comes back, known; nothing written meanwhile is missing.

`--who widgets`: those of visitors, who are answered while they are away, instead of agents to whom customers write.
"""

import os
import time
from typing import Any, Protocol

from channels_app import intake
from conversations.models import Conversation, Delivery, Entry
from helpdesk.bench import guests, harness, parts, staff
from helpdesk.bench.child import Child
from helpdesk.bench.feeder import message
from helpdesk.bench.harness import Cpu, Row
from helpdesk.bench.parts import Parts

LIMIT = 3.0
AT_ONCE = 200
PAGES = 50
MISSED = 100
PATIENCE_SECONDS = 120
QUIET_SECONDS = 0.5


class Side(Protocol):
    """Whose sockets are lost."""

    processes: tuple[str, ...]

    def open(self, crowd: Child, url: str, count: int) -> None:
        """Open the sockets `web`, and `pages` with their pages."""

    def write(self, number: int) -> list[tuple[int, int]]:
        """Write what they miss; return (entry, customer) of each."""


def run(*, rounds: int, count: int, who: str) -> dict[str, Any]:
    """Measure and return the report. count: sockets."""
    before = os.getloadavg()
    side: Side = Agents() if who == "agents" else Widgets()
    with parts.running(*side.processes) as desk:
        bench = _Bench(desk, count, side)
        for number in range(rounds):
            bench.round(number)
        bench.crowd.end()
    return harness.report(f"reconnect of {who}", rounds, bench.found.rows(count), before)


class Found:
    """What was measured, round by round."""

    def __init__(self) -> None:
        self.bare: list[Cpu] = []
        self.ours: list[Cpu] = []
        self.pages: list[Cpu] = []
        self.gone: list[Cpu] = []
        self.seconds: list[float] = []
        self.missing = 0

    def rows(self, count: int) -> list[Row]:
        """The result: the gate first."""
        slowest = max(self.seconds)
        return [
            harness.compare(f"one of {count - PAGES} sockets back, known again", self.ours, self.bare, LIMIT),
            harness.alone("bare connection", self.bare),
            harness.compare(f"one of {PAGES} pages back, with what it missed", self.pages, self.bare),
            harness.alone("one socket gone", self.gone),
            Row("messages missed and not in hand afterwards", self.missing, "", limit=0, ok=self.missing == 0),
            Row("all back, slowest round", round(slowest, 1), "s"),
        ]


class _Bench:
    """The sockets, some of which show a page."""

    def __init__(self, desk: Parts, count: int, side: Side) -> None:
        self.desk, self.count, self.side, self.found = desk, count, side, Found()
        self.crowd = Child("helpdesk.bench.frames")
        self.crowd.ask("open", group="relay", url=desk.relay, cookies=[""] * count, watches=[])
        side.open(self.crowd, desk.desk, count)
        self.crowd.ask("show", group="pages", url=desk.desk)

    def round(self, number: int) -> None:
        """The relay's sockets go and come; then the desk's, while somebody writes to them."""
        self.crowd.ask("drop", group="relay")
        self.found.bare.append(self._back("relay", "relay")[0])
        self.found.gone.append(self._drop())
        written = self.side.write(number)
        cpu, seconds = self._back("web", "web")
        self.found.ours.append(cpu)
        self.found.seconds.append(seconds)
        self.found.pages.append(self._back("web", "pages", settle=True)[0])
        self.found.missing += self._missing(written)

    def _drop(self) -> Cpu:
        """Lose all; what the desk does for each that goes must not be counted with those who come."""
        before = self._used("web")
        for group in ("web", "pages"):
            self.crowd.ask("drop", group=group)
        self._rest()
        return self._since(before, "web", self.count)

    def _back(self, process: str, group: str, *, settle: bool = False) -> tuple[Cpu, float]:
        """Let a group return; what it cost per socket, and how long until the last one was heard."""
        before = self._used(process)
        seconds = self.crowd.ask("again", group=group, at_once=AT_ONCE)
        if settle:
            self.crowd.ask("settle", group=group)
        return self._since(before, process, self.crowd.ask("size", group=group)), seconds

    def _used(self, process: str) -> Cpu:
        return Cpu(*(harness.tree_ms(self.desk.pids[name]) for name in (process, "postgres")))

    def _since(self, before: Cpu, process: str, count: int) -> Cpu:
        after = self._used(process)
        return Cpu((after.app - before.app) / count, (after.pg - before.pg) / count)

    def _rest(self) -> None:
        """Wait until the web process has nothing to do: less than a twentieth of a processor."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            before = self._used("web").app
            time.sleep(QUIET_SECONDS)
            if self._used("web").app - before < 1_000 * QUIET_SECONDS / 20:
                return
        raise TimeoutError("the web process is still busy with sockets that are gone")

    def _missing(self, written: list[tuple[int, int]]) -> int:
        """Messages written while the pages were away that the page of their customer does not show."""
        hands = {customer: hand for customer, hand, _reloads, _fetches in self.crowd.ask("hands", group="pages")}
        return sum(pk not in hands[customer] for pk, customer in written)


class Agents:
    """Agents who are signed in; customers write on a chat-like channel."""

    processes: tuple[str, ...] = ("web",)

    def open(self, crowd: Child, url: str, count: int) -> None:
        """Open the sockets `web`, and `pages`, each of which watches a customer."""
        team = staff.make_team("Storm")
        self.channel = staff.make_channel(team)
        self.senders = [f"visitor{number}" for number in range(PAGES)]
        customers = staff.write_first(self.channel, self.senders)
        cookies = staff.signed_in(count, team)
        crowd.ask("open", group="web", url=url, cookies=cookies[PAGES:], watches=[])
        crowd.ask("open", group="pages", url=url, cookies=cookies[:PAGES], watches=customers)

    def write(self, number: int) -> list[tuple[int, int]]:
        """Let customers write."""
        last = Entry.objects.latest("pk").pk
        for place in range(MISSED):
            name = number * MISSED + place
            body = message(name, self.senders[place % PAGES])
            intake.process(intake.store(self.channel, body=body, headers={}).pk)
        rows = Entry.objects.filter(pk__gt=last, kind=Entry.Kind.MESSAGE, message__channel=self.channel)
        return _all(list(rows.values_list("pk", "customer_id")))


class Widgets:
    """Visitors with a token and an identity; agents answer them."""

    processes: tuple[str, ...] = ("web", "sender", "beat")

    def open(self, crowd: Child, url: str, count: int) -> None:
        """Open the sockets `web`, and `pages`, each with a conversation."""
        widget = guests.make_widget(staff.make_team("Storm"))
        known = guests.arrive(widget, count)
        self.customers = guests.write_first(widget, known[:PAGES])
        self.ways = guests.ways_back(widget)
        self.rows = {row.customer_id: row for row in Conversation.objects.filter(customer__in=self.customers)}
        crowd.ask("visit", group="web", url=url, key=widget.public_key, guests=known[PAGES:], customers=[])
        crowd.ask(
            "visit", group="pages", url=url, key=widget.public_key, guests=known[:PAGES], customers=self.customers
        )

    def write(self, number: int) -> list[tuple[int, int]]:
        """Answer, and wait until the answers have left: before that no visitor may read them."""
        written = []
        for place in range(MISSED):
            customer = self.customers[place % PAGES]
            text = f"Answer {number * MISSED + place}: it is on its way."
            entry = self.rows[customer].reply(by=None, text=text, to=self.ways[customer][1])
            written.append((entry.pk, customer))
        rows = Delivery.objects.filter(message__in=[pk for pk, _customer in written]).exclude(state=Delivery.State.SENT)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while rows.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"answers have not left: {list(rows.values_list('state', 'error')[:5])}")
            time.sleep(0.1)
        return _all(written)


def _all(written: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if len(written) != MISSED:
        raise RuntimeError(f"Only {len(written)} of {MISSED} messages were filed.")
    return written
