"""Telling the other side of an API channel what was written here: signed calls to the address that it named.

The address may be anybody's: private networks are refused whatever the desk's settings allow.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._sms.basic import JSON, json_body
from channels_app.adapters.api import signing
from channels_app.models import Channel
from conversations.files import links
from conversations.models import Delivery, filelink
from helpdesk.lib import clock
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import Outbound, OutboundFile, SendError, Sent, SentPart

if TYPE_CHECKING:
    from helpdesk.lib.inbound import Party

# When to try again: after the first failure, the second, … and then daily.
LADDER_SECONDS = (10, 60, 300, 1_800, 7_200, 21_600, 86_400)
OFF_AFTER = timedelta(days=3)
TAKES_SECONDS = 10.0
# Larger files go as a link alone.
INLINE_MAX_BYTES = 5 * 1024 * 1024
ANSWER_MAX_BYTES = 64 * 1024
SILENT = _("The other system does not answer. It is tried again for three days.")
OFF = _("The other system has not answered for three days, so nothing is sent there any more.")


def send(channel: Channel, outbound: Outbound) -> Sent:
    """Tell of one piece. Raises SendError; may be repeated, because its id stays the same."""
    name = outbound.piece_key or outbound.idempotency_key
    attempt = _attempt(outbound)
    given = {"type": "message", "event_id": name, "attempt": attempt, "message": _message(outbound, name)}
    try:
        answer = _tell(channel, given, "Send")
        _check(answer)
    except SendError as error:
        raise _later(channel, error, attempt) from None
    if "failing_since" in channel.poll_state:
        _remember(channel, None)
    theirs = asking.json_of(answer).get("id")
    known = str(theirs)[:200] if isinstance(theirs, str | int) and not isinstance(theirs, bool) else name
    return Sent(known, (SentPart(outbound.recipients[0].position, known),))


def tell(channel: Channel, sort: str, party: "Party", **about: Any) -> None:
    """Tell of something that happened: typing, read, an edit, a deletion, a reaction. Raises SendError."""
    given = {"type": sort, "contact": {"external_id": party.value}, **about}
    _check(_tell(channel, given, sort.capitalize()))


def ping(channel: Channel) -> None:
    """Ask whether somebody is there who takes our signature. Raises SendError."""
    _check(_tell(channel, {"type": "ping"}, "Ping"))


def _message(outbound: Outbound, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "contact": {"external_id": outbound.to.value, "name": outbound.to.name},
        "conversation_external_id": outbound.thread_key,
        "text": outbound.text,
        "attachments": [_file(one) for one in outbound.files],
        "reply_to": outbound.quotes or outbound.in_reply_to or None,
        "agent": {"name": outbound.sender_name},
        "is_automatic": not outbound.written_by_person,
        "language": outbound.language,
        "quick_replies": [{"title": one.title, "payload": one.payload} for one in outbound.quick_replies],
    }


def _file(file: OutboundFile) -> dict[str, Any]:
    """Write a file: where it is to be had for a while, and its content too while that is small."""
    is_small = len(file.data) <= INLINE_MAX_BYTES
    return {
        "filename": file.filename, "content_type": file.content_type, "size_bytes": len(file.data),
        "sha256": hashlib.sha256(file.data).hexdigest(),
        "url": links.make(file, by=None), "url_expires_at": (clock.real() + timedelta(days=filelink.DAYS)).isoformat(),
        **({"content": base64.b64encode(file.data).decode()} if is_small else {}),
    }  # fmt: skip


def _attempt(outbound: Outbound) -> int:
    made = Delivery.objects.filter(idempotency_key=outbound.idempotency_key).values_list("attempts", flat=True)
    return max(1, made.first() or 1)


def _tell(channel: Channel, given: dict[str, Any], what: str) -> Answer:
    config = channel.config
    secrets = [str(config.get(name) or "") for name in ("secret", "secret_next")]
    body = json_body({**given, "sent_at": clock.real().isoformat()})
    headers = {**JSON, "x-signature": signing.header(secrets, body)}
    if "event_id" in given:
        headers |= {"x-event-id": str(given["event_id"]), "x-attempt": str(given["attempt"])}
    url = str(config.get("target_url") or "")
    if not url:
        raise SendError("not_configured", _("This channel has no address to send to."), our_fault=True)
    ask = Ask(
        url, method="POST", headers=headers, body=body, redirects_max=0, max_bytes=ANSWER_MAX_BYTES,
        timeout_seconds=TAKES_SECONDS, is_cut=True,
    )  # fmt: skip
    return asking.call(channel, ask, what=what)


def _check(answer: Answer) -> None:
    """Raise SendError for an answer that is no yes."""
    if answer.status < 300:
        return
    code = str(answer.status)
    if answer.status in {401, 403}:
        words = _("The other system does not accept our signature.")
        raise SendError("credentials", words, our_fault=True, provider_code=code)
    if answer.status in {400, 413, 422}:
        words = _("The other system does not take this message.")
        raise SendError("rejected_content", words, provider_code=code)
    if answer.status in {404, 410}:
        words = _("The other system does not know this person or this address.")
        raise SendError("rejected_recipient", words, provider_code=code)
    raise asking.passing(answer, code) or SendError("provider_error", SILENT, retryable=True, provider_code=code)


def _later(channel: Channel, error: SendError, attempt: int) -> SendError:
    """Say when to try again; after three days of nothing but failures, that it is over."""
    if error.code not in {"connection", "provider_error", "throttled"}:
        return error
    since = _failing_since(channel)
    if clock.real() - since > OFF_AFTER:
        # This word takes the channel out of service, and its administrators are told.
        return SendError("credentials", OFF, our_fault=True, provider_code=error.provider_code)
    pause = LADDER_SECONDS[min(attempt, len(LADDER_SECONDS)) - 1]
    return SendError(
        error.code if error.code == "throttled" else "provider_error", SILENT, retryable=True,
        retry_after_seconds=max(pause, error.retry_after_seconds or 0), provider_code=error.provider_code,
    )  # fmt: skip


def _failing_since(channel: Channel) -> datetime:
    """Return when the failures began, and remember it with the first."""
    written = channel.poll_state.get("failing_since")
    if isinstance(written, str):
        return datetime.fromisoformat(written)
    now = clock.real()
    _remember(channel, now)
    return now


def _remember(channel: Channel, since: datetime | None) -> None:
    kept = {name: value for name, value in channel.poll_state.items() if name != "failing_since"}
    channel.poll_state = {**kept, "failing_since": since.isoformat()} if since else kept
    channel.save(update_fields=["poll_state"])
