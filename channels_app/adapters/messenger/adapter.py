"""A Facebook Page as a kind of channel: Messenger, and the comments under the Page's posts."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._meta import media, platform
from channels_app.adapters._meta.config import MetaConfigForm, id_field
from channels_app.adapters._meta.errors import Judge
from channels_app.adapters._meta.family import MetaAdapter
from channels_app.adapters._meta.graph import Call
from channels_app.adapters._meta.platform import Account
from channels_app.adapters.messenger import parse
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Inbound, Party, RawInput
from helpdesk.lib.outbound import Capabilities, FileRule, Media, Outbound, ProviderProfile, Sent

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from channels_app.models import Channel

MIB = 1024 * 1024
FIELDS = (
    "messages,messaging_postbacks,messaging_optins,messaging_referrals,message_deliveries,message_reads,message_echoes,"
    "message_edits,message_reactions,messaging_handovers,standby,feed,mention"
)


class MessengerConfigForm(MetaConfigForm):
    """One Facebook Page."""

    field_order = ("address", "page_id", "access_token", "app_secret")

    address = forms.CharField(label=_("Name of the Page"), max_length=120, required=False)
    page_id = id_field(_("Id of the Page"))


class MessengerAdapter(MetaAdapter):
    """One Facebook Page. Ids of people mean something on one Page only."""

    kind: ClassVar[str] = "messenger"
    label: ClassVar[str] = cast("str", _("Messenger"))
    icon: ClassVar[str] = "messenger"
    identity_kind: ClassVar[str] = "messenger"
    tells_pictures: ClassVar[bool] = True
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=2000,
        max_files_bytes=25 * MIB,
        send_seconds=60,
        reply_window_hours=24,
        human_window_hours=168,
        has_typing=True,
        has_read_receipts=True,
        in_pieces=True,
        file_rules=tuple(FileRule(kind, 25 * MIB) for kind in ("image", "audio", "video", "file")),
        has_quotes=True,
        has_delivered=True,
        quick_replies=13,
        quick_reply_characters=20,
        per_second=40,
        can_begin=False,
        has_hiding=True,
        private_reply_hours=168,
    )
    ConfigForm: ClassVar[type[forms.Form]] = MessengerConfigForm
    about: ClassVar["str | Promise"] = _(
        "Messages to a Facebook Page and the comments under its posts. You need an app at Meta and the Page's token."
    )
    setup_steps: ClassVar[tuple["str | Promise", ...]] = (
        _("In Meta's app dashboard, add the product Messenger to your app and connect your Page to it."),
        _(
            "Make an access token for the Page, with the permissions pages_messaging, pages_manage_metadata, "
            "pages_read_engagement, pages_read_user_content and pages_manage_engagement."
        ),
        _("Copy the token, the app secret and the id of the Page into the fields here."),
        _("Under Messenger, Webhooks, give as callback URL and verify token: {webhook} {verify_token}"),
        _("Press Connect here: it subscribes the Page to everything that is needed."),
        _("In the app's settings, give for data deletion requests: {webhook}deletion/"),
        _("Write to the Page from another account: it shows here."),
    )  # fmt: skip

    def judge_of(self) -> Judge:
        """Return the Messenger Platform's verdicts."""
        return platform.judge

    def understand(self, raw: RawInput) -> list[Inbound]:
        """Understand a webhook. Raises Malformed."""
        return parse.read(raw)

    def realm_of(self, config: dict[str, Any]) -> str:
        """Name the Page."""
        return str(config.get("page_id") or "")

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Send one piece. Raises SendError."""
        return platform.send(self.graph(channel), self._account(channel), outbound)

    def check(self, channel: "Channel") -> None:
        """Ask Meta for the Page. Raises SendError."""
        page = self.named(channel, "page_id")
        self.graph(channel).ask(Call(page, "Look at the Page", query={"fields": "id,name"}))

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch a file from where the message says it lies. Raises MediaGone, SendError."""
        return media.by_url(channel, file)

    def profile(self, channel: "Channel", party: Party) -> ProviderProfile | None:
        """Ask who somebody is. Raises SendError."""
        return platform.profile(self.graph(channel), party.value, "first_name,last_name,profile_pic")

    def connect(self, channel: "Channel") -> None:
        """Subscribe the app to the Page. Raises SendError."""
        self.subscribe(channel, self.named(channel, "page_id"), FIELDS, is_on=True)

    def disconnect(self, channel: "Channel") -> None:
        """Unsubscribe the app. Raises SendError."""
        self.subscribe(channel, self.named(channel, "page_id"), "", is_on=False)

    def hide(self, channel: "Channel", external_id: str, *, is_hidden: bool) -> None:
        """Hide a comment, or show it again. Raises SendError."""
        platform.hide(self.graph(channel), external_id, "is_hidden", is_hidden=is_hidden)

    def typing(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Show that somebody types, for 20 seconds. Raises SendError."""
        platform.act(self.graph(channel), self._account(channel), party, "typing_on")

    def mark_read(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Say that what they wrote was seen. Raises SendError."""
        platform.act(self.graph(channel), self._account(channel), party, "mark_seen")

    def _account(self, channel: "Channel") -> Account:
        page = self.named(channel, "page_id")
        return Account(page or "me", self.kind, page, has_metadata=True, comments_edge="comments")


adapter = MessengerAdapter()
