"""A browser with the widget open, as the tests play it."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.test import Client

from channels_app.models import Channel
from tests.factories import make_channel

SITE = "https://shop.example.test"


def make_widget(**fields: Any) -> Channel:
    """Make a widget that may stand on the shop's site."""
    config = {"sites": SITE, "accent": "#1f4d3a", "secret": "s" * 32, **fields.pop("config", {})}
    return make_channel(kind="webchat", config=config, **fields)


@dataclass
class Visitor:
    """One browser: the widget's key, the site it says it is on, and its token once it has one."""

    key: str
    site: str = SITE
    token: str = ""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def arrive(self, **given: Any) -> Any:
        """Ask for a token and keep it."""
        answer = self.post("visits/", given)
        if answer.status_code == 201:
            self.token = answer.json()["token"]
        return answer

    def say(self, text: Any, **given: Any) -> Any:
        """Write a message."""
        return self.post("messages/", {"id": str(uuid.uuid4()), "text": text, **given})

    def leave(self, content: bytes, name: str = "photo.png", once: str = "") -> Any:
        """Leave a file, to name it in a message."""
        headers = {"x-telaio-file": quote(name), "x-telaio-once": once or str(uuid.uuid4())}
        kind = "application/octet-stream"
        where = self.place("files/")
        return self.client.post(where, content, content_type=kind, headers={**self.headers(), **headers})

    def post(self, noun: str, given: Any) -> Any:
        """Ask as the frame does; bytes go as they are."""
        body = given if isinstance(given, bytes) else json.dumps(given)
        return self.client.post(self.place(noun), body, content_type="application/json", headers=self.headers())

    def get(self, noun: str) -> Any:
        """Ask as the frame does."""
        return self.client.get(self.place(noun), headers=self.headers())

    def place(self, noun: str) -> str:
        """Name an address of the widget."""
        return f"/widget/{self.key}/{noun}"

    def headers(self) -> dict[str, str]:
        """What the frame sends along."""
        token = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return {"x-telaio-site": self.site, **token}
