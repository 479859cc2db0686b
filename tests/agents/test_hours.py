"""Calendars: what administrators write, which of them counts, and what is told of it. Arithmetic: tests/helpdesk."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agents.hours import counting, feasts, keeping, saying, writing
from agents.hours.keeping import OwnDay, Wanted
from agents.models import Agent, AuditRow, Brand, Calendar, Team, Workspace
from agents.staff.administering import Refused
from channels_app.models import Channel
from helpdesk.lib.hours import Slot
from tests.factories import make_agent, make_brand
from tests.waiting import together

pytestmark = pytest.mark.django_db
OFFICE = (writing.read("9-18"),) * 5 + ((), ())
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def admin(client: Client) -> Agent:
    agent = make_agent(name="Ada Keller", role="admin")
    client.force_login(agent)
    return agent


def make_calendar(name: str = "Shop", zone: str = "Europe/Bucharest", **fields: Any) -> Calendar:
    return keeping.add(Wanted(name, zone, **{"week": OFFICE, **fields}), by=None)


def typed(**fields: Any) -> dict[str, Any]:
    week = {f"day_{weekday}": "9-18" for weekday in range(5)}
    return {"name": "Shop", "time_zone": "Europe/Bucharest", **week, **fields}


def told(row: Calendar, now: datetime) -> str:
    days = saying.coming(row, saying.own_days(row), now)
    return saying.outlook(counting.hours_of(row), days, now).words


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("", ""), ("9-13, 14:30–18", "09:00–13:00, 14:30–18:00"), ("14-18; 9.15-13", "09:15–13:00, 14:00–18:00"),
        ("22:00–02:00+1", "22:00–02:00+1"), ("0-24", "00:00–24:00"), ("18-0", "18:00–24:00"),
        ("9-12, 12-13", "09:00–12:00, 12:00–13:00"), ("9:00 — 9:00 + 1", "09:00–09:00+1"),
    ],
)  # fmt: skip
def test_slots_are_read_as_people_write_them(text: str, slots: str) -> None:
    read = writing.read(text)
    assert writing.write(read) == slots
    assert writing.slots_of(writing.kept(read)) == read


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("22:00–02:00", "22:00–02:00 ends before it begins. Write 22:00–02:00+1 if it ends on the next day."),
        ("9-13, 12-18", "09:00–13:00 and 12:00–18:00 overlap."), ("9-25", "“9-25”: there is no such time."),
        ("9-9:60", "“9-9:60”: there is no such time."), ("morning", "“morning” is no slot. Write it like 09:00–18:00."),
        ("9-10+1", "09:00–10:00+1 is longer than a day."), ("٩-١٨", "“٩-١٨” is no slot. Write it like 09:00–18:00."),
        (",".join(f"{n}-{n}:30" for n in range(11)), "At most 10 slots a day."),
    ],
)  # fmt: skip
def test_what_is_no_slot_is_refused_with_what_to_write(text: str, wrong: str) -> None:
    with pytest.raises(writing.Wrong) as refused:
        writing.read(text)
    assert str(refused.value) == wrong


def test_the_nearest_calendar_counts(channel: Channel, team: Team) -> None:
    brand, names = make_brand(), ("Desk", "Brand", "Team", "Channel")
    desk, *nearer = [make_calendar(name) for name in names]
    places = {"channel": channel, "team": team, "brand": brand}
    assert counting.calendar_for(**places) is None and counting.hours_of(None).is_open(NOON)
    keeping.choose(desk, {}, by=None)
    assert counting.calendar_for(**places) == desk == counting.calendar_for()
    for place, calendar in zip((brand, team, channel), nearer, strict=True):
        place.calendar = calendar
        assert counting.calendar_for(**places) == calendar
    assert counting.calendar_for(team=team, brand=brand) == nearer[1]


def test_holidays_close_and_own_days_come_before_them() -> None:
    own = (OwnDay(date(2026, 11, 30), "", (Slot(600, 660),)), OwnDay(date(2026, 12, 2), "Stocktaking"))
    found = counting.hours_of(make_calendar(country="RO", own=own))
    assert found.add(datetime(2026, 11, 27, 15, 55, tzinfo=UTC), 10) == datetime(2026, 11, 30, 8, 5, tzinfo=UTC)
    assert found.opens_after(datetime(2026, 11, 30, 9, tzinfo=UTC)) == datetime(2026, 12, 3, 7, tzinfo=UTC)


def test_a_region_has_holidays_of_its_own() -> None:
    assert date(2026, 10, 4) in feasts.days("IT", "BO", 2026) and date(2026, 9, 19) not in feasts.days("IT", "BO", 2026)
    assert ("BO", "Bologna") in feasts.subdivisions("IT") and feasts.subdivisions("XX") == ()
    assert feasts.days("IT", "gone", 2026) == feasts.days("IT", "", 2026) and feasts.days("XX", "", 2026) == {}


@pytest.mark.parametrize(
    ("language", "country", "name"),
    [("en", "RO", "National Day"), ("ro", "RO", "Ziua Națională a României"), ("it", "RO", "National Day"),
     ("it", "IT", "Immacolata Concezione")],
)  # fmt: skip
def test_holidays_are_named_in_the_reader_s_language_if_they_can_be(language: str, country: str, name: str) -> None:
    with translation.override(language):
        assert name in feasts.days(country, "", 2026).values()


def test_it_is_told_how_it_is_now() -> None:
    row = make_calendar(country="RO")
    assert told(row, NOON) == "Open now · closes at 18:00 · next holiday: 30 Nov, Saint Andrew's Day"
    night = datetime(2026, 12, 24, 20, tzinfo=UTC)
    assert told(row, night) == "Closed now · opens on Mon 28 Dec at 09:00 · next holiday: 25 Dec, Christmas Day"
    assert told(make_calendar("Always", is_always_open=True, country="RO"), NOON) == "Open around the clock"
    assert told(make_calendar("Never", week=((),) * 7), NOON) == "Closed now · never opens"
    eve = make_calendar("Eve", own=(OwnDay(date(2026, 12, 24), "Christmas Eve", (Slot(540, 720),)),))
    assert told(eve, NOON).endswith("next holiday: 24 Dec, Christmas Eve (09:00–12:00)")


def test_what_was_reckoned_lasts_until_the_calendar_changes(django_assert_num_queries: Any) -> None:
    row = make_calendar()
    first = counting.hours_of(row)
    with django_assert_num_queries(0):
        assert counting.hours_of(Calendar(pk=row.pk, version=row.version)) is first
    row = keeping.change(row, Wanted("Shop", "Europe/Bucharest", ((),) * 7), by=None)
    assert not counting.hours_of(row).is_open(NOON)


def test_a_calendar_is_added_and_told(client: Client, admin: Agent) -> None:
    days = {"own": ["0", "1"], "own-0-on": "2026-12-24", "own-0-name": "Eve", "own-0-slots": "9-12", "own-1-on": ""}
    data = typed(day_5="22-2+1", country="IT", regions_of="IT", subdivision="BO", **days)
    page = client.post("/settings/hours/new/", data, follow=True).content.decode()
    row = Calendar.objects.get()
    assert "Shop" in page and writing.week_of(row.slots) == (*OFFICE[:5], (Slot(1320, 1560),), ())
    assert (row.country, row.subdivision, row.holidays.get().slots) == ("IT", "BO", [{"from": "09:00", "to": "12:00"}])
    after = AuditRow.objects.get(thing="hours").after
    assert (after["saturday"], after["own_days"]) == ("22:00–02:00+1", ["2026-12-24 Eve 09:00–12:00"])


def test_a_change_tells_what_differs(client: Client, admin: Agent) -> None:
    row = make_calendar()
    version = row.version
    client.post(f"/settings/hours/{row.pk}/", typed(day_4="9-17"))
    audit = AuditRow.objects.filter(by=admin).get()
    assert audit.before == {"calendar": "Shop", "friday": "09:00–18:00"}
    assert audit.after == {"calendar": "Shop", "friday": "09:00–17:00"}
    assert Calendar.objects.get().version != version


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "Write a name."), ({"name": "OTHER"}, "This name is taken."),
        ({"time_zone": "Mars/Base"}, "There is no such time zone."), ({"day_0": "9-8"}, "ends before it begins"),
        ({"day_0": "20-8+1", "day_1": "7-9"}, "This begins before 20:00–08:00+1 of the day before has ended."),
        ({"day_6": "22-10+1"}, "This begins before 22:00–10:00+1 of the day before has ended."),
        ({"country": "ZZ"}, "Select a valid choice"), ({"own": "0", "own-0-name": "Eve"}, "Which day?"),
        ({"own": ["0", "1"], "own-0-on": "2026-12-24", "own-1-on": "2026-12-24"}, "This day stands here twice."),
        ({"own": "0", "own-0-on": "2026-02-30"}, "Enter a valid date."),
        ({"country": "IT", "regions_of": "IT", "subdivision": "XX"}, "Select a valid choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(client: Client, admin: Agent, fields: Any, words: str) -> None:
    make_calendar("Other")
    answer = client.post("/settings/hours/new/", typed(**fields))
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and 'aria-invalid="true"' in page
    assert (Calendar.objects.count(), AuditRow.objects.filter(by=admin).count()) == (1, 0)


def test_lines_come_and_go_without_saving(client: Client, admin: Agent) -> None:
    days = {"own": ["0", "4"], "own-0-name": "Gone", "own-4-name": "Stays"}
    page = client.post("/settings/hours/new/", typed(act="remove-0", **days)).content.decode()
    assert "Gone" not in page and 'value="Stays"' in page
    page = client.post("/settings/hours/new/", typed(act="add", **days)).content.decode()
    assert 'name="own-5-on"' in page and "autofocus" in page and 'value="Gone"' in page
    assert not Calendar.objects.exists()


def test_what_is_typed_can_be_tried(client: Client, admin: Agent, clock: Any) -> None:
    page = client.post("/settings/hours/new/", typed(act="show", country="RO")).content.decode()
    assert "Closed now · opens on Mon 23 Nov at 09:00 · next holiday: 30 Nov, Saint Andrew&#x27;s Day" in page
    assert "Christmas Day" in page and not Calendar.objects.exists()


def test_another_country_forgets_the_region(client: Client, admin: Agent) -> None:
    row = make_calendar(country="IT", subdivision="BO")
    data = typed(country="DE", regions_of="IT", subdivision="BO")
    assert client.post(f"/settings/hours/{row.pk}/", data).status_code == 302
    row.refresh_from_db()
    assert (row.country, row.subdivision) == ("DE", "")


def test_the_desk_and_its_brands_choose(client: Client, admin: Agent) -> None:
    row, brand = make_calendar(), make_brand()
    client.post("/settings/hours/choice/", {"default": row.pk, f"brand-{brand.pk}": row.pk})
    assert (Workspace.get().calendar, Brand.objects.get().calendar) == (row, row)
    assert AuditRow.objects.filter(by=admin).last().after == {"brand": brand.name, "calendar": "Shop"}
    assert client.post("/settings/hours/choice/", {"default": 99}).status_code == 422


def test_a_calendar_in_use_stays_and_says_where(client: Client, admin: Agent, channel: Channel, team: Team) -> None:
    row = team.calendar = channel.calendar = make_calendar()
    team.save()
    channel.save()
    answer = client.post(f"/settings/hours/{row.pk}/removal/")
    assert answer.status_code == 409 and Calendar.objects.exists()
    assert all(name in answer.content.decode() for name in (team.name, channel.name))
    team.calendar = channel.calendar = None
    team.save()
    channel.save()
    assert client.post(f"/settings/hours/{row.pk}/removal/").status_code == 302
    assert not Calendar.objects.exists()


def test_the_list_asks_no_more_for_more_calendars(client: Client, admin: Agent) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get("/settings/hours/")
        return len(found)

    make_calendar()
    asked()
    one = asked()
    make_calendar("Other", country="RO")
    make_calendar("Third")
    assert asked() <= one


def test_a_team_chooses_its_hours(client: Client, admin: Agent, team: Team) -> None:
    row = make_calendar()
    client.post(f"/settings/teams/{team.pk}/", {"name": team.name, "slug": team.slug, "calendar": row.pk})
    team.refresh_from_db()
    assert team.calendar == row
    assert AuditRow.objects.get(thing="teams").after == {"team": team.slug, "calendar": "Shop"}


def test_a_channel_chooses_its_hours(client: Client, admin: Agent) -> None:
    row, brand = make_calendar(), make_brand()
    data = {"name": "Chat", "brand": brand.pk, "calendar": row.pk, "account-looks_like": "chat"}
    assert client.post("/settings/channels/new/sandbox/", data).status_code == 302
    assert Channel.objects.get().calendar == row


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_name_get_one() -> None:
    made = together(lambda: _tried("Shop"), lambda: _tried("shop"))
    assert sorted(made) == ["added", "refused"] and Calendar.objects.count() == 1


def _tried(name: str) -> str:
    try:
        make_calendar(name)
    except Refused:
        return "refused"
    return "added"
