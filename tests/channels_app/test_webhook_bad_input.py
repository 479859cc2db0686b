"""What no provider should send, well signed: answered, kept, and never half a record nor a crash."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from channels_app import adapters, intake
from channels_app.addresses import webhook_of
from channels_app.models import RawEvent
from conversations.models import Entry
from helpdesk.lib import clock
from helpdesk.lib.inbound import Malformed, RawInput
from tests.channels_app.signing import SECRET, SIGNS, form
from tests.channels_app.test_webhook_corpus import TYPES, make_channel, post

HERE = Path(__file__).parent
KINDS = sorted(SIGNS)
ODD: list[Any] = [
    None, [], {}, [[]], [None], "", "x", 0, -1, 2**63, 10**400, 1e308, True, "12345678901234567890", "\ud800", "a\0b",
    "1969-12-31", "99999999999999", "x" * 100_000,
]  # fmt: skip
RAW = [
    b"", b"\0", b"\xff\xfe", b"null", b"[]", b"{}", b"[[]]", b'"x"', b"0", b"NaN", b'{"a":1,"a":2}',
    b'{"object":"page","object":"instagram","entry":[],"entry":null}', b"[" * 10_000 + b"]" * 10_000,
    b'{"entry":' * 10_000 + b"1" + b"}" * 10_000, b"a=b&a=c", b"%00=%ff", b'{"events":[null]}',
    b'{"entry":[{"changes":[{}]}]}',
]  # fmt: skip


def samples(kind: str) -> list[tuple[str, bytes]]:
    """Our own samples of a kind, each with how it is written."""
    found = sorted((HERE / kind / "payloads").glob("*"))
    return [("form" if path.suffix == ".form" else "json", path.read_bytes()) for path in found]


def broken(written: str, body: bytes) -> Iterator[bytes]:
    """Each value of a body in turn is something odd, or gone, or there twice."""
    if written == "form":
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        for name, _value in pairs:
            for odd in ODD:
                yield form({**dict(pairs), name: str(odd).encode("utf-8", "replace").decode()})
            yield form({key: value for key, value in pairs if key != name})
        return
    given = json.loads(body)
    for path in list(_paths(given)):
        for odd in ODD:
            yield json.dumps(_with(given, path, odd)).encode()
        yield json.dumps(_without(given, path)).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_no_odd_value_makes_the_reader_stumble(kind: str) -> None:
    adapter = adapters.get(kind)
    count = 0
    for written, body in samples(kind):
        for odd in broken(written, body):
            count += 1
            with contextlib.suppress(Malformed):
                adapter.parse(RawInput(odd, clock.real(), {"content-type": TYPES[written]}))
    assert count > 100


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_signed_is_kept_and_answered(kind: str) -> None:
    channel = make_channel(kind)
    for place, body in enumerate(RAW):
        with contextlib.suppress(UnicodeDecodeError):
            signed = SIGNS[kind](body, SECRET, webhook_of(channel))
            assert post(channel, signed, ("json", "form")[place % 5 == 0]) < 500, body[:80]
    settle()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_some_odd_bodies_go_all_the_way(kind: str) -> None:
    go_all_the_way(kind, every=499)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_many_odd_bodies_go_all_the_way(kind: str) -> None:
    go_all_the_way(kind, every=7)


def go_all_the_way(kind: str, *, every: int) -> None:
    """Post one of so many odd bodies each, and file what was kept."""
    channel = make_channel(kind)
    odd = [(written, one) for written, body in samples(kind) for one in broken(written, body)]
    for written, body in odd[::every]:
        assert post(channel, SIGNS[kind](body, SECRET, webhook_of(channel)), written) < 500
    settle()
    assert not Entry.objects.filter(kind="message", message=None).exists()


def settle() -> None:
    """File everything: each row ends somewhere, none in an error of ours."""
    for event in RawEvent.objects.filter(state="new"):
        intake.process(event.pk)
    assert not RawEvent.objects.filter(state="new").exists()


def _paths(given: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = given.items() if isinstance(given, dict) else enumerate(given) if isinstance(given, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _with(given: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    if isinstance(given, dict):
        return {key: _with(value, path[1:], odd) if key == path[0] else value for key, value in given.items()}
    return [_with(value, path[1:], odd) if place == path[0] else value for place, value in enumerate(given)]


def _without(given: Any, path: tuple[Any, ...]) -> Any:
    if isinstance(given, dict):
        kept = {key: value for key, value in given.items() if len(path) > 1 or key != path[0]}
        return {key: _without(value, path[1:]) if key == path[0] else value for key, value in kept.items()}
    kept_rows = [value for place, value in enumerate(given) if len(path) > 1 or place != path[0]]
    if len(path) == 1:
        return kept_rows
    return [_without(value, path[1:]) if place == path[0] else value for place, value in enumerate(kept_rows)]
