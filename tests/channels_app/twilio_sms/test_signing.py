"""Twilio's signature: over the address that we gave out and all fields."""

import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from channels_app.adapters.twilio_sms import signing
from channels_app.models import Channel, RawEvent
from tests import factories

TOKEN, NEXT = "main-token", "next-token"
FIELDS = [("MessageSid", "SM1"), ("From", "+40740555012"), ("To", "+15550100"), ("Body", "Bună & „salut”"), ("New", "")]
FORM = "application/x-www-form-urlencoded"

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    config = {"address": "+15550100", "auth_token": TOKEN, "auth_token_next": NEXT}
    return factories.make_channel(kind="twilio_sms", config=config)


def address(channel: Channel, rest: str = "") -> str:
    return f"/webhooks/twilio_sms/{channel.public_key}/{rest}"


def post(channel: Channel, signature: str, body: bytes = b"", rest: str = "", kind: str = FORM) -> Any:
    body = body or urlencode(FIELDS).encode()
    return Client().post(address(channel, rest), body, content_type=kind, headers={"X-Twilio-Signature": signature})


@pytest.fixture(autouse=True)
def public(settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.example.test"


@pytest.mark.parametrize("host", ["desk.example.test", "desk.example.test:443"])
@pytest.mark.parametrize("token", [TOKEN, NEXT])
def test_a_signed_call_is_kept_and_answered_without_words(channel: Channel, host: str, token: str) -> None:
    answer = post(channel, signing.sign(token, f"https://{host}{address(channel)}", FIELDS))
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"<Response/>", "text/xml")
    assert RawEvent.objects.count() == 1


def _signed(channel: Channel, **given: Any) -> str:
    values = {"token": TOKEN, "url": f"https://desk.example.test{address(channel)}", "fields": FIELDS, **given}
    return signing.sign(values["token"], values["url"], values["fields"])


@pytest.mark.parametrize(
    "spoil", [str.upper, lambda one: one[:-2], lambda one: "", lambda one: one + ", " + one, lambda one: "é"]
)
def test_a_spoilt_signature_is_refused(channel: Channel, spoil: Any) -> None:
    assert post(channel, spoil(_signed(channel))).status_code == 403
    assert not RawEvent.objects.exists()


@pytest.mark.parametrize(
    "body",
    [urlencode(FIELDS).encode() + b"+", urlencode(FIELDS[:-1]).encode(), urlencode([*FIELDS, ("a", "b")]).encode()],
)
def test_another_body_is_refused(channel: Channel, body: bytes) -> None:
    assert post(channel, _signed(channel), body).status_code == 403


def test_the_token_of_another_account_is_refused(channel: Channel) -> None:
    assert post(channel, _signed(channel, token="other")).status_code == 403


def test_no_token_lets_nobody_in() -> None:
    channel = factories.make_channel(kind="twilio_sms", config={"address": "+15550100"})
    assert post(channel, _signed(channel, token="")).status_code == 403


def test_the_host_of_a_request_says_nothing(channel: Channel, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    signature = _signed(channel, url=f"https://evil.example.test{address(channel)}")
    answer = Client().post(address(channel), urlencode(FIELDS), content_type=FORM,
                           headers={"X-Twilio-Signature": signature, "Host": "evil.example.test"})  # fmt: skip
    assert answer.status_code == 403


def test_the_path_and_query_are_signed(channel: Channel) -> None:
    rest = "status/key-1/?a=1"
    url = f"https://desk.example.test{address(channel, rest)}"
    assert post(channel, _signed(channel, url=url), rest=rest).status_code == 200
    assert RawEvent.objects.get().headers["x-telaio-path"] == "status/key-1/"


def test_json_is_signed_by_its_sum(channel: Channel) -> None:
    body = b'{"MessageSid": "SM1", "From": "+40740555012"}'
    rest = f"?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = _signed(channel, url=f"https://desk.example.test{address(channel, rest)}", fields=[])
    assert post(channel, signature, body, rest, "application/json").status_code == 200
    assert post(channel, signature, body + b" ", rest, "application/json").status_code == 403


def test_an_address_with_and_without_its_port() -> None:
    assert signing.spellings("http://a.example.test:8000/x?y=1") == (
        "http://a.example.test/x?y=1",
        "http://a.example.test:8000/x?y=1",
    )
    assert signing.spellings("https://[2001:db8::1]/") == ("https://[2001:db8::1]/", "https://[2001:db8::1]:443/")
