"""Instagram as a kind of channel: direct messages, comments and mentions of a professional account."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._meta import media, platform
from channels_app.adapters._meta.errors import Judge
from channels_app.adapters._meta.family import MetaAdapter
from channels_app.adapters._meta.graph import Call
from channels_app.adapters._meta.platform import Account
from channels_app.adapters.instagram import mentions, parse, tokens
from channels_app.adapters.instagram.config import PAGE, InstagramConfigForm
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, Party, RawInput
from helpdesk.lib.outbound import Capabilities, FileRule, Media, Outbound, ProviderProfile, Sent

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from channels_app.models import Channel

MIB = 1024 * 1024
FIELDS = (
    "messages,message_reactions,messaging_seen,messaging_postbacks,messaging_referral,message_edit,comments,"
    "live_comments,mentions"
)
# What a Page is asked to pass on for the account that belongs to it.
PAGE_FIELDS = "messages,messaging_postbacks,message_reactions,message_reads,messaging_referrals,feed,mention"
AUDIO = ("audio/aac", "audio/m4a", "audio/mp4", "audio/wav", "audio/x-m4a", "audio/x-wav")
VIDEO = ("video/mp4", "video/ogg", "video/quicktime", "video/webm", "video/x-msvideo")


class InstagramAdapter(MetaAdapter):
    """One professional account, by Instagram's own log-in or by its Facebook Page."""

    kind: ClassVar[str] = "instagram"
    label: ClassVar[str] = cast("str", _("Instagram"))
    icon: ClassVar[str] = "instagram"
    identity_kind: ClassVar[str] = "instagram"
    tells_pictures: ClassVar[bool] = True
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=1000,
        text_unit="bytes",
        max_files_bytes=25 * MIB,
        send_seconds=60,
        reply_window_hours=24,
        human_window_hours=168,
        has_typing=True,
        has_read_receipts=True,
        in_pieces=True,
        file_rules=(
            FileRule("image", 8 * MIB, ("image/gif", "image/jpeg", "image/png")),
            FileRule("audio", 25 * MIB, AUDIO),
            FileRule("video", 25 * MIB, VIDEO),
            FileRule("file", 25 * MIB, ("application/pdf",)),
        ),
        has_quotes=True,
        quick_replies=13,
        quick_reply_characters=20,
        per_second=10,
        can_begin=False,
        has_hiding=True,
        private_reply_hours=168,
    )
    ConfigForm: ClassVar[type[forms.Form]] = InstagramConfigForm
    about: ClassVar["str | Promise"] = _(
        "Direct messages, comments and mentions of a professional account. You need an app at Meta and a token."
    )
    setup_steps: ClassVar[tuple["str | Promise", ...]] = (
        _("Make the account a professional one, and in its app switch on that connected tools may reach its messages."),
        _(
            "In Meta's app dashboard, add the product Instagram to your app and choose Instagram log-in or log-in "
            "by the Page."
        ),
        _(
            "Make an access token with the permissions for messages and comments, and copy it into the fields "
            "here, with the id of the account and the app secret."
        ),
        _("Under Webhooks, give as callback URL and verify token: {webhook} {verify_token}"),
        _("Press Connect here: it subscribes the account to everything that is needed."),
        _("In the app's settings, give for data deletion requests: {webhook}deletion/"),
        _("Write to the account from another one: it shows here."),
    )  # fmt: skip

    def judge_of(self) -> Judge:
        """Return the Messenger Platform's verdicts, which hold here too."""
        return platform.judge

    def understand(self, raw: RawInput) -> list[Inbound]:
        """Understand a webhook. Raises Malformed."""
        return parse.read(raw)

    def complete(self, channel: "Channel", event: Event) -> Event:
        """Ask who mentioned us, and how: the webhook does not say. Raises SendError that may pass."""
        event = super().complete(channel, event)
        return mentions.complete(self.graph(channel), self.named(channel, "ig_id"), event)

    def realm_of(self, config: dict[str, Any]) -> str:
        """Name the account."""
        return str(config.get("ig_id") or "")

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Send one piece. Raises SendError."""
        if not outbound.is_public:
            # An answer to a mention is public; privately one writes to whoever wrote.
            outbound = replace(outbound, hints={})
        return platform.send(self.graph(channel), self._account(channel), outbound)

    def check(self, channel: "Channel") -> None:
        """Ask Meta for the account. Raises SendError."""
        is_by_page = channel.config.get("login") == PAGE
        path, fields = (self.named(channel, "ig_id"), "id,username") if is_by_page else ("me", "user_id,username")
        self.graph(channel).ask(Call(path, "Look at the account", query={"fields": fields}))

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch a file from where the message says it lies. Raises MediaGone, SendError."""
        return media.by_url(channel, file)

    def profile(self, channel: "Channel", party: Party) -> ProviderProfile | None:
        """Ask who somebody is. Raises SendError."""
        if not party.value.isdigit():
            return None
        return platform.profile(self.graph(channel), party.value, "name,username,profile_pic")

    def connect(self, channel: "Channel") -> None:
        """Subscribe the app to the account, or to its Page. Raises SendError."""
        is_by_page = channel.config.get("login") == PAGE
        self.subscribe(channel, self._subscribed(channel), PAGE_FIELDS if is_by_page else FIELDS, is_on=True)

    def disconnect(self, channel: "Channel") -> None:
        """Unsubscribe the app. Raises SendError."""
        self.subscribe(channel, self._subscribed(channel), "", is_on=False)

    def refresh(self, channel: "Channel") -> None:
        """Renew the token of Instagram's own log-in in its last ten days. Raises SendError."""
        tokens.refresh(channel, self.graph(channel))

    def hide(self, channel: "Channel", external_id: str, *, is_hidden: bool) -> None:
        """Hide a comment, or show it again. Raises SendError."""
        platform.hide(self.graph(channel), external_id, "hide", is_hidden=is_hidden)

    def typing(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Show that somebody types. Raises SendError."""
        platform.act(self.graph(channel), self._account(channel), party, "typing_on")

    def mark_read(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Say that what they wrote was seen. Raises SendError."""
        platform.act(self.graph(channel), self._account(channel), party, "mark_seen")

    def _subscribed(self, channel: "Channel") -> str:
        return self.named(channel, "page_id" if channel.config.get("login") == PAGE else "ig_id")

    def _account(self, channel: "Channel") -> Account:
        """Return the edge that sends: the account's own, or with its Page's token that token's."""
        own = self.named(channel, "ig_id")
        path = "me" if channel.config.get("login") == PAGE else own or "me"
        return Account(path, self.kind, own, has_metadata=False, comments_edge="replies")


adapter = InstagramAdapter()
