"""Reading what a Facebook Page reports: direct messages, comments, posts, mentions. Pure."""

from channels_app.adapters._meta import account, comments
from helpdesk.lib.inbound import Inbound, RawInput

OBJECTS = frozenset({"page"})
READERS = {"feed": comments.page_feed, "mention": comments.page_mention}


def read(raw: RawInput) -> list[Inbound]:
    """Understand a webhook. Raises Malformed."""
    return account.read(raw, objects=OBJECTS, own_key="page_id", readers=READERS)
