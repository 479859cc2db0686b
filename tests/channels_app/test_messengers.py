"""Telegram, LINE and Viber alike: signatures at the door, and bodies in which anything may be anything."""

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from channels_app import adapters
from channels_app.models import Channel, RawEvent
from helpdesk.lib import clock
from helpdesk.lib.events import Event, as_json
from helpdesk.lib.inbound import Malformed, RawInput
from tests import factories

KEY = "a-secret_of-ours"
CONFIGS = {"telegram": "secret", "line": "channel_secret", "viber": "token"}
OLDER = {"telegram": "previous_secret", "line": "previous_secret", "viber": "previous_token"}
HEADERS = {
    "telegram": "X-Telegram-Bot-Api-Secret-Token", "line": "X-Line-Signature", "viber": "X-Viber-Content-Signature",
}  # fmt: skip
BODY = '{"event":"webhook","events":[],"update_id":1,"said":"caf\\u00e9 è 😀"}'.encode()
HERE = Path(__file__).parent
PAYLOADS = [path for kind in CONFIGS for path in sorted((HERE / kind / "payloads").glob("*.json"))]
ODD: list[Any] = [None, "", [], {}, [[]], [None], {"x": None}, True, -1, 2**70, 1.5, "12", "\ud83d", "a\0b", "x" * 5000]


def sign(kind: str, body: bytes, key: str = KEY) -> str:
    if kind == "telegram":
        return key
    made = hmac.new(key.encode(), body, hashlib.sha256)
    return made.hexdigest() if kind == "viber" else base64.b64encode(made.digest()).decode()


@pytest.fixture(params=sorted(CONFIGS))
def channel(request: pytest.FixtureRequest, db: None) -> Channel:
    return factories.make_channel(kind=request.param, config={CONFIGS[request.param]: KEY})


def call(channel: Channel, given: str | None, body: bytes = BODY, query: str = "") -> int:
    headers = {} if given is None else {HEADERS[channel.kind]: given}
    url = f"/webhooks/{channel.kind}/{channel.public_key}/{query}"
    return int(Client().post(url, body, content_type="application/json", headers=headers).status_code)


def test_what_the_provider_signed_is_kept_once(channel: Channel) -> None:
    assert [call(channel, sign(channel.kind, BODY)) for _ in range(2)] == [200, 200]
    assert RawEvent.objects.get().copies_count == 1


def test_both_secrets_count_while_one_takes_the_others_place(channel: Channel) -> None:
    channel.config = {CONFIGS[channel.kind]: "the-new-one", OLDER[channel.kind]: KEY}
    channel.save()
    assert call(channel, sign(channel.kind, BODY)) == 200
    assert call(channel, sign(channel.kind, BODY, "the-new-one")) == 200
    assert call(channel, sign(channel.kind, BODY, "a-third")) == 403


@pytest.mark.parametrize("spoil", [
    lambda good: None, lambda good: "", lambda good: good[:-1], lambda good: good + "0", lambda good: good.upper(),
    lambda good: f"{good},{good}", lambda good: f"sha256={good}", lambda good: "é" * len(good),
])  # fmt: skip
def test_any_other_signature_is_refused(channel: Channel, spoil: Any) -> None:
    assert (call(channel, spoil(sign(channel.kind, BODY))), RawEvent.objects.count()) == (403, 0)


def test_a_body_with_one_space_more_is_refused(channel: Channel) -> None:
    expected = 200 if channel.kind == "telegram" else 403
    assert call(channel, sign(channel.kind, BODY), BODY + b" ") == expected


def test_without_a_secret_nobody_is_let_in(channel: Channel) -> None:
    channel.config = {}
    channel.save()
    assert call(channel, sign(channel.kind, BODY, "")) == 403
    assert call(channel, sign(channel.kind, BODY)) == 403


def test_another_channels_signature_is_refused(channel: Channel) -> None:
    other = factories.make_channel(kind=channel.kind, config={CONFIGS[channel.kind]: "of-the-other"})
    assert (call(other, sign(channel.kind, BODY)), RawEvent.objects.count()) == (403, 0)


def test_viber_may_sign_in_the_query_while_it_is_set_up(db: None) -> None:
    channel = factories.make_channel(kind="viber", config={"token": KEY})
    assert call(channel, None, BODY, f"?sig={sign('viber', BODY)}") == 200
    assert call(channel, None, BODY, "?sig=0") == 403


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_anything_may_be_anything(path: Path) -> None:
    adapter, whole = adapters.get(path.parent.parent.name), json.loads(path.read_bytes())
    for body in _spoiled(whole):
        raw = RawInput(body=json.dumps(body).encode(), received_at=clock.real())
        assert adapter.dedupe_key(raw)
        try:
            found = adapter.parse(raw)
        except Malformed:
            continue
        assert found
        for one in found:
            if isinstance(one, Event):
                # What a database keeps: neither half characters nor NUL.
                written = json.dumps([as_json(one), one.hints, one.error], ensure_ascii=False)
                assert b"\\u0000" not in written.encode()


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_key_twice_and_numbers_as_text_are_read(path: Path) -> None:
    adapter = adapters.get(path.parent.parent.name)
    body = path.read_bytes().rstrip()
    doubled = body[:-1] + b"," + body.lstrip()[1:]
    raw = RawInput(body=body, received_at=clock.real())
    assert adapter.parse(RawInput(body=doubled, received_at=raw.received_at)) == adapter.parse(raw)


def _spoiled(whole: Any) -> Iterator[Any]:
    """Yield the body with each of its values replaced by each odd one, and with each left out."""
    for place in list(_places(whole)):
        for odd in ODD:
            body = copy.deepcopy(whole)
            _at(body, place[:-1])[place[-1]] = odd
            yield body
        body = copy.deepcopy(whole)
        del _at(body, place[:-1])[place[-1]]
        yield body


def _places(node: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    names = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for name in names:
        yield (*before, name)
        yield from _places(node[name], (*before, name))


def _at(node: Any, place: tuple[Any, ...]) -> Any:
    for name in place:
        node = node[name]
    return node
