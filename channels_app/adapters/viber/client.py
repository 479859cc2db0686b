"""Asking Viber: it answers 200 to everything, and `status` in the body says what it means (read 2026-11)."""

import json
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._chat.reading import Json, whole, word
from channels_app.adapters.viber.config import API
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

ANSWER_MAX_BYTES = 1024 * 1024
BODY_MAX_BYTES = 30 * 1024
TOO_MANY = 12
# A hundred messages to somebody who does not answer, then none for the hour.
AGAIN_SECONDS = 600
REFUSALS = {
    2: ("credentials", _("Viber does not accept the bot's token. An administrator has to connect it again.")),
    5: ("rejected_recipient", _("This customer is not on Viber any more.")),
    6: ("opted_out", _("The customer does not follow the bot on Viber. Write through another channel.")),
    7: ("account", _("Viber has blocked the bot.")),
    8: ("account", _("Viber does not know the bot any more.")),
    9: ("account", _("Viber has suspended the bot.")),
    10: ("not_configured", _("Viber was never told where to call. An administrator has to connect the channel.")),
    11: ("rejected_recipient", _("The customer's Viber is too old to take messages of bots.")),
    13: ("rejected_recipient", _("The customer's Viber is too old to take this message.")),
    14: ("rejected_recipient", _("The customer's Viber is too old to take this message.")),
    15: ("account", _("Viber does not let the bot do that.")),
    21: ("rejected_recipient", _("Viber does not deliver messages of this bot to the customer's country.")),
    23: ("account", _("The bot's free messages are used up. Ask Viber about a plan.")),
    24: ("account", _("The bot's balance at Viber is used up.")),
}  # fmt: skip
OURS = frozenset({"credentials", "account", "not_configured"})


def call(channel: "Channel", method: str, fields: Json, *, sends: bool = False) -> Json:
    """Call a method and return what it says. Raises SendError."""
    # Every character beyond ASCII would take six bytes otherwise.
    body = json.dumps(fields, ensure_ascii=False).encode()
    if len(body) > BODY_MAX_BYTES:
        raise SendError("too_large", _("The message is too large for Viber. Shorten or split it."))
    url = f"{str(channel.config.get('base_url') or API).rstrip('/')}/pa/{method}"
    headers = {"content-type": "application/json", "x-viber-auth-token": str(channel.config.get("token", ""))}
    ask = Ask(url, "POST", headers, body, max_bytes=ANSWER_MAX_BYTES, redirects_max=0, is_ours=True)
    answer = asking.call(channel, ask, what=method, sends=sends)
    told = asking.json_of(answer)
    status = whole(told.get("status"))
    if answer.status == 200 and status == 0:
        return told
    raise _refused(answer, status, word(told.get("status_message"), 100), sends=sends)


def _refused(answer: Answer, status: int | None, said: str, *, sends: bool) -> SendError:
    code = f"{answer.status if status is None else status} {said}".strip()
    if passing := asking.passing(answer, code):
        return passing
    if status == TOO_MANY:
        return asking.throttled(AGAIN_SECONDS, code)
    if status in REFUSALS:
        ours, words = REFUSALS[status]
        return SendError(ours, words, our_fault=ours in OURS, provider_code=code)
    if answer.status == 200 and status is None:
        words = _("Viber answered something we do not understand. It may have been sent.")
        return SendError("timeout", words, maybe_sent=sends, provider_code=code)
    return SendError("rejected_content", _("Viber did not take the message."), provider_code=code)
