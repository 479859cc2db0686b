"""Bots on Telegram (docs/adding-a-channel.md; Bot API 10, read 2026-11)."""

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from channels_app import asking
from channels_app.adapters._base import Adapter
from channels_app.adapters._chat import signing
from channels_app.adapters._chat.reading import joined, load, name_of, part, whole, word
from channels_app.adapters.telegram import client, parse, sending
from channels_app.adapters.telegram.config import TelegramConfigForm, secrets_of
from channels_app.addresses import webhook_of
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, Malformed, Party, RawInput
from helpdesk.lib.markup import Rendered
from helpdesk.lib.outbound import Capabilities, FileRule, Media, MediaGone, Outbound, ProviderProfile, SendError, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel

MB = 1024 * 1024
DOWNLOAD_MAX_BYTES = 20 * MB
HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Reactions and the coming and going of members are told only to who asks for them.
ALLOWED_UPDATES = [
    "message", "edited_message", "callback_query", "my_chat_member", "message_reaction", "channel_post",
    "edited_channel_post", "business_connection", "business_message", "edited_business_message",
    "deleted_business_messages",
]  # fmt: skip


class TelegramAdapter(Adapter):
    """A bot: updates come as webhooks, answers leave by one call each."""

    kind: ClassVar[str] = "telegram"
    label: ClassVar[str] = cast("str", _("Telegram"))
    about: ClassVar[str] = cast("str", _("A bot that customers write to. You need its token from @BotFather."))
    icon: ClassVar[str] = "telegram"
    identity_kind: ClassVar[str] = "telegram"
    tells_pictures: ClassVar[bool] = True
    # 30 messages a second in all, one to each chat; uploads up to 50 MB.
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=4096, max_files_bytes=50 * MB, undo_seconds=10, send_seconds=60, in_pieces=True,
        text_unit="utf16", max_caption_characters=1024, has_typing=True, has_reactions=True, has_edits=True,
        has_deletes=True, has_quotes=True, quick_replies=12, quick_reply_characters=64, per_second=30, chat_seconds=1,
        can_begin=False, markup="marks", has_acknowledgements=True,
        file_rules=(
            FileRule("image", 50 * MB), FileRule("audio", 50 * MB), FileRule("video", 50 * MB),
            FileRule("file", 50 * MB),
        ),
    )  # fmt: skip
    ConfigForm: ClassVar[type[forms.Form]] = TelegramConfigForm
    connects_itself: ClassVar[bool] = True
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Write /newbot to @BotFather on Telegram and choose a name for the bot.")),
        cast("str", _("Paste the token that @BotFather answers with into this channel's account and save.")),
        cast("str", _("Connect: Telegram is told to call {webhook}.")),
        cast("str", _("Write to the bot from your own Telegram account: the message appears in the inbox.")),
    )

    def party_of(self, event: Event, channel: "Channel") -> Party:
        """Say who the customer is: a person, or a whole group where groups are one conversation each."""
        if event.chat_type in parse.GROUPS and event.conversation_id:
            name = str(event.details.get("chat_title", ""))
            return Party(kind=self.identity_kind, value=event.conversation_id, name=name)
        return super().party_of(event, channel)

    def name_of(self, event: Event, external_id: str) -> str:
        """Spell a message's number so that it is unique within the bot: it is so only within a chat."""
        if not event.conversation_id:
            return external_id
        return sending.name_of(event.conversation_id, external_id, str(event.details.get(parse.BUSINESS, "")))

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Let in who knows the secret that was told to Telegram."""
        signing.check(request.headers.get(HEADER, ""), request, secrets_of(channel), signing.itself)

    def dedupe_key(self, raw: RawInput) -> str:
        """Name an update by its number, which is the bot's own."""
        try:
            number = name_of(load(raw).get("update_id"))
        except Malformed:
            number = ""
        is_number = number.isascii() and number.isdigit() and len(number) <= 40
        return f"update:{number}" if is_number else hashlib.sha256(raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one update. Pure. Raises Malformed."""
        return parse.read(raw)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand over one piece. Raises SendError."""
        return sending.send(channel, outbound)

    def edit(self, channel: "Channel", party: Party, external_id: str, text: str) -> None:
        """Change a message that was sent. Raises SendError."""
        sending.edit(channel, external_id, Rendered(text))

    def edit_marked(self, channel: "Channel", party: Party, external_id: str, said: Rendered) -> None:
        """Change a message, with what is marked in it. Raises SendError."""
        sending.edit(channel, external_id, said)

    def withdraw(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Delete a message that was sent. Raises SendError."""
        sending.withdraw(channel, external_id)

    def react(self, channel: "Channel", party: Party, external_id: str, emoji: str) -> None:
        """Put a sign on a message, or take it away. Raises SendError."""
        sending.react(channel, external_id, emoji)

    def typing(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Show that somebody types. Raises SendError."""
        sending.typing(channel, party.value)

    def acknowledge(self, channel: "Channel", event_id: str) -> None:
        """Answer a pressed button: until then Telegram shows that it waits. Raises SendError."""
        _ask(channel, "answerCallbackQuery", {"callback_query_id": event_id})

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Ask where a file lies and fetch it from there. Raises MediaGone, SendError."""
        if not file.ref or (file.size_bytes or 0) > DOWNLOAD_MAX_BYTES:
            raise MediaGone(gettext_noop("Telegram gives bots no file over 20 MB."))
        try:
            found = part(_ask(channel, "getFile", {"file_id": file.ref}))
        except SendError as error:
            if error.code in {"rejected_content", "too_large"}:
                raise MediaGone(gettext_noop("Telegram has this file no more.")) from None
            raise
        path = word(found.get("file_path"), 1_000)
        # A Bot API server of one's own may name a place on its own disk.
        if (
            not path
            or path.startswith("/")
            or ".." in path
            or (whole(found.get("file_size")) or 0) > DOWNLOAD_MAX_BYTES
        ):
            raise MediaGone(gettext_noop("Telegram does not give this file."))
        return asking.download(channel, client.file_url(channel, path), max_bytes=DOWNLOAD_MAX_BYTES)

    def profile(self, channel: "Channel", party: Party) -> ProviderProfile | None:
        """Ask for the name and the picture of a person or a group. Raises SendError."""
        chat = part(_ask(channel, "getChat", {"chat_id": party.value}))
        name = joined(chat.get("first_name"), chat.get("last_name")) or word(chat.get("title"))
        face = word(part(chat.get("photo")).get("small_file_id"), 500)
        return ProviderProfile(name=name, username=word(chat.get("username")), picture_ref=face) if chat else None

    def check(self, channel: "Channel") -> None:
        """Ask for the bot itself. Raises SendError."""
        _ask(channel, "getMe")

    def connect(self, channel: "Channel") -> None:
        """Tell Telegram where to call and which secret to show. Raises SendError."""
        config = channel.config
        if not config.get("address"):
            bot = part(_ask(channel, "getMe"))
            channel.config = {**config, "address": f"@{word(bot.get('username'), 64)}"}
            channel.save(update_fields=["sealed_config", "address", "look"])
        secret = secrets_of(channel)[0]
        told = {"url": webhook_of(channel), "secret_token": secret, "allowed_updates": ALLOWED_UPDATES}
        _ask(channel, "setWebhook", told)

    def disconnect(self, channel: "Channel") -> None:
        """Tell Telegram to call no more. Raises SendError."""
        _ask(channel, "deleteWebhook")


def _ask(channel: "Channel", method: str, fields: dict[str, Any] | None = None) -> Any:
    try:
        return client.call(channel, method, fields)
    except client.Moved:
        raise SendError("rejected_recipient", gettext_noop("The group cannot be found any more.")) from None


adapter = TelegramAdapter()
