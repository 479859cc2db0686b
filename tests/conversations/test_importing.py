"""Customers out of a file: everything once, nobody joined, nothing lost when a worker dies."""

import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections

from agents.models import Agent, AuditRow
from conversations import people, recording
from conversations.importing import filing, running
from conversations.models import CustomerImport, Entry, ImportKey, ImportProblem, Notification, Suggestion
from conversations.models.tag import CustomerTag
from customers.models import Company, Consent, Customer, CustomField, Identity
from helpdesk.lib import failpoints
from tests.conftest import Hints
from tests.factories import make_agent, make_customer, make_identity

pytestmark = pytest.mark.django_db
HEAD = "ID,Nome,Cognome,Email,Telefono,Azienda,Lingua,Fuso orario,Tag,Newsletter,Dog,Born\n"
ADA = (
    "17,Ada,Lovelace,Ada@Example.test,+40 721 234 567,Engines & figlie,Italiano,europe/rome,vip;new,sì,Rex,10.12.1985\n"
)


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(running, "ring", lambda *args: found.append(args))
    monkeypatch.setattr(running, "ring_now", lambda *args, **_options: found.append(args))
    return found


@pytest.fixture
def admin(db: None) -> Agent:
    CustomField.objects.create(slug="dog", name="Dog")
    CustomField.objects.create(slug="born", name="Born", kind="date")
    return make_agent(name="Ada Admin", role="admin")


def brought(text: str, by: Agent | None = None) -> CustomerImport:
    run = running.keep("people.csv", [text.encode()], by=by)
    running.check(run, list(run.mapping))
    return worked(run)


def imported(text: str, by: Agent | None = None) -> CustomerImport:
    run = brought(text, by)
    running.begin(run, by=by)
    return worked(run)


def worked(run: CustomerImport) -> CustomerImport:
    running.work(run.pk)
    run.refresh_from_db()
    return run


def counts(run: CustomerImport) -> list[int]:
    return list(run.counts.values())


def sums() -> list[int]:
    models = (Customer, Identity, Entry, Consent, CustomerTag, Company, ImportKey)
    return [model.objects.count() for model in models]  # type: ignore[attr-defined]


def test_a_check_changes_nothing_and_says_what_would_be(admin: Agent) -> None:
    before = sums()
    run = brought(HEAD + ADA + "18,,,no address,,,,,,,,\n", admin)
    assert (run.state, counts(run), run.checked) == ("checked", [1, 0, 0, 1], run.counts)
    assert sums() == before


def test_a_row_becomes_a_customer_with_everything_it_says(admin: Agent, live: Hints) -> None:
    run = imported(HEAD + ADA, admin)
    assert (run.state, counts(run)) == ("done", [1, 0, 0, 0])
    ada = Customer.objects.get()
    assert (ada.name, ada.language, ada.time_zone, str(ada.company)) == (
        "Ada Lovelace", "it", "Europe/Rome", "Engines & figlie",
    )  # fmt: skip
    assert ada.custom == {"dog": "Rex", "born": "1985-12-10"}
    keys = set(ada.identities.values_list("kind", "value"))
    assert keys == {("shop", "17"), ("email", "ada@example.test"), ("phone", "+40721234567")}
    assert recording.tags_of_customer(ada) == ["new", "vip"]
    assert list(Consent.objects.values_list("identity__kind", "purpose", "state")) == [("email", "marketing", "given")]
    entries = list(ada.entries.order_by("seq"))
    assert [entry.kind for entry in entries] == ["profile", "identity", "identity", "identity", "tags", "consent"]
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5, 6] and ada.last_seq == 6
    assert {entry.by for entry in entries} == {admin} and all(entry.done_at for entry in entries)
    assert not Notification.objects.exists() and not Suggestion.objects.exists()
    acts = [row.after["act"] for row in AuditRow.objects.filter(thing="import").order_by("pk")]
    assert acts == ["uploaded", "begun", "done"]


def test_the_same_file_twice_changes_nothing(admin: Agent) -> None:
    imported(HEAD + ADA, admin)
    before = sums()
    assert counts(imported(HEAD + ADA, admin)) == [0, 0, 1, 0]
    assert sums() == before


def test_the_external_id_finds_whoever_moved_to_another_address(admin: Agent) -> None:
    imported(HEAD + ADA, admin)
    run = imported("id,email,name\n17,countess@example.test,Ada King\n", admin)
    ada = Customer.objects.get()
    assert counts(run) == [0, 1, 0, 0] and ada.name == "Ada King"
    assert ada.identities.filter(kind="email").count() == 2


def test_an_address_finds_who_wrote_before_and_empty_cells_take_nothing_away(
    admin: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    known = make_customer(name="Giulia", address="giulia@example.test")
    with django_capture_on_commit_callbacks(execute=True):
        run = imported("email,name,language\nGIULIA@example.test,,it\nnew@example.test,,ro\n", admin)
    assert counts(run) == [1, 1, 0, 0]
    # Whoever has her open is told once; lists are not, nor anybody of somebody new.
    assert [names for names, _frame in live.published] == [[f"customer.{known.pk}"]]
    known.refresh_from_db()
    assert (known.name, known.language) == ("Giulia", "it")


def test_nobody_is_joined_by_a_row(admin: Agent) -> None:
    one, two = make_customer(name="One", address="one@example.test"), make_customer(name="Two")
    make_identity(customer=two, kind="phone", address="+40721234567")
    run = imported("email,phone\none@example.test,+40721234567\n", admin)
    assert counts(run) == [0, 0, 0, 1]
    assert run.problems.get().why == (
        f"This row would join two customers: One (#{one.pk}) and Two (#{two.pk}). Merge them first, or correct the row."
    )


def test_an_address_shared_by_two_external_ids_is_refused(admin: Agent) -> None:
    run = imported("id,email\n1,office@example.test\n2,office@example.test\n", admin)
    assert counts(run) == [1, 0, 0, 1]
    assert "who has another external id" in run.problems.get().why


def test_a_file_makes_no_yes_of_a_no(admin: Agent) -> None:
    known = make_customer(address="giulia@example.test")
    people.note_consent(known.identities.get(), "marketing", "refused", source="By phone", by=admin)
    run = imported("email,newsletter\ngiulia@example.test,yes\n", admin)
    assert counts(run) == [0, 0, 0, 1] and Consent.objects.count() == 1
    given = imported("email,newsletter\nnew@example.test,yes\n", admin)
    taken = imported("email,newsletter\nnew@example.test,no\n", admin)
    assert (counts(given), counts(taken)) == ([1, 0, 0, 0], [0, 1, 0, 0])
    assert Consent.objects.latest("pk").state == "withdrawn"
    assert counts(imported("email,newsletter\nnew@example.test,no\n", admin)) == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("x@example.test,,,,Klingon", "no language"), ("x@example.test,Mars/Base", "no time zone"),
        ("x@example.test,,maybe", "neither yes nor no"), ("x@example.test,,,02/03/2026", "may be two days"),
        ("x@example.test,,,31.02.2026", "Born"), ("not an address", "cannot be read as Email"),
        (",,yes", "Nothing to recognise"), ("x@example.test,,,,,more", "more cells"),
        (f"x@example.test,{'a' * 10_001}", "too long"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_says_why_and_the_others_are(admin: Agent, row: str, why: str) -> None:
    run = imported(f"email,time zone,newsletter,born,language\n{row}\nok@example.test\n", admin)
    assert counts(run) == [1, 0, 0, 1]
    problem = run.problems.get()
    assert why in problem.why and (problem.row, problem.line) == (2, 2)


def test_somebody_twice_in_a_file_is_one(admin: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 2)
    text = "email,phone,name\n" + "a@example.test,,Ada\na@example.test,+40721234567,Ada\n,+40721234567,Ada\n"
    run = brought(text, admin)
    # A check knows again who would be there, not what they would be like.
    assert counts(run) == [1, 2, 0, 0]
    running.begin(run, by=admin)
    assert counts(worked(run)) == [1, 1, 1, 0]
    assert Customer.objects.count() == 1


def test_a_dead_worker_leaves_nothing_out_and_doubles_nothing(admin: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 10)
    run = brought("email\n" + "".join(f"p{n}@example.test\n" for n in range(35)), admin)
    running.begin(run, by=admin)
    reached: list[str] = []

    def die(name: str) -> None:
        reached.append(name)
        # In the middle of the first transaction, and behind the commit of the second.
        if len(reached) in {1, 5}:
            raise failpoints.Broken(name)

    monkeypatch.setattr(failpoints, "reach", die)
    for _death in range(2):
        with pytest.raises(failpoints.Broken):
            running.work(run.pk)
    run.refresh_from_db()
    assert run.position == Customer.objects.count() == 20
    assert counts(worked(run)) == [35, 0, 0, 0]
    assert (run.state, Customer.objects.count(), Entry.objects.count()) == ("done", 35, 35)


def test_a_slice_ends_and_rings_for_the_rest(admin: Agent, rung: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 1)
    run = brought("email\na@example.test\nb@example.test\n", admin)
    running.begin(run, by=admin)
    rung.clear()
    running.work(run.pk, seconds=0)
    run.refresh_from_db()
    assert (run.state, run.position, rung) == ("running", 1, [(running.TASK, run.pk)])


def test_the_second_import_waits_and_the_sweep_finds_a_dead_one(admin: Agent, rung: list[Any]) -> None:
    one, two = (brought(f"email\n{name}@example.test\n", admin) for name in "ab")
    running.begin(one, by=admin)
    running.begin(two, by=admin)
    assert worked(two).position == 0
    rung.clear()
    assert running.sweep() == 1 and rung == [(running.TASK, one.pk)]
    assert worked(one).state == "done"
    assert running.sweep() == 1 and rung[-1] == (running.TASK, two.pk)
    assert worked(two).state == "done" and running.sweep() == 0


def test_pause_go_on_and_cancel(admin: Agent) -> None:
    run = brought("email\na@example.test\n", admin)
    with pytest.raises(running.Moved):
        running.pause(run)
    running.begin(run, by=admin)
    running.pause(run)
    assert worked(run).position == 0
    running.go_on(run)
    running.cancel(run, by=admin)
    assert worked(run).state == "cancelled"
    assert not Customer.objects.exists()
    with pytest.raises(running.Moved):
        running.begin(run, by=admin)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"only,a,header\n", "at least one row"), (b"\n\n", "at least one row")]
)
def test_a_file_without_rows_is_not_kept(admin: Agent, content: bytes, words: str) -> None:
    with pytest.raises(running.Unreadable, match=words):
        running.keep("x.csv", [content], by=admin)
    assert not CustomerImport.objects.exists()


def test_a_file_that_breaks_in_the_middle_says_where(admin: Agent) -> None:
    run = brought("email\n" + "a@example.test\n" * 3 + '"never closed' + "x" * 140_000, admin)
    assert (run.state, run.error.startswith("Line 5 cannot be read")) == ("new", True)


def test_the_command_does_it_in_one_go(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("Wer;Email\nNicolò;n@example.test\n=1;nobody\n".encode("cp1252"))
    call_command("import_customers", str(file), "--column", "Wer=name", "--problems", str(tmp_path / "wrong.csv"))
    assert capsys.readouterr().out == "1 new, 0 updated, 0 unchanged, 1 refused.\n"
    assert Customer.objects.get().name == "Nicolò"
    wrong = (tmp_path / "wrong.csv").read_text(encoding="utf-8-sig").splitlines()
    assert wrong[1] == '"3","3","“nobody” cannot be read as Email.","\'=1","nobody"'


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 5)
    run = brought("email\n" + "".join(f"p{n}@example.test\n" for n in range(23)))
    running.begin(run, by=None)

    def work() -> None:
        running.work(run.pk)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.refresh_from_db()
    assert (run.state, run.new_count, Customer.objects.count()) == ("done", 23, 23)


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_at_this_very_moment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    run = brought("email,name\na@example.test,Ada\n")
    running.begin(run, by=None)
    look, done = filing.Batch, []

    def late(*args: Any, **options: Any) -> Any:
        batch = look(*args, **options)
        if not done:
            # Between our look and our insert, on a connection of their own.
            thread = threading.Thread(target=_write)
            thread.start()
            thread.join()
            done.append(True)
        return batch

    def _write() -> None:
        make_identity(address="a@example.test")
        connection.close()

    monkeypatch.setattr(filing, "Batch", late)
    assert counts(worked(run)) == [0, 1, 0, 0]
    assert Customer.objects.get().name == "Ada"
    assert not ImportProblem.objects.exists()
