"""LINE's Messaging API as its documentation has it (read 2026-11): checks what is sent, refuses as LINE does."""

import re
from typing import Any

from tests.channels_app.provider import Call, Counterpart, Reply

TOKEN = "a-channel-access-token"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CONTENT = re.compile(r"/v2/bot/message/([^/]+)/content(/transcoding)?")
PERSON, GROUP = re.compile(r"/v2/bot/profile/([^/]+)"), re.compile(r"/v2/bot/group/([^/]+)/summary")


def refusal(status: int, message: str) -> Reply:
    return Reply(status, {"message": message})


class Line(Counterpart):
    """One account with its friends."""

    def __init__(self) -> None:
        super().__init__()
        self.friends: dict[str, dict[str, Any]] = {"U1": {"userId": "U1", "displayName": "Ada", "language": "it"}}
        self.groups: dict[str, dict[str, Any]] = {"C1": {"groupId": "C1", "groupName": "Neighbours"}}
        self.blocked: set[str] = set()
        self.reply_tokens: set[str] = set()
        self.keys: dict[str, str] = {}
        self.contents: dict[str, tuple[str, bytes]] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.quota: int | None = None
        self.endpoint = ""
        self.is_reached = True

    def handle(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            message = "Authentication failed. Confirm that the access token in the authorization header is valid."
            return refusal(401, message)
        name = call.path.removeprefix("/v2/bot/").replace("/", "_").lower()
        known = getattr(self, f"_{call.method.lower()}_{name}", None)
        if known is not None:
            reply: Reply = known(call)
            return reply
        if found := CONTENT.fullmatch(call.path):
            return self._content(*found.groups())
        for pattern, people in ((PERSON, self.friends), (GROUP, self.groups)):
            if found := pattern.fullmatch(call.path):
                return Reply(200, people[found[1]]) if found[1] in people else refusal(404, "Not found")
        return refusal(404, "Not found")

    def _get_info(self, call: Call) -> Reply:
        return Reply(200, {"userId": "Ubot", "basicId": "@123abcde", "displayName": "Shop", "chatMode": "bot"})

    def _put_channel_webhook_endpoint(self, call: Call) -> Reply:
        self.endpoint = call.json["endpoint"]
        is_good = self.endpoint.startswith("https://") and len(self.endpoint) <= 500
        return Reply() if is_good else refusal(400, "Invalid webhook endpoint URL")

    def _post_channel_webhook_test(self, call: Call) -> Reply:
        reason = "OK" if self.is_reached else "COULD_NOT_CONNECT"
        return Reply(200, {"success": self.is_reached, "statusCode": 200 if self.is_reached else 0, "reason": reason})

    def _post_message_reply(self, call: Call) -> Reply:
        token = call.json.get("replyToken", "")
        if trouble := _trouble(call.json.get("messages")):
            return trouble
        if token not in self.reply_tokens:
            return refusal(400, "Invalid reply token")
        self.reply_tokens.remove(token)
        return self._take("reply", call.json)

    def _post_message_push(self, call: Call) -> Reply:
        key, to = call.headers.get("x-line-retry-key", ""), call.json.get("to")
        if key and not UUID.fullmatch(key):
            return refusal(400, "The retry key is invalid")
        if trouble := _trouble(call.json.get("messages")):
            return trouble
        if key in self.keys:
            told = {"message": "The retry key is already accepted", "sentMessages": [{"id": self.keys[key]}]}
            return Reply(409, told, {"x-line-accepted-request-id": "request-1"})
        if to in self.blocked:
            return refusal(400, "Failed to send messages")
        if to not in self.friends | self.groups:
            return refusal(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
        if self.quota is not None:
            self.quota -= 1
            if self.quota < 0:
                return refusal(429, "You have reached your monthly limit.")
        return self._take("push", call.json, key)

    def _post_chat_loading_start(self, call: Call) -> Reply:
        seconds = call.json.get("loadingSeconds", 20)
        is_good = call.json["chatId"] in self.friends and 5 <= seconds <= 60 and seconds % 5 == 0
        return Reply(202) if is_good else refusal(400, "Invalid chat ID")

    def _post_chat_markasread(self, call: Call) -> Reply:
        return Reply() if call.json["markAsReadToken"] == "read-1" else refusal(400, "Invalid markAsReadToken")

    def _take(self, how: str, fields: dict[str, Any], key: str = "") -> Reply:
        self.sent.append((how, fields))
        name = str(461_230_966_842_064_000 + len(self.sent))
        if key:
            self.keys[key] = name
        return Reply(200, {"sentMessages": [{"id": name, "quoteToken": "q"}]})

    def _content(self, name: str, transcoding: str | None) -> Reply:
        if name not in self.contents:
            return refusal(404, "Not found")
        state, content = self.contents[name]
        if transcoding:
            return Reply(200, {"status": state})
        return Reply(200, content, {"content-type": "image/jpeg"})


def _trouble(messages: Any) -> Reply | None:
    """Refuse messages that LINE would refuse."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        return refusal(400, "Size must be between 1 and 5")
    for message in messages:
        if message["type"] == "text" and not 1 <= len(message["text"].encode("utf-16-le")) // 2 <= 5000:
            return refusal(400, "Length must be between 0 and 5000")
        if message["type"] == "image":
            urls = [message["originalContentUrl"], message["previewImageUrl"]]
            if not all(url.startswith("https://") and len(url) <= 2000 for url in urls):
                return refusal(400, "Must be a valid HTTPS URL")
        items = message.get("quickReply", {}).get("items", [])
        if len(items) > 13 or any(len(one["action"]["label"]) > 20 for one in items):
            return refusal(400, "Length must be between 0 and 20")
    return None
