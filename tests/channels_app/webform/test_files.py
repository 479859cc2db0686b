"""Files are told by their bytes, survive a form that is not whole, and come to the timeline with its message."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from channels_app import looking_after, media
from channels_app.adapters.webform import files, views
from channels_app.models import RawEvent
from conversations.models import Attachment, Upload
from tests.channels_app.webform.filling import WORDS, Person, a_file, file_all, make_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(clock: time_machine.Traveller) -> Person:
    person = Person(make_form(), clock)
    person.open()
    return person


def test_a_file_survives_a_form_that_is_not_whole(person: Person) -> None:
    answer = person.send(a_file("stivali.png"), email="")
    assert "stivali.png" in answer.content.decode()
    assert len(person.hidden["kept"]) == 1
    person.send(email="nobody")
    assert person.send(a_file("bill.pdf", b"%PDF-1.7\n")).status_code == 302
    file_all()
    rows = Attachment.objects.order_by("pk")
    assert [(one.filename, one.state) for one in rows] == [("stivali.png", "waiting"), ("bill.pdf", "waiting")]
    for one in rows:
        media.fetch(one.pk)
    assert [(one.content_type, one.state) for one in rows.all()] == [("image/png", "here"), ("application/pdf", "here")]


def test_a_file_can_be_left_out_again(person: Person) -> None:
    person.send(a_file(), email="")
    assert person.send(drop=person.hidden["kept"]).status_code == 302
    file_all()
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.png", b"<html><script>alert(1)</script>", "none of the kinds"),
        ("a.png", b"MZ\x90\0" * 40, "none of the kinds"), ("a.svg", b"<svg onload=alert(1)>", "none of the kinds"),
        ("big.png", b"\x89PNG" + b"\0" * (10 * 1024 * 1024), "at most"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_named_and_the_words_stay(person: Person, name: str, content: bytes, words: str) -> None:
    page = person.send(a_file(name, content)).content.decode()
    assert f"“{name}” was left out" in page
    assert words in page
    assert "They are too small." in page
    assert (Upload.objects.exists(), RawEvent.objects.exists()) == (False, False)


def test_there_are_so_many_files_and_no_more(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST", 2)
    page = person.send(*(a_file(f"{n}.txt", f"text {n}".encode()) for n in range(3))).content.decode()
    assert "“2.txt” was left out: there are as many files as there can be." in page
    assert len(person.hidden["kept"]) == 2
    assert person.send().status_code == 302


def test_all_together_have_a_limit(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ALL_BYTES", 150)
    page = person.send(a_file("1.png"), a_file("2.txt", b"x" * 100)).content.decode()
    assert "“2.txt” was left out" in page
    assert len(person.hidden["kept"]) == 1


def test_files_of_another_page_are_not_named_here(person: Person) -> None:
    other = Person(make_form(name="Other"), person.clock)
    other.open()
    other.send(a_file(), email="")
    person.send(kept=other.hidden["kept"])
    file_all()
    assert not Attachment.objects.exists()


def test_a_page_without_files_takes_none(person: Person) -> None:
    person.channel.config = {"takes_files": False}
    person.channel.save()
    assert person.send(a_file()).status_code == 302
    assert not Upload.objects.exists()


def test_what_was_never_sent_is_forgotten(person: Person) -> None:
    person.send(a_file(), email="")
    person.clock.shift(files.VALID * 2)
    assert looking_after.forget_uploads() == 1
    # Whoever comes back after that is told by its absence; the words are sent all the same.
    person.send(email="")
    assert "kept" not in person.hidden


def test_too_much_is_said_on_a_page(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "BODY_MAX_BYTES", 1_000)
    answer = person.send(text="x" * 2_000)
    assert answer.status_code == 413
    assert "Go back with your browser" in answer.content.decode()


@pytest.mark.parametrize("body", [b"--x\r\nContent-Disposition: form-data", b""])
def test_a_body_that_is_none_breaks_nothing(person: Person, body: bytes) -> None:
    answer = Client().post(person.place, body, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, "There is a problem" in answer.content.decode()) == (200, True)
    # No form at all: its boundary is not told.
    assert Client().post(person.place, b"--x", content_type="multipart/form-data").status_code == 400
    assert not RawEvent.objects.exists()


def test_too_many_fields_are_too_much(person: Person, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    assert person.client.post(person.place, {**WORDS, "a": "1", "b": "2", "c": "3"}).status_code == 413
