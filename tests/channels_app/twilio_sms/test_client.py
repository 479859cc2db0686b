"""Sending and asking through a Twilio on loopback (counterpart.py)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from channels_app import adapters, intake
from channels_app.adapters.twilio_sms import errors
from channels_app.models import Channel, ChannelLog, RawEvent
from conversations.models import Message
from helpdesk.lib import clock
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import MediaGone, Outbound, OutboundFile, OutboundRecipient, OutboundTemplate, SendError
from tests import factories
from tests.channels_app.answering import Said
from tests.channels_app.twilio_sms import counterpart
from tests.channels_app.twilio_sms.counterpart import ACCOUNT, ROOT, TOKEN, Twilio

ADAPTER = adapters.get("twilio_sms")
PICTURE = OutboundFile("a.png", "image/png", b"\x89PNG\r\n\x1a\n")

pytestmark = pytest.mark.django_db


@pytest.fixture
def twilio(settings: Any) -> Iterator[Twilio]:
    settings.PUBLIC_URL = "https://desk.example.test"
    with counterpart.running() as running:
        settings.PRIVATE_HOSTS_ALLOWED = [running.provider.place]
        yield running


def make(twilio: Twilio, **config: Any) -> Channel:
    url = twilio.provider.url
    base = {"address": "+15550100", "account_sid": ACCOUNT, "auth_token": TOKEN, "api_url": url, "content_url": url}
    return factories.make_channel(kind="twilio_sms", config={**base, **config})


def outbound(to: str = "+40740555012", text: str = "Bună", **given: Any) -> Outbound:
    kind = "whatsapp" if given.pop("whatsapp", False) else "phone"
    recipients = (OutboundRecipient("to", Party(kind, to), 0),)
    return Outbound("key", to, recipients, text, **{"piece_key": "key:0", **given})


def refused(channel: Channel, **given: Any) -> SendError:
    with pytest.raises(SendError) as caught:
        ADAPTER.send(channel, outbound(**given))
    return caught.value


def test_a_text_goes(twilio: Twilio) -> None:
    sent = ADAPTER.send(make(twilio), outbound(status_url="https://desk.example.test/webhooks/twilio_sms/k/status/"))
    [given] = twilio.sent
    assert (sent.external_id, sent.parts[0].external_id) == ("SM" + "0" * 31 + "1",) * 2
    assert (given["To"], given["From"], given["Body"]) == ("+40740555012", "+15550100", "Bună")
    assert given["StatusCallback"].startswith("https://desk.example.test/webhooks/twilio_sms/k/status/key%3A0/")


def test_an_api_key_and_a_service(twilio: Twilio) -> None:
    service = "MG" + "1" * 32
    channel = make(twilio, api_key="SK1", api_secret="key-secret", messaging_service=service, validity_seconds=600)
    ADAPTER.send(channel, outbound())
    [given] = twilio.sent
    assert (given["MessagingServiceSid"], given.get("From"), given["ValidityPeriod"]) == (service, None, "600")
    assert "StatusCallback" not in given


def test_twilio_calls_no_host_with_an_underscore(twilio: Twilio) -> None:
    ADAPTER.send(make(twilio), outbound(status_url="https://my_desk.example.test/webhooks/"))
    assert "StatusCallback" not in twilio.sent[0]


def test_a_file_goes_as_a_link(twilio: Twilio) -> None:
    ADAPTER.send(make(twilio), outbound(files=(PICTURE,)))
    assert twilio.sent[0]["MediaUrl"].startswith("https://desk.example.test/")


@pytest.mark.parametrize("person", ["+40740555012", "RO.134912"])
def test_whatsapp_is_written_to_by_number_or_id(twilio: Twilio, person: str) -> None:
    ADAPTER.send(make(twilio, address="whatsapp:+15550100"), outbound(person, whatsapp=True))
    assert (twilio.sent[0]["To"], twilio.sent[0]["From"]) == (f"whatsapp:{person}", "whatsapp:+15550100")


def test_a_template_goes_with_its_values(twilio: Twilio) -> None:
    template = OutboundTemplate("parcel", "ro", ("Ioana", "ă"), external_id="HX1")
    ADAPTER.send(make(twilio, address="whatsapp:+15550100"), outbound(whatsapp=True, template=template))
    [given] = twilio.sent
    assert (given["ContentSid"], given["ContentVariables"]) == ("HX1", '{"1": "Ioana", "2": "ă"}')
    assert "Body" not in given


@pytest.mark.parametrize(
    ("number", "code", "retryable"),
    [
        ("+40740551610", "opted_out", False), ("+40740551211", "rejected_recipient", False),
        ("+40740551408", "rejected_recipient", False), ("+40740551606", "account", False),
        ("+40740553016", "window_closed", False), ("+40740550007", "rejected_content", False),
        ("+40740551655", "rejected_template", False), ("+40740551617", "too_large", False),
        ("+40740550002", "account", False), ("+40740559999", "provider_error", False),
        ("+40740550503", "provider_error", True),
    ],
)  # fmt: skip
def test_a_refusal_in_our_words(twilio: Twilio, number: str, code: str, retryable: bool) -> None:
    error = refused(make(twilio), to=number)
    assert (error.code, error.retryable, error.maybe_sent, bool(error.message)) == (code, retryable, False, True)
    assert error.provider_code


def test_slower_please(twilio: Twilio) -> None:
    twilio.leaves = 0
    error = refused(make(twilio))
    assert (error.code, error.retryable, error.retry_after_seconds) == ("throttled", True, 7)


def test_a_wrong_token_stops_the_channel(twilio: Twilio) -> None:
    error = refused(make(twilio, auth_token="other"))
    assert (error.code, error.our_fault) == ("credentials", True)


@pytest.mark.parametrize("how", [{"hangs": True}, {"says": "<html>"}, {"says": "{}"}], ids=str)
def test_an_answer_never_seen_may_have_been_sent(twilio: Twilio, how: dict[str, Any]) -> None:
    for name, value in how.items():
        setattr(twilio, name, value)
    error = refused(make(twilio))
    assert (error.maybe_sent, len(twilio.sent)) == (True, 1)


def test_nobody_there(twilio: Twilio, settings: Any) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1:9"]
    error = refused(make(twilio, api_url="http://127.0.0.1:9"))
    assert (error.code, error.retryable, error.maybe_sent) == ("connection", True, False)


def test_a_name_takes_no_answers(twilio: Twilio) -> None:
    assert (refused(make(twilio), to="VODAFONE").code, twilio.sent) == ("rejected_recipient", [])


def test_nothing_at_all_is_not_sent(twilio: Twilio) -> None:
    assert (refused(make(twilio), text="").code, twilio.sent) == ("rejected_content", [])


def test_every_code_of_the_table_has_a_word_and_a_sentence() -> None:
    assert all(one.code and one.sentence for one in errors.MEANINGS.values())
    assert errors.sentence_of("30003") == errors.UNREACHABLE and errors.sentence_of("1") == errors.UNKNOWN


def test_the_account_is_asked(twilio: Twilio) -> None:
    ADAPTER.check(make(twilio))
    twilio.says = "suspended"
    with pytest.raises(SendError) as caught:
        ADAPTER.check(make(twilio))
    assert caught.value.code == "account"


def test_the_log_holds_no_address_and_no_secret(twilio: Twilio) -> None:
    ADAPTER.send(make(twilio), outbound())
    [row] = ChannelLog.objects.all()
    assert (row.what, row.is_ok, row.detail) == ("Send", True, "201")


def test_a_file_is_fetched_with_the_key_at_twilio_and_without_it_elsewhere(twilio: Twilio) -> None:
    path = f"{ROOT}/Messages/MM1/Media/ME1"
    twilio.media[path] = Said(307, headers={"location": f"http://127.0.0.1:{twilio.provider.port}/bucket/ME1"})
    twilio.media["/bucket/ME1"] = Said(200, b"PNG", {"content-type": "image/png"})
    with pytest.raises((MediaGone, SendError)):
        # A redirect into our own network is refused, whoever it comes from.
        ADAPTER.fetch_media(make(twilio), EventFile("image", url=twilio.provider.url + path))
    twilio.media[path] = Said(200, b"PNG", {"content-type": "image/png"})
    media = ADAPTER.fetch_media(make(twilio), EventFile("image", url=twilio.provider.url + path))
    assert (media.content, media.mime) == (b"PNG", "image/png")
    assert twilio.provider.asked[-1].headers["authorization"].startswith("Basic ")


def test_a_file_that_wants_no_key(twilio: Twilio) -> None:
    path = f"{ROOT}/Messages/MM1/Media/ME1"
    twilio.media[path] = Said(401)
    with pytest.raises(SendError):
        ADAPTER.fetch_media(make(twilio), EventFile("image", url=twilio.provider.url + path))
    assert len(twilio.provider.asked) == 2


def test_a_file_that_is_gone(twilio: Twilio) -> None:
    for url in ("", f"{twilio.provider.url}{ROOT}/Messages/MM1/Media/ME9"):
        with pytest.raises(MediaGone):
            ADAPTER.fetch_media(make(twilio), EventFile("image", url=url))


def test_the_number_is_given_our_address(twilio: Twilio) -> None:
    twilio.numbers = {"PN1": {"phone_number": "+15550100"}}
    channel = make(twilio)
    ADAPTER.connect(channel)
    given = twilio.numbers["PN1"]
    assert given["SmsUrl"].startswith(f"https://desk.example.test/webhooks/twilio_sms/{channel.public_key}/#rc=5")
    assert given["SmsFallbackUrl"] == given["SmsUrl"]
    ADAPTER.disconnect(channel)
    assert twilio.numbers["PN1"]["SmsUrl"] == ""


def test_a_number_of_somebody_else(twilio: Twilio) -> None:
    with pytest.raises(SendError) as caught:
        ADAPTER.connect(make(twilio))
    assert caught.value.code == "not_configured"


def test_templates_are_read_page_by_page(twilio: Twilio) -> None:
    said = {"name": "parcel", "status": "approved", "category": "UTILITY"}
    good = {"sid": "HX1", "language": "ro", "types": {"twilio/text": {"body": "Bună {{1}}"}}, "approval_requests": said}
    odd = {"sid": "HX2", "types": None, "approval_requests": []}
    button = {**good, "sid": "HX3", "types": {"twilio/quick-reply": {"body": "?", "actions": [{"title": "Da"}, None]}}}
    twilio.templates = [good, odd, button]
    found = ADAPTER.templates(make(twilio, address="whatsapp:+15550100"))
    assert [(one.external_id, one.status, one.category) for one in found] == [
        ("HX1", "approved", "utility"), ("HX3", "approved", "utility")]  # fmt: skip
    assert found[1].buttons == ("Da", "")


def row(sid: str, at: datetime, **given: Any) -> dict[str, Any]:
    return {"sid": sid, "from": "+40740555012", "to": "+15550100", "body": "Unde e?", "direction": "inbound",
            "num_media": "0", "date_sent": format_datetime(at), **given}  # fmt: skip


def test_what_was_missed_is_stored_once(twilio: Twilio) -> None:
    channel, now = make(twilio), clock.real()
    twilio.inbound = [
        row("SM1", now - timedelta(minutes=30)), row("SM2", now - timedelta(minutes=20), num_media="1"),
        row("SM3", now), row("SM4", now - timedelta(hours=5)), row("SM6", now, date_sent="soon"),
        row("SM5", now - timedelta(minutes=9), direction="outbound-api"),
    ]  # fmt: skip
    assert ADAPTER.fetch(channel) == 2
    for event in RawEvent.objects.order_by("pk"):
        assert intake.process(event.pk) == "filed"
    assert set(Message.objects.values_list("external_id", flat=True)) == {"SM1", "SM2"}
    first = Message.objects.get(external_id="SM1")
    assert first.text == "Unde e?" and timedelta(minutes=29) < now - first.entry.occurred_at < timedelta(minutes=31)
    assert ADAPTER.fetch(channel) == 0
    channel.poll_state = {"looked_at": (now - timedelta(hours=1)).isoformat()}
    assert (ADAPTER.fetch(channel), RawEvent.objects.count()) == (0, 2)


def test_looking_for_what_was_missed_can_be_switched_off(twilio: Twilio) -> None:
    assert (ADAPTER.fetch(make(twilio, collects_missed=False)), twilio.provider.asked) == (0, [])
