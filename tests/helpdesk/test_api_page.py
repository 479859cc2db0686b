"""The API as a page: whole, in the reader's language, and under the strict policy; made once."""

import re

import pytest
from django.test import Client
from django.utils import translation

from agents.programs.scopes import Scope
from helpdesk import api_description

pytestmark = pytest.mark.django_db


def page(client: Client, **headers: str) -> str:
    answer = client.get("/api/v1/", headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return answer.content.decode()


def test_every_operation_stands_on_the_page_once(client: Client) -> None:
    html, schema = page(client), api_description.described()
    ids = re.findall(r'<details class="operation" id="([^"]+)"', html)
    operations = [said["operationId"].replace("_", "-") for one in schema["paths"].values() for said in one.values()]
    assert sorted(ids) == sorted(operations)
    assert len(ids) == len(set(ids))


def test_each_operation_says_its_scope_answers_and_an_example(client: Client) -> None:
    shown = {one.name: one for noun in api_description.nouns() for one in noun.operations}
    made = shown["customers-create"]
    assert (made.method, made.path, made.scope) == ("POST", "/api/v1/customers/", "customers:write")
    assert {"identities", "identities[].kind", "name", "language"} <= {field.name for field in made.body}
    assert {"Idempotency-Key"} == {field.name for field in made.parameters}
    assert {"201", "400", "401", "403", "409", "413", "422", "429"} <= {answer.code for answer in made.answers}
    assert made.curl.startswith('curl -H "Authorization: Bearer $token" "$desk/api/v1/customers/"')
    assert '"identities": [{"kind": "email", "value": "…"}]' in made.curl
    assert all(one.scope in Scope.values for one in shown.values())
    html = page(client)
    assert all(scope.value in html for scope in Scope)


def test_the_page_brings_no_script_or_style_of_its_own(client: Client) -> None:
    html = page(client)
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*src=)|https?://(?!localhost|127|testserver)", html)
    assert "unsafe" not in client.get("/api/v1/").headers["Content-Security-Policy"]


def test_it_speaks_the_readers_language(client: Client) -> None:
    assert "Cosa può fare" not in page(client)
    assert "Leggere i clienti" in page(client, **{"Accept-Language": "it"})
    with translation.override("ro"):
        assert "Citirea clienților" in str(Scope.CUSTOMERS_READ.label)


def test_the_description_is_made_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/api/v1/schema/")
    monkeypatch.setattr(api_description, "SchemaGenerator", None)
    answer = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.1")


def test_only_reading_is_offered(client: Client) -> None:
    assert client.post("/api/v1/").status_code == 405
    assert client.post("/api/v1/schema/", {}).status_code == 405
