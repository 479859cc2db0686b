"""What every adapter keeps, whatever its kind: it runs for each folder that holds one."""

import socket
import string
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import override

from channels_app import adapters
from channels_app.adapters._base import Adapter
from customers.models import Identity
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Ignored, InboundMessage, InboundStatus, Malformed, RawInput
from helpdesk.lib.outbound import Capabilities

KINDS = sorted(path.parent.name for path in Path(adapters.__file__).parent.glob("*/adapter.py"))
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = [
    b"",
    b"\x00",
    b"\x00" * 1000,
    b"\xff\xfe\xfd",
    b"{",
    b"[]",
    b"null",
    b"{}",
    b"From: a\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x",
    b"<" * 10_000,
    string.printable.encode() * 10,
]


@pytest.fixture(params=KINDS)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return adapters.get(request.param)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No database and no network: what is pure does not notice."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("parse() must not reach outside")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(connection, "cursor", refuse)


def raw(body: bytes) -> RawInput:
    return RawInput(body=body, received_at=AT)


def understand(adapter: Adapter, body: bytes) -> list[Any]:
    """Return what the adapter understood, or its sentence for what is malformed."""
    try:
        return adapter.parse(raw(body))
    except Malformed as error:
        return [str(error)]


def test_there_is_an_adapter() -> None:
    assert "email" in KINDS


def test_it_says_what_it_is(adapter: Adapter) -> None:
    assert adapter.kind in KINDS
    assert adapter.label
    assert adapter.icon
    assert adapter.identity_kind in Identity.Kind.values
    assert isinstance(adapter.capabilities, Capabilities)
    assert issubclass(adapter.ConfigForm, forms.Form)


def test_a_field_of_a_certain_shape_says_which(adapter: Adapter) -> None:
    """ "Enter a valid value." helps nobody who copies an id from a provider's page."""
    shaped = [one for one in adapter.ConfigForm.base_fields.values() if isinstance(one, forms.RegexField)]
    for field in shaped:
        with override("it"), pytest.raises(ValidationError) as refused:
            field.clean("x y")
        assert refused.value.messages[0] not in {"Enter a valid value.", "Inserisci un valore valido."}


@pytest.mark.parametrize("written", ["+39 02 555 0142", "\u0661\u0662", "10 29", "1029384756x"])
def test_an_id_of_meta_is_digits(written: str) -> None:
    form = adapters.get("whatsapp").ConfigForm({"phone_number_id": written, "graph_version": "later v26.0"})
    assert form.errors["phone_number_id"] == ["Only digits, for example 1029384756."]
    assert form.errors["graph_version"][0].startswith(("Give a version", "Ensure"))


def test_a_send_has_a_limit(adapter: Adapter) -> None:
    assert 0 < adapter.capabilities.send_seconds <= 60


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:20]))
def test_nonsense_is_understood_ignored_or_malformed(adapter: Adapter, body: bytes, alone: None) -> None:
    found = understand(adapter, body)
    assert found
    assert all(isinstance(item, Event | InboundMessage | InboundStatus | Ignored | str) for item in found)


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:20]))
def test_the_same_bytes_have_the_same_key(adapter: Adapter, body: bytes, alone: None) -> None:
    key = adapter.dedupe_key(raw(body))
    assert key == adapter.dedupe_key(raw(body))
    assert 0 < len(key) <= 200


def test_other_bytes_have_another_key(adapter: Adapter) -> None:
    assert adapter.dedupe_key(raw(b"one")) != adapter.dedupe_key(raw(b"two"))


def test_parsing_twice_gives_the_same(adapter: Adapter, alone: None) -> None:
    assert understand(adapter, HOSTILE[8]) == understand(adapter, HOSTILE[8])
