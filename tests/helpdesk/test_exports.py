"""An export holds everything that is not left out by name, and makes an empty desk the same desk again."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from agents.models import Agent, AuditRow, Workspace
from channels_app import intake
from channels_app.models import Channel, RawEvent
from conversations import people, recording
from conversations.models import Attachment, Blob, Conversation, Entry
from customers.models import Company, Customer, CustomField
from helpdesk.backups import tables
from helpdesk.exports import loading, making, nouns
from helpdesk.lib.inbound import InboundFile
from tests.elsewhere import fresh_database, working_in
from tests.factories import make_agent, make_channel, make_inbound, make_team, receive, route_to

SECRET_SOUNDS = ("password", "secret", "token", "sealed", "digest", "keys")


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with fresh_database() as name:
        yield name


@pytest.fixture
def alone(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not count the connections that threads of earlier tests have left open."""
    monkeypatch.setattr(tables, "others", lambda: 0)


def live_through() -> Conversation:
    """Odd letters, files, a raw mail in clear and one as a file, an answer, a note, what is known of a person."""
    channel = make_channel(name="Help", team=make_team(name="Front"))
    ana = make_agent(teams=(channel.default_team,)) if channel.default_team else make_agent()
    made = InboundFile("photo \u2028.png", "image/png", b"\x89PNG\x00\xff" * 1000)
    text = 'Ünïcode \u2028 \\ "quoted"\ttab\nline \x7f \U0001f9f6'
    first = receive(channel=channel, inbound=make_inbound(address="g@example.test", text=text, files=(made,)))
    conversation = first.conversation
    assert conversation is not None
    RawEvent.objects.create(channel=channel, dedupe_key="k", body=bytes(range(256)), body_sha256="0" * 64)
    intake.store(channel, body=b"x" * 100_000, headers={"x-delivery": "large"})
    conversation.reply(by=ana, text="Here.", to=route_to(conversation))
    conversation.note(by=ana, text="Has a dog.")
    CustomField.objects.create(slug="dog", name="Dog")
    company = Company.objects.create(name="Giulia & figlie")
    people.change_profile(conversation.customer, {"company": company, "custom-dog": "Rex\\N"}, by=ana)
    recording.tag_customer(conversation.customer, "vip", by=ana)
    AuditRow.objects.create(by=ana, thing="odd", after={"deep": [[{"a": 1.5}]], "big": 10**15})
    return conversation


def test_every_model_is_exported_or_left_out_with_a_reason() -> None:
    models = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    exported = set(nouns.NOUNS.values())
    assert models == exported | set(nouns.LEFT_OUT)
    assert not exported & set(nouns.LEFT_OUT)
    assert all(len(why) > 10 for why in making.left_out().values())


def test_no_column_that_sounds_secret_is_exported() -> None:
    for noun in nouns.all_nouns().values():
        assert not [name for name in noun.columns if any(sound in name for sound in SECRET_SOUNDS)], noun.name


@pytest.mark.django_db(transaction=True)
def test_an_export_makes_an_empty_desk_the_same_desk(alone: None, tmp_path: Path, elsewhere: str) -> None:
    conversation = live_through()
    text = conversation.entries.earliest("pk").message.text
    first = making.make(tmp_path / "one.zip")
    assert first.count("messages") == 2
    with working_in(elsewhere):
        loaded = loading.load(tmp_path / "one.zip")
        assert loaded == first
        assert Entry.objects.earliest("pk").message.text == text
        assert bytes(Blob.objects.get(attachments__isnull=False).content) == b"\x89PNG\x00\xff" * 1000
        assert bytes(RawEvent.objects.get(dedupe_key="k").body or b"") == bytes(range(256))
        assert Customer.objects.get().custom == {"dog": "Rex\\N"}
        assert not Agent.objects.get().has_usable_password()
        assert Workspace.held().exists()
        # What came with loading itself is all that differs.
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM agents_auditrow WHERE thing = 'import_export'")
        Workspace.objects.update(held_since=None)
        again = making.make(tmp_path / "two.zip")
        assert [part for part in again.nouns if part not in first.nouns] == []
        assert loading.digest(again) == loading.digest(first)
        # New numbers begin behind the old ones.
        made = receive(channel=Channel.objects.get(), inbound=make_inbound(address="new@example.test"))
        assert made.conversation is not None and made.conversation.number > conversation.number


@pytest.mark.django_db(transaction=True)
def test_an_export_holds_no_secret(tmp_path: Path) -> None:
    make_channel(kind="email", config={"address": "help@example.test", "imap_password": "hunter2", "odd": "hunter2"})
    make_agent()
    making.make(tmp_path / "one.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as file:
        everything = b"".join(file.read(name) for name in file.namelist())
        channel = json.loads(file.read("nouns/channels.jsonl"))
    assert channel["config"] == {"address": "help@example.test"}
    assert b"hunter2" not in everything
    assert b"$" not in b"".join(line for line in everything.splitlines() if b'"undo_seconds"' in line)


@pytest.mark.django_db(transaction=True)
def test_only_an_empty_desk_takes_an_export(alone: None, tmp_path: Path) -> None:
    live_through()
    making.make(tmp_path / "one.zip")
    with pytest.raises(CommandError, match="holds data already"):
        call_command("import_export", str(tmp_path / "one.zip"))


@pytest.mark.django_db(transaction=True)
def test_the_commands_say_what_they_did(
    alone: None, tmp_path: Path, elsewhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    live_through()
    make_agent(name="Ada Lovelace", role="admin")
    call_command("export", str(tmp_path))
    (path,) = tmp_path.glob("telaio-*.export.zip")
    assert path.stat().st_mode & 0o777 == 0o600
    call_command("import_export", str(path), "--check")
    with working_in(elsewhere):
        call_command("import_export", str(path), "--verify")
        assert Attachment.objects.count() == 1
    said = capsys.readouterr().out
    assert "1 customers, 1 conversations" in said and "is whole" in said
    assert "counts and sums of all nouns are those of the file" in said and "Who may administer: ada" in said
    assert len({line.rpartition("digest ")[2].strip(" .") for line in said.splitlines() if "digest" in line}) == 1
    assert AuditRow.objects.get(thing="export").after == {"file": path.name}


@pytest.mark.django_db(transaction=True)
def test_writers_do_not_wait_for_an_export(tmp_path: Path) -> None:
    live_through()
    told: list[int] = []

    def write(rows: int) -> None:
        told.append(rows)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 100")
        AuditRow.objects.create(thing="meanwhile")

    manifest = making.make(tmp_path / "one.zip", told=write)
    assert told == sorted(told) and told[-1] == manifest.rows
    with zipfile.ZipFile(tmp_path / "one.zip") as file:
        assert b"meanwhile" not in file.read("nouns/audit_rows.jsonl")
