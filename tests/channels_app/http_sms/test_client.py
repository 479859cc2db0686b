"""Sending through gateways of several sorts on loopback, each as a description says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from channels_app import adapters
from channels_app.models import Channel
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, SendError, Sent
from tests import factories
from tests.channels_app.answering import Asked, Provider, Said, answering

ADAPTER = adapters.get("http_sms")

pytestmark = pytest.mark.django_db


class Gateway:
    """Answers what a test says."""

    provider: Provider
    said = Said(200, b'{"id": "g-1"}')

    def answer(self, asked: Asked) -> Said:
        return self.said

    @property
    def asked(self) -> Asked:
        [only] = self.provider.asked
        return only


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    found = Gateway()
    with answering(found.answer) as provider:
        settings.PRIVATE_HOSTS_ALLOWED = [provider.place]
        found.provider = provider
        yield found


def send(gateway: Gateway, to: str = "+40740555012", files: tuple[OutboundFile, ...] = (), **config: Any) -> Sent:
    base = {"address": "+40310555000", "url": f"{gateway.provider.url}/send", **config}
    channel: Channel = factories.make_channel(kind="http_sms", config=base)
    person = OutboundRecipient("to", Party("phone", to), 0)
    given = Outbound("key", to, (person,), 'Bună & "salut"', piece_key="key:0", status_url="https://d/s/", files=files)
    return ADAPTER.send(channel, given)


def refused(gateway: Gateway, **given: Any) -> SendError:
    with pytest.raises(SendError) as caught:
        send(gateway, **given)
    return caught.value


def test_json(gateway: Gateway) -> None:
    headers = '{"Authorization": "Bearer s3cret"}'
    body = {"messages": [{"destination": "{to}", "content": "{text}", "flash": False}], "ref": "{id}/{callback}"}
    sent = send(gateway, headers=headers, body=body, number_format="zeros")
    assert json.loads(gateway.asked.body) == {
        "messages": [{"destination": "0040740555012", "content": 'Bună & "salut"', "flash": False}],
        "ref": "key:0/https://d/s/",
    }
    assert gateway.asked.headers["authorization"] == "Bearer s3cret" and sent.external_id == "g-1"


def test_a_form(gateway: Gateway) -> None:
    send(gateway, encoding="form", body={"to": "{to}", "msg": "{text}"}, number_format="plain", method="PUT")
    assert gateway.asked.form == [("to", "40740555012"), ("msg", 'Bună & "salut"')]
    assert (gateway.asked.method, gateway.asked.headers["content-type"]) == ("PUT", "application/x-www-form-urlencoded")


def test_a_query(gateway: Gateway) -> None:
    send(gateway, method="GET", url=gateway.provider.url + "/send?u=a&to={to}&t={text}")
    assert gateway.asked.query == {"u": "a", "to": "+40740555012", "t": 'Bună & "salut"'}
    assert (gateway.asked.method, gateway.asked.body) == ("GET", b"")


def test_an_answer_without_a_name(gateway: Gateway) -> None:
    gateway.said = Said(200, b"OK")
    assert send(gateway).parts[0].external_id == ""


def test_a_name_that_stands_deep(gateway: Gateway) -> None:
    gateway.said = Said(200, b'{"data": [{"ref": 77, "error": "0"}]}')
    assert send(gateway, response_id_at="data.0.ref", response_error_at="data.0.error").external_id == "77"


@pytest.mark.parametrize(
    ("said", "code", "retryable"),
    [
        (Said(200, b'{"error": "E7"}'), "rejected_recipient", False),
        (Said(200, b'{"error": "E1"}'), "provider_error", False),
        (Said(400, b'{"error": "e9"}'), "throttled", True),
        (Said(400, b"no"), "provider_error", False),
        (Said(302, b"", {"location": "http://169.254.169.254/"}), "provider_error", False),
        (Said(401, b""), "credentials", False),
        (Said(429, b"", {"retry-after": "5"}), "throttled", True),
        (Said(500, b"<html>"), "provider_error", True),
    ],
)
def test_a_refusal_in_our_words(gateway: Gateway, said: Said, code: str, retryable: bool) -> None:
    gateway.said = said
    error = refused(gateway, error_words={"e7": "rejected_recipient", "e9": "throttled"})
    assert (error.code, error.retryable, error.maybe_sent) == (code, retryable, False)
    assert len(gateway.provider.asked) == 1


def test_an_answer_never_seen_may_have_been_sent(gateway: Gateway) -> None:
    gateway.said = Said(cuts=True)
    assert refused(gateway).maybe_sent


def test_what_cannot_be_sent(gateway: Gateway) -> None:
    assert refused(gateway, to="ACME").code == "rejected_recipient"
    assert refused(gateway, files=(OutboundFile("a", "b/c", b""),)).code == "unsupported"
    assert refused(gateway, headers="nonsense").code == "not_configured"
    assert gateway.provider.asked == []
