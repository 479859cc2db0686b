"""The strict reading of the environment."""

from pathlib import Path

import pytest

from helpdesk import env

Monkey = pytest.MonkeyPatch


@pytest.mark.parametrize(
    ("value", "meaning"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)]
)
def test_booleans(monkeypatch: Monkey, value: str, meaning: bool) -> None:
    monkeypatch.setenv("SOME", value)
    assert env.boolean("SOME", not meaning) is meaning


@pytest.mark.parametrize("value", ["maybe", "2", "tru", "y e s"])
def test_wrong_boolean_is_refused_by_name(monkeypatch: Monkey, value: str) -> None:
    monkeypatch.setenv("SOME", value)
    with pytest.raises(env.BadEnvironment, match="SOME: "):
        env.boolean("SOME", False)


def test_empty_value_counts_as_unset(monkeypatch: Monkey) -> None:
    monkeypatch.setenv("SOME", "")
    assert env.boolean("SOME", True) is True
    assert env.integer("SOME", 7) == 7


@pytest.mark.parametrize("value", ["-1", "1.5", "ten", "٣", "0"])
def test_wrong_number_is_refused_by_name(monkeypatch: Monkey, value: str) -> None:
    monkeypatch.setenv("SOME", value)
    with pytest.raises(env.BadEnvironment, match="SOME: "):
        env.integer("SOME", 5, least=1)


def test_secret_comes_from_a_file(monkeypatch: Monkey, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("SOME_FILE", str(tmp_path / "secret"))
    assert env.text("SOME") == "from the file"


def test_secret_given_twice_is_refused(monkeypatch: Monkey) -> None:
    monkeypatch.setenv("SOME", "a")
    monkeypatch.setenv("SOME_FILE", "/b")
    with pytest.raises(env.BadEnvironment, match=r"SOME: .*not both"):
        env.text("SOME")


def test_missing_secret_file_is_refused_by_name(monkeypatch: Monkey) -> None:
    monkeypatch.setenv("SOME_FILE", "/not/here")
    with pytest.raises(env.BadEnvironment, match="SOME_FILE: "):
        env.text("SOME")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://ana:s%40crt@db.example.test:5433/desk", ("desk", "ana", "s@crt", "db.example.test", "5433")),
        ("postgres:///desk?host=/run/pg&user=ana", ("desk", "ana", "", "/run/pg", "")),
        ("postgresql://ana@%2Frun%2Fpg/desk", ("desk", "ana", "", "/run/pg", "")),
        ("postgresql://ana@[::1]:5432/desk", ("desk", "ana", "", "::1", "5432")),
    ],
)
def test_database_addresses(monkeypatch: Monkey, url: str, expected: tuple[str, ...]) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    found = env.database("DATABASE_URL")
    assert tuple(found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected


def test_database_options_are_kept(monkeypatch: Monkey) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/desk?sslmode=require")
    assert env.database("DATABASE_URL")["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["", "mysql://db/desk", "postgresql://db/", "desk", "postgresql://db:port/desk"])
def test_wrong_database_address_is_refused_without_repeating_it(monkeypatch: Monkey, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(env.BadEnvironment, match="DATABASE_URL: "):
        env.database("DATABASE_URL")


@pytest.mark.parametrize(
    ("redis", "broker"),
    [
        ("redis://cache:6379/2", "redis://cache:6379/2"),
        ("unix:///tmp/hd/redis.sock?db=1", "redis+socket:///tmp/hd/redis.sock?virtual_host=1"),
        ("unix://:pass@/tmp/redis.sock", "redis+socket://:pass@/tmp/redis.sock?virtual_host=0"),
    ],
)
def test_broker_addresses(redis: str, broker: str) -> None:
    assert env.broker_url(redis) == broker


@pytest.mark.parametrize("value", ["desk.example.test", "ftp://desk", "https://desk.example.test/path"])
def test_wrong_public_address_is_refused(monkeypatch: Monkey, value: str) -> None:
    monkeypatch.setenv("PUBLIC_URL", value)
    with pytest.raises(env.BadEnvironment, match="PUBLIC_URL: "):
        env.origin("PUBLIC_URL", "")


def test_mail_servers(monkeypatch: Monkey) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp+starttls://desk:p%2Fw@mail.example.test")
    assert env.mail_server("SMTP_URL") == env.MailServer(
        "mail.example.test", 587, "desk", "p/w", tls=False, starttls=True
    )


def test_kept_secret_is_made_once_and_only_ours(tmp_path: Path) -> None:
    file = tmp_path / "dev" / "secret_key"
    first = env.kept_secret(file)
    assert len(first) >= 50
    assert env.kept_secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
