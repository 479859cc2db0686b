"""A second, empty database on the test servers, and a way to work in it for a while."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, connections

from helpdesk import health
from tests import database


def administrator() -> "psycopg.Connection[Any]":
    """Connect to the server beside Django."""
    return psycopg.connect(**{**health._parameters(), "dbname": "postgres", "options": ""})


@contextmanager
def fresh_database(*, migrated: bool = True) -> Iterator[str]:
    """Make a database with no data, or with nothing at all, in it; it is gone afterwards."""
    name = f"elsewhere_{secrets.token_hex(4)}"
    template = f"template_{database._fingerprint()}" if migrated else "template0"
    with administrator() as link:
        link.execute(f'create database "{name}" template "{template}" strategy file_copy')
        try:
            yield name
        finally:
            link.execute(f'drop database if exists "{name}" with (force)')


@contextmanager
def working_in(name: str) -> Iterator[None]:
    """Let all of Django work in another database of the same server."""
    settings = connection.settings_dict
    here, settings["NAME"] = settings["NAME"], name
    connections.close_all()
    try:
        yield
    finally:
        connections.close_all()
        settings["NAME"] = here
