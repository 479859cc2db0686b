"""Asking what a mention said: the webhook names a post and a comment, and nobody (documentation, read 2026-11)."""

from dataclasses import replace

from channels_app.adapters._meta.graph import Call, Graph
from channels_app.adapters._meta.reading import first, ignored, kept, mapping, moment, text
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.outbound import SendError


def complete(graph: Graph, account: str, event: Event) -> Event:
    """Return a mention with its words and its writer; any other event as it is. Raises SendError that may pass.

    Meta tells the writer's name and not their id, so the name with its sign is who they are.
    """
    if event.kind != EventKind.MENTION or not event.details.get("incomplete"):
        return event
    media, comment = event.hints.get("mention_media", ""), event.hints.get("mention_comment", "")
    name = comment or media
    if not account or not (name.isascii() and name.isdigit()):
        # What is no id of Meta's is not asked for: it would stand in the question.
        return ignored("A mention of nothing that can be asked for.", message_id=event.message_id)
    edge = f"mentioned_comment.comment_id({comment})" if comment else f"mentioned_media.media_id({media})"
    fields = "{id,text,timestamp,username}" if comment else "{id,caption,timestamp,username,permalink}"
    try:
        found = graph.ask(Call(account, "Read a mention", query={"fields": edge + fields}))
    except SendError as error:
        if error.retryable:
            raise
        return ignored("Meta does not say who mentioned us.", message_id=event.message_id)
    given = mapping(found.get("mentioned_comment")) or mapping(found.get("mentioned_media"))
    username = text(given.get("username"))
    if not username:
        return ignored("Meta does not say who mentioned us.", message_id=event.message_id)
    return replace(
        event,
        sender_id=f"@{username}",
        sender_name=username,
        text=first(given.get("text"), given.get("caption")),
        occurred_at=moment(given.get("timestamp")) or event.occurred_at,
        details=kept(username=username, link=given.get("permalink")),
    )
