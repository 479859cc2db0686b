"""The Cloud API of WhatsApp as its documentation tells it (read 2026-11): messages, media, templates."""

from dataclasses import dataclass, field

from tests.channels_app.graph_counterpart import Asked, Counterpart, Json, Told, trouble

NUMBER, ACCOUNT = "1005550100", "215550100"
TYPES = {"text", "image", "video", "audio", "document", "sticker", "template", "interactive", "reaction"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@dataclass
class WhatsApp(Counterpart):
    """windows: numbers that wrote lately (None: everybody); stopped: who wants no more; users: their BSUIDs."""

    media: dict[str, bytes] = field(default_factory=lambda: {"55": PNG})
    windows: set[str] | None = None
    stopped: set[str] = field(default_factory=set)
    users: dict[str, str] = field(default_factory=dict)
    templates: list[Json] = field(default_factory=list)
    page_size: int = 2
    subscribed: bool = False

    def limit_code(self) -> int:
        return 130429

    def product(self, asked: Asked, path: str) -> Told:
        if path == f"{NUMBER}/messages" and asked.method == "POST":
            return self._message(asked.fields)
        if path == f"{NUMBER}/media" and asked.method == "POST":
            return self._upload(asked)
        if path == f"{ACCOUNT}/message_templates":
            return self._templates(asked.query)
        if path == f"{ACCOUNT}/subscribed_apps":
            self.subscribed = asked.method == "POST"
            return 200, {"success": True}
        if path == NUMBER:
            return 200, {"id": NUMBER, "display_phone_number": "+39 02 555 0100", "verified_name": "Our shop"}
        if path in self.media:
            return 200, {"url": f"{self.url}/file/{path}", "mime_type": "image/png", "id": path, "file_size": 1}
        return 400, trouble(100, 33)

    def unversioned(self, asked: Asked) -> Told:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 401, trouble(190)
        found = self.media.get(asked.path.rpartition("/")[2])
        return (200, found) if found else (404, trouble(100))

    def _message(self, given: Json) -> Told:
        if given.get("messaging_product") != "whatsapp":
            return 400, trouble(131008)
        if given.get("status") == "read":
            return (200, {"success": True}) if given.get("message_id") else (400, trouble(131009))
        person = str(given.get("to") or given.get("recipient") or "")
        refused = self._refused(given, person)
        if refused:
            return 400, trouble(refused)
        self.sent.append(given)
        card = {"input": person, **({"wa_id": person} if person.isdigit() else {"user_id": person})}
        card |= {"user_id": self.users[person]} if person in self.users else {}
        return 200, {
            "messaging_product": "whatsapp",
            "contacts": [card],
            "messages": [{"id": f"wamid.{len(self.sent)}"}],
        }

    def _refused(self, given: Json, person: str) -> int:
        kind = given.get("type")
        if not person or kind not in TYPES or not isinstance(given.get(kind), dict):
            return 131008
        if "to" in given and given.get("recipient_type") != "group" and not given["to"].isdigit():
            return 131009
        if person in self.stopped:
            return 131050
        if kind != "template" and self.windows is not None and person not in self.windows:
            return 131047
        return {"interactive": _interactive, "template": self._template}.get(str(kind), self._simple)(given[kind])

    def _simple(self, inner: Json) -> int:
        if "body" in inner:
            return 0 if 0 < len(inner["body"]) <= 4096 else 131009
        if "message_id" in inner:
            return 0
        if len(inner.get("caption", "")) > 1024:
            return 131009
        return 0 if inner.get("id") in self.media else 131053

    def _template(self, inner: Json) -> int:
        known = [
            one
            for one in self.templates
            if (one["name"], one["language"]) == (inner.get("name"), inner["language"]["code"])
        ]
        if not known:
            return 132001
        if known[0].get("status") == "PAUSED":
            return 132015
        given = [one for one in inner.get("components", []) if one["type"] == "body"]
        body = next(one["text"] for one in known[0]["components"] if one["type"] == "BODY")
        return 0 if len(given[0]["parameters"] if given else []) == body.count("{{") else 132000

    def _upload(self, asked: Asked) -> Told:
        _name, mime, content = asked.files.get("file", ("", "", b""))
        if asked.fields.get("messaging_product") != "whatsapp" or not content or asked.fields.get("type") != mime:
            return 400, trouble(100)
        key = str(9000 + len(self.media))
        self.media[key] = content
        return 200, {"id": key}

    def _templates(self, query: dict[str, str]) -> Told:
        start = int(query.get("after") or 0)
        end = start + self.page_size
        paging: Json = {"cursors": {"before": "0", "after": str(end)}}
        if end < len(self.templates):
            # An address that must not be followed: it leads elsewhere.
            paging["next"] = "http://169.254.169.254/steal"
        return 200, {"data": self.templates[start:end], "paging": paging}


def _interactive(inner: Json) -> int:
    if not 0 < len(inner.get("body", {}).get("text", "")) <= 1024:
        return 131009
    action = inner.get("action", {})
    if inner.get("type") == "button":
        titles = [one["reply"]["title"] for one in action["buttons"]]
        return 0 if 0 < len(titles) <= 3 and all(0 < len(one) <= 20 for one in titles) else 131009
    rows = [row for section in action["sections"] for row in section["rows"]]
    is_good = 0 < len(rows) <= 10 and len(action["button"]) <= 20 and all(len(row["title"]) <= 24 for row in rows)
    return 0 if inner.get("type") == "list" and is_good else 131009
