"""Fetching what came with a message: by its id from the API, or by its address from Meta's hosts of files."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._meta.graph import Call, Graph
from channels_app.adapters._meta.reading import text
from helpdesk.lib.events import EventFile
from helpdesk.lib.outbound import Media, MediaGone, SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

# Meta's own hosts of files: the only ones besides the API's that are shown a token.
HOSTS = (".fbsbx.com", ".fbcdn.net", ".facebook.com", ".whatsapp.net")
# These are about the account or the moment; whatever else Meta says is about the file.
ABOUT_US = frozenset({"credentials", "throttled", "connection", "timeout", "not_configured", "account"})
GONE = _("Meta has this file no more.")


def by_id(graph: Graph, file: EventFile, query: dict[str, str]) -> Media:
    """Fetch a file by its id, in two steps, and compare its checksum. Raises MediaGone, SendError."""
    try:
        found = graph.ask(Call(file.ref, "Look up a file", query=query))
    except SendError as error:
        if error.retryable or error.code in ABOUT_US:
            raise
        raise MediaGone(GONE) from error
    url = text(found.get("url"))
    if not url:
        raise MediaGone(GONE)
    headers = {"authorization": f"Bearer {graph.token}"}
    got = asking.download(graph.channel, url, headers=headers, hosts=HOSTS, sha256=file.sha256)
    return Media(got.content, got.mime or text(found.get("mime_type")) or file.mime, got.name or file.name)


def by_url(channel: "Channel", file: EventFile) -> Media:
    """Fetch a file from where the message says it lies; no token goes along. Raises MediaGone, SendError."""
    if not file.url:
        raise MediaGone(GONE)
    got = asking.download(channel, file.url)
    return Media(got.content, got.mime or file.mime, got.name or file.name)
