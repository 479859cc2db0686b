"""Vonage's codes in our words: of answers and receipts of the SMS API and of the Messages API (read 2026-11)."""

from typing import Any

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.asking import json_of
from helpdesk.lib.http import Answer
from helpdesk.lib.outbound import SendError

NUMBER = _("This number cannot get text messages. Check it, or write another way.")
REFUSED = _("Vonage refused the message.")
UNKNOWN = _("The network did not deliver it and does not say why.")
UNREACHABLE = _("The phone could not be reached. It may be off or out of range; try again later.")
FILTERED = _("The network took it for unwanted mail and did not pass it on. Write it in other words, without links.")
STOPPED = _("They asked not to be written to. They have to write START before anything can be sent.")
CLOSED = _("More than 24 hours have passed since their last message: only an approved template may be sent.")
ACCOUNT = _("The Vonage account is blocked or has no credit. An administrator has to look at it.")
SENDER = _("Vonage does not let our number or name write there. An administrator has to look at it.")
CREDENTIALS = _("Vonage did not accept the account's key and secret.")
CONTENT = _("Vonage does not take what is in it. Change it and send it again.")
LONG = _("The text is too long for one message. Split it.")
BUSY = _("The provider has a problem at the moment.")
SLOWER = _("The provider takes messages more slowly than they are sent.")
TEMPLATE = _("The template or its values do not fit. Choose another, or fill in all values.")

Row = tuple[str, str, bool, bool]
# code: ours, a sentence, whether trying again helps, whether the trouble is on our side.
_THROTTLED: Row = ("throttled", SLOWER, True, False)
_PASSING: Row = ("provider_error", BUSY, True, False)
_ACCOUNT: Row = ("account", ACCOUNT, False, True)
_SENDER: Row = ("account", SENDER, False, True)
_CREDENTIALS: Row = ("credentials", CREDENTIALS, False, True)
_CONTENT: Row = ("rejected_content", CONTENT, False, False)
_NUMBER: Row = ("rejected_recipient", NUMBER, False, False)
_STOPPED: Row = ("opted_out", STOPPED, False, False)
# What the SMS API says of each part.
SMS: dict[str, Row] = {
    "1": _THROTTLED, "2": _CONTENT, "3": _CONTENT, "4": _CREDENTIALS, "5": _PASSING, "6": _CONTENT, "7": _NUMBER,
    "8": _ACCOUNT, "9": _ACCOUNT, "10": _THROTTLED, "11": _ACCOUNT, "12": ("too_large", LONG, False, False),
    "14": _CREDENTIALS, "15": _SENDER, "22": _CONTENT, "23": _CONTENT, "29": _NUMBER, "32": _CREDENTIALS,
    "33": _NUMBER,
}  # fmt: skip
# What the Messages API says, in answers and in statuses.
MESSAGES: dict[str, Row] = {
    "1000": _THROTTLED, "1010": _CONTENT, "1020": _CONTENT, "1021": _CONTENT, "1022": _CONTENT, "1030": _PASSING,
    "1040": _CONTENT, "1050": _NUMBER, "1060": _ACCOUNT, "1070": _ACCOUNT, "1080": _NUMBER, "1090": _SENDER,
    "1100": _PASSING, "1110": ("rejected_template", TEMPLATE, False, False), "1120": _SENDER,
    "1130": ("rejected_template", TEMPLATE, False, False), "1131": _NUMBER, "1150": _CONTENT,
    "1160": ("window_closed", CLOSED, False, False), "1170": _NUMBER,
    "1180": ("rejected_content", FILTERED, False, False),
    "1190": ("rejected_content", FILTERED, False, False), "1210": _STOPPED, "1240": _SENDER, "1241": _THROTTLED,
    "1250": _NUMBER, "1260": ("rejected_recipient", UNREACHABLE, False, False),
    "1330": ("provider_error", UNKNOWN, False, False),
    "1340": ("window_closed", CLOSED, False, False),
}  # fmt: skip
# What receipts of the SMS API say (`err-code`).
_FILTERED: Row = ("rejected_content", FILTERED, False, False)
_AWAY: Row = ("rejected_recipient", UNREACHABLE, False, False)
_SILENT: Row = ("provider_error", UNKNOWN, False, False)
RECEIPTS: dict[str, Row] = {
    "1": _SILENT, "2": _AWAY, "3": _NUMBER, "4": _NUMBER, "5": _NUMBER, "6": _STOPPED, "7": _FILTERED, "8": _AWAY,
    "9": _NUMBER, "10": _NUMBER, "11": _ACCOUNT, "12": _AWAY, "13": _NUMBER, "14": _STOPPED, "15": _SENDER,
    "50": _FILTERED, "51": _FILTERED, "52": _SENDER, "53": _FILTERED, "54": _FILTERED, "99": _SILENT,
}  # fmt: skip


def part_error(row: dict[str, Any]) -> SendError:
    """Return what one part of an answer of the SMS API says."""
    code = str(row.get("status") or "")
    meaning = SMS.get(code)
    if meaning is None:
        return SendError("provider_error", REFUSED, provider_code=code)
    wait = _seconds_in(str(row.get("error-text") or "")) if meaning is _THROTTLED else None
    return _error(meaning, code, wait)


def refusal(answer: Answer) -> SendError:
    """Return what an answer of the Messages API other than success says."""
    given = json_of(answer)
    named = str(given.get("title") or "")
    code = named if named.isdigit() else str(given.get("type") or "").rpartition("#")[2][:40]
    meaning = MESSAGES.get(code)
    if meaning is None and answer.status in {401, 403}:
        meaning = _CREDENTIALS
    if answer.status == 402:
        meaning = _ACCOUNT
    if meaning is not None:
        return _error(meaning, code, asking.retry_after(answer))
    return asking.passing(answer, code) or SendError("provider_error", REFUSED, provider_code=code)


def said_of(code: str) -> tuple[str, str]:
    """Return our word and a sentence for a code of the Messages API in a status."""
    return MESSAGES[code][:2] if code in MESSAGES else ("", UNKNOWN)


def said_of_receipt(code: str) -> tuple[str, str]:
    """Return our word and a sentence for a code in a receipt of the SMS API."""
    return RECEIPTS[code][:2] if code in RECEIPTS else ("", UNKNOWN)


def _error(meaning: Row, code: str, wait: int | None) -> SendError:
    ours, sentence, is_passing, is_ours = meaning
    return SendError(
        ours, sentence, retryable=is_passing, our_fault=is_ours, retry_after_seconds=wait, provider_code=code
    )


def _seconds_in(words: str) -> int | None:
    """Read how long to wait from a sentence such as "[ 1000 ms]"; None where it says nothing."""
    number = words.rpartition("[")[2].partition("]")[0].strip().removesuffix("ms").strip()
    return max(1, -(-int(number) // 1_000)) if number.isdecimal() and len(number) < 7 else None
