"""What Meta's error codes mean, in our words: one verdict for each class and how they are read.

The same codes come as the answer to a request and in a failed status (provider documentation, read 2026-11).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._meta.reading import Json, dicts, first, kept, mapping, text
from helpdesk.lib.http import Answer
from helpdesk.lib.outbound import SendError

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Verdict:
    """One class of trouble. seconds: how long to wait where the provider does not say; is_of_chat: others may go on."""

    code: str
    sentence: str
    is_retryable: bool = False
    seconds: int | None = None
    is_our_fault: bool = False
    is_of_chat: bool = False

    def error(self, provider_code: str, seconds: int | None = None) -> SendError:
        """Return it as what a send raises."""
        return SendError(
            self.code,
            self.sentence,
            retryable=self.is_retryable,
            our_fault=self.is_our_fault,
            retry_after_seconds=(seconds or self.seconds) if self.is_retryable else None,
            provider_code=provider_code,
            is_of_chat=self.is_of_chat,
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a webhook's `errors` say: a sentence of ours and, in the details, their own words."""

    provider_code: str = ""
    sentence: str = ""
    details: Json = field(default_factory=dict)


THROTTLED = Verdict("throttled", _("Meta takes messages more slowly than they are sent."), True, 30)
PAIR = Verdict("throttled", _("Too many messages to this person in a short time."), True, 6, is_of_chat=True)
SLOWED = Verdict(
    "throttled", _("Meta has slowed this account down for some hours, because messages were reported."), True, HOUR
)
FATIGUE = Verdict("held_back", _("Meta holds this offer back: the person got many offers lately."))
TRANSIENT = Verdict("provider_error", _("Meta has a problem at the moment."), True)
CREDENTIALS = Verdict(
    "credentials", _("Meta does not accept the access token any more. Connect the account again."), is_our_fault=True
)
PERMISSION = Verdict(
    "credentials", _("The access token may not do this. Connect the account again, with all permissions."),
    is_our_fault=True,
)  # fmt: skip
WINDOW = Verdict("window_closed", _("The time in which one may answer freely is over."))
GONE = Verdict("rejected_recipient", _("This person cannot be reached here at the moment."))
UNDELIVERABLE = Verdict(
    "rejected_recipient",
    _("WhatsApp cannot deliver to this number. It may not be on WhatsApp, or its app may be too old."),
)
SELF = Verdict("rejected_recipient", _("A number cannot write to itself."))
UNLISTED = Verdict("rejected_recipient", _("The number is in test mode and this person is not on its list."))
EXPERIMENT = Verdict(
    "rejected_recipient", _("Meta did not pass it on: this person is part of an experiment of theirs.")
)
NEEDS_NUMBER = Verdict("rejected_recipient", _("This kind of message needs the person's phone number."))
NO_OFFERS = Verdict("no_offers", _("This person wants no offers from us."))
CONTENT = Verdict("rejected_content", _("Meta does not take this message as it is."))
FILE = Verdict("rejected_content", _("Meta cannot use this file. Send it in another format, or a link to it."))
TEMPLATE = Verdict(
    "rejected_template", _("Meta does not know this template in this language, or its values do not fit.")
)
TEMPLATE_PAUSED = Verdict("rejected_template", _("Meta has paused or disabled this template. Choose another one."))
BLOCKED = Verdict("account", _("Meta has blocked or restricted this account."), is_our_fault=True)
PAYMENT = Verdict("account", _("Meta wants a way of payment for this account."), is_our_fault=True)
UNREGISTERED = Verdict("account", _("The number is not registered, or its name is not approved."), is_our_fault=True)
REFUSED = Verdict("rejected_content", _("Meta refused the message."))

Judge = Callable[[int, int], Verdict | None]


def general(code: int, subcode: int) -> Verdict | None:
    """Judge the codes of the Graph API as such; None for those that mean something to one product only."""
    if code in {4, 17, 32, 613, 80007}:
        return THROTTLED
    if code in {1, 2}:
        return TRANSIENT
    if code in {0, 102, 190, 463, 467}:
        return CREDENTIALS
    if code in {3, 10} or 200 <= code <= 299:
        return PERMISSION
    if code == 368:
        return BLOCKED
    return None


def error_of(answer: Answer, judge: Judge) -> SendError | None:
    """Return what an answer's error means; None for an answer that is none."""
    given = mapping(asking.json_of(answer).get("error"))
    if answer.status < 300 and not given:
        return None
    code, subcode = _number(given.get("code")), _number(given.get("error_subcode"))
    written = _written(code, subcode)
    verdict = judge(code, subcode) or general(code, subcode) if given else None
    if verdict is not None:
        return verdict.error(written, asking.retry_after(answer))
    passing = asking.passing(answer, written)
    if passing is not None:
        return passing
    if given.get("is_transient") is True:
        return TRANSIENT.error(written)
    return (CREDENTIALS if answer.status in {401, 403} else REFUSED).error(written or str(answer.status))


def trouble_of(holder: Json, judge: Judge) -> Trouble:
    """Read the first of `errors`: in our words where we know the code, else in theirs."""
    found = dicts(holder.get("errors"))
    if not found:
        return Trouble()
    given = found[0]
    code = text(given.get("code"))
    said = first(mapping(given.get("error_data")).get("details"), given.get("message"), given.get("title"))
    number = _number(given.get("code"))
    verdict = judge(number, 0) or general(number, 0)
    details = kept(code=verdict.code if verdict else "", said=said)
    return Trouble(code, verdict.sentence if verdict else said[:500], details)


def _number(value: object) -> int:
    written = text(value)
    return int(written) if written.isascii() and written.isdigit() and len(written) < 12 else -1


def _written(code: int, subcode: int) -> str:
    if code < 0:
        return ""
    return f"{code}/{subcode}" if subcode > 0 else str(code)
