"""Collecting from a real IMAP server: dovecot, run here without any right. Only where it is installed."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from channels_app.adapters.email.adapter import adapter
from channels_app.models import Channel, RawEvent
from helpdesk.lib.outbound import SendError
from tests import factories
from tests.channels_app.email.letters import MAILBOX, letter
from tests.cutting import cutting
from tests.waiting import until

DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(not Path(DOVECOT).exists(), reason="dovecot is not installed (apt: dovecot-imapd)"),
]

CONFIG = """
base_dir = {place}/run
state_dir = {place}/run
log_path = {place}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
mail_location = maildir:{place}/mail/%u
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {place}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={place}/home
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with tempfile.TemporaryDirectory(prefix="dovecot-", dir="/tmp") as folder:
        place, user = Path(folder), _user()
        with socket.create_server(("127.0.0.1", 0)) as free:
            number = int(free.getsockname()[1])
        names = {"place": place, "user": user.pw_name, "group": _group(user), "port": number}
        (place / "conf").write_text(CONFIG.format(**names))
        (place / "users").write_text("help:right\n")
        place.chmod(0o755)
        for name in ("run", "mail", "home"):
            (place / name).mkdir()
        if os.getuid() == 0:
            for path in (place, *place.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)
        process = _start(place, user)
        until(lambda: _answers(number), seconds=20)
        yield number
        process.terminate()
        process.wait(10)


@pytest.fixture
def mailbox(port: int, settings: Any) -> Channel:
    settings.PRIVATE_HOSTS_ALLOWED = [f"localhost:{port}", f"127.0.0.1:{port}"]
    with _client(port) as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    config = {"address": MAILBOX, "imap_host": "127.0.0.1", "imap_port": port, "imap_ssl": False}
    return factories.make_channel(kind="email", config={**config, "imap_user": "help", "imap_password": "right"})


def test_mails_are_collected_byte_by_byte_and_stay_unread(mailbox: Channel, port: int) -> None:
    raws = [letter(f"mail {number}", message_id=f"<{number}@mail.example.test>") for number in range(3)]
    _put(port, *raws)
    assert adapter.fetch(mailbox) == 3
    assert [bytes(event.body or b"") for event in RawEvent.objects.order_by("pk")] == raws
    with _client(port) as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search("UNSEEN") == client.search()
    assert adapter.fetch(mailbox) == 0
    _put(port, letter("late"))
    assert adapter.fetch(mailbox) == 1


def test_a_folder_made_anew_is_read_again_without_copies(mailbox: Channel, port: int) -> None:
    mailbox.config = {**mailbox.config, "imap_folder": "Queue"}
    for number in range(2):
        with _client(port) as client:
            client.create_folder("Queue")
        _put(port, letter("same"), folder="Queue")
        assert adapter.fetch(mailbox) == 1, number
        with _client(port) as client:
            client.delete_folder("Queue")
        # UIDVALIDITY is made of seconds: a folder made anew within one would get the same.
        mark = mailbox.poll_state["imap"]
        mailbox.poll_state = {"imap": {**mark, "uidvalidity": mark["uidvalidity"] - 1}}
    assert RawEvent.objects.get().copies_count == 1


def test_a_line_cut_after_any_byte_loses_and_doubles_nothing(mailbox: Channel, port: int, settings: Any) -> None:
    raws = [letter("x" * 3_000, message_id=f"<{number}@mail.example.test>") for number in range(3)]
    _put(port, *raws)
    with cutting(port) as line:
        settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{line.port}"]
        mailbox.config = {**mailbox.config, "imap_port": line.port}
        codes = {said for line.limit in range(0, 14_000, 400) if (said := complaint(mailbox))}
        line.limit = 1_000_000
        assert complaint(mailbox) == ""
    assert (codes, line.cuts > 5) == ({"connection"}, True)
    assert [bytes(event.body or b"") for event in RawEvent.objects.order_by("pk")] == raws


def test_a_large_mail_comes_cut(mailbox: Channel, port: int, settings: Any) -> None:
    settings.INBOUND_BODY_MAX_BYTES = 2_000
    _put(port, letter("x" * 5_000))
    assert adapter.fetch(mailbox) == 1
    assert RawEvent.objects.get().body_bytes == 2_000


def test_a_wrong_password_is_said(mailbox: Channel) -> None:
    mailbox.config = {**mailbox.config, "imap_password": "wrong"}
    with pytest.raises(SendError) as error:
        adapter.fetch(mailbox)
    assert error.value.code == "credentials"


def test_a_missing_folder_is_said(mailbox: Channel) -> None:
    mailbox.config = {**mailbox.config, "imap_folder": "Nowhere"}
    with pytest.raises(SendError) as error:
        adapter.fetch(mailbox)
    assert error.value.code == "provider_error"


def complaint(mailbox: Channel) -> str:
    """Collect; return what was wrong."""
    try:
        adapter.fetch(mailbox)
    except SendError as error:
        return error.code
    return ""


def _user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def _group(user: pwd.struct_passwd) -> str:
    return grp.getgrgid(user.pw_gid).gr_name


def _start(place: Path, user: pwd.struct_passwd) -> "subprocess.Popen[bytes]":
    command = [DOVECOT, "-F", "-c", str(place / "conf")]
    if os.getuid() != 0:
        return subprocess.Popen(command, cwd="/")
    return subprocess.Popen(command, cwd="/", user=user.pw_uid, group=user.pw_gid, extra_groups=[])


def _answers(port: int) -> bool:
    try:
        with _client(port):
            return True
    except OSError:
        return False


def _client(port: int) -> IMAPClient:
    client = IMAPClient("127.0.0.1", port=port, ssl=False, timeout=10)
    client.login("help", "right")
    return client


def _put(port: int, *mails: bytes, folder: str = "INBOX") -> None:
    with _client(port) as client:
        for mail in mails:
            client.append(folder, mail)
