"""Idempotency-Key: sent again, it does nothing again; wherever it breaks off, both are there or neither."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from time_machine import Traveller

from agents.models import Agent, ApiToken, IdempotencyKey
from agents.programs import repeating
from conversations.api import companies as views
from conversations.models import Conversation, Delivery
from customers.models import Company
from helpdesk.lib import failpoints
from tests.conversations.test_api_problems import assert_problem
from tests.conversations.test_api_scopes import views as all_views
from tests.program import API, GIULIA, Program

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "order-7"}
ACME = {"name": "Acme"}


def post(program: Program, body: Any = None, path: str = "companies/", headers: Any = None) -> Any:
    said = {**ACME} if body is None else body
    return program.client.post(API + path, said, content_type="application/json", headers=headers or KEY)


def test_every_post_takes_a_key() -> None:
    without = [name for name, view in all_views() if hasattr(view, "post") and not hasattr(view.post, "is_once")]
    assert without == []


def test_the_same_request_is_answered_alike_and_done_once(agent: Agent) -> None:
    program = Program(agent)
    first, second = post(program), post(program)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")
    assert Company.objects.count() == 1


def test_an_answer_is_sent_once(conversation: Conversation, agent: Agent) -> None:
    program, said = Program(agent), {"address": GIULIA, "text": "On its way."}
    first, second = post(program, said, "messages/"), post(program, said, "messages/")
    assert (first.json()["id"], Delivery.objects.count()) == (second.json()["id"], 1)


def test_the_order_of_fields_makes_no_other_request(agent: Agent) -> None:
    program = Program(agent)
    post(program, b'{"name": "Acme", "domains": []}')
    again = post(program, b'{"domains":[],"name":"Acme"}')
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")


def test_another_body_or_address_under_the_key_is_422(agent: Agent, conversation: Conversation) -> None:
    program = Program(agent)
    post(program)
    assert_problem(post(program, {"name": "Bolt"}), 422)
    other = post(program, {"text": "x"}, f"conversations/{conversation.number}/notes/")
    assert (other.status_code, other.json()["code"]) == (422, "key_used")
    assert list(Company.objects.values_list("name", flat=True)) == ["Acme"]
    assert conversation.entries.count() == 1


def test_a_key_belongs_to_its_token(agent: Agent) -> None:
    post(Program(agent))
    answer = post(Program(agent), {"name": "Bolt"})
    assert (answer.status_code, Company.objects.count()) == (201, 2)


def test_what_was_refused_may_be_tried_again_under_its_key(agent: Agent) -> None:
    program = Program(agent)
    assert post(program, {"name": ""}).status_code == 400
    assert (post(program).status_code, IdempotencyKey.objects.count()) == (201, 1)
    assert post(program, headers={"Idempotency-Key": "other"}).status_code == 409
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"], ids=repr)
def test_a_key_that_is_none_is_400(agent: Agent, key: str) -> None:
    answer = post(Program(agent), headers={"Idempotency-Key": key})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])
    assert Company.objects.count() == 0


def test_a_revoked_token_replays_nothing(agent: Agent) -> None:
    program = Program(agent)
    post(program)
    ApiToken.objects.update(scopes=["customers:read"])
    assert post(program).status_code == 403
    ApiToken.objects.update(revoked_at=agent.joined_at)
    assert post(program).status_code == 401


def test_a_key_is_kept_for_a_day(agent: Agent, clock: Traveller) -> None:
    program = Program(agent)
    post(program)
    clock.shift(timedelta(hours=24, seconds=-1))
    assert (post(program).status_code, repeating.sweep()) == (201, 0)
    clock.shift(timedelta(seconds=1))
    assert post(program).status_code == 409
    assert (repeating.sweep(), IdempotencyKey.objects.count()) == (1, 0)


def broken(place: str) -> Any:
    """Break off at one place, as a process that is killed there would."""

    def reach(name: str) -> None:
        if name == place:
            raise failpoints.Broken(name)

    return reach


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("place", "there"), [("api.done", 0), ("api.committed", 1)])
def test_wherever_it_breaks_off_it_is_done_once(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, place: str, there: int
) -> None:
    program = Program(agent)
    monkeypatch.setattr(failpoints, "reach", broken(place))
    with pytest.raises(failpoints.Broken):
        post(program)
    assert (Company.objects.count(), IdempotencyKey.objects.count()) == (there, there)
    monkeypatch.undo()
    assert (post(program).status_code, Company.objects.count()) == (201, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_waits_and_is_answered_alike(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    program, answers = Program(agent), []
    begun, go_on = threading.Event(), threading.Event()
    make = views.companies.make

    def slowly(*args: Any, **kwargs: Any) -> Any:
        begun.set()
        assert go_on.wait(10)
        return make(*args, **kwargs)

    def ask() -> None:
        answers.append(post(program))
        connection.close()

    monkeypatch.setattr(views.companies, "make", slowly)
    threads = [threading.Thread(target=ask) for _n in range(2)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    # Whether the second has come to the index by now or not, it must find the first.
    go_on.set()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Company.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_first_request_that_takes_too_long_is_409(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    program, answers, make = Program(agent), [], views.companies.make

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        return make(*args, **kwargs)

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '50ms'")
        answers.append(post(program))
        connection.close()

    monkeypatch.setattr(views.companies, "make", meanwhile)
    assert post(program).status_code == 201
    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "in_progress")
    assert Company.objects.count() == 1
