"""Telling another system on loopback: signed, tried again, and never in a private network."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from channels_app import adapters
from channels_app.adapters.api import client
from channels_app.models import Channel
from conversations.models import FileLink
from helpdesk.lib import clock as our_clock
from helpdesk.lib import http
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, SendError
from tests import factories
from tests.channels_app.answering import Asked, Provider, Said, answering

ADAPTER = adapters.get("api")
SECRET, AFTER = "a-secret-of-the-shop", "the-secret-after-it"
PERSON = Party("other", "u-7", realm="shop", name="Ioana")

pytestmark = pytest.mark.django_db


class Shop:
    """Another system, which checks what it gets as docs/api-channel.md says."""

    provider: Provider
    said = Said(200, b'{"id": 7}')
    secret = SECRET

    def answer(self, asked: Asked) -> Said:
        return self.said if self.is_signed(asked) else Said(401)

    def is_signed(self, asked: Asked) -> bool:
        fields = [part.split("=", 1) for part in asked.headers["x-signature"].split(",")]
        at = next(value for name, value in fields if name == "t")
        mac = hmac.new(self.secret.encode(), at.encode() + b"." + asked.body, hashlib.sha256).hexdigest()
        return any(name == "v1" and hmac.compare_digest(value, mac) for name, value in fields)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(asked.body) for asked in self.provider.asked]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    found = Shop()
    # Loopback is private, and this channel asks no private address: the guard is another test's.
    monkeypatch.setattr(http, "assert_public", lambda host, port, **how: ["127.0.0.1"])
    with answering(found.answer) as provider:
        found.provider = provider
        yield found


def make(shop: Shop, **config: str) -> Channel:
    url = f"{shop.provider.url}/answers"
    return factories.make_channel(kind="api", config={"address": "shop", "secret": SECRET, "target_url": url, **config})


def outbound(**given: Any) -> Outbound:
    fields = {"piece_key": "key:0", "sender_name": "Ana", **given}
    return Outbound(
        "00000000-0000-4000-8000-000000000000", "c-3", (OutboundRecipient("to", PERSON, 0),), "Bună", **fields
    )


def test_a_file_has_a_link_that_ends(shop: Shop) -> None:
    ADAPTER.send(make(shop), outbound(files=(OutboundFile("a.txt", "text/plain", b"abc"),)))
    [given] = shop.told[0]["message"]["attachments"]
    path = given["url"].partition("//")[2].partition("/")[2]
    assert Client().get(f"/{path}").content == b"abc"
    assert timedelta(days=29) < datetime.fromisoformat(given["url_expires_at"]) - our_clock.real() <= timedelta(days=30)
    FileLink.objects.update(expires_at=our_clock.real())
    assert Client().get(f"/{path}").status_code == 404


def test_a_large_file_goes_as_its_link_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "INLINE_MAX_BYTES", 2)
    ADAPTER.send(make(shop), outbound(files=(OutboundFile("a.txt", "text/plain", b"abc"),)))
    [given] = shop.told[0]["message"]["attachments"]
    assert "content" not in given and given["url"]


def refused(channel: Channel, **given: Any) -> SendError:
    with pytest.raises(SendError) as caught:
        ADAPTER.send(channel, outbound(**given))
    return caught.value


def test_a_message_is_told(shop: Shop) -> None:
    file = OutboundFile("a.txt", "text/plain", b"abc")
    sent = ADAPTER.send(make(shop), outbound(files=(file,), quotes="m-1"))
    [told] = shop.told
    assert (told["type"], told["event_id"], told["attempt"], sent.external_id) == ("message", "key:0", 1, "7")
    message = told["message"]
    assert (message["id"], message["text"], message["reply_to"]) == ("key:0", "Bună", "m-1")
    assert (message["contact"], message["conversation_external_id"]) == ({"external_id": "u-7", "name": "Ioana"}, "c-3")
    [given] = message["attachments"]
    assert (base64.b64decode(given["content"]), given["size_bytes"]) == (b"abc", 3)
    assert given["sha256"] == hashlib.sha256(b"abc").hexdigest()
    assert shop.provider.asked[0].headers["x-event-id"] == "key:0"


@pytest.mark.parametrize("knows", [SECRET, AFTER])
def test_while_the_secret_is_changed_both_sign(shop: Shop, knows: str) -> None:
    shop.secret = knows
    ADAPTER.send(make(shop, secret_next=AFTER), outbound())


def test_an_answer_without_a_name_leaves_ours(shop: Shop) -> None:
    shop.said = Said(204)
    assert ADAPTER.send(make(shop), outbound()).external_id == "key:0"


@pytest.mark.parametrize(
    ("said", "code", "retryable", "after"),
    [
        (Said(503), "provider_error", True, 10), (Said(cuts=True), "provider_error", True, 10),
        (Said(302, b"", {"location": "http://x.example.test"}), "provider_error", True, 10),
        (Said(429, b"", {"retry-after": "90"}), "throttled", True, 90), (Said(401), "credentials", False, None),
        (Said(422), "rejected_content", False, None), (Said(404), "rejected_recipient", False, None),
    ],
)  # fmt: skip
def test_a_refusal_in_our_words(shop: Shop, said: Said, code: str, retryable: bool, after: int | None) -> None:
    shop.said = said
    error = refused(make(shop))
    assert (error.code, error.retryable, error.retry_after_seconds, error.maybe_sent) == (code, retryable, after, False)


def test_each_try_waits_longer(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.said, channel = Said(500), make(shop)
    waits = []
    for attempt in range(1, 10):
        monkeypatch.setattr(client, "_attempt", lambda outbound, attempt=attempt: attempt)
        waits.append(refused(channel).retry_after_seconds)
    assert waits == [10, 60, 300, 1_800, 7_200, 21_600, 86_400, 86_400, 86_400]
    assert [told["attempt"] for told in shop.told] == list(range(1, 10))


def test_three_days_of_failures_switch_it_off(shop: Shop, clock: Any) -> None:
    channel, shop.said = make(shop), Said(500)
    assert refused(channel).retryable
    clock.shift(timedelta(days=3, minutes=1))
    error = refused(channel)
    assert (error.code, error.retryable, error.our_fault) == ("credentials", False, True)


def test_one_success_begins_the_three_days_anew(shop: Shop, clock: Any) -> None:
    channel, shop.said = make(shop), Said(500)
    refused(channel)
    shop.said = Said(200)
    ADAPTER.send(channel, outbound())
    clock.shift(timedelta(days=4))
    shop.said = Said(500)
    assert refused(channel).retryable
    channel.refresh_from_db()
    assert channel.poll_state["failing_since"] == our_clock.real().isoformat()


def test_no_address_is_said(shop: Shop) -> None:
    assert refused(make(shop, target_url="")).code == "not_configured"


def test_a_private_address_is_never_asked(shop: Shop, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.undo()
    settings.PRIVATE_HOSTS_ALLOWED = [shop.provider.place]
    assert refused(make(shop)).code == "provider_error"
    assert shop.provider.asked == []


def test_what_happens_beside_messages_is_told(shop: Shop) -> None:
    channel = make(shop)
    ADAPTER.react(channel, PERSON, "m-1", "👍")
    ADAPTER.edit(channel, PERSON, "7", "new")
    ADAPTER.withdraw(channel, PERSON, "7")
    ADAPTER.typing(channel, PERSON, "m-1")
    ADAPTER.mark_read(channel, PERSON, "m-1")
    ADAPTER.check(channel)
    assert [told["type"] for told in shop.told] == ["reaction", "edit", "delete", "typing", "read", "ping"]
    assert shop.told[1] == {"type": "edit", "contact": {"external_id": "u-7"}, "message_id": "7", "text": "new",
                            "sent_at": shop.told[1]["sent_at"]}  # fmt: skip
