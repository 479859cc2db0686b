"""The provider of a sandbox channel, played: it takes JSON, gives every message an id and speaks of it later."""

import json
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from channels_app.adapters._sandbox import Played, PlayedMessage, Simulator, Webhook
from channels_app.adapters.sandbox.client import KEY_HEADER, URL
from channels_app.adapters.sandbox.events import write
from helpdesk.lib.events import Event
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel

FAULTS: dict[str, tuple[int, str]] = {
    "throttled": (429, "slow_down"), "provider_error": (500, "broken"), "credentials": (401, "who_are_you"),
    "rejected_recipient": (404, "nobody"), "window_closed": (409, "too_late"), "opted_out": (403, "not_wanted"),
}  # fmt: skip
RETRY_AFTER_SECONDS = "30"


class SandboxSimulator(Simulator):
    """Plays the plainest of providers."""

    kinds = (
        "message", "edit", "delete", "reaction", "postback", "story_mention", "comment", "opt_out", "opt_in",
    )  # fmt: skip
    faults = tuple(FAULTS)
    statuses = ("delivered", "read")

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event in the sandbox's own JSON, with the channel's key. Raises ValueError."""
        key = str(channel.config.get("key", ""))
        if not key:
            raise ValueError(_("Give the channel a key first: without one it takes nothing over HTTP."))
        return Webhook(json.dumps(write(event)).encode(), {"Content-Type": "application/json", KEY_HEADER: key})

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Take a message to one or several people, or refuse it."""
        if fault in FAULTS:
            status, word = FAULTS[fault]
            headers = {"retry-after": RETRY_AFTER_SECONDS} if status == 429 else {}
            return Played(_answer(status, {"error": word}, headers))
        if ask.method == "GET" and ask.url != URL:
            return Played(_answer(404, {"error": "no_such_file"}))
        asked = json.loads(ask.body or b"{}")
        sent = tuple(
            PlayedMessage(f"sandbox-{asked['key']}-{one['position']}", one["value"], asked["text"], _details(asked))
            for one in asked.get("to", ())
        )
        return Played(_answer(200, {"ids": [message.external_id for message in sent]}), sent)


def _details(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: asked[name] for name in ("subject", "files", "template", "quick_replies") if asked.get(name)}


def _answer(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, {"content-type": "application/json", **(headers or {})}, json.dumps(body).encode())


simulator = SandboxSimulator()
