"""Bodies that providers really send, with what they mean: read, signed, posted to the door, filed once.

They lie beside the checkout (shared/corpora/webhooks); without them these tests are skipped.
"""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from agents.models import Brand
from channels_app import adapters, intake
from channels_app.addresses import webhook_of
from channels_app.management.commands.parse_webhook import _understood
from channels_app.models import Channel, RawEvent
from conversations.models import Entry
from helpdesk.lib.events import SAID
from tests.channels_app.signing import SECRET, SIGNS, Signed

FOLDERS = [parent / "shared" / "corpora" / "webhooks" for parent in Path(__file__).resolve().parents[2].parents]
CORPUS = next((folder for folder in FOLDERS if (folder / "index.jsonl").is_file()), None)
ALL = [json.loads(line) for line in (CORPUS / "index.jsonl").read_text().splitlines()] if CORPUS else []
ROWS = [row for row in ALL if row["channel"] in SIGNS]
KINDS = sorted({row["channel"] for row in ROWS})
TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}

pytestmark = pytest.mark.skipif(CORPUS is None, reason="no shared/corpora/webhooks beside the checkout")


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_body_means_what_is_stated(row: dict[str, Any]) -> None:
    assert CORPUS is not None
    found = _understood(row["channel"], row["format"], (CORPUS / row["file"]).read_bytes())
    wanted = row.get("expect_events") or [row["expect"]]
    assert len(found) == len(wanted)
    for said, meant in zip(found, wanted, strict=True):
        assert {name: said.get(name) for name in _stated(meant)} | _same(said, meant) == _stated(meant)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_every_body_is_taken_and_filed_once_in_whatever_order(kind: str) -> None:
    """Three times over, shuffled each time: what was filed after the first round is all there is."""
    channel = make_channel(kind)
    calls = [(row, _signed(channel, row)) for row in ROWS if row["channel"] == kind]
    counts = []
    for number in range(3):
        random.Random(number).shuffle(calls)
        for row, signed in calls:
            assert post(channel, signed, row["format"]) == 200, row["file"]
        for event in RawEvent.objects.filter(state="new"):
            assert intake.process(event.pk) != RawEvent.State.QUARANTINED, event.error
        counts.append((RawEvent.objects.count(), Entry.objects.filter(kind="message").count()))
    assert counts[0] == counts[1] == counts[2]
    assert counts[0][1] >= min(1, len(_ids(kind)))


def make_channel(kind: str) -> Channel:
    """A channel whose every secret is the tests' own, and that takes whatever account a body names."""
    brand = Brand.objects.get_or_create(is_default=True, defaults={"name": "Passolungo"})[0]
    channel = Channel(kind=kind, name=kind, brand=brand)
    channel.config = config_of(kind)
    channel.save()
    return channel


def config_of(kind: str) -> dict[str, Any]:
    """Fill a kind's form: initial values, the tests' secret for what is secret, nothing else."""
    fields = adapters.get(kind).ConfigForm.base_fields
    secret = {name: SECRET for name, field in fields.items() if getattr(field.widget, "input_type", "") == "password"}
    initial = {name: field.initial for name, field in fields.items() if field.initial is not None}
    return {**initial, **secret, **({"signature_method": "sha256"} if kind == "vonage_sms" else {})}


def post(channel: Channel, signed: Signed, written: str) -> int:
    """Call the door as the provider would; return the status."""
    path = "/" + webhook_of(channel).partition("//")[2].partition("/")[2]
    query = f"?{signed.query}" if signed.query else ""
    client = Client(enforce_csrf_checks=True)
    return client.post(path + query, signed.body, content_type=TYPES[written], headers=signed.headers).status_code


def _signed(channel: Channel, row: dict[str, Any]) -> Signed:
    assert CORPUS is not None
    return SIGNS[channel.kind]((CORPUS / row["file"]).read_bytes(), SECRET, webhook_of(channel))


def _stated(meant: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in meant.items() if value is not None}


def _same(said: dict[str, Any], meant: dict[str, Any]) -> dict[str, Any]:
    """Numbers may be written as texts, and files say more than is stated of them."""
    alike: dict[str, Any] = {}
    for name, value in _stated(meant).items():
        given = said.get(name)
        if name == "attachments":
            is_alike = len(given or []) == len(value) and all(
                str(file.get(key)) == str(one)
                for file, wanted in zip(given or [], value, strict=True)
                for key, one in wanted.items()
                if one is not None
            )
        else:
            is_alike = str(given) == str(value)
        if is_alike:
            alike[name] = value
    return alike


def _ids(kind: str) -> set[str]:
    events = [event for row in ROWS if row["channel"] == kind for event in row.get("expect_events") or [row["expect"]]]
    return {event["message_id"] for event in events if event["kind"] in SAID and event.get("message_id")}
