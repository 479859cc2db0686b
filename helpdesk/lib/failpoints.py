"""Places where a test may break the program. Off, and refused in production, unless asked for."""

import os
import time

SWITCH = "TESTING_FAILPOINTS"


class Broken(Exception):
    """Raised by a fail point whose action is `raise`."""


def is_on() -> bool:
    return os.environ.get(SWITCH) == "1"


def reach(name: str) -> None:
    """Do what FAILPOINTS says of this place: `name=kill|raise|hang|sleep:seconds`, by commas."""
    if not is_on():
        return
    for rule in os.environ.get("FAILPOINTS", "").split(","):
        place, _, action = rule.partition("=")
        if place == name:
            _act(action)


def _act(action: str) -> None:
    verb, _, amount = action.partition(":")
    if verb == "kill":
        os._exit(137)
    if verb == "raise":
        raise Broken(action)
    if verb in {"sleep", "hang"}:
        time.sleep(float(amount or 3_600))
