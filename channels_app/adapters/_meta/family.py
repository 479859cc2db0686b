"""What the three kinds of channel answer alike: the door, the names of deliveries, files, health."""

import hashlib
from typing import TYPE_CHECKING, ClassVar

from django.http import HttpRequest, HttpResponse

from channels_app.adapters._base import Adapter
from channels_app.adapters._meta import comments, deletion, signing
from channels_app.adapters._meta.errors import Judge
from channels_app.adapters._meta.graph import Call, Graph
from channels_app.adapters._meta.reading import ignored, text
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Inbound, RawInput

if TYPE_CHECKING:
    from channels_app.models import Channel


class MetaAdapter(Adapter):
    """A product of Meta's: one signature, one envelope, one API."""

    has_verify_token: ClassVar[bool] = True
    connects_itself: ClassVar[bool] = True

    def judge_of(self) -> Judge:
        """Return what judges this product's error codes."""
        raise NotImplementedError

    def understand(self, raw: RawInput) -> list[Inbound]:
        """Understand a webhook of this product. Pure. Raises Malformed."""
        raise NotImplementedError

    def graph(self, channel: "Channel") -> Graph:
        """Return the channel's way to the API."""
        return Graph(channel, self.judge_of())

    def handshake(self, request: HttpRequest, channel: "Channel") -> HttpResponse | None:
        """Answer Meta's challenge, and people who look what became of their wish to be deleted."""
        if request.method == "GET" and deletion.path_of(request) == deletion.DELETION:
            return deletion.page(request, channel)
        return signing.handshake(request, channel)

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Raise InvalidSignature unless the bytes, or the request in them, are signed."""
        if deletion.path_of(request) in deletion.PATHS:
            # Signed inside the form; `answer` reads and checks it in one go.
            return
        signing.verify(request, channel)

    def answer(self, request: HttpRequest, channel: "Channel") -> HttpResponse | None:
        """Write down a wish to be deleted and answer it. Raises InvalidSignature."""
        if deletion.path_of(request) in deletion.PATHS:
            return deletion.answer(request, channel, self)
        return None

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its bytes: Meta signs no name and no time."""
        code = raw.headers.get("x-telaio-code", "")
        if code and raw.headers.get("x-telaio-path") in deletion.PATHS:
            return deletion.key_of(code)[:200]
        return hashlib.sha256(raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand a webhook, or a wish to be deleted. Raises Malformed."""
        if raw.headers.get("x-telaio-path") in deletion.PATHS:
            return [deletion.event_of(raw)]
        return self.understand(raw)

    def complete(self, channel: "Channel", event: Event) -> Event:
        """Leave out what our own account wrote in public: it comes back to us like anybody's comment."""
        if event.details.get(comments.OWN) is True:
            return ignored("Our own comment.", message_id=event.message_id)
        return event

    def subscribe(self, channel: "Channel", account: str, fields: str, *, is_on: bool) -> None:
        """Tell Meta to call us about an account, or no more. Raises SendError."""
        query = {"subscribed_fields": fields} if fields and is_on else {}
        what = "Subscribe" if is_on else "Unsubscribe"
        self.graph(channel).ask(Call(f"{account}/subscribed_apps", what, "POST" if is_on else "DELETE", query))

    def named(self, channel: "Channel", key: str) -> str:
        """Return an id of the configuration."""
        return text(channel.config.get(key))
