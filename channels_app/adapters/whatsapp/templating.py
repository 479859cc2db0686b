"""Templates: reading those of an account, and writing one with its values (provider documentation, read 2026-11)."""

import re
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from channels_app.adapters._meta.graph import Call, Graph
from channels_app.adapters._meta.reading import Json, dicts, text
from channels_app.models import MessageTemplate
from helpdesk.lib.outbound import OutboundTemplate, ProviderTemplate, SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

FIELDS = "id,name,language,status,category,components,rejected_reason"
STATUSES = {
    "APPROVED": "approved",
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "PENDING_DELETION": "disabled",
    "REJECTED": "rejected",
    "PAUSED": "paused",
}
FILES = frozenset({"image", "video", "document"})
_PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


def all_of(graph: Graph) -> list[ProviderTemplate]:
    """Return every template of the account, page by page. Raises SendError."""
    account = text(graph.config.get("waba_id"))
    if not account:
        raise SendError("not_configured", _("Give the id of the WhatsApp Business account."), our_fault=True)
    query = {"fields": FIELDS, "limit": "100"}
    rows = graph.pages(Call(f"{account}/message_templates", "Fetch the templates", query=query))
    return [_read(row) for row in rows if text(row.get("name"))]


def written(channel: "Channel", template: OutboundTemplate, media_id: str = "") -> dict[str, Any]:
    """Write a template with its values; named places get their names from the template as it was synced."""
    known = MessageTemplate.objects.filter(channel=channel, name=template.name, language=template.language).first()
    body, head = (known.body, known.header_text) if known else ("", "")
    components = [
        _header(template, known.header if known else "", head, media_id),
        _part("body", template.values, body),
    ]
    given: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    given |= {"components": filled} if (filled := [one for one in components if one]) else {}
    return {"type": "template", "template": given}


def _header(template: OutboundTemplate, kind: str, head: str, media_id: str) -> dict[str, Any]:
    if media_id or template.header_url:
        kind = kind if kind in FILES else "image"
        given = {"id": media_id} if media_id else {"link": template.header_url}
        return {"type": "header", "parameters": [{"type": kind, kind: given}]}
    return _part("header", template.header_values, head)


def _part(kind: str, values: tuple[str, ...], body: str) -> dict[str, Any]:
    if not values:
        return {}
    names = list(dict.fromkeys(_PLACE.findall(body)))
    is_named = len(names) == len(values) and not any(name.isdigit() for name in names)
    parameters = [{"type": "text", "text": value} for value in values]
    if is_named:
        parameters = [{**one, "parameter_name": name} for one, name in zip(parameters, names, strict=True)]
    return {"type": kind, "parameters": parameters}


def _read(row: Json) -> ProviderTemplate:
    parts = {text(one.get("type")).upper(): one for one in dicts(row.get("components"))}
    head, buttons = parts.get("HEADER", {}), parts.get("BUTTONS", {})
    reason = text(row.get("rejected_reason"))
    return ProviderTemplate(
        external_id=text(row.get("id"))[:120],
        name=text(row.get("name"))[:512],
        language=text(row.get("language"))[:16],
        body=text(parts.get("BODY", {}).get("text")),
        status=STATUSES.get(text(row.get("status")).upper(), "disabled"),
        category=text(row.get("category")).lower()[:20],
        header=text(head.get("format")).lower()[:10],
        header_text=text(head.get("text"))[:200],
        footer=text(parts.get("FOOTER", {}).get("text"))[:200],
        buttons=tuple(title for one in dicts(buttons.get("buttons")) if (title := text(one.get("text")))),
        reason="" if reason == "NONE" else reason[:500],
    )
