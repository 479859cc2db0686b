"""The contract of adapters on the samples of their kind: tests/channels_app/<kind>/payloads/."""

import contextlib
import dataclasses
import logging
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest

from channels_app import adapters
from channels_app.adapters._base import Adapter
from channels_app.models import Channel
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Ignored, InboundMessage, InboundStatus, InvalidSignature, Malformed, RawInput

KINDS = sorted(path.parent.name for path in Path(adapters.__file__).parent.glob("*/adapter.py"))
SAMPLES = [
    pytest.param(kind, path, id=f"{kind}-{path.name}")
    for kind in KINDS
    for path in sorted((Path(__file__).parent / kind / "payloads").glob("*"))
]
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def _raw(body: bytes, config: dict[str, object] | None = None) -> RawInput:
    return RawInput(body=body, received_at=AT, config=config or {"address": "help@desk.example.test"})


@pytest.fixture(params=KINDS)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return adapters.get(request.param)


def test_unsigned_calls_are_refused(adapter: Adapter) -> None:
    with pytest.raises(InvalidSignature):
        adapter.verify(HttpRequest(), Channel(kind=adapter.kind))


def test_it_has_samples(adapter: Adapter) -> None:
    assert any(sample.values[0] == adapter.kind for sample in SAMPLES)


@pytest.mark.parametrize(("kind", "path"), SAMPLES)
def test_the_same_payload_has_the_same_key(kind: str, path: Path) -> None:
    one = adapters.get(kind).dedupe_key(_raw(path.read_bytes()))
    later = dataclasses.replace(_raw(path.read_bytes()), received_at=AT.replace(hour=11))
    assert one == adapters.get(kind).dedupe_key(later)
    assert 0 < len(one) <= 200


@pytest.mark.parametrize(("kind", "path"), SAMPLES)
def test_parsing_is_pure(kind: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*values: Any, **named: Any) -> None:
        raise AssertionError("parse must not reach for the database or the network")

    monkeypatch.setattr(connection, "cursor", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    first, again = (adapters.get(kind).parse(_raw(path.read_bytes())) for _ in range(2))
    assert first == again
    assert all(isinstance(one, Event | InboundMessage | InboundStatus | Ignored) for one in first)


@pytest.mark.parametrize(("kind", "path"), SAMPLES)
def test_truncated_payloads_do_not_crash(kind: str, path: Path) -> None:
    body = path.read_bytes()
    for length in range(0, len(body), max(1, len(body) // 40)):
        _survives(adapters.get(kind), body[:length])


def test_secrets_never_reach_the_log(adapter: Adapter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    config: dict[str, object] = dict.fromkeys(adapter.ConfigForm.base_fields, "hunter2-secret")
    for sample in SAMPLES:
        if sample.values[0] == adapter.kind:
            # A kind whose configuration says where things stand finds none of them there.
            with contextlib.suppress(Malformed):
                adapter.parse(_raw(sample.values[1].read_bytes(), config))
    assert "hunter2-secret" not in caplog.text


def _survives(adapter: Adapter, body: bytes) -> None:
    with contextlib.suppress(Malformed):
        adapter.parse(_raw(body))
