"""Why a message did not go: what each of our codes means, what becomes of it, and what an agent can do.

The codes are SendError's (helpdesk.lib.outbound); the sentence that an adapter wrote comes first, this is what follows.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_noop as _


class Fix(StrEnum):
    """What a button or a link can do about it. NONE: nothing here."""

    RECONNECT = "reconnect"
    TEMPLATE = "template"
    OTHER_CHANNEL = "other_channel"
    SHORTEN = "shorten"
    LINK = "link"
    WAIT = "wait"
    OPT_IN = "opt_in"
    REPEAT = "repeat"
    NONE = "none"


class After(StrEnum):
    """What the desk does by itself."""

    RETRIED = "retried"
    FINAL = "final"
    DOWN = "down"
    OPTED_OUT = "opted_out"
    NO_OFFERS = "no_offers"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One row of the table. advice: a sentence for the agent."""

    after: After
    fix: Fix
    advice: str


_ELSEWHERE = _("Write to them on another channel.")
TROUBLES = {
    "connection": Trouble(After.RETRIED, Fix.WAIT, _("It is tried again by itself.")),
    "provider_error": Trouble(After.RETRIED, Fix.REPEAT, _("The trouble is on the provider's side.")),
    "throttled": Trouble(After.RETRIED, Fix.WAIT, _("It goes as soon as the provider takes more.")),
    "late": Trouble(After.RETRIED, Fix.WAIT, _("It is tried again by itself.")),
    "timeout": Trouble(After.UNKNOWN, Fix.REPEAT, _("Look whether it arrived before you send it again.")),
    "interrupted": Trouble(After.UNKNOWN, Fix.REPEAT, _("Look whether it arrived before you send it again.")),
    "restored": Trouble(After.UNKNOWN, Fix.REPEAT, _("Look whether it arrived before you send it again.")),
    "credentials": Trouble(After.DOWN, Fix.RECONNECT, _("It goes once an administrator has reconnected the channel.")),
    "not_configured": Trouble(After.FINAL, Fix.RECONNECT, _("An administrator has to complete the settings.")),
    "account": Trouble(After.FINAL, Fix.RECONNECT, _("An administrator has to look at the account at the provider.")),
    "window_closed": Trouble(After.FINAL, Fix.TEMPLATE, _("Use an approved text, or write on another channel.")),
    "rejected_template": Trouble(After.FINAL, Fix.TEMPLATE, _("Choose another approved text.")),
    "opted_out": Trouble(After.OPTED_OUT, Fix.OPT_IN, _("Nothing more goes there until they want it again.")),
    "no_offers": Trouble(
        After.NO_OFFERS, Fix.TEMPLATE, _("Answer their question yourself, or use an approved text that is no offer.")
    ),
    "held_back": Trouble(After.FINAL, Fix.REPEAT, _("Send it again after a day, or write without an offer.")),
    "rejected_recipient": Trouble(After.FINAL, Fix.OTHER_CHANNEL, _ELSEWHERE),
    "rejected_content": Trouble(After.FINAL, Fix.OTHER_CHANNEL, _("Change it, or write on another channel.")),
    "unsupported": Trouble(After.FINAL, Fix.OTHER_CHANNEL, _ELSEWHERE),
    "too_long": Trouble(After.FINAL, Fix.SHORTEN, _("Shorten it, or send it in parts.")),
    "too_large": Trouble(After.FINAL, Fix.LINK, _("Send a smaller file, or a link to it.")),
    "too_old": Trouble(After.FINAL, Fix.REPEAT, _("Read it again: is it still true?")),
    "earlier_part": Trouble(After.FINAL, Fix.REPEAT, _("Send it again, and only what is missing goes.")),
}
_OTHER = Trouble(After.FINAL, Fix.REPEAT, "")


def trouble_of(code: str) -> Trouble:
    """Return what a code means; a bounce of a mail and what nobody foresaw can only be sent again."""
    if code.startswith("bounced"):
        return TROUBLES["rejected_recipient"]
    return TROUBLES.get(code, _OTHER)
