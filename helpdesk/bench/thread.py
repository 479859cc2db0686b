"""`bench thread`: a conversation's page, the fifty newest of 200 messages, as whole requests (P6).

With customers of several lengths first: helpdesk.bench.lengths.
"""

import json
import os
from typing import Any

import psycopg

from conversations.models import Conversation
from conversations.reading.stretches import place_of
from helpdesk.bench import harness
from helpdesk.bench.desks import Desk, Wanted, open_desks
from helpdesk.bench.harness import Cpu, Row
from helpdesk.bench.lengths import measure as measure_lengths
from helpdesk.seeds import crowd

WARM_UP = 3
AS_SCRIPT = {"HX-Request": "true", "HX-Request-Type": "partial"}
# What is asked, how: by a script or as a page.
ASKS = {
    "opened from a list": ("/inbox/all/{customer}/?c={number}", AS_SCRIPT),
    "page of a customer": ("/customers/{customer}/?c={number}", {}),
    "fifty earlier ones": ("/customers/{customer}/entries/?before={place}", {}),
    "caught up: nothing new": ("/customers/{customer}/entries/?after={cursor}", {}),
}
RAW = """
    SELECT e.id, e.seq, e.kind, e.occurred_at, m.direction, m.text, m.subject, a.name, d.state, i.value
    FROM (SELECT * FROM conversations_entry WHERE customer_id = %(customer)s
        ORDER BY occurred_at DESC, id DESC LIMIT 50) AS e
    LEFT JOIN conversations_message m ON m.entry_id = e.id LEFT JOIN agents_agent a ON a.id = e.by_id
    LEFT JOIN conversations_delivery d ON d.message_id = e.id LEFT JOIN customers_identity i ON i.id = m.sender_id
"""


def run(*, rounds: int, requests: int, wanted: Wanted, lengths: tuple[int, ...]) -> dict[str, Any]:
    """Measure and return the report. requests: of each kind in a round. lengths: entries of customers to compare."""
    before = os.getloadavg()
    with open_desks(wanted) as desks:
        found = measure(desks, rounds=rounds, requests=requests)
        rows = measure_lengths(desks[0], lengths, rounds=rounds, requests=requests)
    return harness.report("thread", rounds, [*rows, *rows_of(found, [desk.name for desk in desks])], before)


def measure(desks: list[Desk], *, rounds: int, requests: int) -> dict[tuple[str, str], list[Cpu]]:
    """Ask each desk in turns; return the CPU of each kind of request by (what, desk)."""
    longs = {desk.name: _Long(desk) for desk in desks}
    found: dict[tuple[str, str], list[Cpu]] = {}
    for _round in range(rounds):
        for desk in desks:
            desk.enter()
            for what in ASKS:
                found.setdefault((what, desk.name), []).append(longs[desk.name].measure(what, requests))
            found.setdefault(("raw SQL", desk.name), []).append(longs[desk.name].measure_raw(requests * 5))
    return found


class _Long:
    """A long conversation of a desk that its agent sees."""

    def __init__(self, desk: Desk) -> None:
        desk.enter()
        self.desk = desk
        row = Conversation.objects.order_by("-pk").filter(last_inbound_seq__gte=crowd.LONG - 1)[0]
        # Its team is told by dice; everybody may see what is nobody's.
        Conversation.objects.filter(pk=row.pk).update(team=None)
        entries = row.entries.order_by("-occurred_at", "-pk")
        self.names = {
            "customer": row.customer_id, "number": row.number, "place": place_of(entries[49]),
            "cursor": row.customer.last_seq,
        }  # fmt: skip
        self.link = psycopg.connect(**desk.link.get_connection_params() | {"cursor_factory": psycopg.Cursor})
        self.link.autocommit = True

    def measure(self, what: str, times: int) -> Cpu:
        """Ask so often; return the CPU of once. Raises RuntimeError when fewer entries come than should."""
        url, headers = ASKS[what][0].format(**self.names), ASKS[what][1]
        wanted = 0 if "after=" in url else 50
        for _number in range(WARM_UP):
            entries = self.desk.get(url, headers).count(b' data-cursor="')
        if entries != wanted:
            raise RuntimeError(f"{url} brought {entries} entries")
        return harness.measure(lambda: [self.desk.get(url, headers) for _ in range(times)], times, self.desk.backend)

    def measure_raw(self, times: int) -> Cpu:
        """The same entries by one prepared statement, as JSON."""
        return harness.measure(lambda: [self._ask() for _ in range(times)], times, self.link.info.backend_pid)

    def _ask(self) -> str:
        rows = self.link.execute(RAW, {"customer": self.names["customer"]}, prepare=True).fetchall()
        return json.dumps(rows, default=str)


def rows_of(found: dict[tuple[str, str], list[Cpu]], names: list[str]) -> list[Row]:
    """Each request beside the raw statement of its desk; then the largest desk beside the smallest."""
    rows = [
        harness.compare(f"{what}, {name}, to raw SQL", found[what, name], found["raw SQL", name])
        for name in names
        for what in ASKS
    ]
    if len(names) > 1:
        small, large = names[0], names[-1]
        rows += [
            harness.compare(f"{what}, {large} to {small}", found[what, large], found[what, small]) for what in ASKS
        ]
    return [*rows, *(harness.alone(f"raw SQL, {name}", found["raw SQL", name]) for name in names)]
