"""The token of Instagram's own log-in: it lives 60 days and can be renewed (provider documentation, read 2026-11)."""

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from channels_app import asking
from channels_app.adapters._meta.errors import error_of
from channels_app.adapters._meta.graph import Graph
from channels_app.adapters._meta.reading import text, whole
from channels_app.adapters.instagram.config import PAGE
from helpdesk.lib import clock
from helpdesk.lib.http import Ask
from helpdesk.lib.outbound import SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

RENEWED_WITHIN = timedelta(days=10)
LIVES = timedelta(days=60)
PATH = "/refresh_access_token"


def refresh(channel: "Channel", graph: Graph) -> None:
    """Renew the token if its last ten days have begun, or if nobody knows its end; saves the channel.

    Tokens of Pages do not end. Raises SendError.
    """
    now = clock.real()
    until = channel.access_until
    if channel.config.get("login") == PAGE or (until is not None and until - now > RENEWED_WITHIN):
        return
    # The one call that is without a version, and that takes the token in its address.
    query = urlencode({"grant_type": "ig_refresh_token", "access_token": graph.token})
    url = f"{graph.base}{PATH}?{query}"
    answer = asking.call(channel, Ask(url=url, redirects_max=0, is_ours=True), what="Renew the token")
    error = error_of(answer, graph.judge)
    if error is not None:
        raise error
    found = asking.json_of(answer)
    token, seconds = text(found.get("access_token")), whole(found.get("expires_in"))
    if not token:
        raise SendError("provider_error", _("Meta did not renew the access token."), retryable=True)
    channel.config = {**channel.config, "access_token": token}
    channel.access_until = now + (timedelta(seconds=seconds) if seconds else LIVES)
    channel.save(update_fields=["sealed_config", "access_until"])
