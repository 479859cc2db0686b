"""The providers' door: verified over the raw bytes, stored before it is answered."""

from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from channels_app import intake
from channels_app.models import Channel, RawEvent
from conversations.models import Entry
from helpdesk.lib import queue
from tests.paper import letter

pytestmark = pytest.mark.django_db
GOOD = {"X-Signature": "good", "X-Delivery": "d-1"}


def call(channel: Channel, body: bytes = letter(), headers: dict[str, str] = GOOD, **where: str) -> Any:
    url = f"/webhooks/{where.get('kind', 'paper')}/{where.get('key', channel.public_key)}/"
    client = Client(enforce_csrf_checks=True)
    return client.post(url, body, content_type="application/json", headers=headers)


def test_a_signed_delivery_is_kept_and_answered(channel: Channel) -> None:
    answer = call(channel)
    event = RawEvent.objects.get()
    assert (answer.status_code, event.state, intake.body_of(event)) == (200, "new", letter())
    assert event.headers["x-delivery"] == "d-1"
    assert Entry.objects.count() == 0


def test_the_same_delivery_twice_is_kept_once(channel: Channel) -> None:
    assert [call(channel).status_code, call(channel).status_code] == [200, 200]
    assert RawEvent.objects.get().copies_count == 1


@pytest.mark.parametrize("headers", [{}, {"X-Signature": "bad"}], ids=str)
def test_an_unsigned_delivery_is_refused_and_not_kept(channel: Channel, headers: dict[str, str]) -> None:
    assert (call(channel, headers=headers).status_code, RawEvent.objects.count()) == (403, 0)


@pytest.mark.parametrize("where", [{"key": "0" * 32}, {"kind": "email"}, {"kind": "nothing"}], ids=str)
def test_an_unknown_door_is_absent(channel: Channel, where: dict[str, str]) -> None:
    assert (call(channel, **where).status_code, RawEvent.objects.count()) == (404, 0)


def test_too_large_a_delivery_is_refused(channel: Channel, settings: Any) -> None:
    settings.INBOUND_BODY_MAX_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert (call(channel).status_code, RawEvent.objects.count()) == (413, 0)


def test_a_delivery_that_could_not_be_kept_is_asked_for_again(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(intake, "store", refuse)
    answer = call(channel)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


def test_a_delivery_is_kept_and_answered_while_the_broker_is_away(
    channel: Channel, settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    """The sweeper finds it (tests/channels_app/test_sweeping.py)."""
    monkeypatch.setattr(queue, "_silent_until", 0.0)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    with django_capture_on_commit_callbacks(execute=True):
        assert call(channel).status_code == 200
    assert (RawEvent.objects.get().state, "The doorbell is silent" in caplog.text) == ("new", True)


def test_nonsense_is_kept_for_the_quarantine(channel: Channel) -> None:
    assert call(channel, b"\x00\xff").status_code == 200
    assert intake.process(RawEvent.objects.get().pk) == "quarantined"


def test_cookies_and_authorisation_are_not_kept(channel: Channel) -> None:
    call(channel, headers={**GOOD, "Authorization": "Bearer secret", "Cookie": "session=secret"})
    assert "secret" not in str(RawEvent.objects.get().headers)


def test_a_mailbox_takes_no_calls(channel: Channel) -> None:
    mailbox = Channel.objects.create(kind="email", name="Mailbox", brand=channel.brand)
    assert call(mailbox, kind="email").status_code == 403
