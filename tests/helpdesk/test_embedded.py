"""Where the embedded servers live, and under which name."""

import os
import tempfile
from pathlib import Path

import pytest

from helpdesk import embedded
from helpdesk.embedded import Account, Place

SOCKET_PATH_MAX = 107


def test_socket_paths_fit_however_long_the_folders_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp/" + "long/" * 30)
    place = Place(tmp_path / ("deep " * 12) / "checkout" / ".dev")
    assert len(f"{place.postgres_socket}/.s.PGSQL.5432") <= SOCKET_PATH_MAX
    assert len(str(place.redis_socket)) <= SOCKET_PATH_MAX


def test_addresses_stay_over_restarts_and_change_with_the_checkout(tmp_path: Path) -> None:
    here, there = tmp_path / "one" / ".dev", tmp_path / "two" / ".dev"
    assert Place(here).database_url == Place(here).database_url
    assert len({Place(here).key, Place(there).key, Place(here, "test").key}) == 3


def test_deleted_folder_is_a_fresh_start(tmp_path: Path) -> None:
    first = Place(tmp_path).key
    (tmp_path / "identity").unlink()
    assert Place(tmp_path).key != first


def test_postgresql_never_runs_as_root() -> None:
    account = Account.choose()
    assert bool(account.user) is (os.getuid() == 0)
    assert account.popen.get("user") != 0


def test_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.os, "getuid", lambda: 4711)
    with pytest.raises(embedded.NotHere, match="belongs to somebody else"):
        embedded.make_folders(Place(tmp_path), Account())


def test_missing_wheel_says_what_to_do() -> None:
    with pytest.raises(embedded.NotHere, match="bin/setup, or give DATABASE_URL"):
        embedded._package("no_such_package")


def test_machine_without_redis_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(embedded.sys, "path", [])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(embedded.NotHere, match="install redis-server, or give REDIS_URL"):
        embedded.redis_command(Place(tmp_path))


def test_data_is_never_careless_outside_the_tests(tmp_path: Path) -> None:
    command = " ".join(embedded.postgres_command(Place(tmp_path), Path("/bin")))
    assert "synchronous_commit=on" in command
    assert "fsync" not in command
    assert "listen_addresses= " in command
