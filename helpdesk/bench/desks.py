"""Desks of several sizes side by side, a database each, so that one process can ask them in turns."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from psycopg import sql

from agents.models import Agent
from conversations.models import Conversation
from helpdesk.seeds import bench

UNITS = {"k": 1_000, "m": 1_000_000}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which desks: sizes in conversations, entries of each on average; is_kept: for the next run."""

    sizes: tuple[int, ...]
    entries: float = 2.0
    is_kept: bool = False


@dataclass(slots=True)
class Desk:
    """One of them: its connection to the database and a browser that is signed in."""

    size: int
    link: Any
    client: Client

    @property
    def name(self) -> str:
        """Its size as it is asked for: 10k, 1m."""
        return name_of(self.size)

    @property
    def backend(self) -> int:
        """The process of PostgreSQL that serves it."""
        return int(self.link.connection.info.backend_pid)

    def enter(self) -> None:
        """Let everything from now on happen at this desk."""
        connections["default"] = self.link

    def get(self, url: str, headers: dict[str, str] | None = None) -> bytes:
        """Fetch a page as a browser does. Raises RuntimeError when it is none."""
        response = self.client.get(url, headers=headers)
        if response.status_code != 200:
            raise RuntimeError(f"{url} answered {response.status_code}")
        return bytes(response.content)


def sizes(text: str) -> tuple[int, ...]:
    """Read "10k,1m"."""
    words = [word.strip().lower() for word in text.split(",")]
    return tuple(int(word.rstrip("km")) * UNITS.get(word[-1:], 1) for word in words)


def name_of(size: int) -> str:
    """Write a size as it is asked for."""
    unit = next((unit for unit, worth in reversed(UNITS.items()) if size % worth == 0), "")
    return f"{size // UNITS.get(unit, 1)}{unit}"


@contextlib.contextmanager
def databases(names: list[str], *, are_kept: bool = False) -> Iterator[list[Any]]:
    """Open a migrated database of each name; drop them afterwards, unless they are kept. The first stays as it is."""
    first = connections["default"]
    full = [f"{first.settings_dict['NAME']}_{name}" for name in names]
    links: list[Any] = []
    try:
        for name in full:
            connections["default"] = _database(first, name)
            links.append(connections["default"])
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
        yield links
    finally:
        connections["default"] = first
        for link in links:
            link.close()
        for name in [] if are_kept else full:
            _run(first, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@contextlib.contextmanager
def open_desks(wanted: Wanted) -> Iterator[list[Desk]]:
    """Load the desks that are not there yet; remove them afterwards, unless they are kept."""
    names = [f"{size}_{wanted.entries:g}" for size in wanted.sizes]
    with databases(names, are_kept=wanted.is_kept) as links:
        for size, link in zip(wanted.sizes, links, strict=True):
            connections["default"] = link
            _load(size, wanted.entries)
        yield [sign_in(size, link) for size, link in zip(wanted.sizes, links, strict=True)]


def sign_in(size: int, link: Any) -> Desk:
    """Open the door of a desk that is loaded, for its first agent."""
    connections["default"] = link
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(Agent.objects.get(email=bench.AGENT))
    return Desk(size, link, client)


def _database(first: Any, name: str) -> Any:
    with first.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        is_there = cursor.fetchone() is not None
    if not is_there:
        _run(first, "CREATE DATABASE {}", name)
    link = first.copy()
    link.settings_dict["NAME"] = name
    return link


def _load(size: int, entries: float) -> None:
    # What broke off half-way left nothing: a load is one transaction.
    if Conversation.objects.count() != size:
        bench.load(bench.Wish(size=size, entries=entries))


def _run(first: Any, statement: str, name: str) -> None:
    with first.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(sql.Identifier(name)).as_string(None))
