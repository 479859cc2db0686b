"""Takes one mail on standard input, as a mail server's pipe transport hands it over."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error

from channels_app import intake
from channels_app.adapters.email.inbound import KIND
from channels_app.models import Channel

# sysexits.h: what mail servers understand.
EX_DATAERR, EX_NOUSER, EX_TEMPFAIL = 65, 67, 75


class Command(BaseCommand):
    help = (
        "Store one raw mail from standard input for a mail channel. Exit 0: committed; 75: try again later; "
        "65: the mail is empty or too large; 67: no such channel."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", required=True, metavar="KEY", help="the public key of the channel")
        parser.add_argument("--recipient", default="", help="the envelope's recipient, where known")
        parser.add_argument("--sender", default="", help="the envelope's sender, where known")

    def handle(self, *args: Any, **options: Any) -> None:
        body = sys.stdin.buffer.read(settings.INBOUND_BODY_MAX_BYTES + 1)
        if not body.strip():
            self._leave(EX_DATAERR, "There is no mail on standard input.")
        if len(body) > settings.INBOUND_BODY_MAX_BYTES:
            self._leave(EX_DATAERR, f"The mail is larger than {settings.INBOUND_BODY_MAX_BYTES} bytes.")
        headers = {"via": "pipe", "rcpt_to": options["recipient"], "mail_from": options["sender"]}
        try:
            channel = Channel.objects.get(kind=KIND, public_key=options["channel"])
            intake.store(channel, body=body, headers=headers)
        except Channel.DoesNotExist:
            self._leave(EX_NOUSER, "There is no mail channel with this key.")
        except Error:
            self._leave(EX_TEMPFAIL, "The mail could not be stored now; try again later.")

    def _leave(self, code: int, sentence: str) -> None:
        self.stderr.write(sentence)
        sys.exit(code)
