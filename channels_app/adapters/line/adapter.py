"""Official accounts on LINE (docs/adding-a-channel.md; LINE Messaging API, read 2026-11)."""

import hashlib
from typing import TYPE_CHECKING, ClassVar, cast
from urllib.parse import quote

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from channels_app import asking
from channels_app.adapters._base import Adapter
from channels_app.adapters._chat import signing
from channels_app.adapters._chat.reading import load, name_of, parts, word
from channels_app.adapters.line import client, parse, sending
from channels_app.adapters.line.config import DATA, LineConfigForm
from channels_app.addresses import webhook_of
from conversations.models.thread import Thread
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, Malformed, Party, RawInput
from helpdesk.lib.outbound import Capabilities, FileRule, Media, MediaGone, Outbound, ProviderProfile, SendError, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel

HEADER = "X-Line-Signature"
ENDPOINT, TEST = "/v2/bot/channel/webhook/endpoint", "/v2/bot/channel/webhook/test"
DATA_HOST = "api-data.line.me"
TRANSCODED = frozenset({"video", "audio"})
AGAIN_SECONDS = 10
LOADING_SECONDS = 20


class LineAdapter(Adapter):
    """An account: events come as webhooks, answers leave by its API."""

    kind: ClassVar[str] = "line"
    label: ClassVar[str] = cast("str", _("LINE"))
    about: ClassVar[str] = cast("str", _("An official account. You need its secret and token from LINE Developers."))
    icon: ClassVar[str] = "line"
    identity_kind: ClassVar[str] = "line"
    tells_pictures: ClassVar[bool] = True
    # 2,000 calls a second are allowed. Not idempotent as a whole: an answer by a reply token cannot be repeated.
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=5000, max_files_bytes=sending.PICTURE_MAX_BYTES, undo_seconds=10, send_seconds=30,
        in_pieces=True, text_unit="utf16", has_typing=True, quick_replies=13, per_second=100, can_begin=False,
        file_rules=(FileRule("image", sending.PICTURE_MAX_BYTES, sending.PICTURES),),
    )  # fmt: skip
    ConfigForm: ClassVar[type[forms.Form]] = LineConfigForm
    connects_itself: ClassVar[bool] = True
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("In LINE Developers open your provider and the Messaging API channel of your account.")),
        cast("str", _("Copy the channel secret (Basic settings) and issue a long-lived channel access token.")),
        cast("str", _("Paste both into this channel's account, save and connect: LINE is told to call {webhook}.")),
        cast("str", _("Switch “Use webhook” on and, in LINE Official Account Manager, automatic answers off.")),
        cast("str", _("Also switch “Webhook redelivery” on, so that nothing is lost while the desk is away.")),
    )

    def party_of(self, event: Event, channel: "Channel") -> Party:
        """Say who the customer is: a person, or a whole group, in which LINE may hide who it was."""
        if event.chat_type in parse.GROUPS and event.conversation_id:
            return Party(kind=self.identity_kind, value=event.conversation_id)
        return super().party_of(event, channel)

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """HMAC-SHA256 of the body with the channel secret, in base64."""
        known = signing.secrets_of(channel.config, "channel_secret", "previous_secret")
        signing.check(request.headers.get(HEADER, ""), request, known, signing.base64_of)

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its events: one that comes again differs in the word that says so."""
        try:
            events = parts(load(raw).get("events"))
        except Malformed:
            events = []
        names = [name_of(one.get("webhookEventId")) for one in events]
        named = "events:" + "\n".join(names) if names and all(names) else ""
        return hashlib.sha256(named.encode() or raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand a list of events. Pure. Raises Malformed."""
        return parse.read(raw)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand over one piece. Raises SendError."""
        return sending.send(channel, outbound)

    def typing(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Show that an answer comes; only people are shown it, not groups. Raises SendError."""
        if party.value.startswith("U"):
            fields = {"chatId": party.value, "loadingSeconds": LOADING_SECONDS}
            answer = client.call(channel, "POST", "/v2/bot/chat/loading/start", fields)
            if answer.status >= 300:
                raise client.refused(answer)

    def mark_read(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Say that their newest message was seen, by the token that came with it. Raises SendError."""
        threads = Thread.objects.filter(channel=channel, external_id=party.value)
        hints = threads.values_list("hints", flat=True).first() or {}
        if token := hints.get("read_token"):
            client.ask(channel, "POST", "/v2/bot/chat/markAsRead", {"markAsReadToken": token})

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch from LINE what it keeps for a while, or from whoever has it. Raises MediaGone, SendError."""
        if file.type == "sticker":
            return _sticker(channel, file)
        if file.url:
            return asking.download(channel, file.url)
        if not file.ref:
            raise MediaGone(gettext_noop("LINE has this file no more."))
        root = str(channel.config.get("data_url") or DATA).rstrip("/")
        place = f"{root}/v2/bot/message/{quote(file.ref, safe='')}/content"
        headers = client.credentials(channel)
        if file.type in TRANSCODED:
            _wait_for_transcoding(asking.download(channel, f"{place}/transcoding", headers=headers, hosts=(DATA_HOST,)))
        return asking.download(channel, place, headers=headers, hosts=(DATA_HOST,))

    def profile(self, channel: "Channel", party: Party) -> ProviderProfile | None:
        """Ask for the name of a person or a group; None for a room, which has none. Raises SendError."""
        name, is_group = quote(party.value, safe=""), party.value.startswith("C")
        if not party.value.startswith(("U", "C")):
            return None
        answer = client.call(channel, "GET", f"/v2/bot/group/{name}/summary" if is_group else f"/v2/bot/profile/{name}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise client.refused(answer)
        told = asking.json_of(answer)
        return ProviderProfile(
            name=word(told.get("groupName" if is_group else "displayName")),
            language=word(told.get("language"), 8),
            picture_url=word(told.get("pictureUrl"), 2_000),
        )

    def check(self, channel: "Channel") -> None:
        """Ask for the account itself. Raises SendError."""
        client.ask(channel, "GET", "/v2/bot/info")

    def connect(self, channel: "Channel") -> None:
        """Tell LINE where to call, and let it try. Raises SendError."""
        config = channel.config
        if not config.get("address"):
            channel.config = {**config, "address": word(client.ask(channel, "GET", "/v2/bot/info").get("basicId"), 64)}
            channel.save(update_fields=["sealed_config", "address", "look"])
        client.ask(channel, "PUT", ENDPOINT, {"endpoint": webhook_of(channel)})
        tried = client.ask(channel, "POST", TEST, {})
        if tried.get("success") is not True:
            words = gettext_noop("LINE was told the address, but its test call did not reach this desk.")
            raise SendError("provider_error", words, our_fault=True, provider_code=word(tried.get("reason"), 60))


def _sticker(channel: "Channel", file: EventFile) -> Media:
    template = str(channel.config.get("sticker_url") or "")
    if not template or not (file.ref.isascii() and file.ref.isdigit()):
        raise MediaGone(gettext_noop("LINE gives no picture of this sticker."))
    return asking.download(channel, template.replace("{id}", file.ref))


def _wait_for_transcoding(told: Media) -> None:
    """Raise SendError while LINE makes the file ready, MediaGone where it could not."""
    state = word(load(RawInput(told.content, clock.real())).get("status")) if told.content else ""
    if state == "processing":
        words = gettext_noop("LINE is still making this file ready.")
        raise SendError("provider_error", words, retryable=True, retry_after_seconds=AGAIN_SECONDS)
    if state == "failed":
        raise MediaGone(gettext_noop("LINE could not make this file ready."))


adapter = LineAdapter()
