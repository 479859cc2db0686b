"""Strict reading of the environment: a value that cannot be understood stops the start and names its variable."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
DATABASE_SCHEMES = {"postgres", "postgresql"}
REDIS_SCHEMES = {"redis", "rediss", "unix"}
SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class BadEnvironment(ImproperlyConfigured):
    """A variable holds something we will not guess the meaning of."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")


@dataclass(frozen=True)
class MailServer:
    """Where the desk's own mail leaves; `tls` is from the first byte, `starttls` after the greeting."""

    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False


def text(name: str, default: str = "") -> str:
    """Return the variable, or what the file named by NAME_FILE holds. Giving both is an error."""
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value is not None and file:
        raise BadEnvironment(name, f"give {name} or {name}_FILE, not both")
    if file:
        return _contents(f"{name}_FILE", file)
    return default if value is None else value.strip()


def boolean(name: str, default: bool) -> bool:
    """Return the variable as a truth value; only 1/0, true/false, yes/no, on/off are understood."""
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise BadEnvironment(name, f"{value!r} is neither true nor false (use true or false)")
    return value in TRUE


def integer(name: str, default: int, *, least: int = 0) -> int:
    """Return the variable as a whole number of at least `least`."""
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise BadEnvironment(name, f"{value!r} is not a whole number of at least {least}")
    return int(value)


def choice(name: str, default: str, among: tuple[str, ...]) -> str:
    """Return the variable in capitals, one of `among`."""
    value = text(name, default).upper()
    if value not in among:
        raise BadEnvironment(name, f"{value!r} is none of {', '.join(among)}")
    return value


def listing(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return the variable's comma-separated parts, without blanks and empty ones."""
    parts = [part.strip() for part in text(name, ",".join(default)).split(",")]
    return [part for part in parts if part]


def origin(name: str, default: str) -> str:
    """Return the variable as an http(s) origin without a path, such as `https://desk.example.test`."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise BadEnvironment(name, f"{value!r} is not an address such as https://desk.example.org")
    return value


def address(name: str, default: str = "") -> str:
    """Return the variable as `host:port`, or an empty text when it is off."""
    value = text(name, default)
    host, _, port = value.rpartition(":")
    if value and (not host or not port.isdigit() or int(port) > 65535):
        raise BadEnvironment(name, f"{value!r} is not host:port")
    return value


def addresses(name: str) -> list[str]:
    """Return the variable as a list of `host:port`."""
    values = listing(name)
    for value in values:
        if not value.rpartition(":")[2].isdigit():
            raise BadEnvironment(name, f"{value!r} is not host:port")
    return values


def database(name: str, default: str = "") -> dict[str, Any]:
    """Return Django's connection settings for `postgresql://user:password@host:port/name?option=value`.

    A unix socket folder is given as `?host=/folder` or percent-encoded in the host's place.
    """
    value = text(name, default)
    parts = urlsplit(value)
    if not value:
        raise BadEnvironment(name, "is missing: say where PostgreSQL is")
    if parts.scheme not in DATABASE_SCHEMES or not parts.path.strip("/"):
        raise BadEnvironment(name, "is not an address such as postgresql://user:password@host:5432/telaio")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    user, host, port = options.pop("user", ""), options.pop("host", ""), options.pop("port", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or user),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": _host(parts.netloc) or host,
        "PORT": str(_port(name, parts) or port),
        "OPTIONS": options,
    }


def redis_url(name: str, default: str = "") -> str:
    """Return the variable as an address that redis-py understands: redis://, rediss:// or unix:///path."""
    value = text(name, default)
    parts = urlsplit(value)
    if not value:
        raise BadEnvironment(name, "is missing: say where Redis is")
    if parts.scheme not in REDIS_SCHEMES or not (parts.hostname or parts.path):
        raise BadEnvironment(name, "is not an address such as redis://localhost:6379/0 or unix:///run/redis.sock")
    return value


def broker_url(redis: str) -> str:
    """Return kombu's spelling of a redis-py address; only unix sockets differ."""
    parts = urlsplit(redis)
    if parts.scheme != "unix":
        return redis
    query = dict(parse_qsl(parts.query))
    credentials = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return f"redis+socket://{credentials}{parts.path}?" + urlencode({"virtual_host": query.get("db", "0")})


def mail_server(name: str) -> MailServer:
    """Return the server of `smtp[s]://user:password@host:port` (or `smtp+starttls://`); the default when unset."""
    value = text(name)
    if not value:
        return MailServer()
    parts = urlsplit(value)
    if parts.scheme not in SMTP_PORTS or not parts.hostname:
        raise BadEnvironment(name, "is not an address such as smtp+starttls://user:password@mail.example.org:587")
    return MailServer(
        host=parts.hostname,
        port=_port(name, parts) or SMTP_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp+starttls",
    )


def kept_secret(file: Path) -> str:
    """Return the secret kept in `file`, made on first use and readable by its owner only."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(50))
        _link_once(partial, file)
    return file.read_text().strip()


def _link_once(partial: Path, file: Path) -> None:
    # Two starts may race: a hard link lets exactly one of them win, and both read the winner's.
    try:
        os.link(partial, file)
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def _contents(name: str, file: str) -> str:
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise BadEnvironment(name, f"cannot read {file!r}: {error.strerror}") from error


def _host(netloc: str) -> str:
    place = netloc.rpartition("@")[2]
    if place.startswith("["):
        return place[1:].partition("]")[0]
    return unquote(place.partition(":")[0])


def _port(name: str, parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise BadEnvironment(name, f"its port cannot be read: {error}") from error
