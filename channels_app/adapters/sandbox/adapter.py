"""A channel of no provider, for demonstrations, training and tests: nothing leaves the house (docs/sandbox.md)."""

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from channels_app.adapters._base import Adapter
from channels_app.adapters.sandbox import client, parse
from channels_app.adapters.sandbox.client import KEY_HEADER
from channels_app.adapters.sandbox.looks import DEFAULT, LOOKS, PLAIN, look_of
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Inbound, InvalidSignature, Party, RawInput
from helpdesk.lib.outbound import Capabilities, Media, MediaGone, Outbound, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel


class SandboxConfigForm(forms.Form):
    """What it looks like, and the key by which messages may be handed in over HTTP."""

    looks_like = forms.ChoiceField(label=_("Looks like"), choices=[(name, look.label) for name, look in LOOKS.items()])
    address = forms.CharField(label=_("Address"), max_length=320, required=False)
    key = forms.CharField(
        label=_("Key"), max_length=200, required=False, widget=forms.PasswordInput,
        help_text=_("Programs hand in messages with it. Leave it empty to have one made."),
    )  # fmt: skip

    def clean_key(self) -> str:
        """Make a key where none is given: without one nothing can be handed in over HTTP."""
        return self.cleaned_data["key"] or secrets.token_hex(20)


class SandboxAdapter(Adapter):
    """Takes messages as JSON and says of every answer that it was sent."""

    kind: ClassVar[str] = "sandbox"
    label: ClassVar[str] = cast("str", _("Sandbox"))
    icon: ClassVar[str] = DEFAULT
    about: ClassVar[str] = cast("str", _("No provider at all: for trying things out and for training."))
    identity_kind: ClassVar[str] = LOOKS[DEFAULT].identity_kind
    # No program has to call, so nobody waits for it.
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Programs may hand in messages: a POST to the address below, with the key in X-Sandbox-Key.")),
    )
    capabilities: ClassVar[Capabilities] = PLAIN
    ConfigForm: ClassVar[type[forms.Form]] = SandboxConfigForm

    def look_in(self, config: dict[str, Any]) -> str:
        """Return the look that the configuration chose."""
        chosen = str(config.get("looks_like", DEFAULT))
        return chosen if chosen in LOOKS else DEFAULT

    def label_of(self, channel: "Channel") -> str:
        """Return the word of the channel's look."""
        return look_of(channel.look).label

    def identity_kind_of(self, channel: "Channel") -> str:
        """Return which kind of identity writes to a channel of this look."""
        return look_of(channel.look).identity_kind

    def capabilities_of(self, channel: "Channel") -> Capabilities:
        """Return what can be done on what the channel looks like."""
        return look_of(channel.look).capabilities

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Let in who knows the key; without one nobody hands in messages over HTTP."""
        key = str(channel.config.get("key", ""))
        given = request.headers.get(KEY_HEADER, "")
        if not key or not hmac.compare_digest(key.encode(), given.encode("utf-8", "replace")):
            raise InvalidSignature("The key does not fit.")

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its bytes."""
        return hashlib.sha256(raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one message. Raises Malformed."""
        return parse.read(raw)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Say that it was sent. Nothing is kept outside and nobody is called.

        In sandbox mode the desk plays a provider, which may refuse. Raises SendError.
        """
        if channel.is_sandbox:
            return client.send(channel, outbound)
        name = f"sandbox-{outbound.piece_key or outbound.idempotency_key}"
        parts = tuple(SentPart(row.position, f"{name}-{row.position}") for row in outbound.recipients)
        return Sent(name, parts)

    def react(self, channel: "Channel", party: Party, external_id: str, emoji: str) -> None:
        """Take it: nobody is there who could refuse."""

    def edit(self, channel: "Channel", party: Party, external_id: str, text: str) -> None:
        """Take it."""

    def withdraw(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Take it."""

    def hide(self, channel: "Channel", external_id: str, *, is_hidden: bool) -> None:
        """Take it."""

    def check(self, channel: "Channel") -> None:
        """Ask the played provider whether it lets us in. Raises SendError."""
        if channel.is_sandbox:
            client.check(channel)

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch a sample from the played provider. Raises MediaGone, SendError."""
        if not channel.is_sandbox or not file.url:
            raise MediaGone(gettext_noop("This file is not kept anywhere."))
        return client.fetch(channel, file)


adapter = SandboxAdapter()
