"""Meta's door: signatures over raw bytes, the challenge, two secrets, and wishes to be deleted."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from channels_app import intake
from channels_app.models import Channel, RawEvent
from conversations.models import Task
from customers.identify import identify
from customers.models import Identity
from helpdesk.lib import clock as clocks
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import RawInput
from tests.channels_app.meta import KINDS, SECRET, body_of, make_account, signed

pytestmark = pytest.mark.django_db
ACCENTED = '{"object": "x", "entry": [], "said": "perché ❤"}'.encode()
ESCAPED = b'{"object": "x", "entry": [], "said": "perch\\u00e9 \\u2764"}'


def url_of(channel: Channel, path: str = "") -> str:
    return f"/webhooks/{channel.kind}/{channel.public_key}/{path}"


def call(channel: Channel, body: bytes, headers: dict[str, str]) -> int:
    client = Client(enforce_csrf_checks=True)
    return client.post(url_of(channel), body, content_type="application/json", headers=headers).status_code


def wish(user: str = "7001", secret: str = SECRET, **more: Any) -> str:
    """Write a signed request as Meta does."""
    said = {"user_id": user, "algorithm": "HMAC-SHA256", "issued_at": 1795600000, "expires": 1795603600, **more}
    payload = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=")
    mark = base64.urlsafe_b64encode(hmac.digest(secret.encode(), payload, hashlib.sha256)).rstrip(b"=")
    return f"{mark.decode()}.{payload.decode()}"


def ask_deletion(channel: Channel, written: str, path: str = "deletion/") -> Any:
    return Client(enforce_csrf_checks=True).post(url_of(channel, path), {"signed_request": written})


def told(channel: Channel) -> tuple[str, str]:
    """What administrators hear of the newest wish."""
    row = RawEvent.objects.latest("pk")
    found = channel.adapter.parse(RawInput(intake.body_of(row), row.received_at, row.headers))[0]
    assert isinstance(found, Event) and found.kind == EventKind.ACCOUNT
    return found.status, found.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_body_is_kept_once(kind: str) -> None:
    channel, body = make_account(kind), body_of(kind, "edit")
    assert [call(channel, body, signed(body)) for _ in range(2)] == [200, 200]
    assert RawEvent.objects.get().copies_count == 1


@pytest.mark.parametrize("body", [ACCENTED, ESCAPED], ids=["raw", "escaped"])
def test_the_bytes_are_signed_and_not_what_they_mean(body: bytes) -> None:
    channel = make_account("whatsapp")
    assert call(channel, body, signed(body)) == 200
    assert call(channel, body.replace(b", ", b","), signed(body)) == 403


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_signature_is_refused_and_nothing_kept(kind: str) -> None:
    channel, body = make_account(kind), body_of(kind, "edit")
    good = signed(body)["X-Hub-Signature-256"]
    bad = ["sha256=", good[:-1], good.upper(), f"sha256={good[7:].upper()}", good[7:], f"{good},{good}", f"{good} x",
           signed(body, "another")["X-Hub-Signature-256"], signed(body + b" ")["X-Hub-Signature-256"], "é"]  # fmt: skip
    assert {call(channel, body, {"X-Hub-Signature-256": one}) for one in bad} == {403}
    assert call(channel, body + b" ", {"X-Hub-Signature-256": good}) == 403
    assert (call(channel, body, {}), RawEvent.objects.count()) == (401, 0)


@pytest.mark.parametrize("secrets", [{"app_secret": ""}, {"app_secret": "", "app_secret_next": ""}])
def test_without_a_secret_nothing_is_let_in(secrets: dict[str, str]) -> None:
    body = body_of("messenger", "edit")
    assert call(make_account("messenger", **secrets), body, signed(body, "")) == 403


@pytest.mark.parametrize(
    ("kind", "name"), [("whatsapp", "app_secret_next"), ("instagram", "instagram_app_secret"),
                       ("instagram", "instagram_app_secret_next")],
)  # fmt: skip
def test_a_second_secret_is_accepted_too(kind: str, name: str) -> None:
    channel, body = make_account(kind, **{name: "the other"}), body_of(kind, "edit")
    assert call(channel, body, signed(body, "the other")) == 200


@pytest.mark.parametrize("kind", KINDS)
def test_the_challenge_is_answered_as_plain_text(kind: str) -> None:
    channel = make_account(kind)
    asked = {"hub.mode": "subscribe", "hub.verify_token": "a word", "hub.challenge": "<b>115</b>"}
    answer = Client().get(url_of(channel), asked)
    assert (answer.status_code, answer.content) == (200, b"<b>115</b>")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "asked",
    [
        {"hub.mode": "subscribe", "hub.verify_token": "another", "hub.challenge": "1"},
        {"hub.verify_token": "a word"},
        {},
    ],
)
def test_a_challenge_of_somebody_else_is_refused(asked: dict[str, str]) -> None:
    answer = Client().get(url_of(make_account("messenger")), asked)
    assert (answer.status_code, b"1" in answer.content) == (403, False)


def test_no_token_of_ours_is_no_token_of_theirs() -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    assert Client().get(url_of(make_account("messenger", verify_token="")), asked).status_code == 403


def test_a_wish_to_be_deleted_is_written_down_and_can_be_looked_up() -> None:
    channel = make_account("messenger")
    answer = ask_deletion(channel, wish()).json()
    code = answer["confirmation_code"]
    assert answer["url"].endswith(f"{url_of(channel, 'deletion/')}?code={code}")
    page = Client().get(url_of(channel, "deletion/"), {"code": code})
    assert page.status_code == 200 and code in page.content.decode() and "7001" not in page.content.decode()
    assert told(channel) == ("deletion_requested", f"Meta passed on that somebody wants to be deleted. {code}")


def test_the_same_wish_twice_is_one() -> None:
    channel = make_account("messenger")
    codes = {ask_deletion(channel, wish()).json()["confirmation_code"] for _ in range(2)}
    assert (len(codes), RawEvent.objects.get().copies_count) == (1, 1)
    ask_deletion(channel, wish(issued_at=1795700000))
    assert RawEvent.objects.count() == 2


def test_a_wish_of_somebody_we_know_becomes_a_task() -> None:
    channel = make_account("messenger")
    identity = identify("messenger", "7001", realm="3005550100")[0]
    code = ask_deletion(channel, wish()).json()["confirmation_code"]
    task = Task.objects.get()
    assert task.customer == identity.customer and code in task.text
    page = {"code": code}
    assert "with your code" in Client().get(url_of(channel, "deletion/"), page).content.decode()
    Task.objects.update(done_at=task.made_at)
    assert "is deleted." in Client().get(url_of(channel, "deletion/"), page).content.decode()


def test_a_former_address_takes_wishes_for_a_while() -> None:
    channel, until = make_account("messenger"), clocks.real() + timedelta(days=1)
    Channel.objects.filter(pk=channel.pk).update(former_key="f" * 32, former_key_until=until)
    channel.public_key = "f" * 32
    assert ask_deletion(channel, wish()).status_code == 200


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("", 401),
        ("x.y", 403),
        (wish(secret="another"), 403),
        (wish(algorithm="none"), 403),
        (wish() + "x", 403),
        ("é.é", 403),
    ],
)
def test_a_wish_that_meta_did_not_sign_is_refused(written: str, status: int) -> None:
    channel = make_account("messenger")
    assert (ask_deletion(channel, written).status_code, RawEvent.objects.count()) == (status, 0)


@pytest.mark.parametrize("code", ["", "0" * 20, "\x00"])
def test_an_unknown_code_shows_nothing(code: str) -> None:
    assert Client().get(url_of(make_account("messenger"), "deletion/"), {"code": code}).status_code == 404


def test_a_wish_is_filed_without_making_anybody() -> None:
    ask_deletion(make_account("instagram"), wish())
    assert intake.process(RawEvent.objects.get().pk) in {"filed", "ignored"}
    assert Identity.objects.count() == 0


def test_taking_the_app_away_is_told_to_administrators() -> None:
    channel = make_account("messenger")
    assert ask_deletion(channel, wish(), "deauthorize/").status_code == 200
    assert told(channel)[0] == "deauthorized" and Task.objects.count() == 0
