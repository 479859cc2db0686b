"""From a delivery's rows to the adapter's words."""

from dataclasses import replace
from typing import Any

from django.template.defaultfilters import urlize

from channels_app import following, hopping
from channels_app.addresses import webhook_of
from conversations.models import Attachment, Delivery, DeliveryPart, Entry, Message, Thread
from conversations.windows import window_of
from helpdesk.lib import gsm, markup, pieces
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import (
    Capabilities,
    Outbound,
    OutboundFile,
    OutboundRecipient,
    OutboundTemplate,
    QuickReply,
)

REFERENCES_MAX = 20
ROBOTS = {Entry.Actor.BOT, Entry.Actor.RULE, Entry.Actor.SYSTEM}
_ARRIVED = [Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ, Delivery.State.UNKNOWN]


def outbound_of(delivery: Delivery, parts: list[DeliveryPart]) -> Outbound:
    """Gather what the adapter needs for a whole message; bytes of files included."""
    message = delivery.message
    entry = message.entry
    text, html = _both(message, delivery.channel.capabilities)
    return Outbound(
        idempotency_key=str(delivery.idempotency_key),
        thread_key=message.thread.external_id,
        recipients=_recipients(delivery, parts),
        text=text,
        html=html,
        subject=message.subject,
        sender_name=entry.by.name if entry.by else "",
        in_reply_to=message.in_reply_to,
        references=_references(message),
        files=_files(message),
        language=message.language or message.customer.language,
    )


def outbound_of_piece(delivery: Delivery, part: DeliveryPart) -> Outbound:
    """Gather what the adapter needs for one piece; the bytes of its file included."""
    message, route = delivery.message, delivery.route
    entry, thread = message.entry, message.thread
    is_first = part.position == 0
    said = _said_by(message, part, delivery.channel.capabilities)
    return Outbound(
        idempotency_key=str(delivery.idempotency_key),
        thread_key=thread.external_id,
        recipients=(_recipient(delivery, part),),
        text=said.text,
        sender_name=entry.by.name if entry.by else "",
        in_reply_to=message.in_reply_to,
        files=_file(delivery, part),
        language=message.language or message.customer.language,
        piece_key=key_of(delivery, part),
        window=window_of(thread, delivery.channel.capabilities),
        quotes=_quoted(delivery) if is_first else "",
        comment_id=_comment(delivery, is_first=is_first),
        is_public=bool(route.get("is_public")),
        template=_template(route) if part.piece.get("template") else None,
        quick_replies=_quick_replies(delivery, part),
        status_url=webhook_of(delivery.channel, "status/"),
        hints=thread.hints,
        written_by_person=entry.actor not in ROBOTS,
        marks=said.marks,
    )


def key_of(delivery: Delivery, part: DeliveryPart) -> str:
    """Name a piece, the same for every attempt; conversations.events.targets.find_part finds it by this."""
    return f"{delivery.idempotency_key}:{part.position}"


def _recipients(delivery: Delivery, parts: list[DeliveryPart]) -> tuple[OutboundRecipient, ...]:
    kind = delivery.channel.identity_kind
    name = delivery.message.customer.name
    return tuple(
        OutboundRecipient(
            role=part.role,
            party=Party(kind=kind, value=part.address, name=name if part.role == "to" else ""),
            position=part.position,
        )
        for part in parts
    )


def _recipient(delivery: Delivery, part: DeliveryPart) -> OutboundRecipient:
    identity, name = part.identity, delivery.message.customer.name
    if identity is None:
        party = Party(kind=delivery.channel.identity_kind, value=part.address, name=name)
    else:
        party = Party(kind=identity.kind, value=identity.value, realm=identity.realm, name=name)
    return OutboundRecipient(role=part.role, party=party, position=part.position)


def _said_by(message: Message, part: DeliveryPart, able: Capabilities) -> markup.Rendered:
    """Return the words of a piece as they leave."""
    if part.piece.get("template"):
        return markup.Rendered(message.text)
    span = part.piece.get("text")
    if message.entry.data.get("hop"):
        said = markup.Rendered(hopping.words_of(message))
    else:
        said = message.leaving().part(*span).stripped() if span else markup.Rendered("")
    # A mark that is none after all is a sign that no phone's alphabet has.
    return replace(said, text=gsm.normalised(said.text)) if able.text_unit == "segments" else said


def _both(message: Message, able: Capabilities) -> tuple[str, str]:
    """Return what a mail says in words alone and as HTML; '' where nothing is marked."""
    if message.entry.data.get("follows"):
        return following.words_of(message)
    if message.entry.data.get("hop"):
        return hopping.words_of(message), ""
    said = message.leaving().part(0, len(message.text)).text
    if message.html or able.markup != markup.HTML or not message.entry.is_marked:
        return said, message.html
    body = markup.as_html(message.text, urlize)
    return said, markup.page(body, message.language or message.customer.language)


def _references(message: Message) -> tuple[str, ...]:
    """Earlier messages of this exchange by their ids, oldest first."""
    earlier = Message.objects.filter(thread=message.thread, entry__seq__lt=message.entry.seq)
    ids = earlier.exclude(external_id=None).order_by("-entry__seq")
    newest = ids.values_list("external_id", flat=True)[:REFERENCES_MAX]
    # An id that another body had taken carries our suffix behind the bracket; it is not part of the id.
    return tuple(reversed([name.partition(">#")[0] + ">" if ">#" in name else name for name in newest if name]))


def _files(message: Message) -> tuple[OutboundFile, ...]:
    rows = message.entry.attachments.select_related("blob").exclude(blob=None)
    return tuple(OutboundFile(row.filename, row.content_type, bytes(row.blob.content)) for row in rows if row.blob)


def _file(delivery: Delivery, part: DeliveryPart) -> tuple[OutboundFile, ...]:
    if "attachment" not in part.piece:
        return ()
    rows = Attachment.objects.select_related("blob").filter(entry_id=delivery.message.pk)
    row = rows.get(pk=part.piece["attachment"])
    content = bytes(row.blob.content) if row.blob else b""
    rule = pieces.rule_for(row.content_type, len(content), delivery.channel.capabilities)
    return (OutboundFile(row.filename, row.content_type, content, rule.kind if rule else ""),)


def _quoted(delivery: Delivery) -> str:
    if "quotes" not in delivery.route:
        return ""
    rows = Message.objects.filter(pk=delivery.route["quotes"], channel_id=delivery.channel_id)
    return rows.values_list("external_id", flat=True).first() or ""


def _comment(delivery: Delivery, *, is_first: bool) -> str:
    """Return the comment it answers; a private answer goes to it once, and what follows goes to the person."""
    message = delivery.message
    if message.thread.kind != Thread.Kind.COMMENT:
        return ""
    if delivery.route.get("is_public"):
        return message.in_reply_to
    before = (
        Delivery.objects.filter(
            message__thread=message.thread, message__in_reply_to=message.in_reply_to, parts__state__in=_ARRIVED
        )
        .exclude(route__contains={"is_public": True})
        .exclude(message=message.pk)
    )
    return message.in_reply_to if is_first and not before.exists() else ""


def _template(route: dict[str, Any]) -> OutboundTemplate | None:
    kept = route.get("template")
    if not kept:
        return None
    lists = {name: tuple(kept.get(name, ())) for name in ("values", "header_values")}
    return OutboundTemplate(**{**kept, **lists})


def _quick_replies(delivery: Delivery, part: DeliveryPart) -> tuple[QuickReply, ...]:
    """They stand under the last piece: what is written after them would hide them."""
    if "quick_replies" not in delivery.route or delivery.parts.filter(position__gt=part.position).exists():
        return ()
    return tuple(QuickReply(**one) for one in delivery.route["quick_replies"])
