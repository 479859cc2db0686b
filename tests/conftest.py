"""The people and things that most tests need."""

import gc
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import time_machine

from agents import timing
from agents.models import Agent, Team
from channels_app.models import Channel
from conversations import live as publisher
from conversations.models import Conversation
from conversations.views import message as message_views
from customers.models import Customer
from helpdesk.lib import fleeting, queue
from helpdesk.lib.http import Answer
from tests import factories, paper
from tests.one_desk import OneDesk

# How far the clock is ahead is read once a second: not in the middle of a test that counts its questions.
timing.READ_EVERY = math.inf


@dataclass
class Hints:
    """What browsers would have been told: (audiences, frame), in order."""

    published: list[tuple[list[str], dict[str, Any]]] = field(default_factory=list)

    def take_each(self, frames: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Take frames that each go to one audience; one that goes to several is one."""
        for name, frame in frames:
            if self.published and self.published[-1][1] is frame:
                self.published[-1][0].append(name)
            else:
                self.published.append(([name], frame))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The frames of one type."""
        return [frame for _, frame in self.published if frame["type"] == kind]

    def audiences(self, kind: str = "hint") -> set[str]:
        """Everybody who was told something of one type."""
        return {name for names, frame in self.published if frame["type"] == kind for name in names}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneDesk:
    """Share the tests out so that the browser's have one desk."""
    return OneDesk(config, log)


def pytest_collection_finish() -> None:
    """Leave the thousands of tests that were found out of every look for garbage: they stay to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def _redis_is_asked() -> None:
    """Forget that Redis was away in the test before: for two seconds nobody would be told anything in this one."""
    for module in (fleeting, publisher, queue):
        vars(module)["_silent_until"] = 0.0


@pytest.fixture
def team(db: None) -> Team:
    return factories.make_team(name="Front")


@pytest.fixture
def agent(team: Team) -> Agent:
    """Ana, of the team."""
    return factories.make_agent(name="Ana Ionescu", teams=(team,))


@pytest.fixture
def colleague(team: Team) -> Agent:
    """Bruno, of the same team."""
    return factories.make_agent(name="Bruno Rossi", teams=(team,))


@pytest.fixture
def outsider(db: None) -> Agent:
    """Otto, of another team."""
    return factories.make_agent(name="Otto Weber", teams=(factories.make_team(name="Back"),))


@pytest.fixture
def supervisor(db: None) -> Agent:
    """Sofia, who sees everything."""
    return factories.make_agent(name="Sofia Marin", role="supervisor")


@pytest.fixture
def customer(db: None) -> Customer:
    return factories.make_customer(name="Giulia Tedesco", address="giulia@example.test")


@pytest.fixture
def channel(team: Team) -> Channel:
    """The team's mailbox."""
    return factories.make_channel(name="Help", team=team)


@pytest.fixture
def conversation(customer: Customer, channel: Channel) -> Conversation:
    """Giulia's, one message long, nobody's yet."""
    return factories.make_conversation(customer=customer, channel=channel)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Hints:
    """Catches hints at the publisher's last step (they still wait for the commit)."""
    hints = Hints()
    monkeypatch.setattr(publisher, "publish", lambda names, frame: hints.published.append((list(names), frame)))
    monkeypatch.setattr(publisher, "publish_each", hints.take_each)
    return hints


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> paper.Post:
    """What the provider of paper channels was given; set `fail` to make it refuse."""
    post = paper.Post()
    monkeypatch.setattr(paper.adapter, "post", post)
    return post


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still until a test moves it."""
    with time_machine.travel(datetime.fromisoformat("2026-11-22T10:00:00+00:00"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The internet answers every question for a picture."""
    answer = Answer(200, {"content-type": "image/png"}, b"\x89PNG")
    monkeypatch.setattr(message_views, "fetch", lambda ask: answer)
