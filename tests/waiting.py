"""Waiting in tests: poll a condition until a deadline, and run things at the same moment."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connections


def until(condition: Callable[[], Any], *, seconds: float = 10.0) -> Any:
    """Return the condition's first true value. Raises AssertionError when the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"Not true within {seconds} s: {condition}")


def together(*functions: Callable[[], Any]) -> list[Any]:
    """Run the functions at once in threads of their own; return results or exceptions in their order.

    Each thread has its own database connection, so the test needs `transaction=True`.
    """
    start = threading.Barrier(len(functions))
    results: list[Any] = [None] * len(functions)

    def run(place: int) -> None:
        start.wait(10)
        try:
            results[place] = functions[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a thread hangs: is there a deadlock?"
    return results
