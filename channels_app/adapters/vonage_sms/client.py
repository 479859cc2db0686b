"""Asking Vonage: sending by the SMS API or the Messages API, the account, the number's address (read 2026-11)."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._sms import links
from channels_app.adapters._sms.basic import FORM, JSON, basic, form_body, json_body, rows_of
from channels_app.adapters.vonage_sms.config import MESSAGES, settings_of
from channels_app.adapters.vonage_sms.errors import part_error, refusal
from channels_app.addresses import webhook_of
from helpdesk.lib import gsm
from helpdesk.lib.events import EventFile
from helpdesk.lib.http import Ask
from helpdesk.lib.outbound import Media, MediaGone, Outbound, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

REF_MAX = 40
UNREADABLE = _("Vonage answered something we do not understand. It may have been sent.")
PARTLY = _("Only a part of this text reached the network. Send the rest again.")
SORTS = ("image", "audio", "video")
# The networks of the Messages API that take phone numbers, and which of them carry a text alone.
TEXTS = "sms"
PHONES = frozenset({"sms", "mms", "rcs", "whatsapp"})


def send(channel: "Channel", outbound: Outbound) -> Sent:
    """Hand one piece to Vonage. Raises SendError."""
    config = settings_of(channel.config)
    network = outbound.hints.get("network", "")
    if config["interface"] == MESSAGES or network:
        return _send_message(channel, config, outbound, network)
    return _send_sms(channel, config, outbound)


def check(channel: "Channel") -> None:
    """Ask for the account's balance. Raises SendError."""
    config = settings_of(channel.config)
    url = f"{config['sms_url']}/account/get-balance"
    answer = asking.call(channel, Ask(url, headers=_who(config), is_ours=True), what="Account")
    if answer.status >= 300:
        raise refusal(answer)


def connect(channel: "Channel", *, is_on: bool) -> None:
    """Give our address to the number of the SMS API, or take it away. Raises SendError.

    The Messages API has its addresses with an application, which serves other numbers too: that is done by hand.
    """
    config = settings_of(channel.config)
    number = str(config.get("address", "")).removeprefix("+")
    if config["interface"] == MESSAGES or not number.isdecimal():
        return
    found = asking.call(
        channel,
        Ask(
            f"{config['sms_url']}/account/numbers?{urlencode({'pattern': number})}", headers=_who(config), is_ours=True
        ),
        what="Numbers",
    )
    if found.status >= 300:
        raise refusal(found)
    country = next((str(row.get("country")) for row in rows_of(found, "numbers") if row.get("msisdn") == number), "")
    if not country:
        raise SendError("not_configured", _("This Vonage account has no such number."), our_fault=True)
    fields = [("country", country), ("msisdn", number), ("moHttpUrl", webhook_of(channel) if is_on else "")]
    url = f"{config['sms_url']}/number/update"
    ask = Ask(url, method="POST", headers={**_who(config), **FORM}, body=form_body(fields), is_ours=True)
    answer = asking.call(channel, ask, what="Webhook")
    if answer.status >= 300:
        raise refusal(answer)


def fetch_media(channel: "Channel", file: EventFile) -> Media:
    """Fetch a file; Vonage's links need no credentials. Raises MediaGone, SendError."""
    if not file.url:
        raise MediaGone(_("The provider has it no more."))
    return asking.download(channel, file.url)


def _send_sms(channel: "Channel", config: dict[str, Any], outbound: Outbound) -> Sent:
    if outbound.files:
        raise SendError("unsupported", _("This channel carries text only. Send a link to the file instead."))
    if not outbound.text:
        raise SendError("rejected_content", _("There is nothing in it that could be sent."))
    fields = [
        ("api_key", str(config.get("api_key", ""))),
        ("api_secret", str(config.get("api_secret", ""))),
        ("from", str(config.get("address", "")).removeprefix("+")),
        ("to", _number(outbound)),
        ("text", outbound.text),
        ("type", "text" if gsm.size(outbound.text).is_gsm else "unicode"),
        ("status-report-req", "1"),
        ("client-ref", (outbound.piece_key or outbound.idempotency_key)[:REF_MAX]),
    ]
    fields += [("callback", outbound.status_url)] if outbound.status_url else []
    url = f"{config['sms_url']}/sms/json"
    ask = Ask(url, method="POST", headers=FORM, body=form_body(fields), is_ours=True)
    answer = asking.call(channel, ask, what="Send", sends=True)
    if answer.status >= 300:
        raise refusal(answer)
    return _sent(rows_of(answer, "messages"), outbound.recipients[0].position)


def _sent(rows: list[dict[str, Any]], position: int) -> Sent:
    """Return what became of the parts of one text: Vonage answers each for itself."""
    if not rows:
        raise SendError("provider_error", UNREADABLE, maybe_sent=True)
    refused = [row for row in rows if str(row.get("status")) != "0"]
    names = [str(row["message-id"]) for row in rows if row.get("message-id") and str(row.get("status")) == "0"]
    if len(refused) == len(rows):
        raise part_error(refused[0])
    if not names:
        raise SendError("provider_error", UNREADABLE, maybe_sent=True)
    if refused:
        error = part_error(refused[0])
        return Sent(names[0], (SentPart(position, names[0], "failed", error.code, PARTLY),))
    return Sent(names[0], (SentPart(position, names[0]),))


def _send_message(channel: "Channel", config: dict[str, Any], outbound: Outbound, network: str) -> Sent:
    given = {
        **_content(outbound, network),
        "from": str(config.get("address", "")).removeprefix("+"),
        "to": _number(outbound) if (network or TEXTS) in PHONES else outbound.to.value,
        "client_ref": (outbound.piece_key or outbound.idempotency_key)[:100],
    }
    if outbound.status_url:
        given["webhook_url"] = outbound.status_url
    ask = Ask(
        f"{config['api_url']}/v1/messages", method="POST", headers={**_who(config), **JSON},
        body=json_body(given), is_ours=True,
    )  # fmt: skip
    answer = asking.call(channel, ask, what="Send", sends=True)
    if answer.status >= 300:
        raise refusal(answer)
    name = str(asking.json_of(answer).get("message_uuid") or "")
    if not name:
        raise SendError("provider_error", UNREADABLE, maybe_sent=True)
    return Sent(name, (SentPart(outbound.recipients[0].position, name),))


def _content(outbound: Outbound, network: str) -> dict[str, Any]:
    if not outbound.files:
        if not outbound.text:
            raise SendError("rejected_content", _("There is nothing in it that could be sent."))
        return {"channel": network or TEXTS, "message_type": "text", "text": outbound.text}
    file = outbound.files[0]
    sort = file.content_type.partition("/")[0]
    sort = sort if sort in SORTS else "file"
    shown = {"url": links.public_link(file), **({"caption": outbound.text} if outbound.text else {})}
    return {"channel": network or "mms", "message_type": sort, sort: shown}


def _number(outbound: Outbound) -> str:
    value = outbound.to.value
    if not value.startswith("+"):
        raise SendError("rejected_recipient", _("This sender is a name or a short number, which takes no answers."))
    return value.removeprefix("+")


def _who(config: dict[str, Any]) -> dict[str, str]:
    return basic(str(config.get("api_key", "")), str(config.get("api_secret", "")))
