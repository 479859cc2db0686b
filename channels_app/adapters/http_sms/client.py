"""Asking a gateway in the way that was written down for it."""

import json
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._sms.reading import part
from channels_app.adapters.http_sms import filling
from channels_app.adapters.http_sms.config import settings_of
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import Outbound, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

PREFIXES = {"plus": "+", "plain": "", "zeros": "00"}
SENTENCES = {
    "rejected_recipient": _("This number cannot get text messages. Check it, or write another way."),
    "rejected_content": _("The gateway does not take what is in it. Change it and send it again."),
    "throttled": _("The provider takes messages more slowly than they are sent."),
    "too_large": _("The text is too long for one message. Split it."),
    "credentials": _("The gateway did not accept our credentials."),
    "account": _("The account at the gateway is blocked or has no credit. An administrator has to look at it."),
    "opted_out": _("They asked not to be written to. They have to write START before anything can be sent."),
    "provider_error": _("The gateway refused the message."),
}
OURS = frozenset({"credentials", "account"})


def send(channel: "Channel", outbound: Outbound) -> Sent:
    """Hand one piece to the gateway. Raises SendError."""
    config = settings_of(channel.config)
    answer = asking.call(channel, _ask(config, _values(config, outbound)), what="Send", sends=True)
    error = _refusal(config, answer)
    if error is not None:
        raise error
    found = filling.at(_read(answer), str(config.get("response_id_at") or ""))
    name = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return Sent(name, (SentPart(outbound.recipients[0].position, name),))


def _values(config: dict[str, Any], outbound: Outbound) -> dict[str, str]:
    if outbound.files or not outbound.text:
        raise SendError("unsupported", _("This channel carries text only. Send a link to the file instead."))
    number = outbound.to.value
    if not number.startswith("+"):
        raise SendError("rejected_recipient", _("This sender is a name or a short number, which takes no answers."))
    return {
        "to": PREFIXES[str(config["number_format"])] + number.removeprefix("+"),
        "from": str(config.get("address", "")),
        "text": outbound.text,
        "id": outbound.piece_key or outbound.idempotency_key,
        "callback": outbound.status_url,
    }


def _ask(config: dict[str, Any], values: dict[str, str]) -> Ask:
    method = str(config.get("method") or "POST")
    encoding = "none" if method == "GET" else str(config["encoding"])
    body, kind = filling.body(config.get("body"), encoding, values)
    try:
        headers = dict(json.loads(str(config.get("headers") or "{}")))
    except (ValueError, TypeError):
        raise SendError("not_configured", _("The headers of this gateway cannot be read."), our_fault=True) from None
    url = filling.address(str(config.get("url", "")), values)
    kinds = {"content-type": kind} if kind else {}
    return Ask(url, method=method, headers={**kinds, **headers}, body=body, redirects_max=0, is_ours=True)


def _refusal(config: dict[str, Any], answer: Answer) -> SendError | None:
    """Return what an answer says against the message: by the gateway's code first, then by its status."""
    found = filling.at(_read(answer), str(config.get("response_error_at") or ""))
    code = "" if found is None or isinstance(found, dict | list | bool) else str(found)
    good = {one.strip() for one in str(config.get("good_errors") or "").split(",")} | {""}
    if answer.status < 300 and code in good:
        return None
    ours = str(part(config.get("error_words")).get(code.lower(), ""))
    if not ours:
        passing = asking.passing(answer, code[:40])
        ours = "credentials" if answer.status in {401, 403} else "provider_error"
        if passing is not None:
            return passing
    if ours == "throttled":
        return asking.throttled(asking.retry_after(answer), code[:40])
    return SendError(ours, SENTENCES[ours], our_fault=ours in OURS, provider_code=code[:40])


def _read(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
