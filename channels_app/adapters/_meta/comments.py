"""Reading what happens in public: comments under our posts, posts on our page, mentions of us. Pure.

(Provider documentation and payloads, read 2026-11.)
"""

from typing import Any

from channels_app.adapters._meta.reading import Change, Json, first, ignored, kept, mapping, moment, text
from helpdesk.lib.events import Event, EventFile, EventKind

ADDED = frozenset({"add", ""})
EDITED = frozenset({"edited", "edit", "update"})
REMOVED = frozenset({"remove", "delete"})
POSTS = frozenset({"post", "status", "photo", "video", "album"})
OWN = "own"


def page_feed(change: Change) -> Event:
    """Understand a change of a Facebook Page's feed."""
    value = change.value
    item, verb = text(value.get("item")), text(value.get("verb"))
    fields = _written(change)
    fields["status"] = verb
    if item == "comment":
        return _page_comment(value, verb, fields)
    if item in POSTS and verb in ADDED and not fields["details"].get(OWN) and fields["sender_id"]:
        files = _files(value)
        return Event(kind=EventKind.POST, **fields, message_id=text(value.get("post_id")), files=files)
    return ignored(f"Something about a {item[:40] or 'post'}: {verb[:40]}", **fields)


def page_mention(change: Change) -> Event:
    """Understand that somebody named our Page in a post or a comment."""
    value = change.value
    fields = _written(change)
    name = first(value.get("comment_id"), value.get("post_id"))
    if text(value.get("verb")) not in ADDED or not fields["sender_id"]:
        return ignored("A mention that nobody can answer.", **fields)
    return Event(kind=EventKind.MENTION, **fields, message_id=name, files=_files(value))


def instagram_comment(change: Change) -> Event:
    """Understand a comment under a post, a reel, an ad or a live video of ours."""
    value = change.value
    writer, media = mapping(value.get("from")), mapping(value.get("media"))
    sender = text(writer.get("id"))
    is_own = bool(sender) and (sender == change.entry_id or writer.get("self_ig_scoped_id") == sender)
    details = kept(
        username=writer.get("username"),
        media_type=media.get("media_product_type"),
        ad_title=media.get("ad_title"),
        live=change.field == "live_comments",
        **{OWN: is_own},
    )
    fields: dict[str, Any] = {
        "sender_id": sender,
        "sender_name": text(writer.get("username"))[:200],
        "message_id": first(value.get("id"), value.get("comment_id")),
        "conversation_id": first(media.get("id"), value.get("media_id")),
        "chat_type": "comment",
        "reply_to": text(value.get("parent_id")),
        "text": text(value.get("text")),
        "ad_id": text(media.get("ad_id")),
        "occurred_at": moment(first(value.get("timestamp"), value.get("created_time"))) or change.at,
        "details": details,
    }
    if not sender:
        return ignored("Meta does not say who wrote it.", **fields)
    return Event(kind=EventKind.COMMENT, **fields)


def instagram_mention(change: Change) -> Event:
    """Understand that somebody named us; who and in which words must be asked (`Adapter.complete`)."""
    value = change.value
    media, comment = text(value.get("media_id")), text(value.get("comment_id"))
    if not media and not comment:
        return ignored("A mention of nothing.")
    return Event(
        kind=EventKind.MENTION,
        message_id=comment or media,
        conversation_id=media,
        chat_type="comment",
        occurred_at=change.at,
        hints=kept(mention_media=media, mention_comment=comment),
        details={"incomplete": True},
    )


def _page_comment(value: Json, verb: str, fields: dict[str, Any]) -> Event:
    name, parent = text(value.get("comment_id")), text(value.get("parent_id"))
    if verb in REMOVED:
        return Event(kind=EventKind.DELETE, **fields | {"text": ""}, target_id=name)
    if not fields["sender_id"]:
        return ignored("Meta does not say who wrote it: a permission is missing.", **fields, message_id=name)
    if verb in EDITED:
        return Event(kind=EventKind.EDIT, **fields, target_id=name, files=_files(value))
    if verb not in ADDED:
        return ignored(f"A comment: {verb[:40]}", **fields, target_id=name)
    reply_to = parent if parent != fields["conversation_id"] else ""
    return Event(kind=EventKind.COMMENT, **fields, message_id=name, reply_to=reply_to, files=_files(value))


def _written(change: Change) -> dict[str, Any]:
    """Read who wrote what, where and when; without a permission of ours neither writer nor words come."""
    value = change.value
    writer = mapping(value.get("from"))
    sender = first(writer.get("id"), value.get("sender_id"))
    post = mapping(value.get("post"))
    is_own = bool(sender) and sender == change.entry_id
    return {
        "sender_id": sender,
        "sender_name": first(writer.get("name"), value.get("sender_name"))[:200],
        "conversation_id": text(value.get("post_id")),
        "chat_type": "comment",
        "text": text(value.get("message")),
        "occurred_at": moment(value.get("created_time")) or change.at,
        "details": kept(link=first(value.get("permalink_url"), post.get("permalink_url")), **{OWN: is_own}),
    }


def _files(value: Json) -> tuple[EventFile, ...]:
    """Read a comment's picture or film."""
    found = [
        EventFile(type="image", url=text(value.get("photo"))),
        EventFile(type="video", url=text(value.get("video"))),
    ]
    return tuple(one for one in found if one.url)
