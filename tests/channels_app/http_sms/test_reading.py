"""A gateway that an administrator describes: its calls, told and read as the configuration says."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from channels_app import adapters
from channels_app.adapters.http_sms import filling
from channels_app.adapters.http_sms.config import HttpSmsConfigForm
from channels_app.models import Channel
from helpdesk.lib.inbound import Ignored, InvalidSignature, Malformed, RawInput

ADAPTER = adapters.get("http_sms")
AT = datetime(2026, 11, 28, 10, tzinfo=UTC)
BODY = '{"id": "1", "from": "+40740555012", "text": "Bună"}'.encode()


def read(given: Any, **config: Any) -> list[Any]:
    return ADAPTER.parse(RawInput(json.dumps(given).encode(), AT, {"content-type": "application/json"}, config))


def told(headers: dict[str, str], body: bytes = BODY, caller: str = "203.0.113.7", **config: Any) -> bool:
    channel = Channel(kind="http_sms")
    channel.config = config
    request = RequestFactory().post("/", body, content_type="application/json", headers=headers, REMOTE_ADDR=caller)
    try:
        ADAPTER.verify(request, channel)
    except InvalidSignature:
        return False
    return True


def test_places_in_a_body() -> None:
    places = {"list_at": "data.items", "id_at": "key", "from_at": "who.number", "text_at": "parts.0.body",
              "media_at": "files", "time_at": "at"}  # fmt: skip
    item = {"key": 7, "who": {"number": 40740555012}, "parts": [{"body": "Bună"}], "at": 1795860000,
            "files": ["https://files.example.test/a", {"url": "https://files.example.test/b"},
                      "file:///etc/passwd"]}  # fmt: skip
    [event] = read({"data": {"items": [item, "noise"]}}, **places)
    assert (event.message_id, event.sender_id, event.text) == ("7", "40740555012", "Bună")
    assert [file.url[-2:] for file in event.files] == ["/a", "/b"]
    assert event.occurred_at == datetime.fromtimestamp(1795860000, UTC)


def test_a_state_in_its_own_words() -> None:
    words = {"status_words": {"dlvrd": "delivered", "undeliv": "failed"}, "error_words": {"12": "rejected_recipient"}}
    good, bad = read([{"id": "1", "status": "DLVRD"}, {"id": "2", "status": "UNDELIV", "error": 12}], **words)
    assert (good.status, good.target_id, bad.status, bad.error_code) == ("delivered", "1", "failed", "12")
    assert bad.details["code"] == "rejected_recipient"


def test_one_that_cannot_be_read_does_not_take_the_others_along() -> None:
    good, bad = read([{"nothing": 1}, {"id": 1, "from": "+40740555012", "text": "x"}])
    assert (good.message_id, isinstance(bad, Ignored)) == ("1", True)


def test_an_unknown_state_is_ignored() -> None:
    assert isinstance(read({"id": "1", "status": "FLYING"})[0], Ignored)


def test_a_message_without_a_name_is_named_by_who_what_and_when() -> None:
    one, again = (read({"from": "+40740555012", "text": "ok"})[0] for _ in range(2))
    assert one.message_id == again.message_id and one.message_id.startswith("sum:")


def test_the_same_word_an_hour_later_is_another_delivery() -> None:
    nameless = RawInput(b'{"from": "+40740555012", "text": "ok"}', AT)
    later = RawInput(nameless.body, AT + timedelta(hours=1))
    assert ADAPTER.dedupe_key(nameless) != ADAPTER.dedupe_key(later)
    named, too = RawInput(BODY, AT), RawInput(BODY, AT + timedelta(hours=1))
    assert ADAPTER.dedupe_key(named) == ADAPTER.dedupe_key(too)


@pytest.mark.parametrize("given", [{"nothing": 1}, {"data": 1}])
def test_a_body_that_is_described_otherwise_is_malformed(given: Any) -> None:
    with pytest.raises(Malformed):
        read(given, list_at="data" if "data" in given else "")


@pytest.mark.parametrize(("written", "value"), [("+40740555012", "+40740555012"), ("40740555012", "+40740555012"),
                                                ("0040740555012", "+40740555012"),
                                                ("0740555012", "0740555012")])  # fmt: skip
def test_how_numbers_are_written(written: str, value: str) -> None:
    channel = Channel(kind="http_sms")
    channel.config = {"address": "+40310555000"}
    assert ADAPTER.party_of(read({"id": 1, "from": written, "text": "x"})[0], channel).value == value


def test_a_national_number_in_its_country() -> None:
    channel = Channel(kind="http_sms")
    channel.config = {"address": "+40310555000", "region": "RO"}
    assert ADAPTER.party_of(read({"id": 1, "from": "0740555012", "text": "x"})[0], channel).value == "+40740555012"


def test_basic() -> None:
    config = {"auth": "basic", "auth_user": "gate", "auth_secret": "s3cret"}
    good = base64.b64encode(b"gate:s3cret").decode()
    assert told({"Authorization": f"Basic {good}"}, **config)
    for bad in ("", "Basic ???", f"Bearer {good}", "Basic " + base64.b64encode(b"gate:S3CRET").decode()):
        assert not told({"Authorization": bad}, **config)


def test_a_secret_in_a_header_and_the_next_one() -> None:
    config = {"auth": "header", "auth_header": "X-Key", "auth_secret": "old-secret", "auth_secret_next": "new-secret"}
    assert told({"X-Key": "old-secret"}, **config) and told({"X-Key": "new-secret"}, **config)
    assert not told({"X-Key": "OLD-SECRET"}, **config) and not told({}, **config)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_signature(algorithm: str, encoding: str) -> None:
    digest = hmac.new(b"key-of-gate", BODY, getattr(hashlib, algorithm)).digest()
    written = "v=" + (digest.hex() if encoding == "hex" else base64.b64encode(digest).decode())
    config = {"auth": "hmac", "auth_header": "X-Sig", "auth_secret": "key-of-gate", "auth_prefix": "v=",
              "auth_algorithm": algorithm, "auth_encoding": encoding}  # fmt: skip
    assert told({"X-Sig": written}, **config)
    assert not told({"X-Sig": written[:-1]}, **config) and not told({"X-Sig": written}, BODY + b" ", **config)


def test_addresses_it_calls_from(settings: Any) -> None:
    config = {"auth": "ip", "auth_networks": "203.0.113.0/24\n2001:db8::/32"}
    assert told({}, caller="203.0.113.9", **config) and told({}, caller="2001:db8::1", **config)
    assert not told({}, caller="198.51.100.1", **config)
    assert not told({"X-Forwarded-For": "203.0.113.9"}, caller="198.51.100.1", **config)
    settings.TRUSTED_PROXIES_COUNT = 1
    assert told({"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}, caller="10.0.0.1", **config)
    assert not told({"X-Forwarded-For": "203.0.113.9, 198.51.100.1"}, caller="10.0.0.1", **config)
    assert not told({}, caller="203.0.113.9", **config)


def test_addresses_count_beside_a_secret() -> None:
    config = {"auth": "header", "auth_header": "X-Key", "auth_secret": "old-secret", "auth_networks": "203.0.113.7"}
    assert told({"X-Key": "old-secret"}, **config)
    assert not told({"X-Key": "old-secret"}, caller="203.0.113.8", **config)


def test_nothing_chosen_lets_nobody_in() -> None:
    assert not told({}) and not told({"Authorization": "Basic Og=="}, auth="basic")
    assert not told({}, auth="ip")


def test_values_stay_one_piece_of_what_they_stand_in() -> None:
    values = {"to": "+40&admin=1", "text": 'a"},{"b', "from": "../x", "id": "1", "callback": ""}
    url = filling.address("https://g.example.test/send/{from}?to={to}#x", values)
    assert url == "https://g.example.test/send/..%2Fx?to=%2B40%26admin%3D1#x"
    body, kind = filling.body({"m": [{"t": "{text} {to}"}], "n": 1}, "json", values)
    assert (json.loads(body), kind) == ({"m": [{"t": 'a"},{"b +40&admin=1'}], "n": 1}, "application/json")
    assert filling.body({"t": "{to}", "n": 1}, "form", values)[0] == b"t=%2B40%26admin%3D1&n=1"


def form(**given: Any) -> HttpSmsConfigForm:
    base = {"address": "+40310555000", "auth": "header", "auth_secret": "s3cret", "auth_algorithm": "sha256",
            "auth_encoding": "hex", "from_at": "from", "text_at": "text", "url": "https://g.example.test/{to}",
            "method": "POST", "encoding": "json", "number_format": "plus"}  # fmt: skip
    return HttpSmsConfigForm({**base, **given})


def test_a_description_that_is_whole() -> None:
    assert form().is_valid(), form().errors


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "https://{to}.example.test/"), ("url", "ftp://g"), ("url", "https://[x"), ("headers", '{"a": "b\\nc"}'),
     ("headers", "[]"), ("headers", '{"a": 1}'), ("auth_networks", "everywhere"), ("auth_secret", ""),
     ("status_words", '{"a": "flying"}'), ("error_words", '{"a": "nonsense"}'), ("region", "XX")],
)  # fmt: skip
def test_what_could_not_work_is_refused(field: str, value: str) -> None:
    assert field in form(**{field: value}).errors
