"""Hands messages to the desk at a given pace, as a provider's webhook would: `intake.store` and nothing else."""

import json
import time
from multiprocessing.connection import Connection
from typing import Any

from channels_app import intake
from channels_app.models import Channel
from helpdesk.lib import clock


def serve(pipe: "Connection[Any, Any]") -> None:
    """Feed whenever told to."""
    while True:
        try:
            _verb, values = pipe.recv()
        except EOFError:
            return
        pipe.send(feed(**values))


def feed(channel: int, due: list[tuple[float, int, str]]) -> list[tuple[int, float]]:
    """Store each message when it is due (time, number, sender), however late the last one was.

    Return when each was accepted: the moment at which a provider would have read our 200.
    """
    row = Channel.objects.get(pk=channel)
    accepted = []
    for at, number, sender in due:
        time.sleep(max(0.0, at - clock.real().timestamp()))
        intake.store(row, body=message(number, sender), headers={})
        accepted.append((number, clock.real().timestamp()))
    return accepted


def message(number: int, sender: str) -> bytes:
    """One message as the sandbox takes it."""
    text = f"Message {number}: where is my order? I have been waiting for it since Tuesday."
    return json.dumps({"from": sender, "id": f"n{number}", "text": text}).encode()
