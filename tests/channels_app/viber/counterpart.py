"""Viber's bot API as its documentation has it (read 2026-11): 200 to everything, the truth is in `status`."""

import json
from typing import Any

from tests.channels_app.provider import Call, Counterpart, Reply

TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"


class Viber(Counterpart):
    """One bot with those who follow it."""

    def __init__(self) -> None:
        super().__init__()
        self.followers: set[str] = {"ada="}
        self.unknown: set[str] = set()
        self.webhook: dict[str, Any] = {}
        self.sent: list[dict[str, Any]] = []
        self.left: int | None = None

    def handle(self, call: Call) -> Reply:
        if call.headers.get("x-viber-auth-token") != TOKEN:
            return told(2, "invalidAuthToken")
        if len(call.body) > 30 * 1024:
            return told(3, "badData")
        known = getattr(self, f"_{call.path.removeprefix('/pa/')}", None)
        reply: Reply = known(call.json) if known else told(3, "badData")
        return reply

    def _set_webhook(self, fields: dict[str, Any]) -> Reply:
        if fields["url"] and not fields["url"].startswith("https://"):
            return told(1, "invalidUrl")
        self.webhook = fields
        return told(0, "ok", event_types=fields.get("event_types", []))

    def _get_account_info(self, fields: dict[str, Any]) -> Reply:
        return told(0, "ok", id="pa:1", name="Shop", uri="shopbot", subscribers_count=1)

    def _get_user_details(self, fields: dict[str, Any]) -> Reply:
        if fields["id"] not in self.followers:
            return told(6, "receiverNotSubscribed")
        return told(
            0, "ok", user={"id": fields["id"], "name": "Ada", "language": "ro", "avatar": "https://a.example.test"}
        )

    def _send_message(self, fields: dict[str, Any]) -> Reply:
        if not 1 <= len(fields.get("sender", {}).get("name", "")) <= 28:
            return told(3, "badData")
        if not _is_complete(fields):
            return told(4, "missingData")
        if fields["receiver"] in self.unknown:
            return told(5, "receiverNotRegistered")
        if fields["receiver"] not in self.followers:
            return told(6, "receiverNotSubscribed")
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                return told(12, "tooManyRequests")
        self.sent.append(fields)
        return told(0, "ok", message_token=5_741_311_803_571_721_000 + len(self.sent), billing_status=1)


def told(status: int, message: str, **more: object) -> Reply:
    return Reply(200, json.dumps({"status": status, "status_message": message, **more}).encode())


def _is_complete(fields: dict[str, Any]) -> bool:
    kind = fields.get("type")
    if kind == "text":
        return 1 <= len(fields["text"]) <= 7000
    needed = {"picture": {"text", "media"}, "video": {"media", "size"}, "file": {"media", "size", "file_name"}}
    return needed.get(kind, {"nothing"}) <= set(fields) and len(fields.get("file_name", "")) <= 256
