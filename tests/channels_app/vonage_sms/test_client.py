"""Sending and asking through a Vonage on loopback (counterpart.py)."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_app import adapters
from channels_app.adapters.vonage_sms import errors
from channels_app.models import Channel
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, SendError
from tests import factories
from tests.channels_app.vonage_sms import counterpart
from tests.channels_app.vonage_sms.counterpart import KEY, SECRET, Vonage

ADAPTER = adapters.get("vonage_sms")
PICTURE = OutboundFile("a.png", "image/png", b"\x89PNG\r\n\x1a\n")

pytestmark = pytest.mark.django_db


@pytest.fixture
def vonage(settings: Any) -> Iterator[Vonage]:
    settings.PUBLIC_URL = "https://desk.example.test"
    with counterpart.running() as running:
        settings.PRIVATE_HOSTS_ALLOWED = [running.provider.place]
        yield running


def make(vonage: Vonage, **config: str) -> Channel:
    url = vonage.provider.url
    base = {"address": "+40310555000", "api_key": KEY, "api_secret": SECRET, "sms_url": url, "api_url": url}
    return factories.make_channel(kind="vonage_sms", config={**base, **config})


def outbound(to: str = "+40740555012", text: str = "Hello", **given: Any) -> Outbound:
    return Outbound(
        "key", to, (OutboundRecipient("to", Party("phone", to), 0),), text, **{"piece_key": "key:0", **given}
    )


def refused(channel: Channel, **given: Any) -> SendError:
    with pytest.raises(SendError) as caught:
        ADAPTER.send(channel, outbound(**given))
    return caught.value


@pytest.mark.parametrize(("text", "sort"), [("Hello", "text"), ("Bună", "unicode")])
def test_a_text_goes(vonage: Vonage, text: str, sort: str) -> None:
    sent = ADAPTER.send(make(vonage), outbound(text=text, status_url="https://desk.example.test/status/"))
    [given] = vonage.sent
    assert (given["to"], given["from"], given["text"], given["type"]) == ("40740555012", "40310555000", text, sort)
    assert (given["client-ref"], given["callback"]) == ("key:0", "https://desk.example.test/status/")
    assert sent.parts[0].external_id == "0A000101"


def test_a_text_in_several_parts_has_the_name_of_the_first(vonage: Vonage) -> None:
    vonage.parts = ("0", "0")
    sent = ADAPTER.send(make(vonage), outbound())
    assert [(part.external_id, part.state) for part in sent.parts] == [("0A000101", "sent")]


def test_a_text_of_which_a_part_was_refused_has_failed(vonage: Vonage) -> None:
    vonage.parts = ("0", "9")
    [part] = ADAPTER.send(make(vonage), outbound()).parts
    assert (part.external_id, part.state, part.error_code) == ("0A000101", "failed", "account")


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [("1", "throttled", True), ("2", "rejected_content", False), ("4", "credentials", False),
     ("5", "provider_error", True), ("7", "rejected_recipient", False), ("9", "account", False),
     ("12", "too_large", False), ("14", "credentials", False), ("15", "account", False),
     ("77", "provider_error", False)],
)  # fmt: skip
def test_what_the_sms_api_refuses(vonage: Vonage, status: str, code: str, retryable: bool) -> None:
    vonage.parts = (status,)
    error = refused(make(vonage))
    assert (error.code, error.retryable, error.provider_code, error.maybe_sent) == (code, retryable, status, False)
    assert error.retry_after_seconds == (2 if status == "1" else None)


@pytest.mark.parametrize("how", [{"hangs": True}, {"says": "<html>"}, {"says": "{}"}], ids=str)
@pytest.mark.parametrize("interface", ["sms", "messages"])
def test_an_answer_never_seen_may_have_been_sent(vonage: Vonage, interface: str, how: dict[str, Any]) -> None:
    for name, value in how.items():
        setattr(vonage, name, value)
    error = refused(make(vonage, interface=interface))
    assert (error.maybe_sent, len(vonage.sent)) == (True, 1)


def test_a_text_by_the_messages_api(vonage: Vonage) -> None:
    sent = ADAPTER.send(make(vonage, interface="messages"), outbound(status_url="https://desk.example.test/status/"))
    assert vonage.sent == [{"channel": "sms", "message_type": "text", "text": "Hello", "from": "40310555000",
                            "to": "40740555012", "client_ref": "key:0",
                            "webhook_url": "https://desk.example.test/status/"}]  # fmt: skip
    assert sent.external_id == "00000000-0000-4000-8000-000000000001"


def test_a_file_goes_as_a_link(vonage: Vonage) -> None:
    ADAPTER.send(make(vonage, interface="messages"), outbound(files=(PICTURE,)))
    [given] = vonage.sent
    assert (given["channel"], given["message_type"], given["image"]["caption"]) == ("mms", "image", "Hello")
    assert given["image"]["url"].startswith("https://desk.example.test/")


def test_the_sms_api_carries_no_file(vonage: Vonage) -> None:
    assert (refused(make(vonage), files=(PICTURE,)).code, vonage.sent) == ("unsupported", [])


def test_an_answer_goes_by_the_network_of_the_question(vonage: Vonage) -> None:
    ADAPTER.send(make(vonage), outbound("1234567890", hints={"network": "messenger"}))
    ADAPTER.send(make(vonage), outbound(hints={"network": "whatsapp"}))
    assert [(one["channel"], one["to"]) for one in vonage.sent] == [
        ("messenger", "1234567890"),
        ("whatsapp", "40740555012"),
    ]


@pytest.mark.parametrize(
    ("trouble", "code", "retryable"),
    [((429, "1000"), "throttled", True), ((401, "unauthorized"), "credentials", False),
     ((422, "1120"), "account", False),
     ((402, "1070"), "account", False), ((422, "1050"), "rejected_recipient", False),
     ((422, "1210"), "opted_out", False),
     ((422, "1340"), "window_closed", False), ((422, "1110"), "rejected_template", False),
     ((422, "1020"), "rejected_content", False), ((503, "x"), "provider_error", True),
     ((418, "x"), "provider_error", False)],
)  # fmt: skip
def test_what_the_messages_api_refuses(vonage: Vonage, trouble: tuple[int, str], code: str, retryable: bool) -> None:
    vonage.trouble = trouble
    error = refused(make(vonage, interface="messages"))
    assert (error.code, error.retryable, error.maybe_sent) == (code, retryable, False)
    assert code != "throttled" or error.retry_after_seconds == 3


@pytest.mark.parametrize("to", ["AcmeInc", "80888"])
def test_a_name_takes_no_answers(vonage: Vonage, to: str) -> None:
    assert (refused(make(vonage), to=to).code, vonage.sent) == ("rejected_recipient", [])


def test_the_account_is_asked(vonage: Vonage) -> None:
    ADAPTER.check(make(vonage))
    with pytest.raises(SendError) as caught:
        ADAPTER.check(make(vonage, api_secret="wrong"))
    assert caught.value.code == "credentials"


def test_the_number_is_given_our_address(vonage: Vonage) -> None:
    vonage.numbers = [{"country": "RO", "msisdn": "40310555000"}]
    channel = make(vonage)
    ADAPTER.connect(channel)
    assert vonage.numbers[0]["moHttpUrl"] == f"https://desk.example.test/webhooks/vonage_sms/{channel.public_key}/"
    ADAPTER.disconnect(channel)
    assert vonage.numbers[0].get("moHttpUrl") != f"https://desk.example.test/webhooks/vonage_sms/{channel.public_key}/"


def test_every_code_has_a_word_and_a_sentence() -> None:
    rows = [*errors.SMS.values(), *errors.MESSAGES.values(), *errors.RECEIPTS.values()]
    assert all(code and sentence for code, sentence, _passing, _ours in rows)
