"""`bench e2e`: from an accepted message to the hint in fifty browsers and the fragment in hand.

Messages are put in by `intake.store` at a steady pace, whatever becomes of them, and take the road of every
message: the ring, the worker, the hub, the socket, the page's fetch. The raw relay takes turns with them.
"""

import math
import os
import time
from typing import Any

from django.db import connection

from channels_app.models import RawEvent
from conversations import live
from helpdesk.bench import harness, load, parts, staff
from helpdesk.bench.child import Child
from helpdesk.bench.e2e_sums import Filed, Phase
from helpdesk.bench.harness import Row
from helpdesk.bench.live_line import hint, wait_until_heard
from helpdesk.bench.parts import Parts
from helpdesk.lib import clock

SOCKETS = 50
GATED = 20
PER_FEEDER = 100
FEEDERS_MAX = 4
DRAIN_SECONDS = 600
QUIET_SECONDS = 2.0
WARM_UP = 40
LEAD_SECONDS = 0.5
BESIDE_SECONDS = 0.2
# xmin of the message: its row is written once, while the entry is touched by the steps that follow.
FILED = """
    SELECT substr(m.external_id, 2)::int, e.id, e.customer_id, e.touched_seq,
        extract(epoch FROM pg_xact_commit_timestamp(m.xmin))::float8
    FROM conversations_message m JOIN conversations_entry e ON e.id = m.entry_id
    WHERE m.channel_id = %s AND m.external_id ~ '^n[0-9]+$' AND e.id > %s
    ORDER BY e.customer_id, e.occurred_at, e.id
"""


def run(*, rounds: int, rates: list[int], seconds: int, stored: int) -> dict[str, Any]:
    """Measure and return the report. rates: messages per second; the gated one is run in every round."""
    before = os.getloadavg()
    load.messages(stored)
    with parts.running("web", "worker", "sender", "beat") as desk:
        bench = _Bench(desk, seconds)
        bench.phase(GATED, WARM_UP // 2)
        rows: list[Row] = []
        for rate in rates:
            turns = rounds if rate == GATED else 1
            phases = [bench.phase(rate, rate * seconds) for _ in range(turns)]
            rows += Phase.rows_of(phases, rate, is_gated=rate == GATED)
        bench.end()
    return harness.report("e2e", rounds, rows, before)


class _Bench:
    """The desk, the crowd that watches it, and the feeders that write to it."""

    def __init__(self, desk: Parts, seconds: int) -> None:
        team = staff.make_team("Live")
        self.desk, self.seconds = desk, seconds
        self.channel = staff.make_channel(team)
        self.senders = [f"visitor{number}" for number in range(SOCKETS)]
        customers = staff.write_first(self.channel, self.senders)
        self.crowd = Child("helpdesk.bench.crowd")
        self.feeders = [Child("helpdesk.bench.feeder") for _ in range(FEEDERS_MAX)]
        self.crowd.ask("open", group="relay", url=desk.relay, cookies=[""] * SOCKETS, watches=[])
        self.crowd.ask("open", group="desk", url=desk.desk, cookies=staff.signed_in(SOCKETS, team), watches=customers)
        self.crowd.ask("show", group="desk", url=desk.desk)
        self.number = 0

    def phase(self, rate: int, count: int) -> Phase:
        """Let the relay have its turn, then the desk, with as many messages at the same pace."""
        relayed = self._relay(rate, count)
        last = self._last_entry()
        before = self.desk.cpu()
        accepted, backlog, beside = self._feed(rate, count)
        drained_at = self._drain(count)
        cpu = {name: used - before[name] for name, used in self.desk.cpu().items()}
        heard = self.crowd.ask("take", group="desk")
        hands = self.crowd.ask("hands", group="desk")
        return Phase(accepted, self._filed(last), heard, hands, (relayed, beside), backlog, drained_at, cpu)

    def end(self) -> None:
        """Send everybody home."""
        for child in (self.crowd, *self.feeders):
            child.end()

    def _relay(self, rate: int, count: int) -> list[float]:
        """Publish frames to the raw relay while the desk rests; return how long each took to each socket."""
        count, due, sent = min(count, rate * 10), clock.real().timestamp() + LEAD_SECONDS, {}
        for number in range(1, count + 1):
            time.sleep(max(0.0, due + number / rate - clock.real().timestamp()))
            sent[number] = _relay_one(number)
        return self._relayed(sent)

    def _relayed(self, sent: dict[int, float]) -> list[float]:
        wait_until_heard(self.crowd, "relay", len(sent) * SOCKETS)
        told = self.crowd.ask("take", group="relay")
        return [one[0] - sent[one[2]] for heard, _ in told for one in heard]

    def _feed(self, rate: int, count: int) -> tuple[dict[int, float], int, list[float]]:
        """Hand in messages at this pace, and now and then a frame to the relay.

        Return when each was accepted, how many then still waited, and the delays of the relay meanwhile.
        """
        begin = clock.real().timestamp() + LEAD_SECONDS
        due = [(begin + place / rate, self.number + place, self.senders[place % SOCKETS]) for place in range(count)]
        self.number += count
        feeders = self.feeders[: min(FEEDERS_MAX, math.ceil(rate / PER_FEEDER))]
        for place, feeder in enumerate(feeders):
            feeder.tell("feed", channel=self.channel.pk, due=due[place :: len(feeders)])
        sent: dict[int, float] = {}
        while not all(feeder.is_done() for feeder in feeders):
            sent[len(sent) + 1] = _relay_one(len(sent) + 1)
            time.sleep(BESIDE_SECONDS)
        accepted = dict(pair for feeder in feeders for pair in feeder.answer())
        waiting = RawEvent.objects.filter(state=RawEvent.State.NEW).count()
        return accepted, waiting, self._relayed(sent)

    def _drain(self, count: int) -> float:
        """Wait until everything is filed and heard; return when the last was filed."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while RawEvent.objects.filter(state=RawEvent.State.NEW).exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"messages wait after {DRAIN_SECONDS} s; see the worker's log")
            time.sleep(0.05)
        drained_at = clock.real().timestamp()
        self._wait_for("desk", count * SOCKETS)
        return drained_at

    def _wait_for(self, group: str, count: int) -> None:
        """Wait until a group has heard everything; then let its pages finish."""
        wait_until_heard(self.crowd, group, count)
        self.crowd.ask("settle", group=group)
        time.sleep(QUIET_SECONDS)

    def _last_entry(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM conversations_entry")
            return int(cursor.fetchone()[0])

    def _filed(self, after: int) -> list[Filed]:
        with connection.cursor() as cursor:
            cursor.execute(FILED, [self.channel.pk, after])
            return [Filed(*row) for row in cursor.fetchall()]


def _relay_one(number: int) -> float:
    at = clock.real().timestamp()
    live.ephemeral(["relay"], hint(number), ttl_seconds=1)
    return at
