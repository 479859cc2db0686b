"""SMS by Vonage as a kind of channel: its SMS API and its Messages API. The work is in the files beside it."""

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._base import Adapter
from channels_app.adapters._sms.asking_for import at_pace
from channels_app.adapters.vonage_sms import client, parse, signing
from channels_app.adapters.vonage_sms.config import MESSAGES, VonageConfigForm, settings_of
from customers.models import Identity
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, InvalidSignature, Party, RawInput
from helpdesk.lib.outbound import Capabilities, FileRule, Media, Outbound, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel

PICTURES = ("image/jpeg", "image/png", "image/gif")
TEXT = Capabilities(
    max_text_characters=10,
    text_unit="segments",
    max_files_bytes=0,
    in_pieces=True,
    has_delivered=True,
    per_second=1,
    has_stop_words=True,
)
WITH_FILES = Capabilities(
    max_text_characters=10,
    text_unit="segments",
    max_files_bytes=600 * 1024,
    in_pieces=True,
    max_caption_characters=1_000,
    file_rules=(FileRule("image", 600 * 1024, PICTURES), FileRule("audio", 600 * 1024), FileRule("video", 600 * 1024)),
    has_delivered=True,
    per_second=1,
    has_stop_words=True,
)


class VonageAdapter(Adapter):
    """A number at Vonage."""

    kind: ClassVar[str] = "vonage_sms"
    label: ClassVar[str] = cast("str", _("SMS by Vonage"))
    icon: ClassVar[str] = "sms"
    about: ClassVar[str] = cast("str", _("A number at Vonage. You need the key and the secret of the account."))
    identity_kind: ClassVar[str] = Identity.Kind.PHONE
    capabilities: ClassVar[Capabilities] = TEXT
    ConfigForm: ClassVar[type[forms.Form]] = VonageConfigForm
    connects_itself: ClassVar[bool] = True
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Copy the API key and the API secret from the first page of the Vonage dashboard.")),
        cast("str", _("Under API settings, choose a signature method and copy the signature secret.")),
        cast("str", _("Give the number this address for inbound messages, and for delivery receipts: {webhook}")),
        cast("str", _("For the Messages API, give it to the application as inbound URL and as status URL.")),
    )

    def label_of(self, channel: "Channel") -> str:
        """Return the word of the network."""
        return cast("str", _("SMS"))

    def capabilities_of(self, channel: "Channel") -> Capabilities:
        """Return what the chosen interface can do, at the pace of the account: only the Messages API carries files."""
        config = settings_of(channel.config)
        return at_pace(WITH_FILES if config["interface"] == MESSAGES else TEXT, config)

    def realm_of(self, config: dict[str, Any]) -> str:
        """Name our number: what a short number or a name means is known only there."""
        return f"sms:{config.get('address', '')}"[:120]

    def realms_of(self, config: dict[str, Any]) -> tuple[str, ...]:
        """A number means the same everywhere."""
        return ("",)

    def party_of(self, event: Event, channel: "Channel") -> Party:
        """Say who the customer of an event is: a number, a name, a person on another network of the Messages API."""
        return parse.party_of(event, self.realm_of(channel.config))

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Raise InvalidSignature unless Vonage signed the call."""
        config = settings_of(channel.config)
        known = [str(config.get(name) or "") for name in ("signature_secret", "signature_secret_next")]
        method = str(config["signature_method"])
        if method not in signing.METHODS:
            raise InvalidSignature("The signature method is none that is known.")
        signing.verify(request, secrets=known, method=method)

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its bytes."""
        return hashlib.sha256(raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one call. Raises Malformed."""
        return parse.understand(raw)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand one piece to Vonage. Raises SendError."""
        return client.send(channel, outbound)

    def check(self, channel: "Channel") -> None:
        """Ask for the account. Raises SendError."""
        client.check(channel)

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch what came with a message. Raises MediaGone, SendError."""
        return client.fetch_media(channel, file)

    def connect(self, channel: "Channel") -> None:
        """Give the number our address. Raises SendError."""
        client.connect(channel, is_on=True)

    def disconnect(self, channel: "Channel") -> None:
        """Take our address from the number. Raises SendError."""
        client.connect(channel, is_on=False)


adapter = VonageAdapter()
