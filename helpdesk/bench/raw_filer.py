"""A process of the raw pipeline: it is handed mails and files them when it is told to."""

from multiprocessing.connection import Connection
from typing import Any

from helpdesk.bench.corpus import Letter
from helpdesk.bench.reference import Pipeline


def serve(pipe: "Connection[Any, Any]") -> None:
    """Take mails, then file them, whenever told to."""
    pipeline: Pipeline | None = None
    waiting: list[Letter] = []
    while True:
        try:
            verb, values = pipe.recv()
        except EOFError:
            return
        if verb == "open":
            pipeline = Pipeline(**values, is_new=False)
        elif verb == "take":
            waiting = values["letters"]
        elif pipeline is not None:
            pipeline.ingest(waiting)
        pipe.send(None)
