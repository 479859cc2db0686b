"""Twilio's error codes in our words (its error dictionary, read 2026-11)."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.asking import json_of
from helpdesk.lib.http import Answer
from helpdesk.lib.outbound import SendError

NUMBER = _("This number cannot get text messages. Check it, or write another way.")
SENDER = _("Twilio does not let our number write there. An administrator has to look at the number at Twilio.")
FILTERED = _("The network took it for unwanted mail and did not pass it on. Write it in other words, without links.")
UNREACHABLE = _("The phone could not be reached. It may be off or out of range; try again later.")
UNKNOWN = _("The network did not deliver it and does not say why.")
CLOSED = _("More than 24 hours have passed since their last message: only an approved template may be sent.")
STOPPED = _("They asked not to be written to. They have to write START before anything can be sent.")
MEDIA = _("Twilio could not fetch the file, or the network does not take it. Send a link instead.")
LONG = _("The text is too long for one message. Split it.")
REGION = _("Our Twilio account may not write to this country. An administrator can allow it at Twilio.")
ACCOUNT = _("The Twilio account is suspended or has no credit. An administrator has to look at it.")
CREDENTIALS = _("Twilio did not accept the account's name and key.")
TEMPLATE = _("The template or its values do not fit. Choose another, or fill in all values.")
EMPTY = _("There is nothing in it that could be sent.")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code says: our code, a sentence, whether trying again helps, and whether the trouble is on our side."""

    code: str
    sentence: str
    is_passing: bool = False
    is_ours: bool = False


_STOPPED = Meaning("opted_out", STOPPED)
_NUMBER = Meaning("rejected_recipient", NUMBER)
_SENDER = Meaning("account", SENDER, is_ours=True)
_MEDIA = Meaning("rejected_content", MEDIA)
_TEMPLATE = Meaning("rejected_template", TEMPLATE)
_ACCOUNT = Meaning("account", ACCOUNT, is_ours=True)
_CREDENTIALS = Meaning("credentials", CREDENTIALS, is_ours=True)
_SLOWER = Meaning("throttled", _("The provider takes messages more slowly than they are sent."), is_passing=True)
MEANINGS = {
    "20003": _CREDENTIALS, "20005": _ACCOUNT, "20008": _CREDENTIALS, "10001": _ACCOUNT, "30002": _ACCOUNT,
    "20429": _SLOWER, "14107": _SLOWER, "21611": _SLOWER, "30001": _SLOWER, "30022": _SLOWER,
    "63017": _SLOWER, "63018": _SLOWER,
    "21211": _NUMBER, "21214": _NUMBER, "21217": _NUMBER, "21401": _NUMBER, "21407": _NUMBER, "21604": _NUMBER,
    "21614": _NUMBER, "30005": _NUMBER, "30006": _NUMBER, "63003": _NUMBER, "63024": _NUMBER,
    "21408": Meaning("rejected_recipient", REGION, is_ours=True),
    "21610": _STOPPED, "63032": _STOPPED,
    "21212": _SENDER, "21603": _SENDER, "21606": _SENDER, "21612": _SENDER, "21659": _SENDER, "21660": _SENDER,
    "21703": _SENDER, "30034": _SENDER, "63007": _SENDER,
    "21602": Meaning("rejected_content", EMPTY), "21619": Meaning("rejected_content", EMPTY),
    "21605": Meaning("too_large", LONG), "21617": Meaning("too_large", LONG),
    "21620": _MEDIA, "21623": _MEDIA, "21622": _MEDIA, "11751": _MEDIA, "12300": _MEDIA,
    "30008": Meaning("provider_error", UNKNOWN),
    "30019": _MEDIA, "63019": _MEDIA, "63021": _MEDIA,
    "30003": Meaning("rejected_recipient", UNREACHABLE), "30007": Meaning("rejected_content", FILTERED),
    "63016": Meaning("window_closed", CLOSED),
    "21655": _TEMPLATE, "21656": _TEMPLATE, "21658": _TEMPLATE, "63005": _TEMPLATE,
    "63027": _TEMPLATE, "63028": _TEMPLATE,
}  # fmt: skip


def refusal(answer: Answer) -> SendError:
    """Return what an answer other than success means; a 5xx may have been sent."""
    code = str(json_of(answer).get("code") or "")
    meaning = MEANINGS.get(code)
    if meaning is None and answer.status in {401, 403}:
        meaning = _CREDENTIALS
    if meaning is not None and meaning.code == "throttled":
        return asking.throttled(asking.retry_after(answer), code)
    if meaning is not None:
        return SendError(
            meaning.code, meaning.sentence, retryable=meaning.is_passing, our_fault=meaning.is_ours, provider_code=code
        )
    passing = asking.passing(answer, code)
    return passing or SendError("provider_error", _("Twilio refused the message."), provider_code=code)


def word_of(code: str) -> str:
    """Return our word for a code in a status; '' where there is none."""
    return MEANINGS[code].code if code in MEANINGS else ""


def sentence_of(code: str) -> str:
    """Say what a code in a status means."""
    return MEANINGS[code].sentence if code in MEANINGS else UNKNOWN
