"""Files that the other system of an API channel leaves here: kept for a day, for one channel, once per signature."""

import io
import json
import re
import threading
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from channels_app import intake, keeping, looking_after, media
from channels_app.adapters.api import signing
from channels_app.models import Channel, RawEvent
from conversations.files import drawing
from conversations.models import Attachment, Blob, Upload
from helpdesk.lib import clock as our_clock
from tests import factories

GUIDE = Path(__file__).parents[3] / "docs" / "api-channel.md"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SECRET = "a-secret-of-the-shop"
LATER = timedelta(hours=24, seconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Channel:
    return factories.make_channel(kind="api", config={"address": "shop", "secret": SECRET})


def call(channel: Channel, body: bytes, path: str = "files/", **how: Any) -> Any:
    at = int(our_clock.real().timestamp()) + how.pop("ahead", 0)
    signature = how.pop("signature", f"t={at},v1={signing.sign(SECRET, at, body)}")
    content_type = how.pop("content_type", "application/octet-stream")
    url = f"/webhooks/api/{channel.public_key}/{path}"
    return Client().post(url, body, content_type=content_type, headers={"X-Signature": signature, **how})


def form(*files: bytes, end: bytes = b"--AaB--\r\n") -> bytes:
    head = b'--AaB\r\nContent-Disposition: form-data; name="file"; filename="a.exe"\r\n\r\n'
    return b"".join(head + one + b"\r\n" for one in files) + end


def message(channel: Channel, *names: str, external_id: str = "m-1") -> Any:
    attachments = [{"upload_id": one} for one in names]
    given = {"external_id": external_id, "contact": {"external_id": "u-7"}, "attachments": attachments}
    return call(channel, json.dumps(given).encode(), "messages/", content_type="application/json")


def kept() -> tuple[int, int]:
    return Upload.objects.count(), Blob.objects.count()


def test_a_file_is_kept_as_what_its_bytes_say(shop: Channel) -> None:
    answer = call(shop, PNG, "files/?filename=run.exe")
    said = answer.json()
    assert (answer.status_code, said["content_type"], said["size_bytes"]) == (201, "image/png", len(PNG))
    assert said["filename"] == "run.exe.png" and kept() == (1, 1)
    assert not RawEvent.objects.exists()


def test_a_form_holds_the_file(shop: Channel) -> None:
    said = call(shop, form(PNG), content_type="multipart/form-data; boundary=AaB").json()
    assert (said["content_type"], said["filename"], said["size_bytes"]) == ("image/png", "a.exe.png", len(PNG))


def test_a_message_that_names_it_shows_it(shop: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "draw", lambda *what: None)
    assert message(shop, call(shop, PNG).json()["id"]).status_code == 202
    assert intake.process(RawEvent.objects.get().pk) == "filed"
    file = Attachment.objects.get()
    assert (file.kind, file.state) == ("image", "waiting")
    media.fetch(file.pk)
    file.refresh_from_db()
    assert (file.state, file.content_type, bytes(file.blob.content)) == ("here", "image/png", PNG)


@pytest.mark.parametrize(
    ("body", "how", "status"),
    [
        (PNG, {"signature": ""}, 403),
        (PNG, {"signature": "t=1,v1=00"}, 403),
        (PNG, {"ahead": -301}, 403),
        (b"", {}, 400),
        (form(), {"content_type": "multipart/form-data; boundary=AaB"}, 400),
        (form(b"a", b"b"), {"content_type": "multipart/form-data; boundary=AaB"}, 400),
        (form(b"a", end=b""), {"content_type": "multipart/form-data; boundary=AaB"}, 400),
        (form(b"a"), {"content_type": "multipart/form-data"}, 400),
    ],
)
def test_what_is_refused_leaves_nothing(shop: Channel, body: bytes, how: dict[str, Any], status: int) -> None:
    assert (call(shop, body, **how).status_code, kept()) == (status, (0, 0))


def test_what_was_cut_off_on_its_way_does_not_fit_its_signature(shop: Channel) -> None:
    at = int(our_clock.real().timestamp())
    whole = f"t={at},v1={signing.sign(SECRET, at, PNG)}"
    assert (call(shop, PNG[:-1], signature=whole).status_code, kept()) == (403, (0, 0))


def test_what_is_too_large_is_refused(shop: Channel, settings: Any) -> None:
    settings.INBOUND_BODY_MAX_BYTES = len(PNG) - 1
    assert (call(shop, PNG).status_code, kept()) == (413, (0, 0))


def test_the_same_call_again_is_a_conflict(shop: Channel, clock: Any) -> None:
    clock.move_to(1795860000)
    assert [call(shop, PNG).status_code for _try in range(2)] == [201, 409]
    assert kept() == (1, 1)


def test_the_same_key_gets_the_same_answer(shop: Channel) -> None:
    key = {"Idempotency-Key": "f-1"}
    first, again = (call(shop, PNG, ahead=ahead, **key).json() for ahead in (0, 5))
    assert first == again and kept() == (1, 1)
    assert (call(shop, b"other", **key).status_code, kept()) == (409, (1, 1))


def test_an_id_of_another_channel_is_refused(shop: Channel) -> None:
    other = factories.make_channel(kind="api", config={"address": "other", "secret": SECRET})
    answer = message(other, call(shop, PNG).json()["id"])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/attachments/0/upload_id")
    assert not RawEvent.objects.exists() and Upload.objects.get().named_at is None


@pytest.mark.parametrize("name", ["", 7, None, "a" * 65, "../x", "é"])
def test_what_is_no_id_is_refused(shop: Channel, name: Any) -> None:
    assert (message(shop, name).status_code, RawEvent.objects.exists()) == (400, False)


def test_an_id_is_good_for_a_day(shop: Channel) -> None:
    name = call(shop, PNG).json()["id"]
    Upload.objects.update(made_at=our_clock.real() - LATER)
    assert message(shop, name).status_code == 400


def test_what_nobody_named_is_forgotten(shop: Channel) -> None:
    unnamed, named = call(shop, b"one").json()["id"], call(shop, b"two").json()["id"]
    message(shop, named)
    assert looking_after.forget_uploads() == 0
    Upload.objects.update(made_at=our_clock.real() - LATER)
    assert looking_after.forget_uploads() == 1
    assert not Upload.objects.filter(key=unnamed).exists() and kept() == (1, 1)


def test_bytes_that_something_else_needs_stay(shop: Channel) -> None:
    call(shop, b"one"), call(shop, b"one", ahead=1)
    Upload.objects.filter(pk=Upload.objects.earliest("pk").pk).update(made_at=our_clock.real() - LATER)
    assert (looking_after.forget_uploads(), kept()) == (1, (1, 1))


def test_a_removed_channel_takes_its_uploads_along(shop: Channel) -> None:
    call(shop, PNG)
    keeping.remove(shop, by=factories.make_agent())
    assert kept() == (0, 0)


def test_the_example_of_the_guide_works(shop: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/api-channel.md, run as it stands: only the network is the tests' own."""

    def urlopen(asked: urllib.request.Request) -> io.BytesIO:
        path = asked.full_url.partition("//")[2].partition("/")[2]
        headers = dict(asked.header_items())
        answer = Client().post(f"/{path}", asked.data, content_type=headers.pop("Content-type"), headers=headers)
        assert answer.status_code in {201, 202}, answer.content
        return io.BytesIO(answer.content)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    examples = [one for one in re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S) if "urlopen" in one]
    place = {"SECRET": SECRET, "ADDRESS": f"https://desk.example.test/webhooks/api/{shop.public_key}/"}
    for one in examples:
        exec(one, place)
    assert [intake.process(event.pk) for event in RawEvent.objects.order_by("pk")] == ["filed", "filed"]
    file = Attachment.objects.get()
    media.fetch(file.pk)
    file.refresh_from_db()
    assert (len(examples), file.filename, bytes(file.blob.content)[:7]) == (2, "order.txt", b"Order 7")


@pytest.mark.django_db(transaction=True)
def test_two_calls_with_one_key_at_once_keep_one_file(shop: Channel) -> None:
    start, found = threading.Barrier(2), []

    def ask() -> None:
        start.wait()
        found.append(call(shop, PNG, **{"Idempotency-Key": "f-1"}).json()["id"])
        connection.close()

    threads = [threading.Thread(target=ask) for _one in range(2)]
    [one.start() for one in threads], [one.join() for one in threads]
    assert len(set(found)) == 1 and len(found) == 2 and kept() == (1, 1)
