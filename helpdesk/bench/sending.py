"""`bench send`: how many answers leave in a second, and what providers that hang cost the others.

The real sender with its threads, its claims, paces and books; the provider is a process of ours that answers in 100 ms.
"""

import json
import os
import time
from statistics import median, quantiles
from typing import Any

from django.db.models import F, Max, Min

from agents.models import Brand
from channels_app import intake
from channels_app.models import Channel, ChannelLog
from conversations.models import Conversation, Delivery
from helpdesk.bench import courier, harness, parts
from helpdesk.bench.child import Child
from helpdesk.bench.harness import Cpu, Row
from helpdesk.lib import clock
from helpdesk.lib.outbound import Route

CHANNELS, PEOPLE = 5, 20
ANSWERS_MS, HANGS_MS = 100, 10_000
# How many a second come while fairness is measured, and how many wait for the channel that hangs.
PACE, HANGING = 5, 24
FAIR = 1.2
LONGEST_SECONDS = 180
# What writing one answer takes at most.
WRITING_SECONDS = 0.05


def run(*, rounds: int, messages: int, seconds: int) -> dict[str, Any]:
    """Measure and return the report. messages: that wait at once; seconds: of each half of the fairness."""
    before = os.getloadavg()
    provider = Child("helpdesk.bench.counterpart")
    port = provider.ask("open")
    os.environ["PRIVATE_HOSTS_ALLOWED"] = f"127.0.0.1:{port}"
    with parts.running("worker", "sender", "beat", knows=courier.__name__) as desk:
        bench = _Bench(port)
        bench.burst(CHANNELS * 4)
        rates, costs = zip(*[bench.measured_burst(desk, messages) for _ in range(rounds)], strict=True)
        turns = [
            (bench.paced(seconds), *(bench.beside_hanging(seconds, many) for many in (1, 2))) for _ in range(rounds)
        ]
    provider.end()
    alone, beside, beside_two = zip(*turns, strict=True)
    rows = [
        Row(f"answers a second, {CHANNELS} channels, {ANSWERS_MS} ms each", round(median(rates), 1), "1/s"),
        harness.alone("an answer in the sender, and in PostgreSQL with what the worker does after it", list(costs)),
        Row(f"p50 of the others, {PACE} a second, nobody hangs", round(median(one[0] for one in alone)), "ms"),
        harness.ratio(
            f"p95 of the others while one channel hangs {HANGS_MS // 1_000} s for {HANGING} answers",
            [one[1] for one in beside], [one[1] for one in alone], "ms", FAIR,
        ),
        Row("p95 of the others while two channels hang", round(median(one[1] for one in beside_two)), "ms"),
    ]  # fmt: skip
    return harness.report("send", rounds, rows, before)


class _Bench:
    """The channels, the people who wrote on them, and the answers to them."""

    def __init__(self, port: int) -> None:
        self.port, self.number = port, 0
        self.fair = [self._channel(f"Channel {number}", ANSWERS_MS) for number in range(CHANNELS)]
        self.slow = [self._channel(f"Hanging {number}", HANGS_MS) for number in range(2)]
        self.people = {row.pk: self._people(row) for row in (*self.fair, *self.slow)}

    def burst(self, count: int) -> list[int]:
        """Let so many answers wait at once and return when all have left."""
        deliveries = [self._answer(self.fair[place % CHANNELS], place // CHANNELS) for place in range(count)]
        self._wait(deliveries)
        return deliveries

    def measured_burst(self, desk: parts.Parts, count: int) -> tuple[float, Cpu]:
        """Return how many left in a second, and the CPU that one took."""
        # Held back for a moment, so that writing them is not measured with sending them.
        start = clock.real().timestamp() + WRITING_SECONDS * count
        deliveries = [self._answer(self.fair[place % CHANNELS], place // CHANNELS, start) for place in range(count)]
        time.sleep(max(0.0, start - clock.real().timestamp()))
        rows = Delivery.objects.filter(pk__in=deliveries)
        # On a slow machine the first have left by now.
        left, before = rows.filter(sent_at=None).count(), desk.cpu()
        self._wait(deliveries)
        after = desk.cpu()
        times = rows.aggregate(first=Min("next_try_at"), last=Max("sent_at"))
        sender, postgres = ((after[name] - before[name]) / max(1, left) for name in ("sender", "postgres"))
        return count / (times["last"] - times["first"]).total_seconds(), Cpu(sender, postgres)

    def paced(self, seconds: int) -> tuple[float, float]:
        """Write answers at a steady pace; return p50 and p95 of the milliseconds from written to sent."""
        due, deliveries = time.monotonic(), []
        for place in range(seconds * PACE):
            time.sleep(max(0.0, due + place / PACE - time.monotonic()))
            deliveries.append(self._answer(self.fair[place % CHANNELS], place // CHANNELS))
        self._wait(deliveries)
        rows = Delivery.objects.filter(pk__in=deliveries).annotate(took=F("sent_at") - F("made_at"))
        took = [one.total_seconds() * 1_000 for one in rows.values_list("took", flat=True)]
        return median(took), quantiles(took, n=20)[-1]

    def beside_hanging(self, seconds: int, many: int) -> tuple[float, float]:
        """The same while answers wait for so many providers that hang; what still waits for them is then taken away."""
        slow = self.slow[:many]
        for place in range(HANGING * many):
            self._answer(slow[place % many], place // many)
        found = self.paced(seconds)
        rows = Delivery.objects.filter(channel__in=slow)
        rows.filter(state__in=["queued", "retry"]).update(state="cancelled")
        self._wait(list(rows.values_list("pk", flat=True)))
        return found

    def _channel(self, name: str, milliseconds: int) -> Channel:
        brand, _made = Brand.objects.get_or_create(is_default=True, defaults={"name": "Bench"})
        channel = Channel(kind=courier.KIND, name=name, brand=brand)
        channel.config = {"url": f"http://127.0.0.1:{self.port}/{milliseconds}/"}
        channel.save()
        return channel

    def _people(self, channel: Channel) -> list[tuple[Conversation, Route]]:
        for number in range(PEOPLE):
            body = json.dumps({"from": f"c{channel.pk}-{number}", "text": "Where is it?"}).encode()
            intake.process(intake.store(channel, body=body, headers={}).pk)
        threads = channel.threads.select_related("conversation")
        return [(row.conversation, Route(channel.pk, row.identity_id)) for row in threads if row.conversation]

    def _answer(self, channel: Channel, place: int, at: float = 0.0) -> int:
        people = self.people[channel.pk]
        conversation, to = people[place % len(people)]
        self.number += 1
        wait = max(0, round(at - clock.real().timestamp())) if at else 0
        entry = conversation.reply(by=None, text=f"Answer {self.number}.", to=to, hold_seconds=wait)
        return int(entry.message.deliveries.values_list("pk", flat=True).get())

    def _wait(self, deliveries: list[int]) -> None:
        rows = Delivery.objects.filter(pk__in=deliveries).exclude(state__in=["sent", "cancelled"])
        deadline = time.monotonic() + LONGEST_SECONDS
        while rows.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not sent: {list(rows.values_list('state', 'error')[:5])}")
            time.sleep(0.1)
        ChannelLog.objects.all().delete()
