"""Asking Twilio: sending, files, templates, the number's address (REST API 2010-04-01, Content v1; read 2026-11)."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._sms import links
from channels_app.adapters._sms.basic import FORM, basic, form_body, rows_of
from channels_app.adapters._sms.people import WHATSAPP
from channels_app.adapters._sms.reading import part
from channels_app.adapters.twilio_sms.config import settings_of
from channels_app.adapters.twilio_sms.errors import refusal
from channels_app.addresses import webhook_of
from helpdesk.lib.events import EventFile
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import Media, MediaGone, Outbound, ProviderTemplate, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

# Behind an address that Twilio calls: five tries, whatever went wrong (its documentation of connections, read 2026-11).
INSISTENT = "#rc=5&rp=all&rt=15000&tt=15000"
PAGES_MAX = 20
STATUSES = {"approved": "approved", "pending": "pending", "received": "pending", "rejected": "rejected",
            "paused": "paused", "disabled": "disabled"}  # fmt: skip


def send(channel: "Channel", outbound: Outbound) -> Sent:
    """Hand one piece to Twilio. Raises SendError."""
    config = settings_of(channel.config)
    fields = _fields(channel, config, outbound)
    ask = ask_for(config, "Messages.json", method="POST", headers=FORM, body=form_body(fields))
    answer = asking.call(channel, ask, what="Send", sends=True)
    given = asking.json_of(answer)
    if answer.status >= 300:
        raise refusal(answer)
    name = str(given.get("sid") or "")
    if not name:
        words = _("Twilio answered something we do not understand. It may have been sent.")
        raise SendError("provider_error", words, maybe_sent=True)
    return Sent(name, (SentPart(outbound.recipients[0].position, name),))


def check(channel: "Channel") -> None:
    """Ask for the account. Raises SendError."""
    config = settings_of(channel.config)
    answer = asking.call(channel, ask_for(config, ""), what="Account")
    if answer.status >= 300:
        raise refusal(answer)
    if str(asking.json_of(answer).get("status") or "active") != "active":
        words = _("The Twilio account is suspended or has no credit. An administrator has to look at it.")
        raise SendError("account", words, our_fault=True)


def fetch_media(channel: "Channel", file: EventFile) -> Media:
    """Fetch a file: with the account's key from Twilio's own place, then without it. Raises MediaGone, SendError.

    Twilio leads to a place of files, which must not see the key.
    """
    if not file.url:
        raise MediaGone(_("The provider has it no more."))
    config = settings_of(channel.config)
    try:
        return asking.download(channel, file.url, headers=_who(config), hosts=("api.twilio.com",))
    except SendError as error:
        if error.code != "credentials":
            raise
    return asking.download(channel, file.url)


def templates(channel: "Channel") -> list[ProviderTemplate]:
    """Return the texts of the account's content with what WhatsApp says of them. Raises SendError."""
    config = settings_of(channel.config)
    url = f"{config['content_url']}/v1/ContentAndApprovals?PageSize=100"
    found: list[ProviderTemplate] = []
    for _page in range(PAGES_MAX):
        answer = asking.call(channel, Ask(url, headers=_who(config), is_ours=True), what="Templates")
        if answer.status >= 300:
            raise refusal(answer)
        found += [one for row in rows_of(answer, "contents") if (one := _template(row)) is not None]
        following = _following(answer)
        if not following:
            break
        url = f"{config['content_url']}{following}"
    return found


def connect(channel: "Channel", *, is_on: bool) -> None:
    """Give our address to the number, or take it away. Raises SendError.

    Senders of WhatsApp and services are set up by hand: theirs may serve other programs too.
    """
    config = settings_of(channel.config)
    number = str(config.get("address", ""))
    if not number.startswith("+") or config.get("messaging_service"):
        return
    answer = asking.call(
        channel, ask_for(config, f"IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': number})}"), what="Numbers"
    )
    if answer.status >= 300:
        raise refusal(answer)
    names = [str(row.get("sid")) for row in rows_of(answer, "incoming_phone_numbers") if row.get("sid")]
    if not names:
        raise SendError("not_configured", _("This Twilio account has no such number."), our_fault=True)
    url = webhook_of(channel) + INSISTENT if is_on else ""
    fields = [("SmsUrl", url), ("SmsMethod", "POST"), ("SmsFallbackUrl", url), ("SmsFallbackMethod", "POST")]
    ask = ask_for(
        config, f"IncomingPhoneNumbers/{quote(names[0], safe='')}.json",
        method="POST", headers=FORM, body=form_body(fields),
    )  # fmt: skip
    answer = asking.call(channel, ask, what="Webhook")
    if answer.status >= 300:
        raise refusal(answer)


def ask_for(config: dict[str, Any], path: str, **given: Any) -> Ask:
    """Return a question about the account. path: what follows the account; '': the account itself."""
    account = quote(str(config.get("account_sid", "")), safe="")
    url = f"{config['api_url']}/2010-04-01/Accounts/{account}" + (f"/{path}" if path else ".json")
    return Ask(url, is_ours=True, **{**given, "headers": {**_who(config), **given.get("headers", {})}})


def _who(config: dict[str, Any]) -> dict[str, str]:
    """Return the account's key; its token where there is none."""
    if config.get("api_key"):
        return basic(str(config["api_key"]), str(config.get("api_secret", "")))
    return basic(str(config.get("account_sid", "")), str(config.get("auth_token", "")))


def _fields(channel: "Channel", config: dict[str, Any], outbound: Outbound) -> list[tuple[str, str]]:
    fields = [("To", _recipient(channel, outbound.to.value))]
    if config.get("messaging_service"):
        fields.append(("MessagingServiceSid", str(config["messaging_service"])))
    else:
        fields.append(("From", str(config.get("address", ""))))
    fields += _template_fields(outbound) if outbound.template else _content(outbound)
    if config.get("validity_seconds"):
        fields.append(("ValidityPeriod", str(config["validity_seconds"])))
    callback = _callback(outbound)
    return [*fields, ("StatusCallback", callback)] if callback else fields


def _content(outbound: Outbound) -> list[tuple[str, str]]:
    fields = [("Body", outbound.text)] if outbound.text else []
    fields += [("MediaUrl", links.public_link(file)) for file in outbound.files]
    if not fields:
        raise SendError("rejected_content", _("There is nothing in it that could be sent."))
    return fields


def _recipient(channel: "Channel", value: str) -> str:
    if channel.look == "whatsapp":
        return f"{WHATSAPP}{value}"
    if not value.startswith("+"):
        raise SendError("rejected_recipient", _("This sender is a name or a short number, which takes no answers."))
    return value


def _template_fields(outbound: Outbound) -> list[tuple[str, str]]:
    assert outbound.template is not None
    values = {str(place): value for place, value in enumerate(outbound.template.values, 1)}
    fields = [("ContentSid", outbound.template.external_id)]
    return [*fields, ("ContentVariables", json.dumps(values, ensure_ascii=False))] if values else fields


def _callback(outbound: Outbound) -> str:
    """Return where states of this piece are told; '' where Twilio would refuse the address (a host with `_`)."""
    if not outbound.status_url or "_" in (urlsplit(outbound.status_url).hostname or ""):
        return ""
    # The key stands in the path: a query is not kept with a webhook's body.
    key = quote(outbound.piece_key or outbound.idempotency_key, safe="")
    return f"{outbound.status_url.rstrip('/')}/{key}/{INSISTENT}"


def _following(answer: Answer) -> str:
    """Return the path of the next page, whatever host the answer names: it is asked where we asked before."""
    parts = urlsplit(str(part(asking.json_of(answer).get("meta")).get("next_page_url") or ""))
    return f"{parts.path}?{parts.query}" if parts.path.startswith("/v1/") else ""


def _template(row: dict[str, Any]) -> ProviderTemplate | None:
    types = part(row.get("types"))
    shape: dict[str, Any] = next((one for one in types.values() if isinstance(one, dict) and one.get("body")), {})
    said = part(row.get("approval_requests"))
    status = STATUSES.get(str(said.get("status", "")).lower())
    if not row.get("sid") or not shape or status is None:
        return None
    actions = shape.get("actions")
    return ProviderTemplate(
        external_id=str(row["sid"]),
        name=str(said.get("name") or row.get("friendly_name") or row["sid"]),
        language=str(row.get("language") or ""),
        body=str(shape["body"]),
        status=status,
        category=str(said.get("category") or "").lower(),
        buttons=tuple(str(part(one).get("title", "")) for one in actions) if isinstance(actions, list) else (),
        reason=str(said.get("rejection_reason") or ""),
    )
