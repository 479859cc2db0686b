"""What the chat says of who answers, how long it takes and when somebody is there: nothing that is not so."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from agents import presence
from agents.models import Agent, Brand, Calendar
from channels_app import intake
from channels_app.models import Channel, RawEvent
from conversations import waiting
from conversations.models import Conversation, Notice
from helpdesk.lib import clock as time
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.factories import route_to

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


def _told(visitor: Visitor, **asked: str) -> dict[str, Any]:
    found: dict[str, Any] = visitor.get(f"state/?{urlencode(asked)}").json()
    return found


def _place(visitor: Visitor) -> tuple[str, str, int]:
    told = _told(visitor)
    return told["wait"], told["place"], told["ahead"]


def _keep_office_hours(widget: Channel, zone: str = "UTC") -> None:
    slots = [{"weekday": day, "from": "09:00", "to": "18:00"} for day in range(5)]
    widget.calendar = Calendar.objects.create(name=f"Office {zone}", time_zone=zone, slots=slots)
    widget.save()


def test_a_place_in_the_queue_counts_those_who_wait_longer(
    widget: Channel, agent: Agent, clock: time_machine.Traveller
) -> None:
    for _ in range(3):
        _asks(widget)
        clock.shift(timedelta(minutes=1))
    visitor, mine = _asks(widget)
    assert waiting.ahead_of(mine) == 3
    assert _place(visitor) == ("", "3 people before you", 3)
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
    assert _place(visitor) == ("about 4 minutes", "", 0)
    assert _told(visitor)["usual"] == "We usually answer in about 4 minutes"
    page = visitor.client.get(f"/widget/{widget.public_key}/").content.decode()
    assert "We usually answer in about 4 minutes" in page


def test_too_few_answers_promise_nothing(widget: Channel, agent: Agent) -> None:
    _visitor, row = _asks(widget)
    Conversation.objects.filter(pk=row.pk).update(first_reply_at=row.opened_at, assignee=agent)
    visitor, mine = _asks(widget)
    assert waiting.usual_wait(mine) is None
    assert _place(visitor) == ("", "", 0)
    assert _told(visitor)["usual"] == ""


def test_whoever_is_being_served_waits_for_nobody(widget: Channel, agent: Agent) -> None:
    _asks(widget)
    visitor, mine = _asks(widget)
    mine.assign(by=agent, agent=agent)
    assert _place(visitor) == ("", "", 0)


def test_out_of_hours_it_says_when_somebody_is_there_and_by_when_they_are_answered(
    widget: Channel, clock: time_machine.Traveller
) -> None:
    visitor, _mine = _asks(widget)
    assert _told(visitor)["hours"] == ""
    # The clock of tests stands on a Sunday at ten in the morning; an answer may take an hour.
    _keep_office_hours(widget)
    told = _told(visitor)
    assert told["hours"] == "Closed now · back tomorrow at 09:00 (UTC)"
    assert told["answer"] == "We answer by tomorrow, 10:00 (UTC)"
    assert told["turns_in"] == 23 * 3600
    page = visitor.client.get(f"/widget/{widget.public_key}/").content.decode()
    assert "back tomorrow" in page
    assert "We answer by tomorrow, 10:00 (UTC)." in page


@pytest.mark.parametrize(
    ("zone", "hours", "answer"),
    [
        ("Europe/Bucharest", "back tomorrow at 10:00", "We answer by tomorrow, 11:00"),
        ("Asia/Kathmandu", "back tomorrow at 13:45", "We answer by tomorrow, 14:45"),
        ("Pacific/Kiritimati", "back at 22:00", "We answer by 23:00"),
        ("Mars/Olympus", "back tomorrow at 09:00 (Europe/Rome)", "We answer by tomorrow, 10:00 (Europe/Rome)"),
    ],
)
def test_times_are_said_by_the_clock_of_whoever_reads_them(
    widget: Channel, clock: time_machine.Traveller, zone: str, hours: str, answer: str
) -> None:
    visitor, _mine = _asks(widget)
    _keep_office_hours(widget, "Europe/Rome")
    told = _told(visitor, zone=zone)
    assert (told["hours"], told["answer"]) == (f"Closed now · {hours}", answer)


@pytest.mark.parametrize(
    ("language", "hours", "answer"),
    [
        ("it", "Chiuso ora · torniamo domani alle 11:00", "Rispondiamo entro domani alle 12:00"),
        ("ro", "Închis acum · revenim mâine la 11:00", "Răspundem până mâine la 12:00"),
    ],
)
def test_it_is_said_in_the_visitors_language(
    widget: Channel, clock: time_machine.Traveller, language: str, hours: str, answer: str
) -> None:
    _keep_office_hours(widget)
    visitor = Visitor(widget.public_key)
    told = visitor.get(f"outlook/?lang={language}&zone=Europe/Bucharest").json()
    assert (told["hours"], told["answer"]) == (hours, answer)


def test_who_has_no_answer_to_expect_is_promised_none(
    widget: Channel, agent: Agent, clock: time_machine.Traveller
) -> None:
    _keep_office_hours(widget)
    visitor, mine = _asks(widget)
    mine.reply(by=agent, text="Hello", to=route_to(mine))
    assert (_told(visitor)["answer"], bool(_told(visitor)["hours"])) == ("", True)
    late, _row = _asks(widget)
    clock.shift(timedelta(days=2))
    # Two hours after closing on Tuesday, what was due on Monday morning still waits.
    clock.shift(timedelta(hours=10))
    assert (_told(late)["answer"], bool(_told(late)["hours"])) == ("", True)


def test_open_hours_without_anybody_at_the_desk_are_said_to_be_so(
    widget: Channel, agent: Agent, outsider: Agent, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(widget.public_key)
    told = visitor.get("outlook/").json()
    assert (told["hours"], told["absence"]) == ("", "Nobody is at the desk just now")
    assert told["answer"] == "We answer by 11:00 (UTC)"
    presence.hear([outsider.pk])
    assert visitor.get("outlook/").json()["absence"] != ""
    presence.hear([agent.pk])
    told = visitor.get("outlook/").json()
    assert (told["absence"], told["answer"]) == ("", "")
    # Where it is not known whether somebody is there, nothing is said.
    monkeypatch.setattr("helpdesk.lib.fleeting.ask", lambda question, otherwise: otherwise)
    assert visitor.get("outlook/").json()["absence"] == ""


def test_what_holds_for_everybody_is_told_on_listed_sites_only(widget: Channel) -> None:
    assert Visitor(widget.public_key, site="https://evil.example.test").get("outlook/").status_code == 403
    assert Visitor("0" * 32).get("outlook/").status_code == 404
    widget.brand.notices.create(texts={"en": "Parcels are late"})
    told = Visitor(widget.public_key).get("outlook/").json()
    assert [one["text"] for one in told["notices"]] == ["Parcels are late"]
    assert {"agent", "address", "place"}.isdisjoint(told)
    assert Visitor(widget.public_key).post("outlook/", {}).status_code == 405


def test_a_frame_draws_the_notices_of_its_brand_in_its_language(widget: Channel, client: Any) -> None:
    now, other = time.now(), Brand.objects.create(name="Other")
    both = {"en": "Parcels are late today", "it": "I pacchi sono in ritardo"}
    Notice.objects.create(texts=both, starts_at=now - timedelta(hours=1))
    Notice.objects.create(texts={"en": "Of another brand"}, brand=other)
    Notice.objects.create(texts={"en": "Among ourselves"}, shows_customers=False)
    visitor = Visitor(widget.public_key, client=client)
    page = client.get(f"/widget/{widget.public_key}/?lang=it").content.decode()
    assert '<span dir="auto" lang="it">I pacchi sono in ritardo</span>' in page
    assert "Of another brand" not in page and "Among ourselves" not in page
    page = client.get(f"/widget/{widget.public_key}/?lang=ro").content.decode()
    assert '<span dir="auto" lang="en">Parcels are late today</span>' in page
    told = visitor.get("outlook/?lang=it").json()["notices"]
    assert [(one["text"], one["lang"]) for one in told] == [("I pacchi sono in ritardo", "it")]
