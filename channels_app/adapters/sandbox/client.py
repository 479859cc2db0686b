"""Handing a message to the sandbox's provider, which the desk plays."""

import json
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from channels_app import asking
from helpdesk.lib.events import EventFile
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import Media, MediaGone, Outbound, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

KEY_HEADER = "X-Sandbox-Key"
URL = "https://provider.sandbox.invalid/messages"
REFUSALS = {
    "who_are_you": ("credentials", _("The provider does not let this channel in. An administrator must reconnect it.")),
    "nobody": ("rejected_recipient", _("The provider does not know this recipient.")),
    "too_late": ("window_closed", _("The time to answer freely is over.")),
    "not_wanted": ("opted_out", _("The customer does not want messages through this channel.")),
}  # fmt: skip


def send(channel: "Channel", outbound: Outbound) -> Sent:
    """Send one message. Raises SendError."""
    ask = Ask(URL, "POST", {"content-type": "application/json"}, json.dumps(_body(outbound)).encode(), is_ours=True)
    answer = asking.call(channel, ask, what="send", sends=True)
    if answer.status >= 400:
        raise _refusal(answer)
    ids = asking.json_of(answer).get("ids") or []
    parts = tuple(SentPart(row.position, str(one)) for row, one in zip(outbound.recipients, ids, strict=False))
    return Sent(f"sandbox-{_key(outbound)}", parts)


def check(channel: "Channel") -> None:
    """Ask whether the provider lets us in. Raises SendError."""
    answer = asking.call(channel, Ask(URL, is_ours=True), what="check")
    if answer.status >= 400:
        raise _refusal(answer)


def fetch(channel: "Channel", file: EventFile) -> Media:
    """Fetch a file that a played customer sent. Raises MediaGone, SendError."""
    answer = asking.call(channel, Ask(file.url, is_ours=True), what="file")
    if answer.status >= 400 or not answer.body:
        raise MediaGone(_("This file is not kept anywhere."))
    return Media(answer.body, answer.headers.get("content-type", ""), file.name)


def _refusal(answer: Answer) -> SendError:
    word = str(asking.json_of(answer).get("error", ""))
    passing = asking.passing(answer, word)
    if passing is not None:
        return passing
    code, sentence = REFUSALS.get(word, ("provider_error", _("The provider does not take this message.")))
    return SendError(code, sentence, provider_code=word)


def _body(outbound: Outbound) -> dict[str, Any]:
    return {
        "key": _key(outbound), "text": outbound.text, "subject": outbound.subject,
        "to": [{"value": row.party.value, "role": row.role, "position": row.position} for row in outbound.recipients],
        "files": [{"name": one.filename, "type": one.content_type, "bytes": len(one.data)} for one in outbound.files],
        "template": outbound.template.name if outbound.template else "",
        "quick_replies": [one.title for one in outbound.quick_replies],
    }  # fmt: skip


def _key(outbound: Outbound) -> str:
    return outbound.piece_key or outbound.idempotency_key
