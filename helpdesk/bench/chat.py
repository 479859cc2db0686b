"""`bench chat`: from an accepted message to the other side of a chat, with hundreds of widgets open.

Half of the messages come from visitors, each to an agent who has that conversation open; half are answers, posted by
the agents' pages, to all visitors in turn. Frames and pages hear hints and fetch as frame.ts and live.ts do; the whole
desk runs: web, worker, sender, beat, PostgreSQL, Redis.
"""

import os
import time
from typing import Any

from django.db import connection

from channels_app.models import Channel, RawEvent
from conversations.models import Delivery
from helpdesk.bench import guests, harness, parts, staff
from helpdesk.bench.chat_sums import Said, Turn
from helpdesk.bench.child import Child
from helpdesk.bench.frames import Due
from helpdesk.bench.guests import Guest
from helpdesk.bench.harness import Row
from helpdesk.bench.parts import Parts
from helpdesk.lib import clock

# So many that no visitor writes oftener than a widget lets them, thirty times a minute, at fifty messages a second.
PAGES = 100
WARM_UP_SECONDS = 2
LEAD_SECONDS = 0.5
DRAIN_SECONDS = 600
QUIET_SECONDS = 2.0
FILED = """
    SELECT substring(m.text from '^[A-Z][a-z]+ ([0-9]+):')::int, e.id, e.customer_id, m.direction = 'out'
    FROM conversations_message m JOIN conversations_entry e ON e.id = m.entry_id
    WHERE m.channel_id = %s AND e.id > %s AND m.text ~ '^(Message|Answer) [0-9]+:'
    ORDER BY e.customer_id, e.occurred_at, e.id
"""


def run(*, rounds: int, rates: list[int], seconds: int, count: int) -> dict[str, Any]:
    """Measure and return the report. rates: messages a second, both ways together; count: widgets that are open."""
    before = os.getloadavg()
    with parts.running("web", "worker", "sender", "beat") as desk:
        bench = _Bench(desk, count)
        bench.turn(rates[0], rates[0] * WARM_UP_SECONDS)
        rows: list[Row] = []
        for rate in rates:
            rows += Turn.rows_of([bench.turn(rate, rate * seconds) for _ in range(rounds)], rate)
        bench.end()
    return harness.report("chat", rounds, rows, before)


class _Bench:
    """The desk, the visitors with their widgets open, and the agents who have some of them open."""

    def __init__(self, desk: Parts, count: int) -> None:
        team = staff.make_team("Chat")
        self.desk, self.count, self.pages, self.number = desk, count, min(PAGES, count), 0
        self.widget = guests.make_widget(team)
        known = guests.arrive(self.widget, count)
        self.customers = guests.write_first(self.widget, known)
        self.ways = guests.ways_back(self.widget)
        self.widgets, self.agents = Child("helpdesk.bench.frames"), Child("helpdesk.bench.frames")
        self._open(self.widget, known, staff.signed_in(self.pages, team))

    def turn(self, rate: int, count: int) -> Turn:
        """Let both sides write so many messages together at this pace, and wait until everybody has everything."""
        last, before = self._last_entry(), self._cpu()
        self._forget_hands()
        messages, answers = self._due(rate, count)
        self.widgets.tell("speak", group="chat", due=messages)
        self.agents.tell("speak", group="chat", due=answers)
        spoken = [child.answer() for child in (self.widgets, self.agents)]
        waiting = self._waiting()
        self._drain()
        cpu = {name: used - before[name] for name, used in self._cpu().items()}
        accepted = {number: at for one in spoken for number, at in one[0].items()}
        refused = [pair for one in spoken for pair in one[1]]
        return Turn(
            count, accepted, refused, sum(one[2] for one in spoken) - count, self._filed(last),
            (self.agents.ask("hands", group="chat"), self.widgets.ask("hands", group="chat")), waiting, cpu,
        )  # fmt: skip

    def end(self) -> None:
        """Send everybody home."""
        for child in (self.widgets, self.agents):
            child.end()

    def _open(self, widget: Channel, known: list[Guest], cookies: list[str]) -> None:
        url = self.desk.desk
        self.widgets.ask("visit", group="chat", url=url, key=widget.public_key, guests=known, customers=self.customers)
        self.agents.ask("open", group="chat", url=url, cookies=cookies, watches=self.customers[: self.pages])
        for child in (self.widgets, self.agents):
            child.ask("show", group="chat", url=url)
            child.ask("settle", group="chat")

    def _due(self, rate: int, count: int) -> tuple[list[Due], list[Due]]:
        """Visitors whom an agent has open and agents take turns; answers go to all visitors in turn."""
        begin = clock.real().timestamp() + LEAD_SECONDS
        messages: list[Due] = []
        answers: list[Due] = []
        for place in range(count):
            at, number = begin + place / rate, self.number + place
            half = number // 2
            if number % 2:
                conversation, to = self.ways[self.customers[half % self.count]]
                where, way = f"/conversations/{conversation}/replies/", f"{to.channel_id}-{to.identity_id}"
                answers.append((at, half % self.count % self.pages, number, where, way))
            else:
                messages.append((at, half % self.pages, number, "", ""))
        self.number += count
        return messages, answers

    def _drain(self) -> None:
        """Wait until everything is filed, has left and was fetched."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._waiting():
            if time.monotonic() > deadline:
                raise TimeoutError(f"messages wait after {DRAIN_SECONDS} s; see the logs of worker and sender")
            time.sleep(0.1)
        for _ in range(2):
            time.sleep(QUIET_SECONDS)
            for child in (self.widgets, self.agents):
                child.ask("settle", group="chat")

    def _waiting(self) -> int:
        """How many messages are not filed, or have not left."""
        leaving = Delivery.objects.filter(channel=self.widget, sent_at=None)
        return RawEvent.objects.filter(state=RawEvent.State.NEW).count() + leaving.count()

    def _forget_hands(self) -> None:
        for child in (self.widgets, self.agents):
            child.ask("hands", group="chat")

    def _cpu(self) -> dict[str, float]:
        browsers = harness.tree_ms(self.widgets.pid) + harness.tree_ms(self.agents.pid)
        return {**self.desk.cpu(), "the browsers beside it": browsers}

    def _last_entry(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM conversations_entry")
            return int(cursor.fetchone()[0])

    def _filed(self, after: int) -> list[Said]:
        with connection.cursor() as cursor:
            cursor.execute(FILED, [self.widget.pk, after])
            return [Said(*row) for row in cursor.fetchall()]
