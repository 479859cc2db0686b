"""WhatsApp, Messenger and Instagram, given what nobody should send: never an error, never half a record."""

import json
from typing import Any

import pytest

from channels_app import adapters
from helpdesk.lib.events import Event, EventKind, as_json
from helpdesk.lib.inbound import Malformed, RawInput
from tests.channels_app.meta import AT, KINDS, body_of, parse

ODD: list[Any] = [
    None,
    0,
    -1,
    1.5,
    True,
    "",
    "\ud800",
    "\0",
    [],
    {},
    [[]],
    [None],
    {"a": None},
    2**63,
    10**300,
    "9" * 400,
]
OBJECTS = {"whatsapp": "whatsapp_business_account", "messenger": "page", "instagram": "instagram"}
SAMPLES = {
    "whatsapp": ["ad", "order", "address_card", "failed_in_words", "new_number", "call", "stop", "echo"],
    "messenger": ["sticker", "ad", "echo", "comment_reply", "read_and_delivered", "mention"],
    "instagram": ["comment", "comment_flat", "reaction", "shared_post", "mention"],
}


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Name every place in a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in _places(one, (*path, key)))]


def _with(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _with(value[path[0]], path[1:], odd)
    return copied


def _is_clean(event: Event) -> bool:
    written = json.dumps(as_json(event), ensure_ascii=False, allow_nan=False)
    written.encode()
    return "\\u0000" not in written and "\0" not in written


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in SAMPLES[kind]])
def test_any_value_may_be_anything(kind: str, name: str) -> None:
    body = json.loads(body_of(kind, name))
    for path in _places(body)[1:]:
        for odd in ODD:
            written = json.dumps(_with(body, path, odd)).encode()
            found = adapters.get(kind).parse(RawInput(written, AT))
            assert found and all(isinstance(one, Event) and _is_clean(one) for one in found), (path, odd)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"7", b"{}", b"\xff", b"[" * 10_000, b'{"a":' * 10_000, b"{'a'}"]
)
def test_what_is_no_envelope_is_malformed(kind: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        adapters.get(kind).parse(RawInput(body, AT))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_new_or_empty_is_ignored(kind: str) -> None:
    new = {"id": "1", "changes": [{"field": "brand_new", "value": {"x": 1}}], "messaging": [{"brand_new": {}}]}
    bodies = [{"object": "brand_new", "entry": []}, {"object": OBJECTS[kind], "entry": []}, {"object": OBJECTS[kind]},
              {"object": OBJECTS[kind], "entry": [new], "extra": 1}]  # fmt: skip
    for body in bodies:
        assert {one.kind for one in parse(kind, body)} == {EventKind.IGNORED}


@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_event_takes_none_of_its_siblings_along(kind: str) -> None:
    good = json.loads(body_of(kind, "edit"))
    good["entry"] = [None, {"changes": [7], "messaging": "x"}, *good["entry"], {}, *good["entry"]]
    assert [one.kind for one in parse(kind, good) if one.kind != EventKind.IGNORED] == [EventKind.EDIT] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_text_is_whole(kind: str) -> None:
    body = body_of(kind, "edit").replace(b"Size 42, sorry", b"x" * 100_000).replace(b"Order 1234", b"x" * 100_000)
    assert len(parse(kind, body.replace(b"In blue, please", b"x" * 100_000))[0].text) == 100_000


@pytest.mark.parametrize("kind", KINDS)
def test_seconds_and_milliseconds_are_the_same_time(kind: str) -> None:
    body = body_of(kind, "edit").replace(b"1795600000123", b"1795600000")
    written = body.replace(b"1795600000", b"1795600000000")
    assert parse(kind, body)[0].occurred_at == parse(kind, written)[0].occurred_at


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_character_and_nul_become_a_text_that_databases_keep(kind: str) -> None:
    body = json.loads(body_of(kind, "edit"))
    path = next(path for path in _places(body) if path and path[-1] in {"body", "text"} and isinstance(path[-1], str)
                and isinstance(_at(body, path), str))  # fmt: skip
    assert parse(kind, _with(body, path, "a\ud83d\0b"))[0].text == "a\ufffdb"


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value
