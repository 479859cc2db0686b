"""What we ask Twilio, held against its own description for programs (OpenAPI), which is not ours to keep in this tree.

Name the file with TWILIO_DESCRIPTION, or put a checkout of its descriptions (twilio-oai) beside this one.
"""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from channels_app import adapters
from channels_app.adapters.twilio_sms import parse
from helpdesk.lib.outbound import OutboundTemplate
from tests.channels_app.twilio_sms import counterpart
from tests.channels_app.twilio_sms.counterpart import Twilio
from tests.channels_app.twilio_sms.test_client import PICTURE, make, outbound

NAME = "twilio-oai/spec/json/twilio_api_v2010.json"
NAMED = [Path(os.environ[key]) for key in ("TWILIO_DESCRIPTION",) if os.environ.get(key)]
PLACES = [*NAMED, *(up / NAME for up in Path(__file__).resolve().parents)]
FOUND = next((place for place in PLACES if place.is_file()), None)
ADAPTER = adapters.get("twilio_sms")
STATUS_URL = "https://desk.example.test/webhooks/twilio_sms/0/status/"
SERVICE = "MG" + "a" * 32
TEMPLATE = OutboundTemplate("parcel", "ro", ("Ioana",), external_id="HX" + "b" * 32)
# How each request is made, and which account it is made from.
SENDS = {
    "text": ({}, {"status_url": STATUS_URL}),
    "file": ({}, {"files": (PICTURE, PICTURE)}),
    "service": ({"messaging_service": SERVICE, "validity_seconds": 600}, {}),
    "whatsapp": ({"address": "whatsapp:+15550100"}, {"whatsapp": True}),
    "template": ({"address": "whatsapp:+15550100"}, {"whatsapp": True, "template": TEMPLATE}),
}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(FOUND is None, reason=f"no {NAME} beside the checkout, and TWILIO_DESCRIPTION names none"),
]


@cache
def described() -> dict[str, Any]:
    assert FOUND is not None
    found: dict[str, Any] = json.loads(FOUND.read_text())
    return found


@pytest.fixture
def twilio(settings: Any) -> Iterator[Twilio]:
    settings.PUBLIC_URL = "https://desk.example.test"
    with counterpart.running() as running:
        settings.PRIVATE_HOSTS_ALLOWED = [running.provider.place]
        yield running


def form_of(path: str) -> dict[str, Any]:
    """The schema of what is posted to a path; no field that it does not name."""
    body = described()["paths"][path]["post"]["requestBody"]
    schema = body["content"]["application/x-www-form-urlencoded"]["schema"]
    return {**schema, "additionalProperties": False, "components": described()["components"]}


def typed(pairs: list[tuple[str, str]], schema: dict[str, Any]) -> dict[str, Any]:
    """A form as the schema means it: lists where a field may be repeated, numbers where it says so."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        sort = schema["properties"].get(name, {}).get("type")
        if sort == "array":
            found.setdefault(name, []).append(value)
        else:
            assert name not in found, f"{name} is sent twice"
            found[name] = int(value) if sort == "integer" else value
    return found


def problems(pairs: list[tuple[str, str]], schema: dict[str, Any]) -> list[str]:
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in checker.iter_errors(typed(pairs, schema))]


@pytest.mark.parametrize("how", SENDS)
def test_what_is_sent_is_what_twilio_describes(twilio: Twilio, how: str) -> None:
    config, given = SENDS[how]
    ADAPTER.send(make(twilio, **config), outbound(**given))
    asked = twilio.provider.asked[-1]
    assert asked.path.replace(counterpart.ACCOUNT, "{AccountSid}") in described()["paths"]
    schema = form_of("/2010-04-01/Accounts/{AccountSid}/Messages.json")
    assert problems(asked.form, schema) == []


def test_a_field_that_twilio_does_not_know_is_seen() -> None:
    schema = form_of("/2010-04-01/Accounts/{AccountSid}/Messages.json")
    assert problems([("To", "+40740555012"), ("Text", "x"), ("ContentSid", "HX1")], schema)


def test_the_number_is_changed_as_twilio_describes(twilio: Twilio) -> None:
    twilio.numbers = {"PN" + "c" * 32: {"phone_number": "+15550100"}}
    ADAPTER.connect(make(twilio))
    looked_up, changed = twilio.provider.asked[-2:]
    path = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json"
    known = [one["name"] for one in described()["paths"][path]["get"]["parameters"]]
    assert set(looked_up.query) <= set(known)
    schema = form_of("/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json")
    assert problems(changed.form, schema) == []


def test_the_list_is_asked_for_as_twilio_describes(twilio: Twilio) -> None:
    ADAPTER.fetch(make(twilio))
    path = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
    known = [one["name"] for one in described()["paths"][path]["get"]["parameters"]]
    assert set(twilio.provider.asked[-1].query) <= set(known)


def test_our_counterpart_answers_as_twilio_describes(twilio: Twilio) -> None:
    fields = described()["components"]["schemas"]["api.v2010.account.message"]["properties"]
    assert {"sid", "status", "to", "error_code", "from", "body", "direction", "num_media", "date_sent"} <= set(fields)
    states = described()["components"]["schemas"]["message_enum_status"]["enum"]
    assert set(states) <= set(parse.STATES) | parse.INBOUND
