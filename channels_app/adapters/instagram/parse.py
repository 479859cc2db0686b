"""Reading what an Instagram account reports: direct messages, comments, mentions. Pure."""

from channels_app.adapters._meta import account, comments
from helpdesk.lib.inbound import Inbound, RawInput

OBJECTS = frozenset({"instagram"})
READERS = {
    "comments": comments.instagram_comment,
    "live_comments": comments.instagram_comment,
    "mentions": comments.instagram_mention,
}


def read(raw: RawInput) -> list[Inbound]:
    """Understand a webhook. Raises Malformed."""
    return account.read(raw, objects=OBJECTS, own_key="ig_id", readers=READERS)
