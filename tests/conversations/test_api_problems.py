"""Whatever programs send, the API answers in one shape and never with an error of its own."""

from typing import Any

import pytest

from agents.models import Agent
from conversations.api.parsing import BODY_MAX_BYTES
from conversations.models import Entry
from customers.models import Customer
from tests.program import API, PROBLEM, Program

pytestmark = pytest.mark.django_db
DEEP = b"[" * 100_000
BODIES = [
    (b"", 400),
    (b"{", 400),
    (b"null", 400),
    (b"[]", 400),
    (b'"text"', 400),
    (b'{"identities": NaN}', 400),
    (b'{"name": "\xff"}', 400),
    (b'{"name": "\\ud800"}', 400),
    (b'{"\\ud800": 1}', 400),
    (DEEP, 400),
    (b'{"name": ' + b'{"a":' * 30 + b"1" + b"}" * 31, 400),
    (b'{"company": ' + b"9" * 5000 + b"}", 400),
    (b'{"company": 99999999999999999999}', 400),
    (b'{"company": 1e400}', 400),
    (b'{"company": true}', 400),
    (b'{"identities": [{"kind": {"a": 1}, "value": []}]}', 400),
    (b'{"identities": [[[[]]]]}', 400),
    (b'{"identities": {"0": 1}}', 400),
    (b" " * (BODY_MAX_BYTES + 1), 413),
]


def assert_problem(answer: Any, code: int) -> None:
    said = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (code, PROBLEM)
    assert (said["type"], said["status"]) == ("about:blank", code)
    assert said["title"] and said["detail"] and said["code"]


@pytest.mark.parametrize(("body", "code"), BODIES, ids=[f"{body[:30]!r}-{code}" for body, code in BODIES])
def test_a_body_that_cannot_be_is_a_problem(agent: Agent, body: bytes, code: int) -> None:
    answer = Program(agent).client.post(f"{API}customers/", body, content_type="application/json")
    assert_problem(answer, code)
    assert Customer.objects.count() == 0


@pytest.mark.parametrize("charset", ["base64", "zlib", "utf-16", "rot13", "none-such"])
def test_a_named_charset_changes_nothing(customer: Customer, agent: Agent, charset: str) -> None:
    path, kind = f"{API}customers/{customer.pk}/", f"application/json; charset={charset}"
    answer = Program(agent).client.patch(path, b'{"name": "Zo\xc3\xab"}', content_type=kind)
    assert (answer.status_code, Customer.objects.get().name) == (200, "Zoë")


def test_another_kind_of_body_or_answer_is_refused(agent: Agent) -> None:
    client = Program(agent).client
    assert_problem(client.post(f"{API}customers/", b"name=x", content_type="application/x-www-form-urlencoded"), 415)
    assert_problem(client.get(f"{API}customers/", headers={"Accept": "text/html"}), 406)
    assert_problem(client.put(f"{API}customers/", b"{}", content_type="application/json"), 405)


def test_each_refusal_has_the_one_shape(customer: Customer, agent: Agent, client: Any) -> None:
    assert_problem(client.get(f"{API}customers/"), 401)
    assert_problem(Program(agent).get("customers/999999/"), 404)
    assert_problem(Program(agent).get("customers/99999999999999999999999/"), 404)
    assert_problem(Program(agent).get("identities/99999999999999999999999/"), 404)
    assert_problem(Program(agent).post("conversations/99999999999999999999999/notes/", {"text": "x"}), 404)
    wrong = Program(agent).patch(f"customers/{customer.pk}/", {"language": "klingon", "time_zone": "Mars"})
    assert_problem(wrong, 400)
    assert set(wrong.json()["errors"]) == {"language", "time_zone"}


def test_an_address_that_is_none_is_a_problem_too(agent: Agent, client: Any) -> None:
    for path in ("nothing/", "customers/-1/", "customers/x/identities/", "customers/%0a/"):
        assert_problem(client.get(f"{API}{path}"), 404)
        assert_problem(Program(agent).post(path), 404)
    assert client.get(f"{API}entries").headers["Location"] == f"{API}entries/"


def test_a_refusal_speaks_the_language_that_was_asked_for(agent: Agent) -> None:
    answer = Program(agent).client.get(f"{API}identities/", headers={"Accept-Language": "it"})
    assert answer.json()["detail"] == "Alcuni campi non sono corretti."


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("\u202eevil", "evil"),
        ("zero\u200bwidth", "zerowidth"),
        ("e\u0301", "\u00e9"),
        ("🧵" * 200, "🧵" * 200),
        ("<script>", "<script>"),
        ("'; --", "'; --"),
        ("\r\n x", "x"),
    ],
)
def test_naughty_names_come_back_as_they_are_shown(customer: Customer, agent: Agent, name: str, kept: str) -> None:
    program, path = Program(agent), f"customers/{customer.pk}/"
    assert program.patch(path, {"name": name}).status_code == 200
    assert program.get(path).json()["name"] == kept
    assert Entry.objects.filter(kind="profile").count() == 1


def test_a_name_that_nobody_sees_is_refused(customer: Customer, agent: Agent) -> None:
    answer = Program(agent).patch(f"customers/{customer.pk}/", {"name": "\u200b\u202e"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])
    assert Entry.objects.count() == 0
