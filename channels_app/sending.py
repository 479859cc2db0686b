"""From a delivery's rows to the adapter's words, and the one call that leaves the house."""

import threading
from collections import defaultdict
from datetime import timedelta

from conversations.models import Delivery, Message
from helpdesk.lib import clock, failpoints
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, SendError, Sent

AT_A_TIME = 4
REFERENCES_MAX = 20

_gates: dict[int, threading.BoundedSemaphore] = defaultdict(lambda: threading.BoundedSemaphore(AT_A_TIME))


def send(delivery: Delivery) -> Sent:
    """Call the adapter, at most four at a time per channel in this process. Raises SendError.

    A claim that is older than the adapter's limit is not sent any more: somebody may have
    given it up already.
    """
    channel, adapter = delivery.channel, delivery.channel.adapter
    outbound = outbound_of(delivery)
    limit = timedelta(seconds=adapter.capabilities.send_seconds)
    with _gates[channel.pk]:
        if delivery.claimed_at is None or clock.real() - delivery.claimed_at > limit:
            raise SendError("late", "It waited too long for its turn.", retryable=True)
        failpoints.reach("send.before_request")
        return adapter.send(channel, outbound)


def outbound_of(delivery: Delivery) -> Outbound:
    """Gather what the adapter needs; bytes of files included."""
    message = delivery.message
    entry = message.entry
    return Outbound(
        idempotency_key=str(delivery.idempotency_key),
        thread_key=message.thread.external_id,
        recipients=_recipients(delivery),
        text=message.text,
        html=message.html,
        subject=message.subject,
        sender_name=entry.by.name if entry.by else "",
        in_reply_to=message.in_reply_to,
        references=_references(message),
        files=_files(message),
        language=message.language or message.customer.language,
    )


def _recipients(delivery: Delivery) -> tuple[OutboundRecipient, ...]:
    kind = delivery.channel.identity_kind
    name = delivery.message.customer.name
    return tuple(
        OutboundRecipient(
            role=part.role,
            party=Party(kind=kind, value=part.address, name=name if part.role == "to" else ""),
            position=part.position,
        )
        for part in delivery.parts.all()
    )


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
