"""Vonage as far as we use it, on loopback: both interfaces, with their real errors. Apart from the adapter."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.channels_app.answering import Asked, Provider, Said, answering

KEY, SECRET = "abcd1234", "vonage-secret"
DOCS = "https://developer.vonage.com/api-errors/messages#"


@dataclass
class Vonage:
    """What it knows and does. parts: what it says of the parts of the next texts, with '0' for a good one.

    trouble: (HTTP status, code) of the Messages API; hangs: it takes a message and says nothing.
    """

    provider: Provider = field(default_factory=Provider)
    sent: list[dict[str, Any]] = field(default_factory=list)
    parts: tuple[str, ...] = ("0",)
    words: str = "Throughput Rate Exceeded - please wait [ 1500 ms] and retry"
    trouble: tuple[int, str] | None = None
    hangs: bool = False
    says: str = ""
    numbers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/sms/json":
            return self._text(dict(asked.form))
        packed = asked.headers.get("authorization", "Basic ").removeprefix("Basic ")
        if base64.b64decode(packed).decode() != f"{KEY}:{SECRET}":
            return _json({"type": f"{DOCS}unauthorized", "title": "Unauthorized"}, 401)
        if asked.path == "/v1/messages":
            return self._message(json.loads(asked.body))
        if asked.path == "/account/numbers":
            return _json({"count": len(self.numbers), "numbers": self.numbers})
        if asked.path == "/number/update":
            self.numbers[0].update(dict(asked.form))
            return _json({"error-code": "200"})
        return _json({"value": 3.14}) if asked.path == "/account/get-balance" else _json({}, 404)

    def _text(self, given: dict[str, str]) -> Said:
        if (given.get("api_key"), given.get("api_secret")) != (KEY, SECRET):
            return _json({"message-count": "1", "messages": [{"status": "4", "error-text": "Bad Credentials"}]})
        if not (given.get("from") and given.get("to", "").isdecimal() and given.get("text")):
            return _json({"message-count": "1", "messages": [{"status": "2", "error-text": "Missing params"}]})
        self.sent.append(given)
        if self.hangs or self.says:
            return Said(200, self.says.encode(), cuts=self.hangs)
        rows = [self._part(place, status) for place, status in enumerate(self.parts, 1)]
        return _json({"message-count": str(len(rows)), "messages": rows})

    def _part(self, place: int, status: str) -> dict[str, str]:
        good = {"status": "0", "message-id": f"0A{len(self.sent):04}{place:02}"}
        return good if status == "0" else {"status": status, "error-text": self.words}

    def _message(self, given: dict[str, Any]) -> Said:
        if self.trouble is not None:
            status, code = self.trouble
            return _json({"type": f"{DOCS}{code}", "title": code, "detail": "No."}, status, {"retry-after": "3"})
        if not (given["from"] and given["to"].lstrip("+").isalnum() and given.get(given["message_type"])):
            return _json({"type": f"{DOCS}1150", "title": "Invalid params"}, 422)
        self.sent.append(given)
        if self.hangs or self.says:
            return Said(202, self.says.encode(), cuts=self.hangs)
        return _json({"message_uuid": f"00000000-0000-4000-8000-{len(self.sent):012}"}, 202)


@contextmanager
def running() -> Iterator[Vonage]:
    vonage = Vonage()
    with answering(vonage.answer) as provider:
        vonage.provider = provider
        yield vonage


def _json(given: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Said:
    return Said(status, json.dumps(given).encode(), {"content-type": "application/json", **(headers or {})})
