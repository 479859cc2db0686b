"""SMS, MMS and WhatsApp by Twilio as a kind of channel. The work is in the files beside it."""

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._base import Adapter
from channels_app.adapters._sms import people
from channels_app.adapters._sms.asking_for import at_pace
from channels_app.adapters.twilio_sms import client, collect, parse, signing
from channels_app.adapters.twilio_sms.config import TwilioConfigForm, settings_of
from customers.models import Identity
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, Party, RawInput
from helpdesk.lib.outbound import Capabilities, FileRule, Media, Outbound, ProviderTemplate, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel

MEGABYTE = 1024 * 1024
PICTURES = ("image/jpeg", "image/png", "image/gif")
SMS, WHATSAPP = "sms", "whatsapp"
LABELS = {SMS: cast("str", _("SMS")), WHATSAPP: cast("str", _("WhatsApp"))}
ABILITIES = {
    # Ten parts of 153 signs: Twilio takes 1,600 characters.
    SMS: Capabilities(
        max_text_characters=10,
        text_unit="segments",
        max_files_bytes=5 * MEGABYTE,
        in_pieces=True,
        max_caption_characters=1_600,
        file_rules=(FileRule("image", 5 * MEGABYTE, PICTURES), FileRule("file", 500 * 1024)),
        has_delivered=True,
        per_second=1,
        has_stop_words=True,
    ),
    WHATSAPP: Capabilities(
        max_text_characters=1_600,
        max_files_bytes=16 * MEGABYTE,
        in_pieces=True,
        max_caption_characters=1_600,
        file_rules=(
            FileRule("image", 5 * MEGABYTE, ("image/jpeg", "image/png")),
            FileRule("audio", 16 * MEGABYTE),
            FileRule("video", 16 * MEGABYTE, ("video/mp4",)),
            FileRule("file", 16 * MEGABYTE),
        ),
        reply_window_hours=24,
        has_templates=True,
        has_delivered=True,
        has_read_receipts=True,
        markup="stars",
        per_second=80,
        has_stop_words=True,
    ),
}


class TwilioAdapter(Adapter):
    """A number at Twilio: text messages, or WhatsApp where the number begins with `whatsapp:`."""

    kind: ClassVar[str] = "twilio_sms"
    label: ClassVar[str] = cast("str", _("SMS by Twilio"))
    icon: ClassVar[str] = SMS
    about: ClassVar[str] = cast(
        "str", _("A number at Twilio, for SMS and MMS or for WhatsApp. You need the account's id and token.")
    )
    identity_kind: ClassVar[str] = Identity.Kind.PHONE
    capabilities: ClassVar[Capabilities] = ABILITIES[SMS]
    ConfigForm: ClassVar[type[forms.Form]] = TwilioConfigForm
    connects_itself: ClassVar[bool] = True
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Copy the account SID and the auth token from the first page of the Twilio console.")),
        cast("str", _("Make an API key for sending, so that the token can be changed without stopping the desk.")),
        cast("str", _("Give the number under “A message comes in” this address, with POST: {webhook}#rc=5&rp=all")),
        cast("str", _("Give the same address as the fallback: without one, Twilio drops what it cannot hand over.")),
        cast("str", _("For WhatsApp, give it to the sender under Messaging, and for a service to the service.")),
    )

    def look_in(self, config: dict[str, Any]) -> str:
        """WhatsApp, where the number is one of WhatsApp's."""
        return WHATSAPP if str(config.get("address", "")).lower().startswith(people.WHATSAPP) else SMS

    def label_of(self, channel: "Channel") -> str:
        """Return the word of the number's network."""
        return LABELS.get(channel.look, LABELS[SMS])

    def identity_kind_of(self, channel: "Channel") -> str:
        """Return which kind of identity writes to the number."""
        return Identity.Kind.WHATSAPP if channel.look == WHATSAPP else Identity.Kind.PHONE

    def capabilities_of(self, channel: "Channel") -> Capabilities:
        """Return what the number's network can do, at the pace of the account."""
        return at_pace(ABILITIES.get(channel.look, ABILITIES[SMS]), channel.config)

    def realm_of(self, config: dict[str, Any]) -> str:
        """Name our number: what a short number or a name means is known only there."""
        return f"sms:{config.get('address', '')}"[:120]

    def realms_of(self, config: dict[str, Any]) -> tuple[str, ...]:
        """A number means the same everywhere; an id of WhatsApp means something within the account."""
        return ("", str(config.get("account_sid") or ""))

    def party_of(self, event: Event, channel: "Channel") -> Party:
        """Say who the customer of an event is: a number, a name, a person on WhatsApp."""
        config = channel.config
        account, region = (str(config.get(name) or "") for name in ("account_sid", "region"))
        return people.party_of(event, self.realm_of(config), account=account, region=region)

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Raise InvalidSignature unless Twilio signed the call with one of the account's tokens."""
        config = channel.config
        signing.verify(request, [str(config.get(name) or "") for name in ("auth_token", "auth_token_next")])

    def taken(self) -> HttpResponse:
        """Answer with no instructions: any other text would be sent to the customer."""
        return HttpResponse("<Response/>", content_type="text/xml")

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its bytes and the address it was sent to."""
        return hashlib.sha256(raw.headers.get("x-telaio-path", "").encode() + b"\0" + raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one call. Raises Malformed."""
        return parse.understand(raw)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand one piece to Twilio. Raises SendError."""
        return client.send(channel, outbound)

    def fetch(self, channel: "Channel") -> int:
        """Collect messages whose call never arrived: Twilio repeats none that it could not hand over."""
        return collect.missed(channel) if settings_of(channel.config).get("collects_missed") else 0

    def check(self, channel: "Channel") -> None:
        """Ask for the account. Raises SendError."""
        client.check(channel)

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch what came with a message. Raises MediaGone, SendError."""
        return client.fetch_media(channel, file)

    def templates(self, channel: "Channel") -> list[ProviderTemplate]:
        """Return the approved texts of WhatsApp. Raises SendError."""
        return client.templates(channel) if channel.look == WHATSAPP else []

    def connect(self, channel: "Channel") -> None:
        """Give the number our address. Raises SendError."""
        client.connect(channel, is_on=True)

    def disconnect(self, channel: "Channel") -> None:
        """Take our address from the number. Raises SendError."""
        client.connect(channel, is_on=False)


adapter = TwilioAdapter()
