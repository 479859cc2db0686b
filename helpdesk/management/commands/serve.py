"""Runs the whole desk: databases where none are given, web, workers, beat and the mail listener."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from helpdesk import embedded, processes
from helpdesk.outbox import open_outbox
from helpdesk.processes import Desk
from helpdesk.supervisor import GaveUp, Supervisor, TooSlow

EXIT_RUNNING = 3
WELL_SECONDS = 15
MAIL = (
    "import smtplib; smtplib.SMTP('{host}', {port}).sendmail('giulia@example.test', ['{to}'], "
    "'From: Giulia Test <giulia@example.test>\\nTo: {to}\\nSubject: Where is my parcel?\\n\\nHello, it is late.\\n')"
)


class Command(BaseCommand):
    """`manage.py serve`: Ctrl-C stops everything."""

    help = "Runs the whole desk and everything it needs; Ctrl-C stops it."
    # The database is not there yet, and the checks run in the children.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped. Exits 3 when this checkout is already running, 1 when a part cannot run."""
        desk = Desk()
        try:
            desk.lock()
            desk.listen()
        except processes.AlreadyRunning as other:
            print(other, file=sys.stderr)
            sys.exit(EXIT_RUNNING)
        except processes.PortTaken as problem:
            sys.exit(f"telaio: {problem}")
        try:
            asyncio.run(_Run(desk).live())
        except (GaveUp, embedded.NotHere) as problem:
            print(f"telaio: {problem}", file=sys.stderr)
            sys.exit(1)
        sys.stdout.flush()
        # Everything has ended and been said; tidying up an interpreter takes seconds on a busy machine.
        os._exit(0)


class _Run:
    """One life of the desk, from the first process to the last."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.began_at = time.monotonic()
        self.supervisor = Supervisor(lambda: None, say)

    async def live(self) -> None:
        """Start everything, keep it running, and stop it all when told to or when a part gives up."""
        life = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, life.cancel if life else sys.exit)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._start()
                await self.supervisor.watch()
        finally:
            await asyncio.shield(self._stop())

    async def _start(self) -> None:
        await self._databases()
        # The web server takes as long to load as the database to prepare: both at once. Nobody has the address yet.
        web, *others = processes.desk_children(self.desk)
        self.supervisor.add(web)
        await self._prepare()
        if self.desk.has_outbox:
            await open_outbox(self.desk.dev / "outbox", self.desk.sockets["outbox"])
        say("Starting the desk")
        for child in others:
            self.supervisor.add(child)
        await self.supervisor.until(lambda: processes.complaints(self.desk) is not None, "the web server", 60)
        await self._until_well()
        self.supervisor.changed = self._tell
        self._tell()
        self._welcome()

    async def _databases(self) -> None:
        place = self.desk.place
        if not os.environ.get("DATABASE_URL"):
            say("Starting PostgreSQL" + ("" if (place.data / "PG_VERSION").exists() else " (making its cluster first)"))
            self.supervisor.add(processes.postgres_child(self.desk))
        if not os.environ.get("REDIS_URL"):
            say("Starting Redis")
            self.supervisor.add(processes.redis_child(self.desk))
            await self.supervisor.until(lambda: processes.redis_answers(place), "Redis", 30)
        if not os.environ.get("DATABASE_URL"):
            await self.supervisor.until(lambda: processes.postgres_answers(place), "PostgreSQL", 60)

    async def _prepare(self) -> None:
        say("Bringing the database up to date")
        child = self.desk.child("prepare", "manage.py", "prepare", "--demo")
        # Changing tables may take longer than any page is allowed to.
        child.env |= {"DATABASE_STATEMENT_SECONDS": "600", "DATABASE_LOCK_SECONDS": "30"}
        output = await self.supervisor.run(child)
        self.desk.story = json.loads(output.splitlines()[-1]) if output else {}

    async def _until_well(self) -> None:
        # The workers are a second behind. What stays wrong is said, and is no reason to refuse the rest.
        with contextlib.suppress(TooSlow):
            await self.supervisor.until(lambda: processes.complaints(self.desk) == [], "the desk", WELL_SECONDS)
        for complaint in processes.complaints(self.desk) or []:
            say(f"Not well: {complaint}")

    def _tell(self) -> None:
        self.desk.write(self.supervisor.pids)

    def _welcome(self) -> None:
        print(f"\nTelaio runs at {self.desk.url}  (ready after {time.monotonic() - self.began_at:.1f} s)\n")
        for person in self.desk.story.get("demo", []):
            print(f"  {person['role']:<14} {person['email']:<32} {person['password']}")
        mailbox = self.desk.story.get("demo_mailbox", {}).get("address", "help@example.test")
        mail = MAIL.format(host=processes.LOOPBACK, port=self.desk.port("smtp"), to=mailbox)
        print(f'\nSend a first mail:\n  python3 -c "{mail}"\n')
        if self.desk.has_outbox:
            print(f"Answers land in {self.desk.dev / 'outbox'}, logs in {self.desk.dev / 'logs'}.")
        print("Ctrl-C stops everything.", flush=True)

    async def _stop(self) -> None:
        say("Stopping")
        self.supervisor.changed = lambda: None
        self.desk.clear()
        await self.supervisor.stop(processes.STOP_FIRST, 2.0)
        await self.supervisor.stop(("redis", "postgres"), 1.5)


def say(what: str) -> None:
    """Tell the terminal what is going on."""
    print(f"  {what}", file=sys.stderr, flush=True)
