"""What the measurements of the live line share: hints sent at once, and waiting until they are heard."""

import time
from typing import Any

from conversations import live
from helpdesk.bench.child import Child

PATIENCE_SECONDS = 20.0


def send_hints(audience: str, count: int) -> None:
    """Publish so many hints as fast as they go, as if so many entries had been written."""
    for number in range(1, count + 1):
        live.ephemeral([audience], hint(number), ttl_seconds=1)


def hint(number: int) -> dict[str, Any]:
    """A frame like those that announce an entry."""
    return {
        "type": "hint", "entry": number, "touched_seq": number, "conversation": 1, "customer": 1, "kind": "message",
    }  # fmt: skip


def wait_until_heard(crowd: Child, group: str, count: int) -> int:
    """Wait until a group has heard of so many entries, or nothing more comes; return how many."""
    seen, since = 0, time.monotonic()
    while seen < count and time.monotonic() - since < PATIENCE_SECONDS:
        now = crowd.ask("count", group=group)
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.05)
    return seen
