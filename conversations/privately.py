"""One private answer to each public comment, and only for a while: whether it may still go, and on which thread.

A channel has this rule by Capabilities.private_reply_hours. What is on its way or may have arrived counts as sent: the
provider would refuse a second one.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from conversations.models.delivery import Delivery, DeliveryPart
from conversations.models.message import Message
from conversations.models.thread import Thread
from conversations.windows import CLOSED, window_of
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib.outbound import Capabilities

USED = _("This comment was answered in private already, and that is possible only once. Answer under it.")
LATE = _("This comment is too old for a private message. Answer under it.")
ONE = _("A private answer to a comment is one message: a text that is not split, or one file.")
NO_COMMENT = _("There is no public comment to answer in this conversation.")
NEVER_ARRIVED = (Delivery.State.FAILED, Delivery.State.CANCELLED)
CHATS = (Thread.Kind.DIRECT, Thread.Kind.GROUP)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a private answer would be. why_not: '' when one can go; is_chat: in the conversation they have with us."""

    why_not: str = ""
    is_chat: bool = False


def offer(channel: Any, identity: Identity) -> Offer:
    """Say whether somebody whose newest words stand in public can be answered in private."""
    threads = Thread.objects.filter(channel=channel, identity=identity, kind=Thread.Kind.COMMENT)
    newest = threads.order_by("-last_in_at", "-pk").first()
    why = why_not(newest, channel.capabilities) if newest else ""
    if not why:
        return Offer()
    return Offer(is_chat=True) if chat_of(channel, identity) else Offer(why)


def why_not(thread: Thread, able: Capabilities) -> str:
    """Say why the newest comment of a thread cannot be answered in private; '' when it can."""
    if able.private_reply_hours is None:
        return ""
    comment = _comment_of(thread)
    if comment is None:
        return ""
    if comment.entry.occurred_at + timedelta(hours=able.private_reply_hours) <= clock.now():
        return LATE
    return USED if _answers(comment.thread_id, comment.external_id or "").exists() else ""


def why_not_again(delivery: Delivery) -> str:
    """Say why what failed cannot go once more: another private answer went meanwhile."""
    message = delivery.message
    is_private = message.thread.kind == Thread.Kind.COMMENT and not delivery.route.get("is_public")
    if not is_private or delivery.channel.capabilities.private_reply_hours is None:
        return ""
    others = _answers(message.thread_id, message.in_reply_to).exclude(delivery__message=message.pk)
    return USED if others.exists() else ""


def chat_of(channel: Any, identity: Identity) -> Thread | None:
    """Return the private exchange in which somebody can be written to now, whatever they said in public."""
    threads = Thread.objects.filter(channel=channel, identity=identity, kind__in=CHATS).exclude(last_in_at=None)
    newest = threads.select_related("channel").order_by("-last_in_at", "-pk").first()
    return newest if newest and window_of(newest, channel.capabilities) != CLOSED else None


def is_single(thread: Thread, *, is_public: bool) -> bool:
    """Whether an answer must be one single message."""
    is_private = thread.kind == Thread.Kind.COMMENT and not is_public
    return is_private and thread.channel.capabilities.private_reply_hours is not None


def _comment_of(thread: Thread) -> Message | None:
    rows = Message.objects.filter(thread=thread, direction=Message.Direction.IN).select_related("entry")
    return rows.order_by("-entry__seq").first()


def _answers(thread_id: int, comment_id: str) -> Any:
    """Return the first pieces, which go to the comment itself, of all private answers to it that may have arrived."""
    firsts = DeliveryPart.objects.filter(
        position=0, delivery__message__thread=thread_id, delivery__message__in_reply_to=comment_id
    )
    return firsts.exclude(state__in=NEVER_ARRIVED).exclude(delivery__route__contains={"is_public": True})
