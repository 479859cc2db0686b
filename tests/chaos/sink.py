"""An SMTP server that plays a provider: it asks an HTTP address what to say before its 250.

`python -m tests.chaos.sink HOST:PORT http://127.0.0.1:PORT/`. What the address answers decides: 2xx is 250,
4xx but 429 a refusal for good, 429 and 5xx a refusal for now, and a broken line a broken line.
"""

import asyncio
import email
import email.policy
import http.client
import sys
import urllib.parse

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session

ASK_SECONDS = 120


class Provider:
    """Answers DATA as the HTTP address says."""

    def __init__(self, url: str) -> None:
        self.url = urllib.parse.urlsplit(url)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Ask, then answer; without an answer close the line, as a provider that dies would."""
        text = readable(envelope.content if isinstance(envelope.content, bytes) else b"")
        try:
            status = await asyncio.to_thread(self._ask, text)
        except (OSError, http.client.HTTPException):
            server.transport.abort()
            raise ConnectionResetError("the provider is gone") from None
        if status < 300:
            return "250 taken"
        return "550 refused" if 400 <= status < 500 and status != 429 else "451 not now"

    def _ask(self, text: str) -> int:
        line = http.client.HTTPConnection(self.url.hostname or "", self.url.port or 80, timeout=ASK_SECONDS)
        try:
            line.request("POST", self.url.path or "/", text.encode(), {"content-type": "text/plain"})
            return line.getresponse().status
        finally:
            line.close()


def readable(raw: bytes) -> str:
    """Return the plain text of a mail; its token must not be broken by an encoding."""
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    return body.get_content() if body is not None else raw.decode("utf-8", "replace")


async def main(listen: str, url: str) -> None:
    """Serve until ended."""
    host, _, port = listen.rpartition(":")
    controller = UnthreadedController(
        Provider(url), hostname=host, port=int(port), loop=asyncio.get_running_loop(), data_size_limit=50_000_000
    )
    async with await controller._create_server():
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
