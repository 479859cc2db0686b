"""Collecting by IMAP: nothing is changed there, and the mark moves only behind the commit."""

from contextlib import nullcontext
from typing import Any, ClassVar

import pytest
from django.db import OperationalError
from imapclient.exceptions import IMAPClientAbortError, LoginError

from channels_app import intake
from channels_app.adapters.email import imap
from channels_app.adapters.email.adapter import adapter
from channels_app.models import Channel, RawEvent
from helpdesk.lib.failpoints import Broken
from helpdesk.lib.outbound import SendError
from tests import factories
from tests.channels_app.email.letters import MAILBOX, letter

pytestmark = pytest.mark.django_db


class FakeMailbox:
    """The parts of IMAPClient that fetch() uses, on a dict of mails by UID."""

    mails: ClassVar[dict[int, bytes]] = {}
    validity: ClassVar[int] = 1
    asked: ClassVar[list[str]] = []
    password: ClassVar[str] = "right"
    # Which command, counted from 1, finds the line cut; 0: none.
    cut_at: ClassVar[int] = 0
    commands: ClassVar[list[str]] = []

    def __init__(self, host: str, **options: Any) -> None:
        self.options = options
        self.commands.clear()

    def _heard(self, command: str) -> None:
        self.commands.append(command)
        if len(self.commands) != self.cut_at:
            return
        try:
            raise IMAPClientAbortError("socket error: EOF")
        except IMAPClientAbortError as error:
            # The real one calls everything that goes wrong at log-in a LoginError.
            if command == "login":
                raise LoginError(str(error))  # noqa: B904 - as the library does
            raise

    def socket(self) -> Any:
        class Line:
            def getpeername(self) -> tuple[str, int]:
                return ("127.0.0.1", 993)

        return Line()

    def login(self, user: str, password: str) -> None:
        self._heard("login")
        if password != self.password:
            raise LoginError("no")

    def select_folder(self, folder: str, readonly: bool) -> dict[bytes, int]:
        self._heard("select_folder")
        assert readonly
        return {b"UIDVALIDITY": self.validity}

    def search(self, criteria: list[str]) -> list[int]:
        self._heard("search")
        first = int(criteria[1].partition(":")[0])
        return [uid for uid in self.mails if uid >= first] or sorted(self.mails)[-1:]

    def fetch(self, uids: list[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        self._heard("fetch")
        self.asked.append(items[0])
        raw = self.mails[uids[0]]
        if items == ["RFC822.SIZE"]:
            return {uids[0]: {b"RFC822.SIZE": len(raw)}}
        cut = int(items[0].partition("<0.")[2].rstrip(">") or len(raw)) if "<" in items[0] else len(raw)
        return {uids[0]: {b"BODY[]<0>" if "<" in items[0] else b"BODY[]": raw[:cut]}}

    def logout(self) -> None:
        self._heard("logout")

    def shutdown(self) -> None:
        return


@pytest.fixture
def mailbox(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Channel:
    settings.PRIVATE_HOSTS_ALLOWED = ["localhost:993"]
    monkeypatch.setattr(imap, "IMAPClient", FakeMailbox)
    FakeMailbox.mails, FakeMailbox.asked, FakeMailbox.validity = {1: letter("one"), 5: letter("five")}, [], 1
    FakeMailbox.cut_at = 0
    config = {"address": MAILBOX, "imap_host": "localhost", "imap_user": "help", "imap_password": "right"}
    return factories.make_channel(kind="email", config=config)


def test_waiting_mails_are_stored_and_marked(mailbox: Channel) -> None:
    assert adapter.fetch(mailbox) == 2
    assert RawEvent.objects.count() == 2
    mailbox.refresh_from_db()
    assert mailbox.poll_state["imap"] == {"uidvalidity": 1, "last_uid": 5}


def test_only_what_is_new_is_collected(mailbox: Channel) -> None:
    adapter.fetch(mailbox)
    FakeMailbox.mails[6] = letter("six")
    assert adapter.fetch(mailbox) == 1
    assert adapter.fetch(mailbox) == 0
    assert RawEvent.objects.count() == 3


def test_nothing_is_marked_as_read(mailbox: Channel) -> None:
    adapter.fetch(mailbox)
    assert set(FakeMailbox.asked) == {"RFC822.SIZE", "BODY.PEEK[]"}


def test_a_new_numbering_starts_over_without_copies(mailbox: Channel) -> None:
    adapter.fetch(mailbox)
    FakeMailbox.validity = 2
    assert adapter.fetch(mailbox) == 2
    assert RawEvent.objects.count() == 2
    mailbox.refresh_from_db()
    assert mailbox.poll_state["imap"]["uidvalidity"] == 2


def test_the_mark_stays_before_a_mail_that_was_not_stored(mailbox: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = intake.store

    def fail_second(channel: Channel, *, body: bytes, headers: dict[str, str]) -> RawEvent:
        if b"five" in body:
            raise OperationalError("away")
        return keep(channel, body=body, headers=headers)

    monkeypatch.setattr(intake, "store", fail_second)
    with pytest.raises(OperationalError):
        adapter.fetch(mailbox)
    mailbox.refresh_from_db()
    assert mailbox.poll_state["imap"]["last_uid"] == 1


COMMANDS = ["login", "select_folder", "search", "fetch", "fetch", "fetch", "fetch", "logout"]


@pytest.mark.parametrize("cut_at", range(1, len(COMMANDS) + 1))
def test_a_line_cut_at_any_command_loses_and_doubles_nothing(mailbox: Channel, cut_at: int) -> None:
    FakeMailbox.cut_at = cut_at
    # Whoever leaves has nothing to lose any more.
    is_over = COMMANDS[cut_at - 1] == "logout"
    with nullcontext() if is_over else pytest.raises(SendError, match="broke off"):
        adapter.fetch(mailbox)
    assert FakeMailbox.commands[:cut_at] == COMMANDS[:cut_at]
    mailbox.refresh_from_db()
    marked = mailbox.poll_state.get("imap", {}).get("last_uid", 0)
    assert RawEvent.objects.count() == sum(uid <= marked for uid in FakeMailbox.mails)
    FakeMailbox.cut_at = 0
    adapter.fetch(mailbox)
    assert [(event.copies_count, event.headers["uid"]) for event in RawEvent.objects.order_by("pk")] == [
        (0, "1"), (0, "5")
    ]  # fmt: skip


@pytest.mark.parametrize(("place", "copies"), [("imap.after_fetch", 0), ("imap.after_commit_before_mark", 1)])
def test_a_poll_that_dies_beside_the_mark_takes_the_mail_once(
    mailbox: Channel, monkeypatch: pytest.MonkeyPatch, place: str, copies: int
) -> None:
    monkeypatch.setenv("TESTING_FAILPOINTS", "1")
    monkeypatch.setenv("FAILPOINTS", f"{place}=raise")
    with pytest.raises(Broken):
        adapter.fetch(mailbox)
    monkeypatch.delenv("TESTING_FAILPOINTS")
    mailbox.refresh_from_db()
    assert (mailbox.poll_state, RawEvent.objects.count()) == ({}, copies)
    assert adapter.fetch(mailbox) == 2
    assert [event.copies_count for event in RawEvent.objects.order_by("pk")] == [copies, 0]


def test_too_large_a_mail_comes_cut(mailbox: Channel, settings: Any) -> None:
    settings.INBOUND_BODY_MAX_BYTES = 2_000
    FakeMailbox.mails = {1: letter("x" * 5_000)}
    assert adapter.fetch(mailbox) == 1
    event = RawEvent.objects.get()
    assert event.body_bytes == 2_000
    assert int(event.headers["cut_from_bytes"]) > 5_000


def test_a_wrong_password_is_said(mailbox: Channel) -> None:
    mailbox.config = {**mailbox.config, "imap_password": "wrong"}
    with pytest.raises(SendError) as error:
        adapter.fetch(mailbox)
    assert error.value.code == "credentials"


def test_a_private_server_is_refused_unless_listed(mailbox: Channel, settings: Any) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = []
    with pytest.raises(SendError) as error:
        adapter.fetch(mailbox)
    assert error.value.code == "not_configured"


def test_a_mailbox_without_imap_has_nothing_to_collect(channel: Channel) -> None:
    assert adapter.fetch(channel) == 0
