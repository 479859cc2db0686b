"""The one way adapters call their provider: a deadline, a log without secrets, or the sandbox in its place."""

import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from channels_app.models import Channel, ChannelLog
from channels_app.sandbox import playing
from helpdesk.lib import clock, http
from helpdesk.lib.http import Answer, Ask, Refused
from helpdesk.lib.outbound import SendError

RETRY_AFTER_MAX_SECONDS = 3600
DETAIL_MAX = 1000


def call(channel: Channel, ask: Ask, *, what: str, sends: bool = False) -> Answer:
    """Ask the provider and return its answer, whatever its status. Never inside a transaction.

    what: the call's name for people and the log; never an address, which may carry a token. sends: something reaches
    a customer by it, so an answer that was never seen is "may have been sent". Raises SendError where no answer came.
    """
    began = time.monotonic()
    try:
        answer = playing.play(channel, ask) if channel.is_sandbox else http.fetch(ask)
    except Refused as refused:
        _note(channel, what, began, is_ok=False, detail=refused.code)
        raise _unanswered(refused, sends=sends) from None
    _note(channel, what, began, is_ok=answer.status < 400, detail=str(answer.status))
    return answer


def json_of(answer: Answer) -> dict[str, Any]:
    """Read an answer's object; {} for anything else."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def retry_after(answer: Answer) -> int | None:
    """Return the seconds that `Retry-After` asks for, a number or a date, at most an hour; None for nonsense."""
    written = answer.headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        return min(int(written[:9]), RETRY_AFTER_MAX_SECONDS)
    try:
        at = parsedate_to_datetime(written)
        left = (at - clock.real()).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(0, round(left)), RETRY_AFTER_MAX_SECONDS)


def passing(answer: Answer, provider_code: str = "") -> SendError | None:
    """Return the error of an answer that says nothing against the message (429, 5xx); None for any other."""
    if answer.status == 429:
        return throttled(retry_after(answer), provider_code)
    if answer.status >= 500:
        words = _("The provider has a problem at the moment.")
        return SendError("provider_error", words, retryable=True, provider_code=provider_code)
    return None


def throttled(seconds: int | None, provider_code: str = "") -> SendError:
    """Return the error of a provider that wants us to go slower."""
    words = _("The provider takes messages more slowly than they are sent.")
    return SendError("throttled", words, retryable=True, retry_after_seconds=seconds, provider_code=provider_code)


def _unanswered(refused: Refused, *, sends: bool) -> SendError:
    if sends and refused.was_sent:
        words = _("The provider did not answer. It may have been sent.")
        return SendError("timeout", words, maybe_sent=True)
    return SendError("connection", _("The provider cannot be reached."), retryable=True)


def _note(channel: Channel, what: str, began: float, *, is_ok: bool, detail: str) -> None:
    ChannelLog.objects.create(
        channel=channel,
        what=what[:200],
        is_ok=is_ok,
        detail=detail[:DETAIL_MAX],
        elapsed_milliseconds=round((time.monotonic() - began) * 1000),
    )
