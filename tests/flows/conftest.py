"""A mailbox with a way out, and the listener, for whole journeys."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_app.models import Channel
from tests import factories
from tests.channels_app.email import sink as sinks
from tests.channels_app.email.conftest import listener
from tests.channels_app.email.letters import MAILBOX

__all__ = ["listener"]


@pytest.fixture
def sink(settings: Any) -> Iterator[sinks.Sink]:
    """The mail server that takes our answers."""
    with sinks.running() as running:
        settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{running.port}"]
        yield running


@pytest.fixture
def mailbox(transactional_db: None, sink: sinks.Sink) -> Channel:
    config = {"address": MAILBOX, "name": "Help desk", "smtp_url": sink.url}
    return factories.make_channel(name="Help", kind="email", config=config, team=factories.make_team(name="Front"))
