"""A gateway of text messages that an administrator describes, for providers without an adapter of their own."""

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from channels_app import asking
from channels_app.adapters._base import Adapter
from channels_app.adapters._sms import people
from channels_app.adapters._sms.asking_for import at_pace
from channels_app.adapters.http_sms import client, parse, signing
from channels_app.adapters.http_sms.config import HttpSmsConfigForm, settings_of
from customers.models import Identity
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, Malformed, Party, RawInput
from helpdesk.lib.outbound import Capabilities, Media, Outbound, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel, RawEvent


class HttpSmsAdapter(Adapter):
    """Takes and sends text messages as the configuration says."""

    kind: ClassVar[str] = "http_sms"
    label: ClassVar[str] = cast("str", _("SMS by another gateway"))
    icon: ClassVar[str] = "sms"
    about: ClassVar[str] = cast(
        "str", _("A number at any gateway that speaks HTTP: you say where in its calls everything stands.")
    )
    identity_kind: ClassVar[str] = Identity.Kind.PHONE
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=10,
        text_unit="segments",
        max_files_bytes=0,
        in_pieces=True,
        has_delivered=True,
        per_second=1,
        has_stop_words=True,
    )
    ConfigForm: ClassVar[type[forms.Form]] = HttpSmsConfigForm
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Look up in the gateway's description how it calls, and choose the way its calls are told.")),
        cast("str", _("Say where in its bodies the sender, the text and the id stand, with dots between names.")),
        cast("str", _("Say how a message is sent: address, method, headers and body.")),
        cast("str", _("Give the gateway this address for messages and for states: {webhook}")),
    )

    def label_of(self, channel: "Channel") -> str:
        """Return the word of the network."""
        return cast("str", _("SMS"))

    def capabilities_of(self, channel: "Channel") -> Capabilities:
        """Return what text messages can do, at the pace of the gateway."""
        return at_pace(self.capabilities, channel.config)

    def realm_of(self, config: dict[str, Any]) -> str:
        """Name our number: what a short number or a name means is known only there."""
        return f"sms:{config.get('address', '')}"[:120]

    def realms_of(self, config: dict[str, Any]) -> tuple[str, ...]:
        """A number means the same everywhere."""
        return ("",)

    def party_of(self, event: Event, channel: "Channel") -> Party:
        """Say who the customer of an event is: a number, or a name."""
        config = channel.config
        region = str(config.get("region") or "")
        is_long = event.customer_id.startswith("00") or not (region or event.customer_id.startswith("0"))
        return people.party_of(event, self.realm_of(config), region=region, is_international=is_long)

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Raise InvalidSignature unless the call is the gateway's, told in the way that was chosen."""
        signing.verify(request, settings_of(channel.config))

    def stored(self, channel: "Channel", event: "RawEvent", request: HttpRequest) -> HttpResponse:
        """Answer what the gateway wants to hear."""
        return HttpResponse(str(channel.config.get("reply_body") or ""), content_type="text/plain")

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its bytes; by the minute too where the gateway names no message.

        Somebody may write "ok" twice; a gateway that repeats itself does so at once.
        """
        try:
            is_named = parse.has_names(parse.understand(raw))
        except Malformed:
            is_named = True
        minute = "" if is_named else raw.received_at.strftime("%Y-%m-%dT%H:%M")
        return hashlib.sha256(minute.encode() + b"\0" + raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one call. Raises Malformed."""
        return parse.understand(raw)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand one piece to the gateway. Raises SendError."""
        return client.send(channel, outbound)

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch what came with a message; its links need no credentials. Raises MediaGone, SendError."""
        return asking.download(channel, file.url)


adapter = HttpSmsAdapter()
