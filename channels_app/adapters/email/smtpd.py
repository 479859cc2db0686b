"""Takes mail by SMTP and LMTP from a mail server of ours: stored and committed before "250".

Never open to the internet by itself: no spam checks, no queue. Logs no address and no content.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import Error, close_old_connections

from channels_app import intake
from channels_app.adapters.email.inbound import KIND
from channels_app.models import Channel
from helpdesk.lib.crypto import Unreadable
from helpdesk.lib.emails import spell_address

LINE_MAX_BYTES = 4 * 1024 * 1024
RECIPIENTS_MAX = 100
CONNECTION_SECONDS = 300
KNOWN_SECONDS = 3
THREADS = 8
STOP_SECONDS = 3

OK = "250 2.0.0 OK"
UNKNOWN = "550 5.1.1 No such mailbox here"
LATER = "451 4.3.0 Not stored, try again later"
TOO_MANY = "452 4.5.3 Too many recipients"
TOO_BIG = "552 5.3.4 The mail is too large"

T = TypeVar("T")

log = logging.getLogger(__name__)


class _Smtp(SMTP):
    """SMTP that also takes mails with very long lines: real ones have them."""

    line_length_limit = LINE_MAX_BYTES


class _Lmtp(LMTP):
    line_length_limit = LINE_MAX_BYTES


class Mailboxes:
    """Which addresses are ours: the active mail channels, asked of the database every 3 seconds."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._until = 0.0

    def find(self, address: str) -> int | None:
        """Return the channel's pk for an address, plus marks aside. Raises django.db.Error."""
        if time.monotonic() >= self._until:
            self._known = _addresses()
            self._until = time.monotonic() + KNOWN_SECONDS
        spelled = spell_address(address)
        local, _, domain = spelled.rpartition("@")
        return self._known.get(spelled) or self._known.get(f"{local.partition('+')[0]}@{domain}")


class Receiver:
    """The handler of aiosmtpd: one per listening socket. Database work runs in its threads."""

    def __init__(self, *, has_reply_per_recipient: bool, threads: ThreadPoolExecutor) -> None:
        self._has_reply_per_recipient = has_reply_per_recipient
        self._threads = threads
        self._mailboxes = Mailboxes()
        self.in_hand = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Accept a recipient only when it is a mailbox of ours."""
        del server, session
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return TOO_MANY
        try:
            pk = await self._in_thread(self._mailboxes.find, address)
        except Error:
            return LATER
        if pk is None:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return OK

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store the mail once per mailbox; answer only when all is committed."""
        del server
        body = envelope.original_content or b""
        common = {
            "via": "lmtp" if self._has_reply_per_recipient else "smtp",
            "mail_from": (envelope.mail_from or "").strip("<>"),
        }
        common["peer"] = str(session.peer[0]) if isinstance(session.peer, tuple) else ""
        self.in_hand += 1
        try:
            answers = await self._in_thread(self._store, body, common, list(envelope.rcpt_tos))
        finally:
            self.in_hand -= 1
        if self._has_reply_per_recipient:
            return "\r\n".join(answers)
        return next((answer for answer in answers if answer != OK), OK)

    def _store(self, body: bytes, common: dict[str, str], addresses: list[str]) -> list[str]:
        """Store for each mailbox and return one answer for each recipient, in order."""
        answers: dict[int, str] = {}
        try:
            found = [self._mailboxes.find(address) for address in addresses]
        except Error:
            return [LATER] * len(addresses)
        for pk in dict.fromkeys(pk for pk in found if pk is not None):
            here = [address for address, at in zip(addresses, found, strict=True) if at == pk]
            answers[pk] = _keep(pk, body, {**common, "rcpt_to": ", ".join(here)})
        return [answers.get(pk, UNKNOWN) if pk is not None else UNKNOWN for pk in found]

    async def _in_thread(self, function: Callable[..., T], *values: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(_with_connection, function, *values))


async def serve(smtp: list[socket.socket], lmtp: list[socket.socket], stop: asyncio.Event) -> None:
    """Answer on the given listening sockets until `stop` is set; mails in hand are answered first."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(THREADS, "mail") as threads:
        servers, receivers = [], []
        for kind, sockets in ((_Smtp, smtp), (_Lmtp, lmtp)):
            receiver = Receiver(has_reply_per_recipient=kind is _Lmtp, threads=threads)
            servers += [await loop.create_server(partial(_protocol, kind, receiver), sock=sock) for sock in sockets]
            receivers.append(receiver)
        log.info("listening for mail on %d sockets", len(servers))
        await stop.wait()
        for server in servers:
            server.close()
        deadline = loop.time() + STOP_SECONDS
        while any(receiver.in_hand for receiver in receivers) and loop.time() < deadline:
            await asyncio.sleep(0.02)
        # One more turn of the loop, so that the last answer is written.
        await asyncio.sleep(0.02)


def _protocol(kind: type[SMTP], receiver: Receiver) -> SMTP:
    return kind(
        receiver,
        data_size_limit=settings.INBOUND_BODY_MAX_BYTES,
        enable_SMTPUTF8=True,
        decode_data=False,
        hostname="telaio",
        ident="Telaio",
        timeout=CONNECTION_SECONDS,
        loop=asyncio.get_running_loop(),
    )


def _with_connection(function: Callable[..., T], *values: object) -> T:
    """Run with a database connection that still lives, and give a dead one up afterwards."""
    close_old_connections()
    try:
        return function(*values)
    finally:
        close_old_connections()


def _addresses() -> dict[str, int]:
    found = {}
    for channel in Channel.objects.filter(kind=KIND).exclude(state=Channel.State.PAUSED):
        if address := spell_address(channel.address):
            found[address] = channel.pk
    return found


def _keep(pk: int, body: bytes, headers: dict[str, str]) -> str:
    try:
        intake.store(Channel.objects.get(pk=pk), body=body, headers=headers)
    except intake.TooBig:
        return TOO_BIG
    except Channel.DoesNotExist:
        return UNKNOWN
    except (Error, Unreadable):
        log.warning("a mail could not be stored; its sender is told to try again")
        return LATER
    return OK
