"""Telegram's Bot API as its documentation has it (read 2026-11): checks what is sent, refuses as Telegram does."""

import email
import email.policy
import json
import re
from typing import Any

from tests.channels_app.provider import Call, Counterpart, Reply

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
PLACE = re.compile(r"/(file/)?bot([^/]*)/(.*)")
SENDS = {
    "sendMessage": "text", "sendPhoto": "photo", "sendDocument": "document", "sendVideo": "video",
    "sendVoice": "voice", "sendAudio": "audio", "sendAnimation": "animation",
}  # fmt: skip
TOO_WIDE = b"too wide"


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        body: dict[str, object] = {"ok": False, "error_code": code, "description": description}
        self.reply = Reply(code, {**body, "parameters": parameters} if parameters else body)


class Telegram(Counterpart):
    """One bot with the chats that it knows."""

    def __init__(self) -> None:
        super().__init__()
        self.chats: dict[str, dict[str, Any]] = {"5550100": {"id": 5550100, "type": "private", "first_name": "Ada"}}
        self.blocked: set[str] = set()
        self.gone: set[str] = set()
        self.moved: dict[str, str] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.webhook: dict[str, Any] = {}
        # The pressed buttons that wait, and those that do no more.
        self.pressed: set[str] = set()
        self.answered: list[dict[str, Any]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        # How many more messages each chat takes this second.
        self.left: int | None = None

    def handle(self, call: Call) -> Reply:
        found = PLACE.fullmatch(call.path)
        if found is None or not re.fullmatch(r"\d+:[\w-]+", found[2]):
            return Reply(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        if found[2] != TOKEN:
            return Reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        if found[1]:
            content = next((content for path, content in self.files.values() if path == found[3]), None)
            return Reply(404) if content is None else Reply(200, content, {"content-type": "application/octet-stream"})
        try:
            return Reply(200, {"ok": True, "result": self._result(found[3], _fields(call))})
        except Refusal as refusal:
            return refusal.reply

    def _result(self, method: str, fields: dict[str, Any]) -> Any:
        if method in SENDS:
            return self._send(method, fields)
        if method == "getMe":
            return {"id": 110201543, "is_bot": True, "first_name": "Shop", "username": "shop_bot"}
        if method == "getFile":
            return self._file(fields)
        if method == "getChat":
            return self._chat(fields)
        if method == "answerCallbackQuery":
            return self._answer(fields)
        if method in {"setWebhook", "deleteWebhook"}:
            return self._hook(fields)
        if method in {"editMessageText", "editMessageCaption", "deleteMessage", "setMessageReaction", "sendChatAction",
                      "deleteBusinessMessages"}:  # fmt: skip
            return self._change(method, fields)
        raise Refusal(404, "Not Found")

    def _send(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(fields)
        text = fields.get("text") if method == "sendMessage" else fields.get("caption", "")
        if method == "sendMessage" and not text:
            raise Refusal(400, "Bad Request: message text is empty")
        if len(str(text).encode("utf-16-le")) // 2 > (4096 if method == "sendMessage" else 1024):
            raise Refusal(400, f"Bad Request: message {'' if method == 'sendMessage' else 'caption '}is too long")
        content = fields.get(SENDS[method])
        if method != "sendMessage" and not isinstance(content, tuple):
            raise Refusal(400, "Bad Request: there is no file in the request")
        if method == "sendPhoto" and content[1] == TOO_WIDE:
            raise Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        for row in fields.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Refusal(429, "Too Many Requests: retry after 7", retry_after=7)
        self.sent.append((method, fields))
        return {"message_id": 100 + len(self.sent), "chat": chat, "date": 1795860000}

    def _chat(self, fields: dict[str, Any]) -> dict[str, Any]:
        name = str(fields.get("chat_id", ""))
        if name in self.moved:
            new = int(self.moved[name])
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=new)
        if name in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if name in self.gone:
            raise Refusal(403, "Forbidden: user is deactivated")
        if name not in self.chats:
            raise Refusal(400, "Bad Request: chat not found")
        return self.chats[name]

    def _file(self, fields: dict[str, Any]) -> dict[str, Any]:
        if fields.get("file_id") not in self.files:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        path, content = self.files[fields["file_id"]]
        return {"file_id": fields["file_id"], "file_unique_id": "u", "file_size": len(content), "file_path": path}

    def _hook(self, fields: dict[str, Any]) -> bool:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", fields.get("secret_token", "none")):
            raise Refusal(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = fields
        return True

    def _answer(self, fields: dict[str, Any]) -> bool:
        name = fields.get("callback_query_id")
        if name not in self.pressed:
            what = "query is too old and response timeout expired or query ID is invalid"
            raise Refusal(400, f"Bad Request: {what}")
        if len(str(fields.get("text", ""))) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self.pressed.discard(str(name))
        self.answered.append(fields)
        return True

    def _change(self, method: str, fields: dict[str, Any]) -> bool:
        if method == "deleteBusinessMessages":
            return bool(fields["business_connection_id"] and fields["message_ids"])
        self._chat(fields)
        if method != "sendChatAction" and not 100 < fields["message_id"] <= 100 + len(self.sent):
            word = {"deleteMessage": "delete", "setMessageReaction": "react"}.get(method, "edit")
            raise Refusal(400, f"Bad Request: message to {word} not found")
        if method == "editMessageText" and self.sent[fields["message_id"] - 101][0] != "sendMessage":
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        if method == "editMessageText" and self.sent[fields["message_id"] - 101][1]["text"] == fields["text"]:
            raise Refusal(400, "Bad Request: message is not modified: specified new message content is the same")
        if method == "setMessageReaction" and any(one["emoji"] not in {"👍", "❤"} for one in fields["reaction"]):
            raise Refusal(400, "Bad Request: REACTION_INVALID")
        return True


def _fields(call: Call) -> dict[str, Any]:
    """Read JSON, or a form: a file is a pair of its name and content, what is JSON in a field is read."""
    kind = call.headers.get("content-type", "")
    if kind == "application/json":
        found: dict[str, Any] = call.json
        return found
    message = email.message_from_bytes(f"content-type: {kind}\n\n".encode() + call.body, policy=email.policy.HTTP)
    fields: dict[str, Any] = {}
    for part in message.iter_parts():
        disposition = part["content-disposition"].params
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if "filename" in disposition:
            fields[disposition["name"]] = (disposition["filename"], content)
        else:
            written = content.decode()
            fields[disposition["name"]] = json.loads(written) if written[:1] in "{[" and written else written
    return fields
