"""Which exchange an answer goes on with, and why one may not."""

from typing import TYPE_CHECKING

from conversations import privately
from conversations.models.thread import Thread
from customers.models import Identity
from helpdesk.lib.outbound import Route

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation


class NoWay(Exception):
    """The route leads nowhere: wrong identity, opted out, or nothing to say."""


def of_answer(conversation: "Conversation", identity: Identity, to: Route, *, is_public: bool) -> Thread:
    """Return the exchange of an answer, a new one where there is none. Customer is locked. Raises NoWay."""
    return _in_public_or_private(_newest(conversation, identity, to), conversation, is_public=is_public)


def _newest(conversation: "Conversation", identity: Identity, to: Route) -> Thread:
    """Return the exchange to go on with: the newest with this identity on this channel."""
    mine = Thread.objects.filter(channel_id=to.channel_id, identity=identity)
    rows = mine.filter(conversation=conversation).select_related("channel")
    newest = rows.order_by("-last_in_at", "-pk").first()
    if newest is not None:
        return newest
    thread = Thread(channel_id=to.channel_id, identity=identity, conversation=conversation, subject=to.subject)
    key: str = thread.channel.adapter.new_thread_key()
    if not key:
        existing = mine.order_by("-pk").first()
        if existing is not None:
            existing.conversation = conversation
            existing.save(update_fields=["conversation"])
            return existing
    thread.external_id = key or identity.value
    thread.save()
    return thread


def _in_public_or_private(thread: Thread, conversation: "Conversation", *, is_public: bool) -> Thread:
    """Return the exchange of this kind: a comment, or what only the two sides read. Raises NoWay where it is over."""
    if is_public:
        comments = Thread.objects.filter(
            conversation=conversation, channel=thread.channel, identity=thread.identity, kind=Thread.Kind.COMMENT
        ).select_related("channel")
        found = comments.order_by("-last_in_at", "-pk").first()
        if found is None:
            raise NoWay(privately.NO_COMMENT)
        return found
    if thread.kind != Thread.Kind.COMMENT or not (why := privately.why_not(thread, thread.channel.capabilities)):
        return thread
    chat = privately.chat_of(thread.channel, thread.identity)
    if chat is None:
        raise NoWay(why)
    if chat.conversation_id != conversation.pk:
        chat.conversation = conversation
        chat.save(update_fields=["conversation"])
    return chat
