"""A process beside a measurement that does as it is told: its module has `serve(pipe)`."""

import multiprocessing
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

import django

Order = tuple[str, dict[str, Any]]


class Child:
    """One such process. `tell` and `answer` may stand apart, so that several work at once."""

    def __init__(self, module: str) -> None:
        # Spawned, not forked: it shares no connection with us.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_enter, args=(module, theirs), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def tell(self, verb: str, **values: Any) -> None:
        """Begin something."""
        self._pipe.send((verb, values))

    def is_done(self) -> bool:
        """Whether `answer` would return at once."""
        return self._pipe.poll()

    def answer(self) -> Any:
        """Wait until what was begun is done and return its result."""
        result = self._pipe.recv()
        if isinstance(result, Exception):
            raise result
        return result

    def ask(self, verb: str, **values: Any) -> Any:
        """Have something done and return its result."""
        self.tell(verb, **values)
        return self.answer()

    def end(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join(10)


def _enter(module: str, pipe: "Connection[Any, Order]") -> None:
    django.setup()
    import_module(module).serve(pipe)
