"""The processes of a desk beside a measurement: the real web server, worker and beat, and the raw relay."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import redis
from django.conf import settings
from django.db import connection

from helpdesk import probe, processes, supervisor
from helpdesk.bench import harness, servers
from helpdesk.bench.relay import CHANNEL

START_SECONDS = 60
STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs: where the desk and the relay are found, and each process by name."""

    desk: str
    relay: str
    pids: dict[str, int]

    def cpu(self) -> dict[str, float]:
        """Milliseconds of CPU that each process and its children have used so far."""
        return {name: harness.tree_ms(pid) for name, pid in self.pids.items()}


@contextlib.contextmanager
def running(*names: str, workers: int = 2, knows: str = "") -> Iterator[Parts]:
    """Run these processes of the desk, as `serve` does, and the relay; all end with the block.

    workers: processes of the worker. knows: a module of ours that the workers read besides the desk.
    """
    desk = processes.Desk(place=servers.PLACE)
    desk.sockets = {name: processes.listening(0, 0) for name in (*processes.PORTS, "relay")}
    children = [_as_bench(child, workers, knows) for child in _children(desk) if child.name in {*names, "relay"}]
    try:
        for child in children:
            supervisor.start(child)
        _wait(desk, children)
        pids = {child.name: child.process.pid for child in children if child.process}
        yield Parts(f"http://{desk.at('web')}", f"http://{desk.at('relay')}", pids | _server_pids())
    finally:
        for child in children:
            _end(child)
        for sock in desk.sockets.values():
            sock.close()


def _children(desk: processes.Desk) -> list[supervisor.Child]:
    place = desk.sockets["relay"].fileno()
    _application, *options = processes.WEB
    relay = desk.child(
        "relay", "-m", "uvicorn", "helpdesk.bench.relay:application", *options, "--fd", str(place), fds=(place,)
    )
    relay.env[CHANNEL] = f"{settings.HUB_PREFIX}:relay"
    return [*processes.desk_children(desk), relay]


def _as_bench(child: supervisor.Child, workers: int, knows: str) -> supervisor.Child:
    # The statement limit was lifted for loading rows only.
    env = {name: value for name, value in child.env.items() if name != "DATABASE_STATEMENT_SECONDS"}
    command = list(child.command)
    if child.name == "worker":
        command[command.index("-c") + 1] = str(workers)
    if knows and child.name in {"worker", "sender"}:
        command += ["-I", knows]
    return replace(child, command=command, env=env, log=child.log.with_name(f"bench-{child.name}.log"))


def _wait(desk: processes.Desk, children: list[supervisor.Child]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while any(child.name == "web" for child in children) and probe.ask(desk.at("web")) is None:
        if time.monotonic() > deadline or not all(child.is_running for child in children):
            raise TimeoutError(f"the desk did not start; see {children[0].log.parent}")
        time.sleep(0.1)


def _server_pids() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_read_file('postmaster.pid')")
        postmaster = int(cursor.fetchone()[0].split()[0])
    with redis.Redis.from_url(settings.REDIS_URL) as link:
        return {"postgres": postmaster, "redis": int(link.info("server")["process_id"])}


def _end(child: supervisor.Child) -> None:
    if child.process is None:
        return
    child.process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.process.wait(STOP_SECONDS)
    supervisor.kill_group(child)
