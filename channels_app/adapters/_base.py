"""What every kind of channel offers. Generic code speaks only to this."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from helpdesk.lib.inbound import Capabilities, Inbound, Outbound, RawInput, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel


class Adapter:
    """One kind of channel. Subclasses live in adapters/<kind>/adapter.py as `adapter = …()`.

    kind: the folder's name; label: shown to people; icon: a glyph of the sprite and a dye of
    tokens.css (`data-ch`); identity_kind: the kind of Identity its messages come from. A kind of
    several faces answers these three per channel (`look_in`, `label_of`, `identity_kind_of`).
    """

    kind: ClassVar[str]
    label: ClassVar["str | Promise"]
    icon: ClassVar[str]
    identity_kind: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    ConfigForm: ClassVar[type[forms.Form]]

    def look_in(self, config: dict[str, Any]) -> str:
        """Name the face that a configuration chose (a glyph); Channel.look keeps it. '': there is only one."""
        return ""

    def label_of(self, channel: "Channel") -> "str | Promise":
        """Return the word of a channel's face."""
        return self.label

    def identity_kind_of(self, channel: "Channel") -> str:
        """Return which kind of Identity writes to this channel."""
        return self.identity_kind

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Raise InvalidSignature unless the provider signed these bytes."""
        raise NotImplementedError

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """Answer a provider's handshake; None when the request is not one."""
        return None

    def dedupe_key(self, raw: RawInput) -> str:
        """Name the delivery so that a repeated one gets the same name (at most 200 characters)."""
        raise NotImplementedError

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand the bytes. Pure. Raises Malformed."""
        raise NotImplementedError

    def new_thread_key(self) -> str:
        """Return a fresh key for a thread that begins here; '' where the provider names threads."""
        return ""

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand one message to the provider. Raises SendError. Never inside a transaction."""
        raise NotImplementedError

    def fetch(self, channel: "Channel") -> int:
        """Collect what waits at the provider through intake.store; return how many."""
        return 0

    def check(self, channel: "Channel") -> None:
        """Raise SendError when the account does not work."""
