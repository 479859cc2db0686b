"""Harm that no signal does, to a desk's databases and beat: `python -m tests.chaos.harm DEV WHAT [SECONDS]`."""

import contextlib
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import redis

from helpdesk.embedded import DATABASE, USER, Place

DELAY = 0.3
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


def slow_postgres(place: Place, seconds: str) -> None:
    """Delay whatever goes to PostgreSQL or comes back, by DELAY each way; nobody is left on the fast way."""
    hide_postgres(place)
    door = _door(place)
    try:
        with socket.socket(socket.AF_UNIX) as front:
            front.bind(str(door))
            door.chmod(0o777)
            front.listen(100)
            threading.Thread(target=_relay, args=(front, door), daemon=True).start()
            threading.Event().wait(float(seconds))
    finally:
        show_postgres(place)


def use_up_postgres(place: Place, seconds: str) -> None:
    """Hold all connections that PostgreSQL gives but two."""
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(_postgres(place))
        row = first.execute("select current_setting('max_connections')::int").fetchone()
        assert row and isinstance(row[0], int)
        held = 1
        while held < row[0] - 2:
            try:
                stack.enter_context(_postgres(place))
                held += 1
            except psycopg.OperationalError:
                first.execute(CUT, [DATABASE])
        threading.Event().wait(float(seconds))


def second_beat(place: Place, seconds: str) -> None:
    """Run another beat beside the desk's own, with its command and environment."""
    pid = (place.dev / "pids" / "beat.pid").read_text().strip()
    here = Path("/proc") / pid
    command = [part for part in (here / "cmdline").read_text().split("\0") if part]
    pairs = (pair.partition("=") for pair in (here / "environ").read_text().split("\0") if pair)
    beat = subprocess.Popen(command, cwd=(here / "cwd").readlink(), env={name: value for name, _is, value in pairs})
    try:
        threading.Event().wait(float(seconds))
        assert beat.poll() is None, "the second beat has ended by itself"
    finally:
        beat.terminate()
        beat.wait(10)


def _relay(front: socket.socket, door: Path) -> None:
    while True:
        try:
            near, _where = front.accept()
        except OSError:
            return
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(_hidden(door)))
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            threading.Event().wait(DELAY)
            target.sendall(data)
    for end in (source, target):
        end.close()


def _redis(place: Place) -> "redis.Redis":
    client = redis.Redis(unix_socket_path=str(place.redis_socket), socket_timeout=5)
    client.ping()
    return client


def _postgres(place: Place) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(host=str(place.postgres_socket), user=USER, dbname="postgres", autocommit=True)


def _door(place: Place) -> Path:
    return place.postgres_socket / ".s.PGSQL.5432"


def _hide(door: Path) -> None:
    door.rename(_hidden(door))


def _show(door: Path) -> None:
    _hidden(door).rename(door)


def _hidden(door: Path) -> Path:
    return door.with_name(f"{door.name}.hidden")


if __name__ == "__main__":
    globals()[sys.argv[2]](Place(Path(sys.argv[1])), *sys.argv[3:])
