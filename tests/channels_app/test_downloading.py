"""How files of providers are fetched: only from public places, with credentials only for their own, within limits."""

import hashlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from channels_app import asking
from channels_app.adapters._sandbox import Played, Simulator
from channels_app.models import Channel, ChannelLog
from helpdesk.lib import guard
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import MediaGone, SendError
from tests import factories, network, paper
from tests.receiver import Receiver, receiving

SECRET = {"authorization": "Bearer secret"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def channel(db: None, receiver: Receiver, settings: Any) -> Channel:
    """Its provider is the receiver, which an administrator named."""
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{receiver.port}"]
    return factories.make_channel(config={"address": "a@example.test", "base": f"http://127.0.0.1:{receiver.port}"})


@pytest.fixture
def strange(db: None) -> Channel:
    """Its configuration names no place."""
    return factories.make_channel()


def test_the_channels_own_place_gets_the_credentials(channel: Channel, receiver: Receiver) -> None:
    receiver.headers = {
        "content-type": "image/png; a=b",
        "content-disposition": "attachment; filename*=utf-8''%C8%99.png",
    }
    media = asking.download(channel, receiver.url, headers=SECRET)
    assert (media.content, media.mime, media.name) == (b"ok", "image/png", "ș.png")
    assert receiver.came[0][0]["authorization"] == "Bearer secret"
    assert ChannelLog.objects.filter(channel=channel, what="file", is_ok=True).count() == 1


def test_another_place_never_does(strange: Channel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    asking.download(strange, receiver.url, headers=SECRET)
    # Named, but not over TLS.
    asking.download(strange, receiver.url, headers=SECRET, hosts=("127.0.0.1",))
    assert [headers.get("authorization") for headers, _ in receiver.came] == [None, None]


@pytest.mark.parametrize(
    ("url", "is_trusted"),
    [
        ("https://files.example.com/1", True),
        ("https://example.org/1", True),
        ("https://example.com/1", False),
        ("https://evilexample.com/1", False),
        ("https://example.org.evil.test/1", False),
        ("https://example.org@evil.test/1", False),
        ("http://example.org/1", False),
        ("ftp://example.org/1", False),
    ],
)
def test_only_named_hosts_are_trusted(
    strange: Channel, monkeypatch: pytest.MonkeyPatch, url: str, is_trusted: bool
) -> None:
    asked: list[Ask] = []

    def give(ask: Ask) -> Answer:
        asked.append(ask)
        return Answer(200, {}, b"x")

    monkeypatch.setattr(asking.http, "fetch", give)
    asking.download(strange, url, headers=SECRET, hosts=(".example.com", "example.org"))
    assert bool(asked[0].headers) is is_trusted
    assert not asked[0].is_ours


def test_a_redirect_elsewhere_loses_all_headers(
    channel: Channel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    with receiving() as other:
        receiver.status, receiver.headers = 302, {"location": other.url}
        asking.download(channel, receiver.url, headers={**SECRET, "x-token": "secret"})
    assert "authorization" in receiver.came[0][0]
    assert not {"authorization", "x-token"} & set(other.came[0][0])


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/", "http://inner.example.test/", "file:///etc/passwd"]
)
def test_a_redirect_into_a_private_network_is_refused(
    channel: Channel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _hostile)
    receiver.status, receiver.headers = 302, {"location": target}
    with pytest.raises(MediaGone, match="address"):
        asking.download(channel, receiver.url)
    assert receiver.connects == 1


@pytest.mark.parametrize("host", ["inner.example.test", "127.0.0.1", "[::ffff:127.0.0.1]", "2130706433"])
def test_a_name_that_leads_to_us_is_refused(
    strange: Channel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, settings: Any, host: str
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = [f"{host}:{receiver.port}", f"127.0.0.1:{receiver.port}"]
    monkeypatch.setattr(socket, "getaddrinfo", _hostile)
    with pytest.raises(MediaGone):
        asking.download(strange, f"http://{host}:{receiver.port}/")
    assert receiver.connects == 0


@pytest.mark.parametrize("status", [403, 404, 410, 400, 204])
def test_what_the_provider_will_not_give_is_gone(channel: Channel, receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(MediaGone, match="no more"):
        asking.download(channel, receiver.url)


@pytest.mark.parametrize(("status", "code"), [(429, "throttled"), (500, "provider_error"), (503, "provider_error")])
def test_a_provider_in_trouble_is_asked_again(channel: Channel, receiver: Receiver, status: int, code: str) -> None:
    receiver.status, receiver.headers = status, {"retry-after": "7"}
    with pytest.raises(SendError) as error:
        asking.download(channel, receiver.url)
    assert (error.value.code, error.value.retryable) == (code, True)


def test_a_provider_that_is_away_is_asked_again(channel: Channel, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{port}"]
    channel.config = {"address": "", "base": f"http://127.0.0.1:{port}"}
    with pytest.raises(SendError) as error:
        asking.download(channel, f"http://127.0.0.1:{port}/")
    assert (error.value.code, error.value.retryable) == ("connection", True)


def test_what_is_too_large_is_not_kept(channel: Channel, receiver: Receiver) -> None:
    receiver.answer = b"x" * 2_000
    with pytest.raises(MediaGone, match="too large"):
        asking.download(channel, receiver.url, max_bytes=1_000)


def test_a_file_must_be_the_one_that_was_sent(channel: Channel, receiver: Receiver) -> None:
    right = hashlib.sha256(b"ok").hexdigest()
    assert asking.download(channel, receiver.url, sha256=right.upper()).content == b"ok"
    with pytest.raises(SendError) as error:
        asking.download(channel, receiver.url, sha256="0" * 64)
    assert error.value.retryable


def test_in_the_sandbox_the_desk_itself_gives_it(strange: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    class Files(Simulator):
        def answer(self, channel: Channel, ask: Ask, fault: str = "") -> Played:
            return Played(Answer(200, {"content-type": "image/png"}, ask.url.encode()))

    monkeypatch.setattr(type(paper.adapter), "simulator", Files())
    strange.is_sandbox = True
    assert asking.download(strange, "https://files.example.com/1").content == b"https://files.example.com/1"


def _hostile(host: Any, port: Any, *args: Any, **named: Any) -> Any:
    """A name server that answers with an address of ours."""
    found = "127.0.0.1" if str(host).endswith(".test") else host
    return network._getaddrinfo(found, port, *args, **named | {"flags": socket.AI_NUMERICHOST})
