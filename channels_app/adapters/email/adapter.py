"""Mail as a kind of channel: reading, answering, collecting. The work is in the files beside it."""

import hashlib
from typing import TYPE_CHECKING, ClassVar, cast

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._base import Adapter
from channels_app.adapters.email import child, imap, inbound, reply, send
from channels_app.adapters.email.config import EmailConfigForm
from channels_app.adapters.email.limits import Limits
from channels_app.adapters.email.parsed import ParsedMail
from helpdesk.lib.inbound import Ignored, Inbound, InvalidSignature, RawInput
from helpdesk.lib.outbound import Capabilities, Outbound, Sent

if TYPE_CHECKING:
    from channels_app.models import Channel

OWN_MAIL = "Our own mail came back to us."


class EmailAdapter(Adapter):
    """A mailbox. Mail comes by SMTP, LMTP, IMAP or standard input and leaves by SMTP."""

    kind: ClassVar[str] = "email"
    label: ClassVar[str] = cast("str", _("Email"))
    icon: ClassVar[str] = "email"
    about: ClassVar[str] = cast("str", _("A mailbox: mail is collected or delivered here, and answers leave by SMTP."))
    may_be_unproven: ClassVar[bool] = True
    identity_kind: ClassVar[str] = "email"
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=200_000,
        max_files_bytes=25 * 1024 * 1024,
        undo_seconds=10,
        send_seconds=60,
        has_subject=True,
        has_html=True,
        markup="html",
        has_copies=True,
    )
    ConfigForm: ClassVar[type[forms.Form]] = EmailConfigForm

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Refuse: no provider calls a mailbox by HTTP."""
        raise InvalidSignature("A mailbox takes no calls by HTTP.")

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its bytes; the same mail by another way is told by its Message-ID."""
        return hashlib.sha256(raw.body).hexdigest()

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand one mail in the limited child. Raises Malformed."""
        mail = read(raw.body)
        if _is_own(mail, str(raw.config.get("address", ""))):
            return [Ignored(OWN_MAIL)]
        return [inbound.to_inbound(mail, raw, settings.SECRET_KEY)]

    def new_thread_key(self) -> str:
        """Return a fresh 128-bit token."""
        return reply.new_token()

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand one mail to the outgoing server. Raises SendError."""
        return send.send(channel, outbound, seconds=self.capabilities.send_seconds)

    def fetch(self, channel: "Channel") -> int:
        """Collect new mail from the IMAP mailbox, if the channel has one."""
        return imap.fetch(channel)

    def check(self, channel: "Channel") -> None:
        """Log in to the outgoing and the IMAP server. Raises SendError."""
        send.check(channel)
        imap.check(channel)


def read(body: bytes) -> ParsedMail:
    """Understand one mail within the limits of the settings. Raises Malformed."""
    return child.read(body, read_limits())


def read_limits() -> Limits:
    """Return the limits that the settings set."""
    return Limits(
        size_bytes=settings.INBOUND_BODY_MAX_BYTES,
        parts=settings.PARSER_PARTS_MAX,
        depth=settings.PARSER_DEPTH_MAX,
        headers_bytes=settings.PARSER_HEADERS_MAX_BYTES,
        header_bytes=settings.PARSER_HEADER_MAX_BYTES,
        addresses=settings.PARSER_ADDRESSES_MAX,
        timeout_seconds=settings.PARSER_TIMEOUT_SECONDS,
        memory_bytes=settings.PARSER_MEMORY_BYTES,
    )


def _is_own(mail: ParsedMail, mailbox: str) -> bool:
    """Say whether it is a mail of this mailbox, told by its signed Message-ID and its sender."""
    is_from_us = any(inbound.is_own(one.address, mailbox) for one in mail.senders)
    return is_from_us and bool(reply.read_message_id(mail.message_id, mailbox, settings.SECRET_KEY))


adapter = EmailAdapter()
