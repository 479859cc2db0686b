"""ETags: each single thing has one; what somebody else changed meanwhile is not overwritten."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from agents.models import Agent
from conversations.api.marks import is_among
from customers.models import Company
from tests.conversations.test_api_problems import assert_problem
from tests.conversations.test_api_scopes import views
from tests.factories import make_identity
from tests.program import API, Program
from tests.test_access import World, world
from tests.test_access_api import CALLS

__all__ = ["world"]
pytestmark = pytest.mark.django_db


def test_every_single_thing_has_an_etag_and_is_304_to_whoever_has_it(world: World, colleague: Agent) -> None:
    single = {name for name, view in views() if view.is_one}
    program = Program(colleague)
    for call in (call for call in CALLS if call.method == "get"):
        path = reverse(call.name, args=call.args(world))
        first = program.client.get(path, call.data(world))
        assert (call.key, "ETag" in first.headers) == (call.key, call.name in single)
        if call.name in single:
            tag = first.headers["ETag"]
            again = program.client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
            assert (call.key, again.status_code, again.content, again.headers["ETag"]) == (call.key, 304, b"", tag)
            assert program.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_etag_is_another_when_anything_told_is(agent: Agent) -> None:
    row, program = make_identity(address="g@example.test"), Program(agent)
    path = f"customers/{row.customer_id}/"
    before = program.get(path).headers["ETag"]
    make_identity(address="h@example.test", customer=row.customer)
    assert program.get(path).headers["ETag"] != before


@pytest.mark.parametrize("noun", ["identities", "companies"])
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_what_changed_since_is_412_and_stays(agent: Agent, noun: str, method: str) -> None:
    row: Any = make_identity(address="g@example.test") if noun == "identities" else Company.objects.create(name="Acme")
    program, path = Program(agent), f"{API}{noun}/{row.pk}/"
    tag = program.client.get(path).headers["ETag"]
    type(row).objects.filter(pk=row.pk).update(
        **({"display": "G@example.test"} if noun == "identities" else {"name": "Bolt"})
    )
    said = {"is_preferred": True} if noun == "identities" else {"allows_parallel_conversations": True}
    send = getattr(program.client, method)
    refused = send(path, said, content_type="application/json", headers={"If-Match": tag})
    assert_problem(refused, 412)
    assert type(row).objects.filter(pk=row.pk).exists()
    fresh = program.client.get(path).headers["ETag"]
    ok = send(path, said, content_type="application/json", headers={"If-Match": f'"other", {fresh}'})
    assert ok.status_code == (200 if method == "patch" else 204)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_saw_the_same_only_one_changes_it(agent: Agent, colleague: Agent) -> None:
    row, answers = Company.objects.create(name="Acme"), []
    programs = [Program(agent), Program(colleague)]
    tag, ready = programs[0].get(f"companies/{row.pk}/").headers["ETag"], threading.Barrier(2)

    def change(program: Program, name: str) -> None:
        ready.wait()
        answers.append(program.patch(f"companies/{row.pk}/", {"name": name}, **{"If-Match": tag}).status_code)
        connection.close()

    threads = [
        threading.Thread(target=change, args=pair) for pair in zip(programs, ("Bolt", "Cog"), strict=True)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 412]


@pytest.mark.parametrize(
    ("wanted", "strong", "weak"),
    [('"a"', True, True), ('W/"a"', False, True), ("*", True, True), ('"b", "a"', True, True), ("", False, False),
     ("a", False, False), (None, False, False)],
)  # fmt: skip
def test_which_headers_name_an_etag(wanted: str | None, strong: bool, weak: bool) -> None:
    assert (is_among('"a"', wanted), is_among('"a"', wanted, is_weak=True)) == (strong, weak)


def test_an_unknown_parameter_is_400_and_named(agent: Agent) -> None:
    for path, asked in (
        ("customers/", {"company__name": "Acme"}), ("customers/", {"id__in": "1,2"}),
        ("companies/", {"format": "json"}),
        ("entries/", {"kind__in": "note", "customer": "1"}), ("companies/1/", {"fields": "name"}),
        ("customers/1/consents/", {"page": "2"}), ("identities/", {"address": "g@example.test", "order_by": "?"}),
    ):  # fmt: skip
        answer = Program(agent).get(path, **asked)
        assert_problem(answer, 400)
        assert set(answer.json()["errors"]) <= set(asked)
    odd = Program(agent).client.post(f"{API}companies/?force=1", {"name": "Acme"}, content_type="application/json")
    assert (odd.status_code, list(odd.json()["errors"]), Company.objects.count()) == (400, ["force"], 0)
