"""Listens for mail by SMTP and LMTP until it is told to stop."""

import asyncio
import signal
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from channels_app.adapters.email import smtpd

BACKLOG = 200


class Command(BaseCommand):
    help = "Listen for mail by SMTP and LMTP. Without options the settings SMTP_LISTEN and LMTP_LISTEN say where."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--smtp", metavar="HOST:PORT", help="listen here by SMTP")
        parser.add_argument("--lmtp", metavar="HOST:PORT", help="listen here by LMTP")
        parser.add_argument("--smtp-fd", type=int, metavar="N", help="an inherited listening socket for SMTP")
        parser.add_argument("--lmtp-fd", type=int, metavar="N", help="an inherited listening socket for LMTP")

    def handle(self, *args: Any, **options: Any) -> None:
        smtp = _sockets(options["smtp_fd"], options["smtp"] or settings.SMTP_LISTEN)
        lmtp = _sockets(options["lmtp_fd"], options["lmtp"] or settings.LMTP_LISTEN)
        if not smtp + lmtp:
            raise CommandError("Say where to listen: --smtp, --lmtp, SMTP_LISTEN or LMTP_LISTEN.")
        asyncio.run(_serve(smtp, lmtp))


async def _serve(smtp: list[socket.socket], lmtp: list[socket.socket]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await smtpd.serve(smtp, lmtp, stop)


def _sockets(fd: int | None, address: str) -> list[socket.socket]:
    if fd is not None:
        return [socket.socket(fileno=fd)]
    if not address:
        return []
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise CommandError(f"{address} is not HOST:PORT.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return [socket.create_server((host.strip("[]"), int(port)), family=family, backlog=BACKLOG)]
    except OSError as error:
        raise CommandError(f"Cannot listen on {address}: {error.strerror}.") from error
