"""What a sandbox may look like: its word, and the kind of identity that writes there."""

from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Look:
    """One face. The name in LOOKS is the glyph of the sprite and the dye and weave of `data-ch`."""

    label: str
    identity_kind: str


LOOKS = {
    "email": Look(cast("str", _("Email")), "email"),
    "chat": Look(cast("str", _("Chat")), "visitor"),
    "whatsapp": Look(cast("str", _("WhatsApp")), "whatsapp"),
    "messenger": Look(cast("str", _("Messenger")), "messenger"),
    "instagram": Look(cast("str", _("Instagram")), "instagram"),
    "telegram": Look(cast("str", _("Telegram")), "telegram"),
    "line": Look(cast("str", _("LINE")), "line"),
    "viber": Look(cast("str", _("Viber")), "viber"),
    "sms": Look(cast("str", _("SMS")), "phone"),
    "phone": Look(cast("str", _("Phone")), "phone"),
    "video": Look(cast("str", _("Video")), "visitor"),
    "form": Look(cast("str", _("Form")), "email"),
    "store": Look(cast("str", _("In store")), "shop"),
}
DEFAULT = "email"


def look_of(name: object) -> Look:
    """Return the look of a name; an unknown one looks like mail."""
    return LOOKS.get(str(name), LOOKS[DEFAULT])
