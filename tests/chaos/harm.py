"""Harm that no signal does: `python -m tests.chaos.harm DEV WHAT` empties, fills, hides or cuts a desk's databases."""

import sys
from pathlib import Path

import psycopg
import redis

from helpdesk.embedded import DATABASE, USER, Place

CUT = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"


def flush(place: Place) -> None:
    """Let Redis forget everything."""
    _redis(place).flushall()


def fill(place: Place) -> None:
    """Let Redis refuse everything that takes memory."""
    _redis(place).config_set("maxmemory", 1)


def empty(place: Place) -> None:
    """Give Redis its memory back."""
    _redis(place).config_set("maxmemory", 0)


def hide_redis(place: Place) -> None:
    """Cut all of Redis' connections and let nobody in."""
    client = _redis(place)
    _hide(place.redis_socket)
    for kind in ("pubsub", "normal"):
        client.client_kill_filter(_type=kind, skipme=True)


def show_redis(place: Place) -> None:
    """Let them in again."""
    _show(place.redis_socket)


def hide_postgres(place: Place) -> None:
    """Cut all of PostgreSQL's connections and let nobody in."""
    with _postgres(place) as connection:
        _hide(_door(place))
        connection.execute(CUT, [DATABASE])


def show_postgres(place: Place) -> None:
    """Let them in again."""
    _show(_door(place))


def cut_postgres(place: Place) -> None:
    """Cut all of PostgreSQL's connections, whatever they are doing."""
    with _postgres(place) as connection:
        connection.execute(CUT, [DATABASE])


def _redis(place: Place) -> "redis.Redis":
    client = redis.Redis(unix_socket_path=str(place.redis_socket), socket_timeout=5)
    client.ping()
    return client


def _postgres(place: Place) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(host=str(place.postgres_socket), user=USER, dbname="postgres", autocommit=True)


def _door(place: Place) -> Path:
    return place.postgres_socket / ".s.PGSQL.5432"


def _hide(door: Path) -> None:
    door.rename(door.with_name(f"{door.name}.hidden"))


def _show(door: Path) -> None:
    door.with_name(f"{door.name}.hidden").rename(door)


if __name__ == "__main__":
    globals()[sys.argv[2]](Place(Path(sys.argv[1])))
