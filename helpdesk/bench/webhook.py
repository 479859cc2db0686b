"""`bench webhook`: what a provider's call costs at the door, beside a bare view that keeps the same bytes (P12).

Each call goes through the middleware, the address book and the view in this process, in turns with the bare view's
(helpdesk/bench/bare_view.py). Then calls come at a rate to the real web server, and the time to the answer is told.
"""

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory

from agents.models import Brand
from channels_app import adapters
from channels_app.addresses import webhook_of
from channels_app.models import Channel, RawEvent
from helpdesk.bench import bare_view, harness
from helpdesk.bench.harness import Cpu, Row
from helpdesk.bench.parts import running
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind

LIMIT = 2.0
KINDS = ("whatsapp", "telegram", "twilio_sms")
CALLS = 200
WARM_UP = 20
SECRET = "a-secret-of-the-bench"
P95_LIMIT_MS = 150.0
GATED_RATE = 100
TEXTS = ("Unde este coletul meu? Comanda 10432.", "Dov'è il mio pacco?", "Where is my parcel?")


@dataclass(frozen=True, slots=True)
class Call:
    """One request as its provider makes it. url: path and query."""

    url: str
    body: bytes
    headers: dict[str, str]


def run(*, rounds: int, rates: list[int], seconds: int) -> dict[str, Any]:
    """Measure and return the report. rates: calls per second to the real server, WhatsApp's."""
    before = os.getloadavg()
    with connection.cursor() as cursor:
        cursor.execute(bare_view.TABLE)
    channels = {kind: make_channel(kind) for kind in KINDS}
    rows = [row for kind, channel in channels.items() for row in _at_the_door(kind, channel, rounds)]
    with running("web") as desk:
        for rate in rates:
            rows.append(_at_rate(desk.desk, channels[KINDS[0]], rate, seconds))
    return harness.report("webhook", rounds, rows, before)


def make_channel(kind: str) -> Channel:
    """A channel whose secrets are all the same; nothing is ever sent through it."""
    brand, _made = Brand.objects.get_or_create(is_default=True, defaults={"name": "Bench"})
    channel = Channel(kind=kind, name=f"Bench {kind}", brand=brand)
    fields = adapters.get(kind).ConfigForm.base_fields
    channel.config = {name: field.initial if field.initial is not None else SECRET for name, field in fields.items()}
    channel.save()
    return channel


def calls_of(channel: Channel, first: int, count: int) -> list[Call]:
    """Write so many messages as the provider would send them, each by somebody else of fifty people."""
    simulator = channel.adapter.simulator
    assert simulator is not None, channel.kind
    address = webhook_of(channel)
    path = address[address.index("/", 8) :]
    found = []
    for number in range(first, first + count):
        event = Event(
            kind=EventKind.MESSAGE,
            sender_id=f"4055501{number % 50:02d}42",
            sender_name="Maria Test",
            message_id=f"bench{number}",
            text=TEXTS[number % len(TEXTS)],
            occurred_at=clock.real(),
        )
        made = simulator.webhook(channel, event)
        found.append(Call(f"{path}{made.path}{'?' if made.query else ''}{made.query}", made.body, made.headers))
    return found


def _at_the_door(kind: str, channel: Channel, rounds: int) -> list[Row]:
    ours: list[Cpu] = []
    again: list[Cpu] = []
    bare: list[Cpu] = []
    door = _Door()
    for number in range(rounds):
        calls = calls_of(channel, number * 1_000_000, CALLS + WARM_UP)
        for call in calls[:WARM_UP]:
            door.ask(call)
            door.ask_bare(call)
        measured = calls[WARM_UP:]
        bare.append(door.measure(door.ask_bare, measured))
        ours.append(door.measure(door.ask, measured))
        again.append(door.measure(door.ask, measured))
    if RawEvent.objects.filter(channel=channel).count() != rounds * (CALLS + WARM_UP):
        raise RuntimeError(f"Calls of {kind} were lost or kept twice.")
    return [
        harness.compare(f"{kind}: a message, to the bare view", ours, bare, LIMIT),
        harness.compare(f"{kind}: the same again, to the bare view", again, bare),
    ]


class _Door:
    """The desk's handler with all its middleware, asked without a socket between."""

    def __init__(self) -> None:
        self.handler = BaseHandler()
        self.handler.load_middleware()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = int(cursor.fetchone()[0])

    def measure(self, ask: Callable[[Call], None], calls: list[Call]) -> Cpu:
        """Return the CPU of one of these calls."""

        def work() -> None:
            for call in calls:
                ask(call)

        return harness.measure(work, len(calls), self.backend)

    def ask(self, call: Call) -> None:
        """Ask the desk. Raises RuntimeError when it does not take the call."""
        self._taken(_request(call, call.url, call.headers))

    def ask_bare(self, call: Call) -> None:
        """Ask the bare view to keep the same bytes."""
        signature = hmac.new(bare_view.SECRET, call.body, hashlib.sha256).hexdigest()
        headers = {**call.headers, bare_view.HEADER: signature}
        request = _request(call, "/bare/", headers)
        request.urlconf = bare_view.__name__
        # Only the desk's own door may do without that check.
        vars(request)["_dont_enforce_csrf_checks"] = True
        self._taken(request)

    def _taken(self, request: HttpRequest) -> None:
        answer = self.handler.get_response(request)
        answer.close()
        if answer.status_code != 200:
            raise RuntimeError(f"{request.path} answered {answer.status_code}")


def _request(call: Call, url: str, headers: dict[str, str]) -> HttpRequest:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "application/json")
    return RequestFactory(headers={"host": "127.0.0.1"}).generic("POST", url, call.body, kind, headers=headers)


def _at_rate(desk: str, channel: Channel, rate: int, seconds: int) -> Row:
    calls = calls_of(channel, 900_000_000 + rate * 100_000, rate * seconds)
    took = sorted(asyncio.run(_post_all(desk, calls, rate)))
    p95 = took[int(len(took) * 0.95)] * 1000
    is_gated = rate <= GATED_RATE
    ok = p95 <= P95_LIMIT_MS if is_gated else None
    what = f"answered at {rate}/s, p95 of {len(took)}"
    return Row(what, round(p95, 1), "ms", limit=P95_LIMIT_MS if is_gated else None, ok=ok)


async def _post_all(desk: str, calls: list[Call], rate: int) -> list[float]:
    """Post at an even rate, whether or not answers came; return the seconds to each answer."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=50)
    async with httpx.AsyncClient(base_url=desk, limits=limits, timeout=30) as client:
        began = time.monotonic()
        waiting = []
        for number, call in enumerate(calls):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            waiting.append(asyncio.create_task(_post(client, call)))
        return list(await asyncio.gather(*waiting))


async def _post(client: httpx.AsyncClient, call: Call) -> float:
    began = time.monotonic()
    answer = await client.post(call.url, content=call.body, headers=call.headers)
    answer.raise_for_status()
    return time.monotonic() - began
