"""Fetching what came with a message: by its id from the API, or by its address from Meta's hosts of files."""

import hashlib
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._meta.errors import error_of
from channels_app.adapters._meta.graph import Call, Graph
from channels_app.adapters._meta.reading import text
from helpdesk.lib.events import EventFile
from helpdesk.lib.http import Answer, Ask
from helpdesk.lib.outbound import Media, MediaGone, SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

MAX_BYTES = 100 * 1024 * 1024
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
    answer = _sound(graph.file(url, max_bytes=MAX_BYTES), graph)
    if file.sha256 and hashlib.sha256(answer.body).hexdigest() != file.sha256:
        raise SendError("provider_error", _("The file came broken."), retryable=True)
    return _media(answer, text(found.get("mime_type")) or file.mime, file.name)


def by_url(channel: "Channel", file: EventFile, graph: Graph) -> Media:
    """Fetch a file from where the message says it lies; no token goes along. Raises MediaGone, SendError."""
    if not file.url.startswith(("https://", "http://")):
        raise MediaGone(GONE)
    ask = Ask(url=file.url, max_bytes=MAX_BYTES, timeout_seconds=60)
    return _media(_sound(asking.call(channel, ask, what="Fetch a file"), graph), file.mime, file.name)


def _sound(answer: Answer, graph: Graph) -> Answer:
    if answer.status < 400:
        return answer
    if answer.status in {429} or answer.status >= 500:
        error = error_of(answer, graph.judge)
        assert error is not None, "These are errors."
        raise error
    # An address that was signed for a while, and whose while is over.
    raise MediaGone(GONE)


def _media(answer: Answer, mime: str, name: str) -> Media:
    return Media(answer.body, mime or answer.headers.get("content-type", ""), name)
