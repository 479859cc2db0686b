"""Bots on Viber (docs/adding-a-channel.md; REST bot API, read 2026-11)."""

import hashlib
from typing import TYPE_CHECKING, ClassVar, cast

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from channels_app import asking
from channels_app.adapters._base import Adapter
from channels_app.adapters._chat import signing
from channels_app.adapters._chat.reading import load, name_of, part, word
from channels_app.adapters.viber import client, parse, sending
from channels_app.adapters.viber.config import ViberConfigForm
from channels_app.addresses import webhook_of
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Inbound, Malformed, Party, RawInput
from helpdesk.lib.outbound import Capabilities, Media, MediaGone, Outbound, ProviderProfile, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel

HEADER = "X-Viber-Content-Signature"
EVENTS = ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"]


class ViberAdapter(Adapter):
    """A bot: callbacks come as webhooks, messages leave by one call each."""

    kind: ClassVar[str] = "viber"
    label: ClassVar[str] = cast("str", _("Viber"))
    about: ClassVar[str] = cast("str", _("A bot on Viber; new ones need a contract with Viber. You need its token."))
    icon: ClassVar[str] = "viber"
    identity_kind: ClassVar[str] = "viber"
    tells_pictures: ClassVar[bool] = True
    # 500 calls in ten seconds are allowed.
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=7000, max_files_bytes=50 * sending.MB, undo_seconds=10, send_seconds=30, in_pieces=True,
        has_delivered=True, has_read_receipts=True, quick_replies=24, quick_reply_characters=250, per_second=50,
        can_begin=False, file_rules=tuple(sending.RULES.values()),
    )  # fmt: skip
    ConfigForm: ClassVar[type[forms.Form]] = ViberConfigForm
    connects_itself: ClassVar[bool] = True
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Open your bot at partners.viber.com and copy its token.")),
        cast("str", _("Paste the token into this channel's account and save.")),
        cast("str", _("Connect: Viber is told to call {webhook} and calls it at once.")),
        cast("str", _("Write to the bot from your own Viber: the message appears in the inbox.")),
    )

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """HMAC-SHA256 of the body with the bot's token, in hexadecimal; while it is set up also in the query."""
        known = signing.secrets_of(channel.config, "token", "previous_token")
        given = request.headers.get(HEADER) or request.GET.get("sig", "")
        signing.check(given, request, known, signing.hex_of)

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a callback by its message and what happened to it."""
        try:
            given = load(raw)
        except Malformed:
            given = {}
        token, event = name_of(given.get("message_token")), word(given.get("event"), 40)
        is_number = token.isascii() and token.isdigit() and len(token) <= 40
        return f"{event}:{token}" if event and is_number else hashlib.sha256(raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one callback. Pure. Raises Malformed."""
        return parse.read(raw)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand over one piece. Raises SendError."""
        return sending.send(channel, outbound)

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch a file from where Viber keeps it for about an hour. Raises MediaGone, SendError."""
        if not file.url:
            raise MediaGone(gettext_noop("Viber gives no picture of this sticker."))
        return asking.download(channel, file.url)

    def profile(self, channel: "Channel", party: Party) -> ProviderProfile | None:
        """Ask who somebody is; Viber answers this twice in twelve hours. Raises SendError."""
        user = part(client.call(channel, "get_user_details", {"id": party.value}).get("user"))
        if not user:
            return None
        return ProviderProfile(
            name=word(user.get("name")), language=word(user.get("language"), 8),
            picture_url=word(user.get("avatar"), 2_000),
        )  # fmt: skip

    def check(self, channel: "Channel") -> None:
        """Ask for the bot itself. Raises SendError."""
        client.call(channel, "get_account_info", {})

    def connect(self, channel: "Channel") -> None:
        """Tell Viber where to call; it does so before it answers. Raises SendError."""
        config = channel.config
        if not config.get("address"):
            told = client.call(channel, "get_account_info", {})
            channel.config = {**config, "address": word(told.get("uri"), 64)}
            channel.save(update_fields=["sealed_config", "address", "look"])
        asked = {"url": webhook_of(channel), "event_types": EVENTS, "send_name": True, "send_photo": True}
        client.call(channel, "set_webhook", asked)

    def disconnect(self, channel: "Channel") -> None:
        """Tell Viber to call no more. Raises SendError."""
        client.call(channel, "set_webhook", {"url": ""})


adapter = ViberAdapter()
