"""A form on a page of the desk as a kind of channel: what is filled in comes in, and is answered by mail."""

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._base import Adapter
from channels_app.adapters.webform import files, parse
from channels_app.adapters.webform.config import WebformConfigForm
from customers.models import Identity
from helpdesk.lib.events import EventFile
from helpdesk.lib.inbound import Inbound, InvalidSignature, RawInput
from helpdesk.lib.outbound import Capabilities, Media, Outbound, SendError, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel

NAME_HEADER = "x-telaio-name"
NO_ANSWERS = gettext_noop("Nothing can be sent on this channel. Answer at the address they gave.")


class WebformAdapter(Adapter):
    """Takes what the page wrote down (views.py); an answer goes to the address that was typed, through a mailbox."""

    kind: ClassVar[str] = "webform"
    label: ClassVar[str] = cast("str", _("Contact form"))
    icon: ClassVar[str] = "form"
    about: ClassVar[str] = cast("str", _("A page with a form for your customers, by topics; you answer by email."))
    identity_kind: ClassVar[str] = Identity.Kind.EMAIL
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=1, max_files_bytes=0, in_pieces=True, can_begin=False, takes_answers=False
    )
    ConfigForm: ClassVar[type[forms.Form]] = WebformConfigForm
    setup_steps: ClassVar[tuple[str, ...]] = (
        cast("str", _("Choose which topics people can write about, and which team answers each.")),
        cast("str", _("Let your pages lead to this address: {snippet}")),
        cast("str", _("Have a mailbox for the same brand: answers leave through it.")),
    )
    has_webhook: ClassVar[bool] = False
    setup_place: ClassVar[str] = cast("str", _("On your website"))

    def snippet_of(self, channel: "Channel") -> str:
        """Return the page's address; its language is whoever looks at it's, and the page offers the others."""
        language = (get_language() or "").partition("-")[0]
        known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE.partition("-")[0]
        return settings.PUBLIC_URL + reverse("webform_page", args=[known, channel.public_key])

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Let nobody in by the providers' door: people have a page of their own (views.py)."""
        raise InvalidSignature("People write on the page.", is_missing=True)

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a message by the form that was sent and what stood in it (writing.py)."""
        return raw.headers.get(NAME_HEADER) or hashlib.sha256(raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one form. Raises Malformed."""
        return parse.read(raw)

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Return a file that was chosen on the page. Raises MediaGone."""
        return files.fetch(channel, file.ref)

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Send nothing: whoever wrote here has left the page. Raises SendError."""
        raise SendError("unsupported", NO_ANSWERS)

    def check(self, channel: "Channel") -> None:
        """Nobody else is asked: where this desk answers, its page works."""

    def realm_of(self, config: dict[str, Any]) -> str:
        """Mail addresses mean the same everywhere."""
        return ""


adapter = WebformAdapter()
