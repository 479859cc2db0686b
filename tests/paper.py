"""A channel of no provider for tests: letters are JSON, and what is sent is kept in a list."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest

from channels_app.adapters._base import Adapter
from channels_app.models import Channel
from helpdesk.lib.inbound import (
    Ignored,
    Inbound,
    InboundMessage,
    InboundStatus,
    InvalidSignature,
    Malformed,
    Party,
    Proof,
    RawInput,
    Robot,
)
from helpdesk.lib.outbound import Capabilities, Outbound, Sent, SentPart


class PaperConfig(forms.Form):
    """What an account of this kind consists of."""

    address = forms.EmailField()


@dataclass
class Post:
    """The provider: what it accepted, and what it says instead when `fail` is set. loses: it takes it all the same."""

    accepted: list[Outbound] = field(default_factory=list)
    fail: Exception | None = None
    loses: bool = False

    def take(self, outbound: Outbound) -> Sent:
        """Accept one letter, or raise."""
        if self.fail is None or self.loses:
            self.accepted.append(outbound)
        if self.fail is not None:
            raise self.fail
        name = f"sent-{outbound.idempotency_key}"
        parts = tuple(SentPart(row.position, f"{name}#{row.position}") for row in outbound.recipients)
        return Sent(external_id=name, parts=parts)


class PaperAdapter(Adapter):
    """Speaks letters: {"from", "text", "id", …}, a list of them, or {"status": …}."""

    kind = "paper"
    label = "Paper"
    icon = "email"
    identity_kind = "email"
    capabilities = Capabilities(max_text_characters=10_000, max_files_bytes=1_000_000, undo_seconds=10)
    ConfigForm = PaperConfig

    def __init__(self) -> None:
        self.post = Post()

    def new_thread_key(self) -> str:
        return secrets.token_hex(16)

    def verify(self, request: HttpRequest, channel: Channel) -> None:
        if request.headers.get("X-Signature") != "good":
            raise InvalidSignature

    def dedupe_key(self, raw: RawInput) -> str:
        return raw.headers.get("x-delivery", "") or raw.body[:100].hex()

    def parse(self, raw: RawInput) -> list[Inbound]:
        try:
            letters = json.loads(raw.body)
        except ValueError as error:
            raise Malformed("This is no letter.") from error
        return [_read(letter) for letter in (letters if isinstance(letters, list) else [letters])]

    def send(self, channel: Channel, outbound: Outbound) -> Sent:
        return self.post.take(outbound)


def letter(**fields: Any) -> bytes:
    """Write a letter as it would arrive."""
    return json.dumps({"from": "giulia@example.test", "text": "Where is my parcel?", **fields}).encode()


def _read(letter: dict[str, Any]) -> Inbound:
    if "ignore" in letter:
        return Ignored(letter["ignore"])
    if "status" in letter:
        return InboundStatus(external_id=letter["id"], state=letter["status"], error=letter.get("error", ""))
    if letter["text"] == "crash":
        raise ZeroDivisionError("The reader of letters is broken.")
    return InboundMessage(
        sender=Party(kind="email", value=letter["from"], name=letter.get("name", "")),
        external_id=letter.get("id", ""),
        text=letter["text"],
        thread_key=letter.get("thread_key", ""),
        proof=Proof(letter.get("proof", "unproven")),
        robot=Robot(letter.get("robot", "")),
        fingerprint=letter.get("fingerprint", ""),
        occurred_at=datetime.fromisoformat(letter["at"]) if "at" in letter else None,
    )


adapter = PaperAdapter()
