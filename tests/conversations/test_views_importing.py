"""The pages of an import: bring a file, see what is wrong with it, take the refused rows away."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.models import Agent
from conversations.importing import running
from conversations.models import CustomerImport
from customers.models import Customer
from tests.factories import make_agent

pytestmark = pytest.mark.django_db
FILE = "Nome;Email;Formula\nNicolò;n@example.test;=1+1\nBea;nobody;=1+1\n".encode("cp1252")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Client:
    for name in ("ring", "ring_now"):
        monkeypatch.setattr(running, name, lambda *_args, **_options: None)
    client = Client()
    client.force_login(make_agent(name="Ada Admin", role="admin"))
    return client


def bring(browser: Client, content: bytes) -> Any:
    return browser.post("/settings/import/", {"file": SimpleUploadedFile("people.csv", content)})


def test_from_the_file_to_the_refused_rows(browser: Client) -> None:
    page = bring(browser, FILE).headers["Location"]
    run = CustomerImport.objects.get()
    assert page == f"/settings/import/{run.pk}/"
    shown = browser.get(page).content.decode()
    assert "Nicolò" in shown and '<option value="name" selected>' in shown and "Windows-1252" in shown
    columns = {"column-0": "name", "column-1": "address-email", "column-2": ""}
    assert browser.post(f"{page}check/", columns).headers["Location"] == page
    under_way = browser.get(page, headers={"HX-Request": "true"})
    assert 'hx-trigger="load delay:2s"' in under_way.content.decode() and "HX-Refresh" not in under_way.headers
    running.work(run.pk)
    assert browser.get(page, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "Nothing has changed yet" in browser.get(page).content.decode()
    browser.post(f"{page}state/", {"act": "begin"})
    running.work(run.pk)
    assert Customer.objects.get().name == "Nicolò"
    given = b"".join(browser.get(f"{page}problems/")).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(given))
    assert head == ["Row", "Line", "Why", "Nome", "Email", "Formula"]
    assert row == ["3", "3", "“nobody” cannot be read as Email.", "Bea", "nobody", "'=1+1"]


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b"a,b\n", "at least one row")])
def test_a_file_that_cannot_be_read_comes_back_with_the_reason(browser: Client, content: bytes, words: str) -> None:
    answer = bring(browser, content)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not CustomerImport.objects.exists()


def test_a_file_that_is_too_large_is_not_kept(browser: Client, settings: Any) -> None:
    settings.IMPORT_FILE_MAX_BYTES = 10
    answer = bring(browser, FILE)
    assert answer.status_code == 422 and "Split it" in answer.content.decode()
    assert not CustomerImport.objects.exists()


def test_what_cannot_be_is_said_and_changes_nothing(browser: Client) -> None:
    page = bring(browser, FILE).headers["Location"]
    wrong = browser.post(f"{page}reading/", {"encoding": "utf-8-sig", "delimiter": ";"})
    assert wrong.status_code == 422 and "line 2 cannot be read" in wrong.content.decode()
    twice = browser.post(f"{page}check/", {"column-0": "name", "column-1": "name"})
    assert twice.status_code == 422 and "Two columns hold the same" in twice.content.decode()
    unknown = browser.post(f"{page}check/", {"column-0": "password", "column-1": "address-email"})
    assert unknown.status_code == 422
    nobody = browser.post(f"{page}check/", {"column-0": "name"})
    assert nobody.status_code == 422 and "people are recognised by it" in nobody.content.decode()
    for act in ("begin", "pause", "go_on", "spell"):
        assert browser.post(f"{page}state/", {"act": act}).status_code == 409
    run = CustomerImport.objects.get()
    assert (run.state, run.encoding, run.position) == ("new", "cp1252", 0)


def test_another_delimiter_reads_the_columns_anew(browser: Client, agent: Agent) -> None:
    page = bring(browser, FILE).headers["Location"]
    assert browser.post(f"{page}reading/", {"encoding": "cp1252", "delimiter": "tab"}).status_code == 302
    assert CustomerImport.objects.get().header == ["Nome;Email;Formula"]
