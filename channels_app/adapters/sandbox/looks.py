"""What a sandbox may look like: its word, the kind of identity that writes there, and what can be done there.

The limits are those of the channels that it plays (their documentation, read 2026-11), so that people train with the
windows, counters and templates they will meet.
"""

from dataclasses import dataclass, replace
from typing import cast

from django.utils.translation import gettext_lazy as _

from helpdesk.lib.outbound import Capabilities, FileRule

MB = 1024 * 1024
PLAIN = Capabilities(max_text_characters=10_000, max_files_bytes=25 * MB, undo_seconds=10, is_idempotent=True)
MAIL = replace(PLAIN, has_subject=True, has_copies=True)
CHAT = replace(PLAIN, in_pieces=True, has_delivered=True)
IMAGES = ("image/jpeg", "image/png")


@dataclass(frozen=True, slots=True)
class Look:
    """One face. The name in LOOKS is the glyph of the sprite and the dye and weave of `data-ch`."""

    label: str
    identity_kind: str
    capabilities: Capabilities = PLAIN


WHATSAPP = replace(
    CHAT, max_text_characters=4096, max_caption_characters=1024, reply_window_hours=24, has_templates=True,
    has_read_receipts=True, has_reactions=True, has_quotes=True, markup="stars", quick_replies=3,
    file_rules=(FileRule("image", 5 * MB, IMAGES), FileRule("audio", 16 * MB), FileRule("video", 16 * MB),
                FileRule("file", 100 * MB)), max_files_bytes=100 * MB,
)  # fmt: skip
MESSENGER = replace(
    CHAT, max_text_characters=2000, reply_window_hours=24, human_window_hours=7 * 24, can_begin=False,
    has_read_receipts=True, quick_replies=13, has_hiding=True, private_reply_hours=7 * 24,
    file_rules=tuple(FileRule(kind, 25 * MB) for kind in ("image", "audio", "video", "file")),
)  # fmt: skip
INSTAGRAM = replace(
    MESSENGER, max_text_characters=1000, text_unit="bytes",
    file_rules=(FileRule("image", 8 * MB), FileRule("audio", 25 * MB), FileRule("video", 25 * MB),
                FileRule("file", 25 * MB, ("application/pdf",))),
)  # fmt: skip
TELEGRAM = replace(
    CHAT, max_text_characters=4096, text_unit="utf16", max_caption_characters=1024, can_begin=False, has_edits=True,
    has_deletes=True, has_quotes=True, markup="marks", max_files_bytes=50 * MB,
    file_rules=(FileRule("image", 10 * MB), *(FileRule(kind, 50 * MB) for kind in ("audio", "video", "file"))),
)  # fmt: skip
LINE = replace(
    CHAT, max_text_characters=5000, text_unit="utf16", can_begin=False, quick_replies=13,
    file_rules=tuple(FileRule(kind, 50 * MB) for kind in ("image", "audio", "video", "file")), max_files_bytes=50 * MB,
)  # fmt: skip
VIBER = replace(
    CHAT, max_text_characters=7000, can_begin=False, has_read_receipts=True, max_files_bytes=50 * MB,
    file_rules=(FileRule("image", MB, IMAGES), FileRule("video", 26 * MB), FileRule("file", 50 * MB)),
)  # fmt: skip
SMS = replace(
    CHAT, max_text_characters=10, text_unit="segments", max_files_bytes=5 * MB,
    file_rules=(FileRule("image", 5 * MB, (*IMAGES, "image/gif")),),
)  # fmt: skip

LOOKS = {
    "email": Look(cast("str", _("Email")), "email", MAIL),
    "chat": Look(cast("str", _("Chat")), "visitor"),
    "whatsapp": Look(cast("str", _("WhatsApp")), "whatsapp", WHATSAPP),
    "messenger": Look(cast("str", _("Messenger")), "messenger", MESSENGER),
    "instagram": Look(cast("str", _("Instagram")), "instagram", INSTAGRAM),
    "telegram": Look(cast("str", _("Telegram")), "telegram", TELEGRAM),
    "line": Look(cast("str", _("LINE")), "line", LINE),
    "viber": Look(cast("str", _("Viber")), "viber", VIBER),
    "sms": Look(cast("str", _("SMS")), "phone", SMS),
    "phone": Look(cast("str", _("Phone")), "phone"),
    "video": Look(cast("str", _("Video")), "visitor"),
    "form": Look(cast("str", _("Form")), "email"),
    "store": Look(cast("str", _("In store")), "shop"),
}
DEFAULT = "email"


def look_of(name: object) -> Look:
    """Return the look of a name; an unknown one looks like mail."""
    return LOOKS.get(str(name), LOOKS[DEFAULT])
