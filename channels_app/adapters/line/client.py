"""Asking LINE, and what its refusals mean (LINE's messaging-api.yml and Messaging API reference, read 2026-11)."""

import json
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._chat.reading import Json, parts, word
from channels_app.adapters.line.config import API
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

ANSWER_MAX_BYTES = 1024 * 1024
MONTHLY = "monthly limit"
REFUSALS = (
    ("failed to send messages", "opted_out", _("The customer has blocked the account or is no friend of it.")),
    ("property, 'to'", "rejected_recipient", _("LINE does not know this customer for your account.")),
    ("user not found", "rejected_recipient", _("LINE does not know this customer for your account.")),
    ("not found", "rejected_recipient", _("LINE does not know this customer for your account.")),
)


def call(channel: "Channel", method: str, path: str, fields: Json | None = None, *, retry_key: str = "",
         sends: bool = False) -> Answer:  # fmt: skip
    """Call LINE and return its answer, whatever its status. Raises SendError where no answer came."""
    headers = {**credentials(channel), "content-type": "application/json"}
    if retry_key:
        headers["x-line-retry-key"] = retry_key
    body = b"" if fields is None else json.dumps(fields, ensure_ascii=False).encode()
    url = str(channel.config.get("base_url") or API).rstrip("/") + path
    ask = Ask(url, method, headers, body, max_bytes=ANSWER_MAX_BYTES, redirects_max=0, is_ours=True)
    # The path's ends are ids of people; what goes into the log is which call it was.
    return asking.call(channel, ask, what=_named(path), sends=sends)


def ask(channel: "Channel", method: str, path: str, fields: Json | None = None) -> Json:
    """Call LINE and return what it says. Raises SendError."""
    answer = call(channel, method, path, fields)
    if answer.status != 200:
        raise refused(answer)
    return asking.json_of(answer)


def credentials(channel: "Channel") -> dict[str, str]:
    """Return the header that LINE knows the account by."""
    return {"authorization": f"Bearer {channel.config.get('access_token', '')}"}


def refused(answer: Answer) -> SendError:
    """Return what an answer that is no success means."""
    told = asking.json_of(answer)
    said = word(told.get("message"), 200)
    code = f"{answer.status} {said}".strip()
    if answer.status == 429 and MONTHLY in said.lower():
        words = _("This month's messages are used up. Raise the plan at LINE or wait for the next month.")
        return SendError("account", words, our_fault=True, provider_code=code)
    if passing := asking.passing(answer, code):
        return passing
    if answer.status == 401:
        words = _("LINE does not accept the account's token. An administrator has to connect it again.")
        return SendError("credentials", words, our_fault=True, provider_code=code)
    if answer.status == 403:
        return SendError("account", _("LINE does not let this account do that."), our_fault=True, provider_code=code)
    if answer.status == 413:
        return SendError("too_large", _("The message is too large for LINE."), provider_code=code)
    details = " ".join(word(one.get("message")) for one in parts(told.get("details")))
    for words, ours, sentence in REFUSALS:
        if words in f"{said} {details}".lower():
            return SendError(ours, sentence, provider_code=code)
    return SendError("rejected_content", _("LINE did not take the message."), provider_code=code)


def _named(path: str) -> str:
    """Return a path without its ids: those of people and groups begin with U, C or R, those of messages are digits."""
    words = [one for one in path.split("/") if one and not one.isdigit() and one[0].islower()]
    return "/".join(words)
