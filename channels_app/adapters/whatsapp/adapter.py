"""WhatsApp as a kind of channel, by Meta's Cloud API. The work is in the files beside it."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._meta import media
from channels_app.adapters._meta.errors import Judge
from channels_app.adapters._meta.family import MetaAdapter
from channels_app.adapters.whatsapp import errors, parse, people, send, templating
from channels_app.adapters.whatsapp.config import WhatsAppConfigForm
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, Party, RawInput
from helpdesk.lib.outbound import Capabilities, FileRule, Media, Outbound, ProviderTemplate, Sent

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from channels_app.models import Channel

MIB = 1024 * 1024


class WhatsAppAdapter(MetaAdapter):
    """One number of a WhatsApp Business account."""

    kind: ClassVar[str] = "whatsapp"
    label: ClassVar[str] = cast("str", _("WhatsApp"))
    icon: ClassVar[str] = "whatsapp"
    identity_kind: ClassVar[str] = "whatsapp"
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=4096,
        max_files_bytes=100 * MIB,
        send_seconds=60,
        reply_window_hours=24,
        has_typing=True,
        has_read_receipts=True,
        in_pieces=True,
        max_caption_characters=1024,
        file_rules=(
            FileRule("image", 5 * MIB, tuple(sorted(send.IMAGES))),
            FileRule("video", 16 * MIB, tuple(sorted(send.VIDEOS))),
            FileRule("audio", 16 * MIB, tuple(sorted(send.AUDIO))),
            FileRule("sticker", 500 * 1024, tuple(sorted(send.STICKERS))),
            FileRule("file", 100 * MIB),
        ),
        has_templates=True,
        has_reactions=True,
        has_quotes=True,
        has_delivered=True,
        quick_replies=10,
        quick_reply_characters=20,
        quick_reply_text_characters=send.BODY_MAX,
        markup="stars",
        per_second=80,
    )
    ConfigForm: ClassVar[type[forms.Form]] = WhatsAppConfigForm
    about: ClassVar["str | Promise"] = _(
        "A number on WhatsApp, by the Cloud API. You need an app and a WhatsApp Business account at Meta."
    )
    setup_steps: ClassVar[tuple["str | Promise", ...]] = (
        _("In Meta's app dashboard, add the product WhatsApp to your app and add your phone number to it."),
        _(
            "Make a system user with the permissions whatsapp_business_messaging and "
            "whatsapp_business_management, and a token for it that does not expire."
        ),
        _("Copy the token, the app secret, the id of the phone number and the id of the account into the fields here."),
        _("Under WhatsApp, Configuration, give as callback URL and verify token: {webhook} {verify_token}"),
        _(
            "Subscribe to the fields messages, message_template_status_update, message_template_quality_update, "
            "template_category_update, account_update, phone_number_quality_update, user_preferences and, for a "
            "number that is used on a phone as well, smb_message_echoes."
        ),
        _("Press Connect here: it subscribes the account to everything that is needed."),
        _("In the app's settings, give for data deletion requests: {webhook}deletion/"),
        _("Send a message to the number: it shows here."),
    )  # fmt: skip

    def judge_of(self) -> Judge:
        """Return the Cloud API's verdicts."""
        return errors.judge

    def understand(self, raw: RawInput) -> list[Inbound]:
        """Understand a webhook. Raises Malformed."""
        return parse.read(raw)

    def realms_of(self, config: dict[str, Any]) -> tuple[str, ...]:
        """Numbers mean the same everywhere; who hides theirs has an id of our business."""
        return ("", people.BSUID)

    def party_of(self, event: Event, channel: "Channel") -> Party:
        """Say who the customer is: a number, or an id within our business."""
        return people.party(event.customer_id, event.sender_name if event.direction == "in" else "")

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Send one piece. Raises SendError."""
        return send.send(self.graph(channel), outbound)

    def check(self, channel: "Channel") -> None:
        """Ask Meta for the number. Raises SendError."""
        send.check(channel, self.graph(channel))

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch a file by its id, or where a webhook gave its address only. Raises MediaGone, SendError."""
        if not file.ref:
            return media.by_url(channel, file)
        return media.by_id(self.graph(channel), file, {"phone_number_id": self.named(channel, "phone_number_id")})

    def templates(self, channel: "Channel") -> list[ProviderTemplate]:
        """Return the account's templates. Raises SendError."""
        return templating.all_of(self.graph(channel))

    def connect(self, channel: "Channel") -> None:
        """Subscribe the app to the account. Raises SendError."""
        self.subscribe(channel, self.named(channel, "waba_id"), "", is_on=True)

    def disconnect(self, channel: "Channel") -> None:
        """Unsubscribe the app. Raises SendError."""
        self.subscribe(channel, self.named(channel, "waba_id"), "", is_on=False)

    def react(self, channel: "Channel", party: Party, external_id: str, emoji: str) -> None:
        """Put a sign on a message, or take it away. Raises SendError."""
        send.react(self.graph(channel), party, external_id, emoji)

    def typing(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Show that somebody types; it marks their message as read, too. Raises SendError."""
        send.mark_read(self.graph(channel), external_id, is_typing=True)

    def mark_read(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Say that a message was seen. Raises SendError."""
        send.mark_read(self.graph(channel), external_id, is_typing=False)


adapter = WhatsAppAdapter()
