"""The processes of one running desk: which there are, how they start, where they listen, what `run.json` says."""

import fcntl
import json
import os
import socket
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from helpdesk import embedded, env, probe
from helpdesk.supervisor import Child

LOOPBACK = "127.0.0.1"
# Tried in this order, each with its ninety-nine followers, so that several checkouts run side by side.
PORTS = {"web": 8000, "smtp": 2525, "lmtp": 2424, "outbox": 2625}
STOP_FIRST = ("web", "beat", "mail", "worker", "sender", "hooks")


class AlreadyRunning(RuntimeError):
    """Another `serve` of this checkout holds the lock."""


class PortTaken(RuntimeError):
    """The port that was asked for belongs to somebody else."""


@dataclass
class Desk:
    """One desk of this checkout: its folders, sockets and the environment its processes share."""

    place: embedded.Place = embedded.HOME
    sockets: dict[str, socket.socket] = field(default_factory=dict)
    story: dict[str, Any] = field(default_factory=dict)

    @property
    def dev(self) -> Path:
        """The folder of everything a run leaves behind."""
        return self.place.dev

    def lock(self) -> None:
        """Take this checkout for us. Raises AlreadyRunning, whose text says where the other one is."""
        self.dev.mkdir(parents=True, exist_ok=True)
        self.dev.chmod(0o700)
        # Kept open for life; the kernel frees the lock however we end.
        self._lock = (self.dev / "lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_whereabouts(self.dev / "run.json")) from None
        (self.dev / "run.json").unlink(missing_ok=True)

    def listen(self) -> None:
        """Open the listening sockets; they outlive the processes that serve them."""
        kept = _read(self.dev / "ports.json")
        for name, first in PORTS.items():
            wanted = env.integer("PORT", 0) if name == "web" else 0
            self.sockets[name] = listening(wanted, kept.get(name, first))
        (self.dev / "ports.json").write_text(json.dumps({name: self.port(name) for name in PORTS}))

    def port(self, name: str) -> int:
        """The port of one of our sockets."""
        return int(self.sockets[name].getsockname()[1])

    def at(self, name: str) -> str:
        """The host:port of one of our sockets."""
        return f"{LOOPBACK}:{self.port(name)}"

    @property
    def url(self) -> str:
        """Where people find the desk."""
        return os.environ.get("PUBLIC_URL") or f"http://{self.at('web')}"

    @property
    def has_outbox(self) -> bool:
        """Whether replies end in files, because no mail server was named."""
        return not os.environ.get("SMTP_URL")

    @property
    def env(self) -> dict[str, str]:
        """The environment of our processes: ours, completed by what the embedded parts are."""
        given = dict(os.environ)
        given.setdefault("DATABASE_URL", self.place.database_url)
        given.setdefault("REDIS_URL", self.place.redis_url)
        given.setdefault("PUBLIC_URL", self.url)
        given.setdefault("OUTBOX_DIR", str(self.dev / "outbox"))
        given |= {"SMTP_LISTEN": self.at("smtp"), "LMTP_LISTEN": self.at("lmtp"), "PYTHONUNBUFFERED": "1"}
        if self.has_outbox:
            given["SMTP_URL"] = f"smtp://{self.at('outbox')}"
            allowed = [given.get("PRIVATE_HOSTS_ALLOWED"), self.at("outbox")]
            given["PRIVATE_HOSTS_ALLOWED"] = ",".join(filter(None, allowed))
        return given

    def child(self, name: str, *arguments: str, fds: tuple[int, ...] = ()) -> Child:
        """Return a Python process of this checkout."""
        return Child(
            name=name,
            command=[sys.executable, *arguments],
            env=self.env,
            log=self.dev / "logs" / f"{name}.log",
            cwd=embedded.PROJECT,
            fds=fds,
        )

    def write(self, pids: dict[str, int]) -> None:
        """Tell in `run.json` and `pids/` what runs where; complete before it is visible, readable by us only."""
        folder = self.dev / "pids"
        folder.mkdir(exist_ok=True)
        for name, pid in pids.items():
            (folder / f"{name}.pid").write_text(f"{pid}\n")
        known = {"url": self.url, "smtp": self.at("smtp"), "lmtp": self.at("lmtp"), "pid": os.getpid()}
        facts = known | {"processes": pids, "outbox": str(self.dev / "outbox")} | self.story
        partial = self.dev / "run.json.part"
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(facts, indent=2))
        partial.rename(self.dev / "run.json")

    def clear(self) -> None:
        """Take back what `write` told."""
        (self.dev / "run.json").unlink(missing_ok=True)
        for file in (self.dev / "pids").glob("*.pid"):
            file.unlink(missing_ok=True)


def desk_children(desk: Desk) -> list[Child]:
    """Return our own processes in the order of their start."""
    celery = ("-m", "celery", "--app", "helpdesk", "--quiet")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
    web = desk.sockets["web"].fileno()
    children = [
        desk.child("web", "-m", "uvicorn", *WEB, "--fd", str(web), fds=(web,)),
        desk.child("worker", *celery, "worker", "-n", "worker@%h", "-Q", "in,sweep", "-c", "2", *quiet),
        desk.child("sender", *celery, "worker", "-n", "sender@%h", "-Q", "out", "-P", "threads", "-c", "8", *quiet),
        desk.child("hooks", *celery, "worker", "-n", "hooks@%h", "-Q", "hooks", "-P", "threads", "-c", "8", *quiet),
        # Schedules are fixed and cheap to restart, so beat keeps no file.
        desk.child("beat", *celery, "beat", "-S", "celery.beat:Scheduler", "--pidfile=", "--loglevel", "WARNING"),
    ]
    if find_spec("channels_app.management.commands.listen_mail"):
        children.append(_mail(desk))
    return children


WEB = (
    "helpdesk.asgi:application",
    # Hints are too short to gain by compression, which costs memory for every socket and CPU for every hint.
    *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
    *("--no-access-log", "--no-proxy-headers", "--no-server-header"),
    *("--log-level", "warning", "--timeout-graceful-shutdown", "2", "--lifespan", "off"),
)


def postgres_child(desk: Desk) -> Child:
    """Make the embedded cluster ready and return the process that serves it."""
    account = embedded.Account.choose()
    embedded.make_folders(desk.place, account)
    programs = embedded.postgres_binaries(desk.place, account)
    embedded.initialise(desk.place, account, programs)
    return Child(
        name="postgres",
        command=embedded.postgres_command(desk.place, programs),
        env={"PATH": os.defpath, "LC_ALL": "C"},
        log=desk.dev / "logs" / "postgres.log",
        stop_with=embedded.POSTGRES_STOP,
        die_with=embedded.POSTGRES_STOP,
        popen=account.popen,
    )


def redis_child(desk: Desk) -> Child:
    """Return the process of the embedded Redis."""
    embedded.make_folders(desk.place, embedded.Account.choose())
    env = {"PATH": os.defpath, "LC_ALL": "C"}
    return Child(name="redis", command=embedded.redis_command(desk.place), env=env, log=desk.dev / "logs" / "redis.log")


def postgres_answers(place: embedded.Place) -> bool:
    """Whether the embedded PostgreSQL takes connections; makes the database when it is not there yet."""
    options: dict[str, Any] = {"host": str(place.postgres_socket), "user": embedded.USER, "connect_timeout": 2}
    try:
        with psycopg.connect(dbname="postgres", autocommit=True, **options) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [embedded.DATABASE]).fetchone()
            if not known:
                connection.execute(f"create database {embedded.DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def redis_answers(place: embedded.Place) -> bool:
    """Whether the embedded Redis says PONG."""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1)
            link.connect(str(place.redis_socket))
            link.sendall(b"PING\r\n")
            return link.recv(7) == b"+PONG\r\n"
    except OSError:
        return False


def complaints(desk: Desk) -> list[str] | None:
    """Return what is wrong by the web server's own account; None when it does not answer."""
    facts = probe.ask(desk.at("web"))
    return None if facts is None else list(facts["reasons"])


def _mail(desk: Desk) -> Child:
    smtp, lmtp = desk.sockets["smtp"].fileno(), desk.sockets["lmtp"].fileno()
    where = ("--smtp", desk.at("smtp"), "--lmtp", desk.at("lmtp"), "--smtp-fd", str(smtp), "--lmtp-fd", str(lmtp))
    return desk.child("mail", "manage.py", "listen_mail", *where, fds=(smtp, lmtp))


def listening(exactly: int, first: int) -> socket.socket:
    """Open a listening socket on loopback: this port, or the first free one from `first` on. Raises PortTaken."""
    for port in [exactly] if exactly else [*range(first, first + 100), 0]:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Inherited by accepted connections: uvicorn does not set it on a socket it was given (40 ms per answer).
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            sock.bind((LOOPBACK, port))
            sock.listen(1024)
        except OSError:
            sock.close()
            continue
        return sock
    raise PortTaken(f"PORT: {exactly} is taken; choose another")


def _whereabouts(file: Path) -> str:
    facts = _read(file)
    if not facts:
        return "Telaio is already starting or stopping in this folder"
    return f"Telaio is already running at {facts['url']} (process {facts['pid']})"


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError):
        return {}
