"""What the tests of WhatsApp, Messenger and Instagram share: reading a payload, accounts, Meta's signature."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels_app import adapters
from channels_app.models import Channel
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import RawInput
from tests import factories

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
# 2026-11-25 09:46:40 UTC, as the payloads write it.
SAID_AT = datetime.fromtimestamp(1795600000, UTC)
SECRET = "app-secret-of-tests"
TOKEN = "EAAG-token-of-tests"
CONFIGS: dict[str, dict[str, Any]] = {
    "whatsapp": {"phone_number_id": "1005550100", "waba_id": "215550100", "address": "+39 02 555 0100"},
    "messenger": {"page_id": "3005550100", "address": "Our Page"},
    "instagram": {"ig_id": "17841405550100", "login": "instagram", "address": "@our.shop"},
}
KINDS = tuple(CONFIGS)


def body_of(kind: str, name: str) -> bytes:
    return (Path(__file__).parent / kind / "payloads" / f"{name}.json").read_bytes()


def parse(kind: str, body: bytes | dict[str, Any], **config: Any) -> list[Event]:
    """Understand a body; every event is one."""
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = adapters.get(kind).parse(RawInput(written, AT, config=config))
    assert all(isinstance(one, Event) for one in found)
    return [one for one in found if isinstance(one, Event)]


def fields_of(event: Event, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(event, name) for name in names)


def make_account(kind: str, **config: Any) -> Channel:
    given = {"access_token": TOKEN, "app_secret": SECRET, "verify_token": "a word", **CONFIGS[kind], **config}
    return factories.make_channel(name=f"Our {kind}", kind=kind, config=given)


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """Sign as Meta does; written here anew, apart from what checks it."""
    return {"X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}
