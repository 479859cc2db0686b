"""What is sent is kept once, and what is not taken yet is drawn again with every word."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client

from channels_app import intake
from channels_app.adapters.webform import limits
from channels_app.models import RawEvent
from conversations.models import Conversation, Entry
from tests.channels_app.webform.filling import WORDS, Person, a_file, file_all, make_form
from tests.factories import make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(clock: time_machine.Traveller) -> Person:
    person = Person(make_form(team=make_team(name="Front")), clock)
    person.open()
    return person


def _is_refused(answer: Any, words: str, status: int = 200) -> None:
    page = answer.content.decode()
    assert answer.status_code == status, answer.status_code
    assert words in page
    assert "They are too small." in page
    assert 'value="Giulia@Example.test"' in page
    assert not RawEvent.objects.exists()


def test_it_is_confirmed_by_a_number(person: Person) -> None:
    answer = person.send()
    place = answer.headers["Location"]
    assert answer.status_code == 302
    page = person.client.get(place).content.decode()
    (number,) = re.findall(r'translate="no">(\d{3} \d{3} \d{3})<', page)
    assert "We answer by email" in page
    assert "Giulia" not in page + place
    assert file_all().conversation.subject == f"Return ({number})"  # type: ignore[union-attr]
    assert person.client.get(place[:-2] + "x/").status_code == 404
    assert person.client.get(place.replace("/en/", "/ro/")).status_code == 200


def test_sending_it_again_is_one_message(person: Person) -> None:
    first, again = person.send(a_file()), person.send(a_file())
    number = [person.client.get(one.headers["Location"]).content.split(b'"number"')[1][:60] for one in (first, again)]
    assert number[0] == number[1]
    assert RawEvent.objects.get().copies_count == 1
    file_all()
    assert Entry.objects.filter(kind=Entry.Kind.MESSAGE).count() == 1
    # Who went back and wrote something else said something else.
    person.send(text="They are too small, and blue.")
    assert RawEvent.objects.count() == 2


def test_what_is_missing_is_said_twice_and_nothing_is_cleared(person: Person) -> None:
    answer = person.send(order_number="", email="giulia", received_on="2020-02-31")
    page = answer.content.decode()
    assert "<title>Error: Return" in page
    for name in ("order_number", "email", "received_on"):
        assert f'<a href="#f-{name}">' in page
        assert f'id="f-{name}_error"' in page
        assert re.search(rf'<input[^>]*name="{name}"[^>]*aria-invalid="true"', page)
    assert "They are too small." in page
    assert 'value="giulia"' in page
    assert not RawEvent.objects.exists()
    assert person.send().status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "x" * 4_001), ("text", " "), ("email", "a@example.test, b@example.test"), ("email", "x" * 300),
        ("email", "a@example.test\r\nBcc: b@example.test"), ("order_number", "9" * 81), ("wish", "everything"),
        ("received_on", "1926-11-20"), ("name", "n" * 201),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(person: Person, field: str, value: str) -> None:
    answer = person.send(**{field: value})
    assert (answer.status_code, RawEvent.objects.exists()) == (200, False)
    assert f'id="f-{field}_error"' in answer.content.decode()


def test_a_date_may_be_written_as_people_do(person: Person) -> None:
    person.send(received_on="20.11.2026")
    assert {"name": "When did you receive it?", "value": "2026-11-20", "kind": "date"} in file_all().data["details"][
        "form"
    ]


def test_too_fast_is_asked_again_kindly(person: Person) -> None:
    person.open()
    person.clock.shift(timedelta(seconds=-19))
    _is_refused(person.send(), "That was very quick.")
    person.clock.shift(timedelta(seconds=5))
    assert person.send().status_code == 302


def test_too_old_gets_a_fresh_form_and_is_one_message_still(person: Person) -> None:
    person.clock.shift(timedelta(hours=25))
    _is_refused(person.send(), "This page was open for a long time.")
    person.clock.shift(timedelta(seconds=5))
    assert person.send().status_code == 302


@pytest.mark.parametrize("stamp", ["", "x", "abc.def:1:ghi"])
def test_a_form_of_somebody_else_is_drawn_anew(person: Person, stamp: str) -> None:
    _is_refused(person.send(stamp=stamp), "did not come from this page")


def test_another_page_or_site_cannot_send(person: Person) -> None:
    stamp = person.hidden["stamp"]
    other = Person(make_form(name="Other"), person.clock)
    _is_refused(other.send(stamp=stamp, topic="return"), "did not come from this page")
    data = {**person.hidden, **WORDS}
    answer = person.client.post(person.place, data, headers={"sec-fetch-site": "cross-site"})
    _is_refused(answer, "did not come from this page")


def test_a_field_that_nobody_sees_marks_it(person: Person) -> None:
    assert person.send(homepage="https://pills.example.test").status_code == 302
    entry = file_all()
    assert entry.data["warning"] == "This may be spam: a field was filled in that people do not see."
    assert entry.conversation.warning == entry.data["warning"]  # type: ignore[union-attr]


def test_many_links_mark_it(person: Person) -> None:
    person.send(text=" ".join(f"https://{name}.example.test" for name in "abc"))
    assert "warning" not in file_all().data
    person.send(text=" ".join(f"https://{name}.example.test" for name in "abcd"))
    assert file_all().data["warning"] == "This may be spam: it holds many links."


def test_one_address_is_not_flooded(person: Person) -> None:
    for number in range(limits.OF_ADDRESS.most):
        assert person.send(text=f"Number {number}").status_code == 302
    # The same once more costs nothing.
    assert person.send(text="Number 0").status_code == 302
    answer = person.send(text="One more")
    assert answer.status_code == 429
    assert "One more" in answer.content.decode()
    assert RawEvent.objects.count() == limits.OF_ADDRESS.most


def test_one_place_does_not_flood_us(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SENT", limits.Limit("webform-sent", 2, 3_600))
    answers = [person.send(email=f"p{number}@example.test").status_code for number in range(3)]
    assert answers == [302, 302, 429]


def test_a_database_that_is_away_loses_nothing(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(intake, "store", away)
        _is_refused(person.send(), "We could not keep it just now.", 503)
    assert person.send().status_code == 302


def test_markup_in_every_field_stays_text(person: Person) -> None:
    bad = "<script>alert(1)</script>\"'"
    answer = person.send(order_number=bad, product=bad, text=bad, name=bad, email=f"{bad}@example.test")
    assert "<script>alert" not in answer.content.decode()
    person.send(a_file(f"{bad}.png"), order_number=bad, product=bad, text=bad, name=bad, wish="refund")
    entry = file_all()
    assert entry.message.text == bad
    assert entry.customer.name == bad


def test_a_line_break_in_a_name_is_none_in_a_header(person: Person) -> None:
    person.send(name="Giulia\r\nBcc: v@example.test", order_number="1\r\nSubject: x", text="a\0b\r\nc")
    entry = file_all()
    assert entry.customer.name == "Giulia Bcc: v@example.test"
    assert "1 Subject: x" in [one["value"] for one in entry.data["details"]["form"]]
    assert entry.message.text == "ab\nc"


def test_what_was_switched_off_meanwhile_takes_its_last_message(person: Person) -> None:
    person.channel.config = {"topic_return": "off"}
    person.channel.save()
    assert person.send().status_code == 302
    assert 'value="return"' not in Client().get(person.place).content.decode()


def test_a_topic_goes_to_its_team(person: Person) -> None:
    billing = make_team(name="Returns desk")
    person.channel.config = {"topic_return": str(billing.pk), "topic_other": "999999"}
    person.channel.save()
    person.send()
    row = file_all().conversation
    assert row is not None
    assert (row.team, str(row.topic)) == (billing, "Returns")
    person.open("other")
    person.send()
    row = file_all().conversation
    assert row is not None
    assert (row.team, row.topic) == (person.channel.default_team, None)
    assert Conversation.objects.count() == 2
