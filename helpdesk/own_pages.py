"""Sockets are opened by the desk's own pages alone: a browser sends its cookies along whoever asks."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.security.websocket import WebsocketDenier

from helpdesk.lib import origins

Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]


class OwnPages:
    """ASGI middleware for sockets. The validator of Channels looks at the host and not at scheme and port.

    Another program on the same host is another site, but the browser gives it the same cookies.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Let in whose Origin is ours; without one, or with two, it is no browser with our page."""
        told = {
            wanted: [value.decode("latin1") for name, value in scope["headers"] if name == wanted]
            for wanted in (b"origin", b"host")
        }
        is_own = len(told[b"origin"]) == 1 and origins.is_own(told[b"origin"][0], "".join(told[b"host"][:1]))
        return await (self.application if is_own else WebsocketDenier())(scope, receive, send)
