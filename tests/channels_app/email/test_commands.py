"""The commands that mail servers, administrators and the scorer call."""

import io
import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from channels_app import intake
from channels_app.models import Channel, RawEvent
from tests import factories
from tests.channels_app.email.letters import MAILBOX, letter
from tests.waiting import until

ROOT = Path(__file__).parents[3]


def _run(command: str, *arguments: str, given: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(given)))
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_parse_email_prints_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = _run("parse_email", "--json", given=letter("Hello"), monkeypatch=monkeypatch)
    shown = json.loads(out)
    assert code == 0
    assert (shown["from_email"], shown["subject"], shown["visible_text"]) == (
        "giulia@example.test",
        "My parcel",
        "Hello",
    )
    assert shown["error"] is None


def test_parse_email_reads_a_batch_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{number} mail.eml" for number in range(3)]
    for path in paths:
        path.write_bytes(letter(subject=path.name))
    given = b"\0".join(str(path).encode() for path in [*paths, tmp_path / "missing"])
    _, out, _ = _run("parse_email", "--json", "--batch", given=given, monkeypatch=monkeypatch)
    shown = [json.loads(line) for line in out.splitlines()]
    assert [one.get("subject") for one in shown[:3]] == [path.name for path in paths]
    assert shown[3]["error"]


@pytest.mark.django_db
def test_receive_email_stores_for_the_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = _mailbox()
    code, _, _ = _run("receive_email", "--channel", channel.public_key, given=letter(), monkeypatch=monkeypatch)
    assert code == 0
    assert RawEvent.objects.get().channel == channel


@pytest.mark.django_db
def test_receive_email_knows_no_other_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = _run("receive_email", "--channel", "nope", given=letter(), monkeypatch=monkeypatch)
    assert code == 67
    assert "no mail channel" in err


@pytest.mark.django_db
@pytest.mark.parametrize("given", [b"", b" \n", b"x" * 20_001])
def test_receive_email_refuses_what_is_no_mail(given: bytes, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.INBOUND_BODY_MAX_BYTES = 20_000
    key = _mailbox().public_key
    code, _, err = _run("receive_email", "--channel", key, given=given, monkeypatch=monkeypatch)
    assert code == 65
    assert err
    assert not RawEvent.objects.exists()


@pytest.mark.django_db
def test_receive_email_asks_for_another_try_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*values: object, **named: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(intake, "store", fail)
    key = _mailbox().public_key
    code, _, _ = _run("receive_email", "--channel", key, given=letter(), monkeypatch=monkeypatch)
    assert code == 75


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:", "127.0.0.1:x"])
def test_listen_mail_refuses_a_strange_address(address: str) -> None:
    with pytest.raises(CommandError, match="HOST:PORT"):
        call_command("listen_mail", smtp=address)


def test_listen_mail_wants_to_know_where(settings: Any) -> None:
    settings.SMTP_LISTEN = settings.LMTP_LISTEN = ""
    with pytest.raises(CommandError, match="where to listen"):
        call_command("listen_mail")


@pytest.mark.django_db(transaction=True)
def test_listen_mail_serves_an_inherited_socket_and_stops_when_told() -> None:
    channel = _mailbox()
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = _listener(server.fileno())
        try:
            with smtplib.SMTP(*server.getsockname(), timeout=60) as client:
                client.sendmail("giulia@example.test", [MAILBOX], letter())
            assert until(lambda: RawEvent.objects.filter(channel=channel).exists())
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


def _mailbox() -> Channel:
    return factories.make_channel(kind="email", config={"address": MAILBOX})


def _listener(fd: int) -> "subprocess.Popen[bytes]":
    code = (
        "import sys, django; from django.conf import settings; django.setup();"
        "settings.DATABASES['default']['NAME'] = sys.argv[1];"
        "from django.core.management import call_command; call_command('listen_mail', smtp_fd=int(sys.argv[2]))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen([sys.executable, "-c", code, name, str(fd)], pass_fds=[fd], env=environment, cwd=ROOT)
