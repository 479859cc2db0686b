"""Backup and restore by one command each, rehearsed: equal rows, nothing sent by itself, nothing taken twice."""

import io
import json
import stat
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from agents.models import Agent, AuditRow, Workspace
from channels_app import delivery, intake, outbox, reconcile
from channels_app.models import Channel, RawEvent
from conversations.models import Blob, Conversation, Delivery, Entry, Message
from customers.models import Customer
from helpdesk import heartbeat
from helpdesk.backups import archive, restoring, tables, taking
from helpdesk.lib import clock
from tests.elsewhere import fresh_database, working_in
from tests.factories import make_agent, make_channel, make_team, route_to
from tests.paper import Post, letter
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def alone(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not count the connections that threads of earlier tests have left open."""
    count, here = tables.others, connection.settings_dict["NAME"]
    before = count()

    def others() -> int:
        is_here = connection.settings_dict["NAME"] == here
        return max(0, count() - (before if is_here else 0))

    monkeypatch.setattr(tables, "others", others)


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with fresh_database() as name:
        yield name


@pytest.fixture
def nothing() -> Iterator[str]:
    """A database without a single table, as `createdb` makes it."""
    with fresh_database(migrated=False) as name:
        yield name


@pytest.fixture
def mailbox(transactional_db: None) -> Channel:
    return make_channel(name="Help", team=make_team(name="Front"))


@pytest.fixture
def ana(mailbox: Channel) -> Agent:
    assert mailbox.default_team is not None
    return make_agent(teams=(mailbox.default_team,))


def arrive(mailbox: Channel, number: int) -> RawEvent:
    return intake.store(mailbox, body=mail(number), headers={"x-delivery": f"d{number}"})


def mail(number: int) -> bytes:
    return letter(id=f"<{number}@mail.example.test>", text=f"Question {number}", proof="proven")


def live_through(mailbox: Channel, ana: Agent) -> Conversation:
    """Two mails filed, one waiting to be; a reply sent, one queued; a file, odd letters."""
    for number in (1, 2):
        intake.process(arrive(mailbox, number).pk)
    arrive(mailbox, 3)
    conversation = Conversation.objects.get()
    conversation.reply(by=ana, text="Sent before.", to=route_to(conversation))
    delivery.deliver(Delivery.objects.get().pk)
    conversation.reply(by=ana, text="Still queued.", to=route_to(conversation))
    conversation.note(by=ana, text="Tabs\t, \\N, back\\slashes, \r\n line ends and 👟")
    Blob.keep(bytes(range(256)) * 4_000)
    return conversation


def sums() -> dict[str, tuple[int, str]]:
    """Rows and SHA-256 of every table that a backup keeps, as the database has them now."""
    with connection.cursor():
        counted = {table.name: tables.count(table) for table in tables.ours()}
    return {name: (found.rows, found.digest.hexdigest()) for name, found in counted.items()}


def as_saved(manifest: archive.Manifest) -> dict[str, tuple[int, str]]:
    return {table.name: (table.rows, table.sha256) for table in manifest.tables}


# What a restore itself writes: the hold and its line in the audit.
OWN_ROWS = {"agents_workspace", "agents_auditrow"}


def without_own(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in OWN_ROWS}


def test_a_restored_desk_has_the_same_rows_and_sends_nothing_by_itself(
    tmp_path: Path, mailbox: Channel, ana: Agent, sent: Post, elsewhere: str
) -> None:
    live_through(mailbox, ana)
    manifest = taking.take(tmp_path / "a.backup")
    assert as_saved(manifest) == sums()
    with working_in(elsewhere):
        restoring.restore(tmp_path / "a.backup")
        assert without_own(sums()) == without_own(as_saved(manifest))
        assert Workspace.get().held_since is not None
        queued = Delivery.objects.get(state="queued")
        assert (list(delivery.due()), delivery.deliver(queued.pk)) == ([], "queued")
        outbox.release(by=None)
        assert delivery.deliver(queued.pk) == "unknown"
        assert [outbound.text for outbound in sent.accepted] == ["Sent before."]
        assert AuditRow.objects.filter(thing="restore").exists()


def test_a_backup_under_traffic_holds_one_moment_and_the_gap_is_filled_once(
    tmp_path: Path, mailbox: Channel, elsewhere: str
) -> None:
    stop = threading.Event()
    threads = [threading.Thread(target=_write_mails, args=(mailbox, stop, start), daemon=True) for start in (0, 10_000)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: Message.objects.count() >= 10, seconds=30)
        manifest = taking.take(tmp_path / "a.backup")
        until(lambda: Message.objects.count() >= manifest.rows_of("conversations_message") + 5, seconds=30)
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    bodies = [(event.headers, bytes(event.body or b"")) for event in RawEvent.objects.order_by("pk")]
    wanted = sorted(Message.objects.values_list("text", flat=True))
    with working_in(elsewhere):
        restoring.restore(tmp_path / "a.backup")
        assert without_own(sums()) == without_own(as_saved(manifest))
        assert Message.objects.count() < len(wanted)
        for headers, body in bodies:
            event = intake.store(Channel.objects.get(), body=body, headers=headers)
            intake.process(event.pk)
        assert sorted(Message.objects.values_list("text", flat=True)) == wanted
        assert all(line.balances for line in reconcile.lines())


def _write_mails(mailbox: Channel, stop: threading.Event, start: int) -> None:
    for number in range(start, start + 2_000):
        if stop.wait(0.02):
            break
        address = f"person{number % 7}@example.test"
        body = letter(id=f"<{number}@mail.example.test>", text=f"Mail {number}", **{"from": address})
        intake.process(intake.store(mailbox, body=body, headers={"x-delivery": f"d{number}"}).pk)
    connections.close_all()


def test_what_was_written_after_the_restore_goes_out_when_released(
    tmp_path: Path, mailbox: Channel, ana: Agent, sent: Post, elsewhere: str
) -> None:
    live_through(mailbox, ana)
    taking.take(tmp_path / "a.backup")
    with working_in(elsewhere):
        restoring.restore(tmp_path / "a.backup")
        conversation = Conversation.objects.get()
        entry = conversation.reply(by=Agent.objects.get(), text="Written since.", to=route_to(conversation))
        outbox.release(by=None)
        assert delivery.deliver(Delivery.objects.get(message=entry.message).pk) == "sent"
    assert [outbound.text for outbound in sent.accepted] == ["Sent before.", "Written since."]


@pytest.mark.slow
def test_new_rows_after_a_restore_take_new_numbers(
    tmp_path: Path, mailbox: Channel, ana: Agent, elsewhere: str
) -> None:
    first = live_through(mailbox, ana)
    taking.take(tmp_path / "a.backup")
    with working_in(elsewhere):
        restoring.restore(tmp_path / "a.backup")
        body = letter(**{"from": "new@example.test"}, text="I am new here.")
        intake.process(intake.store(Channel.objects.get(), body=body, headers={"x-delivery": "n"}).pk)
        assert Conversation.objects.latest("pk").number > first.number
        assert Entry.objects.latest("pk").customer != first.customer


@pytest.mark.slow
def test_a_desk_with_data_is_replaced_only_when_told_so(tmp_path: Path, mailbox: Channel, ana: Agent) -> None:
    live_through(mailbox, ana)
    manifest = taking.take(tmp_path / "a.backup")
    number = Conversation.objects.get().number
    intake.process(arrive(mailbox, 4).pk)
    body = letter(**{"from": "late@example.test"}, text="After the backup.")
    intake.process(intake.store(mailbox, body=body, headers={"x-delivery": "late"}).pk)
    with pytest.raises(archive.Refused, match="--replace"):
        restoring.restore(tmp_path / "a.backup")
    assert Conversation.objects.count() == 2
    restoring.restore(tmp_path / "a.backup", replaces=True)
    assert without_own(sums()) == without_own(as_saved(manifest))
    # The number that somebody heard after the backup is not given again.
    intake.process(intake.store(Channel.objects.get(), body=body, headers={"x-delivery": "late"}).pk)
    assert Conversation.objects.latest("pk").number > number + 1


def test_a_running_desk_is_not_restored_into(tmp_path: Path, mailbox: Channel, ana: Agent, elsewhere: str) -> None:
    taking.take(tmp_path / "a.backup")
    with working_in(elsewhere):
        stranger = connections.create_connection("default")
        stranger.ensure_connection()
        with pytest.raises(archive.Refused, match="Stop the desk first"):
            restoring.restore(tmp_path / "a.backup")
        stranger.close()


def test_a_desk_whose_workers_report_is_running(tmp_path: Path, mailbox: Channel) -> None:
    taking.take(tmp_path / "a.backup")
    with heartbeat.connect() as link:
        link.set(heartbeat.key("sender"), clock.real().timestamp() - 2)
        try:
            with pytest.raises(archive.Refused, match="one of its workers reported"):
                restoring.restore(tmp_path / "a.backup", replaces=True)
        finally:
            link.delete(heartbeat.key("sender"))


@pytest.mark.parametrize("harm", ["cut", "flip", "row", "manifest"])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    tmp_path: Path, mailbox: Channel, ana: Agent, harm: str
) -> None:
    live_through(mailbox, ana)
    path = tmp_path / "a.backup"
    taking.take(path)
    _damage(path, harm)
    before = sums()
    with pytest.raises(archive.Refused, match="damaged"):
        restoring.check(path)
    with pytest.raises(archive.Refused, match="damaged"):
        restoring.restore(path, replaces=True)
    assert sums() == before


def _damage(path: Path, harm: str) -> None:
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-2_000])
        return
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
        place = file.getinfo("tables/conversations_message.copy").header_offset
    if harm == "flip":
        raw = bytearray(path.read_bytes())
        raw[place + 120] ^= 0x20
        path.write_bytes(raw)
        return
    if harm == "row":
        members["tables/conversations_message.copy"] = members["tables/conversations_message.copy"].split(b"\n", 1)[1]
    else:
        members[archive.MANIFEST] = b"{}"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)


def _change_manifest(path: Path, **changes: Any) -> None:
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members[archive.MANIFEST] = json.dumps({**json.loads(members[archive.MANIFEST]), **changes}).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": archive.FORMAT + 1}, "newer version"),
        ({"migrations": [["agents", "9999_from_the_future"]]}, "newer version"),
        ({"product": "other"}, "something else"),
        ({"key": "0" * 16}, "another SECRET_KEY"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(
    tmp_path: Path, mailbox: Channel, elsewhere: str, changes: dict[str, Any], words: str
) -> None:
    taking.take(tmp_path / "a.backup")
    _change_manifest(tmp_path / "a.backup", **changes)
    with working_in(elsewhere), pytest.raises(archive.Refused, match=words):
        restoring.restore(tmp_path / "a.backup")


@pytest.mark.slow
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    tmp_path: Path, mailbox: Channel, ana: Agent, elsewhere: str, nothing: str
) -> None:
    live_through(mailbox, ana)
    kept = Customer.objects.count(), Message.objects.count()
    taking.take(tmp_path / "new.backup")
    with working_in(elsewhere):
        restoring.restore(tmp_path / "new.backup")
        call_command("migrate", "channels_app", "0001", verbosity=0, interactive=False)
        manifest = taking.take(tmp_path / "old.backup")
    assert "look" not in next(table for table in manifest.tables if table.name == "channels_app_channel").columns
    with working_in(nothing):
        restoring.restore(tmp_path / "old.backup")
        assert (Customer.objects.count(), Message.objects.count()) == kept
        assert Channel.objects.get().look == ""
        assert Workspace.get().held_since is not None


def test_a_backup_is_for_its_owner_only_and_never_half(tmp_path: Path, mailbox: Channel, monkeypatch: Any) -> None:
    path = tmp_path / "a.backup"
    taking.take(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(archive.Refused, match="exists already"):
        taking.take(path)

    def no_space(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "put_table", no_space)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", str(tmp_path / "b.backup"))
    assert [file.name for file in tmp_path.iterdir()] == ["a.backup"]


def test_the_commands_say_what_they_did(tmp_path: Path, mailbox: Channel, ana: Agent, elsewhere: str) -> None:
    live_through(mailbox, ana)
    out = io.StringIO()
    call_command("backup", str(tmp_path), stdout=out)
    [path] = tmp_path.glob("telaio-*.backup")
    assert f"{path}: {path.stat().st_size:,} bytes" in out.getvalue()
    assert "1 customers, 1 conversations, 4 messages, 1 files, 3 raw events" in out.getvalue()
    call_command("restore", str(path), check=True, stdout=out)
    assert "is whole" in out.getvalue()
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", str(path))
    with working_in(elsewhere):
        call_command("restore", str(path), stdout=out)
    assert "release_outbox" in out.getvalue()


def test_old_backups_make_room_for_new_ones(tmp_path: Path, mailbox: Channel) -> None:
    for day in (1, 2, 3):
        (tmp_path / f"telaio-2026110{day}-030000.backup").touch()
    (tmp_path / "mine.backup").touch()
    call_command("backup", str(tmp_path), keep=2, stdout=io.StringIO())
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept[:2] == ["mine.backup", "telaio-20261103-030000.backup"]
    assert len(kept) == 3
