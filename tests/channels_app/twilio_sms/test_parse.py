"""Twilio's webhooks as they are understood; samples of our own in payloads/."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from channels_app import adapters
from channels_app.models import Channel
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Ignored, Malformed, Party, RawInput

ADAPTER = adapters.get("twilio_sms")
AT = datetime(2026, 11, 28, 10, tzinfo=UTC)
BASE = {"MessageSid": "SM1", "From": "+40740555012", "To": "+15550100"}
LONG = "Where is my parcel? " * 10


def read(body: bytes, path: str = "", kind: str = "application/x-www-form-urlencoded") -> list[Any]:
    return ADAPTER.parse(RawInput(body, AT, {"content-type": kind, "x-telaio-path": path}))


def said(**given: str) -> Event:
    return read(urlencode({**BASE, **given}).encode())[0]


def sample(name: str) -> list[Any]:
    return read((Path(__file__).parent / "payloads" / name).read_bytes())


def party(event: Event, address: str = "+15550100", **config: str) -> Party:
    channel = Channel(kind="twilio_sms")
    channel.config = {"address": address, **config}
    return ADAPTER.party_of(event, channel)


def test_a_text() -> None:
    [event] = sample("text.form")
    assert (event.kind, event.sender_id, event.recipient_id) == ("message", "+40740555012", "+15550100")
    assert (event.message_id, event.text) == ("SM00000000000000000000000000000001", "Unde e coletul meu?")
    assert event.details == {"place": "CLUJ, RO"}


def test_the_layout_of_an_mms_is_no_file() -> None:
    [event] = sample("mms.form")
    assert [(file.type, file.mime, file.ref) for file in event.files] == [("image", "image/jpeg", "ME2")]


def test_a_button_on_whatsapp() -> None:
    [event] = sample("whatsapp_button.form")
    assert (event.kind, event.text, event.payload) == ("postback", "Yes", "confirm-7")
    assert (event.sender_name, event.reply_to) == ("Ioana", "SM0000000000000000000000000000000a")
    assert event.aliases == (Party("whatsapp", "RO.1349120865530274", realm="AC00000000000000000000000000000001"),)
    assert party(event) == Party("whatsapp", "+40740555012", name="Ioana")


def test_whatsapp_without_a_number() -> None:
    event = said(From="whatsapp:RO.134912", WaId="")
    assert party(event, account_sid="AC1") == Party("whatsapp", "RO.134912", realm="AC1")


def test_a_row_of_a_list_is_pressed() -> None:
    event = said(ListId="row-2", ListTitle="Saturday", Body="")
    assert (event.kind, event.text, event.payload) == ("postback", "Saturday", "row-2")


def test_stop_is_a_message_and_a_word_on_being_written_to() -> None:
    message, stop = sample("stop.form")
    assert (message.kind, message.text) == ("message", "STOP")
    assert (stop.kind, stop.sender_id, stop.target_id) == ("opt_out", "+40740555012", message.message_id)


def test_start_is_a_yes() -> None:
    assert [one.kind for one in read(urlencode({**BASE, "OptOutType": "START"}).encode())] == ["message", "opt_in"]


def test_help_is_only_a_message() -> None:
    assert [one.kind for one in read(urlencode({**BASE, "OptOutType": "HELP"}).encode())] == ["message"]


def test_a_failure_says_why() -> None:
    [event] = sample("undelivered.form")
    assert (event.kind, event.status, event.error_code) == ("status", "failed", "30007")
    assert "without links" in event.error


def test_a_status_names_its_piece_by_the_address() -> None:
    body = urlencode({"MessageSid": "SM1", "MessageStatus": "queued"}).encode()
    [event] = read(body, "status/0b1e-4:0/")
    assert (event.status, event.target_id, event.details["piece_key"]) == ("sent", "SM1", "0b1e-4:0")


def test_a_refusal_after_stop_is_said_in_our_word() -> None:
    [event] = read(urlencode({**BASE, "MessageStatus": "failed", "ErrorCode": "21610"}).encode())
    assert (event.error_code, event.details["code"]) == ("21610", "opted_out")


def test_an_unknown_state_is_ignored() -> None:
    assert isinstance(read(b"MessageSid=SM1&MessageStatus=teleported")[0], Ignored)


def test_something_else_of_twilio_is_ignored() -> None:
    assert isinstance(read(b"AccountSid=AC1&CallSid=CA1&CallStatus=ringing")[0], Ignored)


@pytest.mark.parametrize("body", [b"", b"hello", b"{", b"[1]", b"[" * 10_000, b'{"MessageSid": ' + b"9" * 5000 + b"}"])
def test_what_is_not_twilios_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body, kind="application/json" if body[:1] in b"{[" and body else "")


def test_a_place() -> None:
    [file] = said(Latitude="44.43", Longitude="26.1", Label="Office", Address="Strada Lungă 5").files
    assert (file.type, file.lat, file.lng, file.name, file.text) == (
        "location",
        44.43,
        26.1,
        "Office",
        "Strada Lungă 5",
    )


@pytest.mark.parametrize(("lat", "lng"), [("nan", "1"), ("91", "1"), ("x", "y"), ("1", "181"), ("", "")])
def test_no_place_at_all(lat: str, lng: str) -> None:
    assert said(Latitude=lat, Longitude=lng).files == ()


def test_an_advertisement_that_was_pressed() -> None:
    event = said(ReferralSourceId="ad-1", ReferralCtwaClid="click-1", ReferralHeadline="Sale")
    assert (event.ad_id, event.ref, event.details["referral"]) == ("ad-1", "click-1", {"ReferralHeadline": "Sale"})


def test_nul_is_left_out() -> None:
    assert said(Body="a\0b").text == "ab"


def test_half_a_character_is_replaced() -> None:
    [event] = read(
        b'{"MessageSid": "SM1", "From": "+40740555012", "Body": "\\ud83d", "X": null}', kind="application/json"
    )
    assert event.text == "�"


def test_a_long_text_in_base64_is_shown_as_words() -> None:
    event = said(Body=base64.b64encode(LONG.encode()).decode())
    assert event.text == LONG and "written" in event.details


def test_what_only_looks_like_base64_is_left_alone() -> None:
    assert said(Body="a" * 64).text == "a" * 64


def test_of_a_repeated_field_the_first_counts() -> None:
    assert read(b"MessageSid=SM1&MessageSid=SM2&From=%2B40740555012")[0].message_id == "SM1"


@pytest.mark.parametrize("sender", ["VODAFONE", "80888", "+12345", "Ünïcode"])
def test_names_and_short_numbers_are_known_at_our_number_only(sender: str) -> None:
    found = party(said(From=sender))
    assert (found.kind, found.value, found.realm) == ("other", sender, "sms:+15550100")


def test_whoever_hides_is_nobody_we_know() -> None:
    one, other = (party(said(From="+266696687", MessageSid=name)) for name in ("SM1", "SM2"))
    assert one.kind == other.kind == "other" and one.value != other.value


def test_a_number_without_its_country() -> None:
    assert party(said(From="0740 555 012"), region="RO").value == "+40740555012"


def test_our_own_whatsapp_number_looks_like_whatsapp() -> None:
    channel = Channel(kind="twilio_sms")
    channel.config = {"address": "whatsapp:+15550100"}
    assert (channel.icon, channel.label, channel.identity_kind) == ("whatsapp", "WhatsApp", "whatsapp")
    assert ADAPTER.capabilities_of(channel).reply_window_hours == 24
