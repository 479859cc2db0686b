"""A messaging channel of no provider for tests: a delivery is a list of events, by the names of their fields.

Importing it makes the kind known, as tests/factories.py does with tests/paper.py.
"""

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from channels_app import adapters, intake
from channels_app.models import Channel, RawEvent
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Inbound, Party, RawInput
from helpdesk.lib.outbound import Capabilities
from tests import paper
from tests.factories import make_channel

GIULIA = "u-giulia"
PAGE = "page"


class ChatterAdapter(paper.PaperAdapter):
    """Hears lists of events; sends through a post of its own."""

    kind = "chatter"
    label = "Chatter"
    icon = "chat"
    identity_kind = "other"
    capabilities = Capabilities(
        max_text_characters=1_000, max_files_bytes=1_000_000, reply_window_hours=24, has_stop_words=True
    )

    def new_thread_key(self) -> str:
        return ""

    def name_of(self, event: Event, external_id: str) -> str:
        """Messages are counted within a chat where a chat is named by a number."""
        return f"{event.conversation_id}:{external_id}" if event.conversation_id.isdigit() else external_id

    def parse(self, raw: RawInput) -> list[Inbound]:
        return [_read(said) for said in json.loads(raw.body)]


adapter = ChatterAdapter()
adapters.all().setdefault("chatter", adapter)


def make_chatter(**more: Any) -> Channel:
    """Make a channel of this kind."""
    return make_channel(name="Chatter", kind="chatter", **more)


def hear(channel: Channel, *events: dict[str, Any], key: str = "") -> RawEvent:
    """Let one delivery with these events come, and file it."""
    raw = bring(channel, *events, key=key)
    intake.process(raw.pk)
    raw.refresh_from_db()
    return raw


def bring(channel: Channel, *events: dict[str, Any], key: str = "") -> RawEvent:
    """Store one delivery; a key makes it another one than those with the same events before."""
    key = key or f"d-{RawEvent.objects.count()}"
    return intake.store(channel, body=json.dumps(events).encode(), headers={"x-delivery": key})


def said(text: str = "Ciao", **more: Any) -> dict[str, Any]:
    """Write a message by Giulia, m-1 at ten o'clock."""
    at = more.pop("at", 0)
    return {"kind": "message", "sender_id": GIULIA, "message_id": "m-1", "text": text, **when(at), **more}


def about(kind: str, target: str = "m-1", *, at: int, **more: Any) -> dict[str, Any]:
    """Write an event of Giulia's about a message; at: minutes after ten."""
    return {"kind": kind, "sender_id": GIULIA, "target_id": target, **when(at), **more}


def ours(kind: str, **more: Any) -> dict[str, Any]:
    """Write an event about what we sent to Giulia."""
    at = more.pop("at", 5)
    return {"kind": kind, "direction": "out", "recipient_id": GIULIA, "sender_id": PAGE, **when(at), **more}


def when(minutes: int) -> dict[str, str]:
    """Write a time: so many minutes after ten o'clock of the tests' day."""
    return {"occurred_at": f"2026-11-22T{10 + minutes // 60:02}:{minutes % 60:02}:00+00:00"}


def _read(said: dict[str, Any]) -> Event:
    names = {row.name for row in fields(Event)}
    known = {name: value for name, value in said.items() if name in names}
    known["kind"] = EventKind(known["kind"])
    if "occurred_at" in known:
        known["occurred_at"] = datetime.fromisoformat(known["occurred_at"])
    known["files"] = tuple(EventFile(**one) for one in known.get("files", ()))
    known["aliases"] = tuple(Party(**one) for one in known.get("aliases", ()))
    known["target_ids"] = tuple(known.get("target_ids", ()))
    return Event(**known)
