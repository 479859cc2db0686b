"""Plays a Facebook Page: Messenger and the comments under the Page's posts."""

from typing import ClassVar

from channels_app.adapters._meta.simulating import AccountSimulator, Json, seconds
from helpdesk.lib.events import Event, EventKind

VERBS = {EventKind.COMMENT: "add", EventKind.EDIT: "edited", EventKind.DELETE: "remove"}


class MessengerSimulator(AccountSimulator):
    """A Page as Meta runs it."""

    kinds = (
        "message",
        "edit",
        "reaction",
        "postback",
        "comment",
        "mention",
        "referral",
        "opt_in",
        "opt_out",
        "unsupported",
    )
    OBJECT: ClassVar[str] = "page"
    OWN_KEY: ClassVar[str] = "page_id"
    COMMENTS_EDGE: ClassVar[str] = "comments"
    HIDE_KEY: ClassVar[str] = "is_hidden"

    def public(self, own: str, event: Event) -> Json:
        """Write a comment under a post of the Page, or a post that names it."""
        writer = {"id": event.sender_id, "name": event.sender_name or "A customer"}
        common: Json = {
            "post_id": event.conversation_id,
            "message": event.text,
            "created_time": seconds(event.occurred_at),
        }
        if event.kind == EventKind.MENTION:
            mention = {"item": "comment", "verb": "add", "comment_id": event.message_id, "sender_id": event.sender_id}
            return {"field": "mention", "value": {**common, **mention, "sender_name": writer["name"]}}
        is_about_comment = event.kind in VERBS and bool(event.conversation_id)
        if not is_about_comment:
            return {}
        name = event.message_id if event.kind == EventKind.COMMENT else event.target_id
        value = {"item": "comment", "verb": VERBS[event.kind], "comment_id": name, "from": writer}
        return {"field": "feed", "value": {**common, **value, "parent_id": event.reply_to or event.conversation_id}}

    def happened(self, event: Event) -> Json:
        """Write what only Messenger has: news that somebody wants, or wants no more."""
        if event.kind in {EventKind.OPT_IN, EventKind.OPT_OUT}:
            status = "RESUME_NOTIFICATIONS" if event.kind == EventKind.OPT_IN else "STOP_NOTIFICATIONS"
            return {"optin": {"type": "notification_messages", "notification_messages_status": status}}
        return super().happened(event)


simulator = MessengerSimulator()
