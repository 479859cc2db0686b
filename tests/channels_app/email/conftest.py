"""A mailbox, and the listener on loopback ports of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from channels_app.adapters.email import smtpd
from channels_app.models import Channel
from tests import factories
from tests.channels_app.email.letters import MAILBOX


@dataclass(frozen=True)
class Listener:
    """Where the running listener answers."""

    smtp: int
    lmtp: int


@pytest.fixture
def mailbox(transactional_db: None) -> Channel:
    return factories.make_channel(name="Help", kind="email", config={"address": MAILBOX, "name": "Help desk"})


@pytest.fixture
def listener() -> Iterator[Listener]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(smtpd.serve([sockets[0]], [sockets[1]], stop),))
    ports = [one.getsockname()[1] for one in sockets]
    thread.start()
    yield Listener(*ports)
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()
