"""docs/adding-a-channel.md, followed word by word: the channel of its example is used, and no other file is touched."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from agents.models import Brand
from channels_app import adapters, delivery, intake
from channels_app.addresses import webhook_of
from channels_app.models import Channel, RawEvent, SandboxMessage
from conversations.models import Delivery, Entry
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.outbound import Route

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "adding-a-channel.md"
FILE = re.compile(r"^`pigeon/(?P<name>\w+\.py)`, [^\n]*:\n\n```python\n(?P<code>.*?)^```$", re.M | re.S)


@pytest.fixture
def pigeon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Write the files of the guide's example into a folder that stands beside the adapters."""
    folder = tmp_path / "pigeon"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for found in FILE.finditer(GUIDE.read_text()):
        (folder / found["name"]).write_text(found["code"])
    monkeypatch.setattr(adapters, "__path__", [*adapters.__path__, str(tmp_path)])
    # What is listed anew has it; what was listed before keeps the tests' own kinds.
    monkeypatch.setitem(adapters.all(), "pigeon", adapters.all.__wrapped__()["pigeon"])
    yield folder
    for name in [name for name in sys.modules if name.startswith("channels_app.adapters.pigeon")]:
        del sys.modules[name]


@pytest.fixture
def loft(pigeon: Path, db: None) -> Channel:
    brand = Brand.objects.get_or_create(is_default=True, defaults={"name": "Passolungo"})[0]
    channel = Channel(kind="pigeon", name="The loft", brand=brand, is_sandbox=True)
    channel.config = {"base_url": "https://api.pigeon.example.test", "secret": "a-secret-of-pigeons"}
    channel.save()
    return channel


def call(channel: Channel, event: Event) -> int:
    """Call the door as the provider does, and file what it kept."""
    simulator = channel.adapter.simulator
    assert simulator is not None
    made = simulator.webhook(channel, event)
    path = webhook_of(channel).partition("//")[2].partition("/")[2]
    answer = Client().post(f"/{path}", made.body, content_type="application/json", headers=made.headers)
    for raw in RawEvent.objects.filter(state="new"):
        intake.process(raw.pk)
    return answer.status_code


def test_the_guide_has_both_files() -> None:
    assert [found["name"] for found in FILE.finditer(GUIDE.read_text())] == ["adapter.py", "sandbox.py"]


def test_its_letters_arrive_and_ours_land(loft: Channel) -> None:
    letter = Event(EventKind.MESSAGE, sender_id="loft-7", message_id="p-1", text="Where is my grain?")
    assert [call(loft, letter), call(loft, letter)] == [200, 200]
    entry = Entry.objects.get(kind="message")
    assert (entry.message.text, entry.message.sender.value) == ("Where is my grain?", "loft-7")
    assert entry.conversation is not None
    entry.conversation.reply(by=None, text="On its way.", to=Route(loft.pk, entry.message.sender_id))
    sent = Delivery.objects.get()
    assert delivery.deliver(sent.pk) == "sent"
    played = SandboxMessage.objects.get()
    assert (played.recipient, played.text) == ("loft-7", "On its way.")
    assert call(loft, Event(EventKind.STATUS, "out", target_id=played.external_id, status="delivered")) == 200
    sent.refresh_from_db()
    assert sent.state == "delivered"


def test_what_the_loft_did_not_sign_is_refused(loft: Channel) -> None:
    answer = Client().post(f"/webhooks/pigeon/{loft.public_key}/", b"{}", content_type="application/json")
    assert (answer.status_code, RawEvent.objects.count()) == (403, 0)


def test_its_code_keeps_the_rules_of_the_house(pigeon: Path) -> None:
    """The example is linted as our own code is, but for its words, which nobody has to translate."""
    config = str(ROOT / "pyproject.toml")
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--config", config, str(pigeon)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout
