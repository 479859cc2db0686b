"""Notices of incidents: what is shown to whom in which language, who may publish, and who hears of it at once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from agents.models import Agent, AuditRow, Brand
from conversations.models import Notice
from conversations.notices import keeping, showing
from helpdesk.lib import clock as time
from tests.conftest import Hints
from tests.factories import make_agent, make_brand, make_role
from tests.waiting import together

pytestmark = pytest.mark.django_db
BOTH = {"en": "Parcels are late today", "it": "Oggi i pacchi sono in ritardo"}
TYPED = {"text_en": BOTH["en"], "text_it": BOTH["it"], "shows": ["customers", "agents"]}


@pytest.fixture
def desk(client: Client, supervisor: Agent) -> Client:
    client.force_login(supervisor)
    return client


def make(by: Agent | None = None, **wanted: Any) -> Notice:
    return keeping.make(keeping.Wanted(wanted.pop("texts", BOTH), **wanted), by=by)


def shown(language: str, brand: Brand | None = None) -> list[tuple[str, str]]:
    with translation.override(language):
        found = showing.active_for(brand or make_brand())
    return [(one.text, one.language) for one in found]


def test_each_reads_their_language_else_the_brands_else_what_was_written() -> None:
    brand = make_brand()
    Brand.objects.filter(pk=brand.pk).update(language="it")
    brand.refresh_from_db()
    make()
    assert shown("it", brand) == [(BOTH["it"], "it")]
    assert shown("en", brand) == [(BOTH["en"], "en")]
    assert shown("ro", brand) == [(BOTH["it"], "it")]
    Notice.objects.update(texts={"ro": "Coletele întârzie"})
    assert shown("it", brand) == [("Coletele întârzie", "ro")]


def test_a_notice_is_shown_from_its_beginning_to_its_end_and_to_whom_it_is_for(clock: time_machine.Traveller) -> None:
    other, now = Brand.objects.create(name="Other"), time.now()
    make(starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2))
    make(texts={"en": "Of another brand"}, brand=other)
    make(texts={"en": "Among ourselves"}, shows_customers=False)
    board = showing.board_for(make_brand())
    assert (board.shown, board.turns_at) == ([], now + timedelta(hours=1))
    clock.shift(timedelta(hours=1))
    assert shown("en") == [(BOTH["en"], "en")]
    assert showing.board_for(make_brand()).turns_at == now + timedelta(hours=2)
    assert {text for text, _language in shown("en", other)} == {BOTH["en"], "Of another brand"}
    with translation.override("en"):
        assert {(one.text, one.brand) for one in showing.for_agents()} == {
            (BOTH["en"], ""), ("Of another brand", "Other"), ("Among ourselves", ""),
        }  # fmt: skip
    clock.shift(timedelta(hours=1))
    assert shown("en") == []


def test_its_mark_changes_with_its_words_alone(supervisor: Agent) -> None:
    row = make()
    marks = [showing.active_for(make_brand())[0].mark]
    for texts, ends_at in ((BOTH, time.now() + timedelta(days=1)), ({**BOTH, "ro": "Coletele întârzie"}, None)):
        keeping.change(row, keeping.Wanted(texts, ends_at=ends_at), by=supervisor)
        marks.append(showing.active_for(make_brand())[0].mark)
    assert marks[0] == marks[1] != marks[2]
    with translation.override("it"):
        assert showing.active_for(make_brand())[0].mark == marks[2]


@pytest.mark.parametrize("wrong", [{"texts": {}}, {"shows_agents": False, "shows_customers": False}])
def test_what_says_nothing_or_is_shown_to_nobody_is_no_notice(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(**{"texts": BOTH, **wrong})


def test_who_has_the_widget_of_its_brand_or_the_desk_open_hears_of_it(
    supervisor: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    brand, other = make_brand(), Brand.objects.create(name="Other")
    with django_capture_on_commit_callbacks(execute=True):
        row = make(supervisor, brand=other)
    heard = {f"agent.{supervisor.pk}", f"visitor.brand.{other.pk}"}
    assert live.audiences("nudge") == heard
    assert {frame["what"] for frame in live.of("nudge")} == {"notices"}
    with django_capture_on_commit_callbacks(execute=True):
        keeping.change(row, keeping.Wanted(BOTH), by=supervisor)
    assert live.audiences("nudge") == heard | {f"visitor.brand.{brand.pk}"}
    live.published.clear()
    with django_capture_on_commit_callbacks(execute=True):
        keeping.change(row, keeping.Wanted(BOTH), by=supervisor)
    assert live.published == []


def test_what_was_ended_is_taken_back_as_it_was(supervisor: Agent, clock: time_machine.Traveller) -> None:
    ends_at = time.now() + timedelta(hours=3)
    row = make(supervisor, ends_at=ends_at)
    assert keeping.end(row, by=supervisor) and not keeping.end(row, by=supervisor)
    assert shown("en") == []
    assert keeping.reopen(row, by=supervisor) and not keeping.reopen(row, by=supervisor)
    row.refresh_from_db()
    assert (row.ended_at, row.ends_at, shown("en")) == (None, ends_at, [(BOTH["en"], "en")])
    clock.shift(timedelta(hours=4))
    assert keeping.reopen(row, by=supervisor)
    row.refresh_from_db()
    assert (row.ends_at, shown("en")) == (None, [(BOTH["en"], "en")])
    told = [(change.before.get("ended_at"), change.after.get("ended_at")) for change in AuditRow.objects.order_by("pk")]
    assert [bool(after) for _before, after in told] == [False, True, False, False]


@pytest.mark.django_db(transaction=True)
def test_two_who_end_it_end_it_once() -> None:
    by = make_agent(name="Sofia Marin", role="supervisor")
    row = make(by)
    assert sorted(together(*[lambda: keeping.end(row, by=by)] * 2)) == [False, True]
    assert AuditRow.objects.filter(thing=keeping.THING).count() == 2


def test_supervisors_publish_and_change_and_it_is_audited(desk: Client, supervisor: Agent) -> None:
    page = desk.post(reverse("notice_new"), TYPED, follow=True).content.decode()
    row = Notice.objects.get()
    assert (row.texts, row.by, row.brand, row.ends_at) == (BOTH, supervisor, None, None)
    assert "Published." in page and BOTH["en"] in page and "Running" in page
    desk.post(reverse("notice", args=[row.pk]), {**TYPED, "text_it": "", "shows": ["customers"]})
    row.refresh_from_db()
    assert (row.texts, row.shows_agents) == ({"en": BOTH["en"]}, False)
    change = AuditRow.objects.latest("pk")
    assert (change.by, change.thing) == (supervisor, "notices")
    assert change.before == {"notice": row.pk, "text_it": BOTH["it"], "shows_agents": True}
    assert change.after == {"notice": row.pk, "text_it": "", "shows_agents": False}


def test_the_list_ends_takes_back_and_shows_again(desk: Client) -> None:
    row = make()
    page = desk.post(reverse("notice_ending", args=[row.pk]), follow=True).content.decode()
    assert "It is shown no more." in page and "Undo" in page and "Show again" in page
    page = desk.post(reverse("notice_reopening", args=[row.pk]), follow=True).content.decode()
    assert "It is shown again." in page and "End now" in page


def test_times_are_those_of_who_types_them(desk: Client, supervisor: Agent, clock: time_machine.Traveller) -> None:
    Agent.objects.filter(pk=supervisor.pk).update(time_zone="Europe/Bucharest")
    planned = {**TYPED, "starts_at": "2026-12-01T09:00", "ends_at": "2026-12-01T18:30"}
    assert "Planned." in desk.post(reverse("notice_new"), planned, follow=True).content.decode()
    row = Notice.objects.get()
    assert row.starts_at.isoformat() == "2026-12-01T07:00:00+00:00"
    page = desk.get(reverse("notice", args=[row.pk])).content.decode()
    assert 'value="2026-12-01T09:00"' in page and 'value="2026-12-01T18:30"' in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"text_en": " ", "text_it": "\u200b"}, "Write what happened"),
        ({"shows": []}, "Choose who is to see it."),
        ({"shows": ["nobody"]}, "not one of the available choices"),
        ({"text_en": "x" * 501}, "at most 500 characters"),
        ({"starts_at": "2026-12-02T09:00", "ends_at": "2026-12-01T09:00"}, "It has to end after it begins."),
        ({"ends_at": "2020-01-01T09:00"}, "It has to end after it begins."),
        ({"starts_at": "2020-01-01T09:00", "ends_at": "2020-01-02T09:00"}, "That is over already."),
        ({"ends_at": "9999-12-31T23:59"}, "Write a day of this century."),
        ({"starts_at": "0001-01-01T00:00"}, "Write a day of this century."),
        # The night in which the clock leaps over that hour.
        ({"ends_at": "2027-03-28T02:30"}, "couldn’t be interpreted"),
        ({"brand": "999999"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_so_is_said_and_nothing_published(
    desk: Client, supervisor: Agent, typed: dict[str, Any], words: str
) -> None:
    Agent.objects.filter(pk=supervisor.pk).update(time_zone="Europe/Rome")
    answer = desk.post(reverse("notice_new"), {**TYPED, **typed})
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "’").replace("&#39;", "’")
    assert not Notice.objects.exists()


def test_the_preview_shows_each_language_and_keeps_nothing(desk: Client) -> None:
    typed = {"text_it": "In <b>ritardo</b>"}
    part = desk.post(reverse("notice_preview"), typed, headers={"HX-Request": "true"}).content.decode()
    assert part.count('lang="it">In &lt;b&gt;ritardo&lt;/b&gt;') == 3
    assert "<h1" not in part and part.count("without a text of its own: Italian is shown") == 2
    assert "<h1" in desk.post(reverse("notice_preview"), typed).content.decode()
    assert not Notice.objects.exists()


def test_everybody_who_works_here_reads_it_above_every_page(client: Client, agent: Agent) -> None:
    make(brand=Brand.objects.create(name="Other"))
    make(texts={"en": "For customers"}, shows_agents=False)
    client.force_login(agent)
    for url in (reverse("inbox", args=["mine"]), reverse("notice_bar")):
        page = client.get(url).content.decode()
        assert BOTH["en"] in page and "Other" in page and "For customers" not in page


@pytest.mark.parametrize("sight", ["teams", "own"])
def test_who_supervises_a_team_alone_publishes_nothing(client: Client, sight: str) -> None:
    client.force_login(make_agent(name="Tea", role=make_role(sight=sight, can_supervise=True)))
    row = make()
    assert client.get(reverse("notices")).status_code == 403
    assert client.post(reverse("notice_ending", args=[row.pk])).status_code == 403
    assert not Notice.objects.get().is_over(timezone.now())


def test_a_notice_goes_with_its_brand() -> None:
    other = Brand.objects.create(name="Other")
    make(brand=other)
    other.delete()
    assert not Notice.objects.exists()
