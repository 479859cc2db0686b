"""The Messenger Platform as its documentation tells it (read 2026-11): the Send API, comments, profiles."""

from dataclasses import dataclass, field

from tests.channels_app.graph_counterpart import Asked, Counterpart, Json, Told, trouble

PAGE = "3005550100"


@dataclass
class Messenger(Counterpart):
    """hours: since each person's last message (0 where nothing is said); comments: what may be answered, once each."""

    hours: dict[str, float] = field(default_factory=dict)
    profiles: dict[str, Json] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    hidden: dict[str, bool] = field(default_factory=dict)
    actions: list[Json] = field(default_factory=list)
    subscribed: str = ""
    account: str = PAGE
    text_bytes_max: int = 0
    comments_edge: str = "comments"
    hide_key: str = "is_hidden"

    def limit_code(self) -> int:
        return 613

    def product(self, asked: Asked, path: str) -> Told:
        name, _, edge = path.partition("/")
        if edge == "messages" and name in {self.account, "me"}:
            return self._message(asked)
        if edge == "subscribed_apps" and name in {self.account, PAGE}:
            self.subscribed = asked.query.get("subscribed_fields", "") if asked.method == "POST" else ""
            return 200, {"success": True}
        if name in self.comments:
            return self._comment(asked, name, edge)
        if name in self.profiles:
            return 200, self.profiles[name]
        if name in {self.account, "me"} and not edge:
            return 200, {"id": self.account, "name": "Our Page"}
        return 400, trouble(100, 33)

    def _message(self, asked: Asked) -> Told:
        given = asked.fields
        if "sender_action" in given:
            self.actions.append(given)
            return 200, {"recipient_id": given["recipient"]["id"]}
        message, recipient = given.get("message", {}), given.get("recipient", {})
        person = recipient.get("id") or self.comments.get(recipient.get("comment_id"), "")
        refused = self._refused(given, message, person, asked)
        if refused:
            return 400, trouble(*refused)
        self.answered |= {recipient["comment_id"]} if "comment_id" in recipient else set()
        self.sent.append(given)
        return 200, {"recipient_id": person, "message_id": f"m_{len(self.sent)}"}

    def _refused(self, given: Json, message: Json, person: str, asked: Asked) -> tuple[int, ...]:
        if not person:
            return (100, 2018001)
        if given["recipient"].get("comment_id") in self.answered:
            return (10903,)
        text = message.get("text", "")
        if bool(text) == ("attachment" in message) or ("attachment" in message and "filedata" not in asked.files):
            return (100,)
        if len(text) > 2000 or (self.text_bytes_max and len(text.encode()) > self.text_bytes_max):
            return (100, 2018320)
        if any(len(one["title"]) > 20 for one in message.get("quick_replies", [])):
            return (100,)
        hours = self.hours.get(person, 0)
        limit = 168 if (given.get("messaging_type"), given.get("tag")) == ("MESSAGE_TAG", "HUMAN_AGENT") else 24
        is_private_reply = "comment_id" in given["recipient"]
        return (10, 2018278) if hours > limit and not is_private_reply else ()

    def _comment(self, asked: Asked, name: str, edge: str) -> Told:
        if edge == self.comments_edge and asked.fields.get("message"):
            self.sent.append({"under": name, **asked.fields})
            return 200, {"id": f"{name}_{len(self.sent)}"}
        if not edge and self.hide_key in asked.fields:
            self.hidden[name] = asked.fields[self.hide_key]
            return 200, {"success": True}
        return 400, trouble(100)
