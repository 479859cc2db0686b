"""Instagram's API as its documentation tells it (read 2026-11): what differs from the Messenger Platform."""

from dataclasses import dataclass, field

from tests.channels_app.graph_counterpart import Asked, Json, Told, trouble
from tests.channels_app.messenger.counterpart import Messenger

ACCOUNT = "17841405550100"


@dataclass
class Instagram(Messenger):
    """mentions: what somebody wrote about us, by its comment or its post. renewed: the token that comes next."""

    account: str = ACCOUNT
    text_bytes_max: int = 1000
    comments_edge: str = "replies"
    hide_key: str = "hide"
    mentions: dict[str, Json] = field(default_factory=dict)
    renewed: str = "IGAA-renewed"

    def product(self, asked: Asked, path: str) -> Told:
        if path == f"{self.account}/mentions" and asked.fields.get("media_id"):
            self.sent.append(asked.fields)
            return 200, {"id": f"reply_{len(self.sent)}"}
        fields = asked.query.get("fields", "")
        if path == self.account and fields.startswith("mentioned_"):
            return self._mentioned(fields)
        return super().product(asked, path)

    def unversioned(self, asked: Asked) -> Told:
        is_right = asked.query.get("grant_type") == "ig_refresh_token" and asked.query.get("access_token") == self.token
        if asked.path != "/refresh_access_token" or not is_right:
            return 400, trouble(190)
        self.token = self.renewed
        return 200, {"access_token": self.token, "token_type": "bearer", "expires_in": 5184000}

    def _mentioned(self, fields: str) -> Told:
        name = fields.partition("(")[2].partition(")")[0]
        if name not in self.mentions:
            return 400, trouble(100, 33)
        return 200, {fields.partition(".")[0]: self.mentions[name], "id": self.account}
