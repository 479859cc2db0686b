"""The one way adapters call their provider: a deadline, a log without secrets, or the sandbox in its place."""

import email
import hashlib
import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from channels_app.models import Channel, ChannelLog
from channels_app.sandbox import playing
from helpdesk.lib import clock, http, sql
from helpdesk.lib.http import Answer, Ask, Refused
from helpdesk.lib.outbound import Media, MediaGone, SendError

# No larger file is fetched, whatever a provider would give: WhatsApp's documents are the largest.
MEDIA_MAX_BYTES = 100 * 1024 * 1024
# For each hop; with http.REDIRECTS_MAX redirects well within the time of a task.
MEDIA_SECONDS = 20.0
RETRY_AFTER_MAX_SECONDS = 3600
DETAIL_MAX = 1000


def call(channel: Channel, ask: Ask, *, what: str, sends: bool = False) -> Answer:
    """Ask the provider and return its answer, whatever its status. Never inside a transaction.

    what: the call's name for people and the log; never an address, which may carry a token. sends: something reaches
    a customer by it, so an answer that was never seen is "may have been sent". Raises SendError where no answer came.
    """
    try:
        return _ask(channel, ask, what)
    except Refused as refused:
        raise _unanswered(refused, sends=sends) from None


def download(
    channel: Channel,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    hosts: tuple[str, ...] = (),
    max_bytes: int = MEDIA_MAX_BYTES,
    sha256: str = "",
) -> Media:
    """Fetch a file that a provider named. Never inside a transaction. Raises MediaGone and SendError.

    headers: credentials; they go only to the places that the channel's configuration names and to `hosts` (over TLS;
    ".example.com" is every name below it), and over no redirect to another. Whatever is not the channel's own place
    may have been named by a message: no private address is asked for it. sha256: what it must be, hexadecimal.
    """
    place = http.place_of(url)
    is_own = place in _places(channel)
    is_trusted = is_own or (place.scheme == "https" and _is_among(place.host, hosts))
    ask = Ask(
        url,
        headers=headers or {} if is_trusted else {},
        max_bytes=min(max_bytes, MEDIA_MAX_BYTES),
        timeout_seconds=MEDIA_SECONDS,
        is_ours=is_own,
    )
    try:
        answer = _ask(channel, ask, "file")
    except Refused as refused:
        raise _not_fetched(refused) from None
    return _media_of(answer, sha256)


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


def _ask(channel: Channel, ask: Ask, what: str) -> Answer:
    began = time.monotonic()
    try:
        answer = playing.play(channel, ask) if channel.is_sandbox else http.fetch(ask)
    except Refused as refused:
        _note(channel, what, began, is_ok=False, detail=refused.code)
        raise
    _note(channel, what, began, is_ok=answer.status < 400, detail=str(answer.status))
    return answer


def _media_of(answer: Answer, sha256: str) -> Media:
    if answer.status == 401:
        raise SendError("credentials", _("The provider did not accept our credentials for this file."))
    if error := passing(answer):
        raise error
    if answer.status not in {200, 203}:
        raise MediaGone(_("The provider has it no more."))
    if sha256 and hashlib.sha256(answer.body).hexdigest() != sha256.lower():
        words = _("What the provider gave is not the file that was sent.")
        raise SendError("provider_error", words, retryable=True)
    said = email.message_from_string(f"content-disposition: {answer.headers.get('content-disposition', '')}\n\n")
    mime = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Media(answer.body, mime, said.get_filename("") or "")


def _not_fetched(refused: Refused) -> MediaGone | SendError:
    if refused.code == "too_large":
        return MediaGone(_("It is too large to be fetched."))
    if refused.is_forbidden or refused.code == "redirects":
        return MediaGone(_("Its address is none that a file may be fetched from."))
    return SendError("connection", _("The provider cannot be reached."), retryable=True)


def _places(channel: Channel) -> set[http.Place]:
    """Return the places that a configuration names: the values of it that are addresses of the web."""
    values = channel.config.values()
    return {http.place_of(one) for one in values if isinstance(one, str) and one.startswith(("https://", "http://"))}


def _is_among(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host == one or (one.startswith(".") and host.endswith(one)) for one in hosts)


def _unanswered(refused: Refused, *, sends: bool) -> SendError:
    if sends and refused.was_sent:
        words = _("The provider did not answer. It may have been sent.")
        return SendError("timeout", words, maybe_sent=True)
    return SendError("connection", _("The provider cannot be reached."), retryable=True)


def _note(channel: Channel, what: str, began: float, *, is_ok: bool, detail: str) -> None:
    row = ChannelLog(
        channel=channel,
        what=what[:200],
        is_ok=is_ok,
        detail=detail[:DETAIL_MAX],
        elapsed_milliseconds=round((time.monotonic() - began) * 1000),
    )
    sql.insert(row)
