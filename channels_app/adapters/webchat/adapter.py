"""The desk's own widget as a kind of channel: nothing leaves the house, the visitor's browser fetches what was said."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._base import Adapter
from channels_app.adapters.webchat import hops, links, parse, presence, telling, uploads, visitors, wandering
from channels_app.adapters.webchat.config import FOLLOW_UP_MINUTES, WebchatConfigForm
from customers.models import Identity
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, InvalidSignature, Party, RawInput
from helpdesk.lib.outbound import Capabilities, FileRule, Hop, Media, Outbound, Sent, SentPart
from helpdesk.lib.whereabouts import Whereabouts

if TYPE_CHECKING:
    from channels_app.models import Channel
    from conversations.models import Message

NAME_HEADER = "x-telaio-name"
TEXT_MAX = 100_000
FILES_MAX_BYTES = 25 * 1024 * 1024
RULES = tuple(FileRule(kind, FILES_MAX_BYTES) for kind in ("image", "audio", "video", "file"))


class WebchatAdapter(Adapter):
    """Visitors write through the widget's own views; answers wait on the timeline until their browser fetches them."""

    kind: ClassVar[str] = "webchat"
    label: ClassVar[str] = cast("str", _("Chat"))
    icon: ClassVar[str] = "chat"
    about: ClassVar[str] = cast("str", _("A chat on your website: one line to paste, no account anywhere."))
    identity_kind: ClassVar[str] = Identity.Kind.VISITOR
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=TEXT_MAX, max_files_bytes=FILES_MAX_BYTES, max_caption_characters=TEXT_MAX,
        file_rules=RULES, quick_replies=10, quick_reply_characters=40, in_pieces=True, is_idempotent=True,
        has_typing=True, has_read_receipts=True, has_delivered=True, can_begin=False, follows_up=True,
        hosts_hop=True, per_second=0,
    )  # fmt: skip
    ConfigForm: ClassVar[type[forms.Form]] = WebchatConfigForm
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Name the websites on which the widget may stand, and choose its colour.")),
        cast("str", _("Paste this line before </body> of your pages: {snippet}")),
        cast("str", _("Open your site and write a message: it appears here.")),
    )

    has_webhook: ClassVar[bool] = False
    setup_place: ClassVar[str] = cast("str", _("On your website"))

    def snippet_of(self, channel: "Channel") -> str:
        """Write the line that installs this widget, with what differs from the loader's own choice."""
        config = channel.config
        chosen = {"key": channel.public_key, "accent": config.get("accent"), "label": config.get("label")}
        chosen["corner"] = "start" if config.get("corner") == "start" else ""
        # Where the desk does not answer, the line itself has to know another way.
        chosen["mail"] = _mailbox_of(channel)
        data = format_html_join("", ' data-{}="{}"', [(name, value) for name, value in chosen.items() if value])
        return format_html('<script async src="{}/widget/v1/loader.js"{}></script>', settings.PUBLIC_URL, data)

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Let nobody in by the providers' door: visitors have one of their own (talking.py)."""
        raise InvalidSignature("Visitors write through the widget.", is_missing=True)

    def name_of(self, event: Event, external_id: str) -> str:
        """Two browsers may make up the same name, and one may do so on purpose."""
        return f"{event.sender_id}:{external_id}"

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a message by who wrote it and the name that their browser gave it (talking.py)."""
        return raw.headers.get(NAME_HEADER) or hashlib.sha256(raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one message. Raises Malformed."""
        return parse.read(raw)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Let the browser fetch it: from now on it is to be read there."""
        name = f"web-{outbound.piece_key or outbound.idempotency_key}"
        return Sent(name, tuple(SentPart(row.position, f"{name}-{row.position}") for row in outbound.recipients))

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Return what a visitor left here before they sent it. Raises MediaGone."""
        return uploads.fetch(channel, file.ref)

    def typing(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Show the visitor that somebody writes."""
        telling.show(party, "typing")

    def mark_read(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Show the visitor that their message was seen."""
        telling.show(party, "seen")

    def follow_up_after(self, channel: "Channel") -> timedelta:
        """Return how long an unread answer waits, as the widget's administrator decided."""
        return timedelta(minutes=int(channel.config.get("follow_up_minutes") or FOLLOW_UP_MINUTES))

    def left_at(self, channel: "Channel", party: Party) -> datetime | None:
        """Return when the last of their browsers was seen; None while one is open."""
        return visitors.left_at(channel, party.value)

    def address_of(self, channel: "Channel", party: Party) -> str:
        """Return the address that they typed last."""
        return visitors.address_of(channel, party.value)

    def whereabouts(self, channel: "Channel", parties: Sequence[Party]) -> dict[str, Whereabouts]:
        """Return who has a page of the shop open and which, or when they left it."""
        return wandering.whereabouts(channel, [party.value for party in parties])

    def readers_here(self, channel: "Channel") -> set[str]:
        """Return the keys of all who have a widget open, of whichever channel: keys are random."""
        return presence.everybody()

    def way_back(self, channel: "Channel", party: Party, to: Identity, *, upto: int) -> str:
        """Return a link into the chat as a page of its own."""
        return links.back_link(channel, party.value, to, upto=upto)

    def hop_minutes(self, channel: "Channel") -> int:
        """Return for how long a link to here opens, as the widget's administrator decided."""
        return hops.minutes_of(channel)

    def hop_link(self, channel: "Channel", message: "Message") -> Hop:
        """Make the one link of a message that leaves now. Raises SendError where an earlier one was opened."""
        return hops.make(channel, message)

    def is_confidential(self, channel: "Channel", party: Party) -> bool:
        """Whether this browser was asked over for what is confidential."""
        return visitors.came_by_hop(channel, party.value)

    def check(self, channel: "Channel") -> None:
        """Nobody else is asked: where this desk answers, its widget works."""

    def realm_of(self, config: dict[str, Any]) -> str:
        """Visitors' keys are random and mean the same everywhere."""
        return ""


def _mailbox_of(channel: "Channel") -> str:
    rows = channel.brand.channels.filter(state=channel.State.ACTIVE).order_by("pk")
    return next((row.address for row in rows if row.identity_kind == Identity.Kind.EMAIL and row.address), "")


adapter = WebchatAdapter()
