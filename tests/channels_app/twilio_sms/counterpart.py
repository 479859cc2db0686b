"""Twilio as far as we use it, on loopback: accounts, messages, files, numbers and templates, with its real errors.

Written from its documentation, apart from the adapter. What a number does decides the answer: its last digits name a
trouble, as those of Twilio's own test numbers do.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.channels_app.answering import Asked, Provider, Said, answering

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "twilio-auth-token"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
# By the last four digits of who is written to: (HTTP status, code, words).
TROUBLES = {
    "1610": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "1211": (400, 21211, "Invalid 'To' Phone Number"),
    "1408": (400, 21408, "Permission to send an SMS has not been enabled for the region"),
    "1606": (400, 21606, "The From phone number is not a valid, SMS-capable inbound phone number"),
    "3016": (400, 63016, "Failed to send freeform message because you are outside the allowed window."),
    "0007": (400, 30007, "Message filtered"),
    "1655": (400, 21655, "The ContentSid is Invalid"),
    "1617": (400, 21617, "The concatenated message body exceeds the 1600 character limit"),
    "0002": (403, 30002, "Account suspended"),
    "9999": (400, 99999, "Something new"),
    "0503": (503, 20503, "Service unavailable"),
}


@dataclass
class Twilio:
    """What it knows and does. leaves: requests until it says 429; hangs: it takes a message and says nothing."""

    provider: Provider = field(default_factory=Provider)
    sent: list[dict[str, str]] = field(default_factory=list)
    inbound: list[dict[str, Any]] = field(default_factory=list)
    media: dict[str, Said] = field(default_factory=dict)
    numbers: dict[str, dict[str, str]] = field(default_factory=dict)
    templates: list[dict[str, Any]] = field(default_factory=list)
    leaves: int = 1_000
    hangs: bool = False
    says: str = ""

    def answer(self, asked: Asked) -> Said:
        if asked.path in self.media:
            return self.media[asked.path]
        if not _knows(asked.headers.get("authorization", "")):
            return _error(401, 20003, "Authenticate")
        self.leaves -= 1
        if self.leaves < 0:
            return _error(429, 20429, "Too Many Requests", {"retry-after": "7"})
        if asked.path == f"{ROOT}/Messages.json":
            return self._take(asked) if asked.method == "POST" else self._list(asked)
        return self._other(asked)

    def _take(self, asked: Asked) -> Said:
        given = dict(asked.form)
        trouble = TROUBLES.get(given.get("To", "")[-4:])
        if trouble:
            return _error(*trouble)
        if not given.get("To"):
            return _error(400, 21604, "A 'To' phone number is required.")
        if not (given.get("From") or given.get("MessagingServiceSid")):
            return _error(400, 21603, "A 'From' phone number is required.")
        if not (given.get("Body") or given.get("MediaUrl") or given.get("ContentSid")):
            return _error(400, 21602, "Message body is required.")
        self.sent.append(given)
        if self.hangs:
            return Said(cuts=True)
        if self.says:
            return Said(200, self.says.encode())
        name = f"SM{len(self.sent):032x}"
        return _json({"sid": name, "status": "queued", "to": given["To"], "error_code": None}, 201)

    def _list(self, asked: Asked) -> Said:
        assert asked.query["To"] and asked.query["DateSent>"]
        start = int(asked.query.get("Page", 0))
        rows = self.inbound[start : start + 2]
        more = start + 2 < len(self.inbound)
        query = f"To=x&DateSent%3E=2026-11-28&Page={start + 2}"
        return _json({"messages": rows, "next_page_uri": f"{ROOT}/Messages.json?{query}" if more else None})

    def _other(self, asked: Asked) -> Said:
        if asked.path == f"{ROOT}.json":
            return _json({"sid": ACCOUNT, "status": self.says or "active"})
        if asked.path == f"{ROOT}/IncomingPhoneNumbers.json":
            return _json({"incoming_phone_numbers": [
                {"sid": sid, **number} for sid, number in self.numbers.items()
                if number["phone_number"] == asked.query["PhoneNumber"]]})  # fmt: skip
        if asked.path.startswith(f"{ROOT}/IncomingPhoneNumbers/") and asked.method == "POST":
            sid = asked.path.rpartition("/")[2].removesuffix(".json")
            self.numbers[sid].update(dict(asked.form))
            return _json({"sid": sid})
        if asked.path.endswith("/Media.json"):
            return _json(
                {
                    "media_list": [
                        {"uri": asked.path.replace("Media.json", "Media/ME1.json"), "content_type": "image/png"}
                    ]
                }
            )
        if asked.path == "/v1/ContentAndApprovals":
            page = int(asked.query.get("Page", 0))
            following = f"https://content.twilio.com/v1/ContentAndApprovals?PageSize=100&Page={page + 1}"
            more = page + 1 < len(self.templates)
            return _json(
                {"contents": self.templates[page : page + 1], "meta": {"next_page_url": following if more else None}}
            )
        return _error(404, 20404, "The requested resource was not found")


@contextmanager
def running() -> Iterator[Twilio]:
    twilio = Twilio()
    with answering(twilio.answer) as provider:
        twilio.provider = provider
        yield twilio


def _knows(header: str) -> bool:
    good = {f"{ACCOUNT}:{TOKEN}", "SK1:key-secret"}
    return header.startswith("Basic ") and base64.b64decode(header[6:]).decode() in good


def _json(given: dict[str, Any], status: int = 200) -> Said:
    return Said(status, json.dumps(given).encode())


def _error(status: int, code: int, words: str, headers: dict[str, str] | None = None) -> Said:
    said = {"code": code, "message": words, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return Said(status, json.dumps(said).encode(), {"content-type": "application/json", **(headers or {})})
