"""What the chat says of who answers, how long it takes and when somebody is there: nothing that is not so."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from agents.models import Agent, Calendar
from channels_app import intake
from channels_app.models import Channel, RawEvent
from conversations import waiting
from conversations.models import Conversation, Notice
from helpdesk.lib import clock as time
from tests.channels_app.webchat.talking import Visitor, make_widget

pytestmark = pytest.mark.django_db


@pytest.fixture
def widget(team: Any) -> Channel:
    return make_widget(team=team)


def _asks(widget: Channel) -> tuple[Visitor, Conversation]:
    visitor = Visitor(widget.public_key)
    visitor.arrive()
    visitor.say("Hello")
    event = RawEvent.objects.latest("pk")
    intake.process(event.pk)
    return visitor, Conversation.objects.latest("pk")


def _told(visitor: Visitor) -> dict[str, Any]:
    found: dict[str, Any] = visitor.get("state/").json()
    return found


def test_a_place_in_the_queue_counts_those_who_wait_longer(
    widget: Channel, agent: Agent, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        _asks(widget)
        clock.shift(timedelta(minutes=1))
    visitor, mine = _asks(widget)
    assert waiting.ahead_of(mine) == 3
    assert _told(visitor)["wait"] == "3 people before you"
    first = Conversation.objects.earliest("pk")
    Conversation.objects.filter(pk=first.pk).update(assignee=agent)
    assert waiting.ahead_of(mine) == 2


def test_how_long_it_takes_is_the_median_of_those_who_were_answered(
    widget: Channel, agent: Agent, clock: time_machine.Traveller
) -> None:
    for minutes in (1, 2, 4, 30, 60):
        _visitor, row = _asks(widget)
        answered = {"first_reply_at": row.opened_at + timedelta(minutes=minutes), "assignee": agent}
        Conversation.objects.filter(pk=row.pk).update(**answered)
    visitor, mine = _asks(widget)
    assert waiting.usual_wait(mine) == timedelta(minutes=4)
    assert _told(visitor)["wait"] == "about 4 minutes"


def test_too_few_answers_promise_nothing(widget: Channel, agent: Agent) -> None:
    _visitor, row = _asks(widget)
    Conversation.objects.filter(pk=row.pk).update(first_reply_at=row.opened_at, assignee=agent)
    visitor, mine = _asks(widget)
    assert waiting.usual_wait(mine) is None
    assert _told(visitor)["wait"] == ""


def test_whoever_is_being_served_waits_for_nobody(widget: Channel, agent: Agent) -> None:
    _asks(widget)
    visitor, mine = _asks(widget)
    mine.assign(by=agent, agent=agent)
    assert _told(visitor)["wait"] == ""


def test_out_of_hours_it_says_when_somebody_is_there(widget: Channel, clock: time_machine.Traveller) -> None:
    visitor, _mine = _asks(widget)
    assert _told(visitor)["hours"] == ""
    # The clock of tests stands on a Sunday at ten in the morning.
    slots = [{"weekday": day, "from": "09:00", "to": "18:00"} for day in range(5)]
    widget.calendar = Calendar.objects.create(name="Office", time_zone="UTC", slots=slots)
    widget.save()
    assert "opens on Mon 23 Nov" in _told(visitor)["hours"]
    page = visitor.client.get(f"/widget/{widget.public_key}/").content.decode()
    assert "opens on Mon 23 Nov" in page


def test_a_notice_that_is_on_stands_above_the_chat(widget: Channel, client: Any) -> None:
    now = time.now()
    Notice.objects.create(text="Parcels are late today", starts_at=now - timedelta(hours=1))
    Notice.objects.create(text="Over already", starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1))
    Notice.objects.create(text="Not yet", starts_at=now + timedelta(hours=1))
    page = client.get(f"/widget/{widget.public_key}/").content.decode()
    assert "Parcels are late today" in page
    assert "Over already" not in page
    assert "Not yet" not in page
