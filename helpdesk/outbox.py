"""The mail server of a desk that has none: whatever is sent to it becomes a file in the outbox folder."""

import asyncio
import itertools
from datetime import UTC
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from helpdesk.lib import clock


class Outbox:
    """Handler of aiosmtpd: one `.eml` per mail, named by time so that a listing is in order of sending."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """Write the mail with its envelope on top, complete before it is visible, then accept it."""
        stamp = clock.real().astimezone(UTC).strftime("%Y%m%dT%H%M%S.%f")
        file = self.folder / f"{stamp}-{next(self.numbers):04d}.eml"
        partial = file.with_suffix(".part")
        partial.write_bytes(_envelope(envelope) + envelope.content)
        partial.rename(file)
        return "250 2.0.0 Kept in the outbox"


async def open_outbox(folder: Path, sock: Any) -> asyncio.Server:
    """Serve the outbox on a listening socket, within the running loop."""
    handler = Outbox(folder)
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(handler, loop=loop, hostname="outbox.invalid", enable_SMTPUTF8=True), sock=sock
    )


def _envelope(envelope: Any) -> bytes:
    lines = [f"X-Envelope-From: {envelope.mail_from}", *[f"X-Envelope-To: {to}" for to in envelope.rcpt_tos]]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
