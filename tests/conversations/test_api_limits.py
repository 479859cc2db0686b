"""How often a token may ask: counted by the minute, said with every answer; without Redis nobody is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from time_machine import Traveller

from agents.models import Agent
from helpdesk.lib import fleeting
from tests.conversations.test_api_problems import assert_problem
from tests.program import Program

pytestmark = pytest.mark.django_db


def test_each_answer_says_what_is_left(agent: Agent, settings: Any, clock: Traveller) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    program = Program(agent)
    answers = [program.get("companies/"), program.get("companies/0/"), program.post("companies/")]
    assert [answer.status_code for answer in answers] == [200, 404, 400]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
    assert (answers[0].headers["RateLimit"], answers[0].headers["RateLimit-Policy"]) == (
        '"token";r=2;t=60', '"token";q=3;w=60',
    )  # fmt: skip


def test_one_more_is_429_until_the_next_minute(agent: Agent, settings: Any, clock: Traveller) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    program = Program(agent)
    clock.shift(timedelta(seconds=20))
    program.get("companies/")
    refused = program.get("companies/")
    assert_problem(refused, 429)
    assert (refused.headers["Retry-After"], refused.headers["RateLimit-Reset"]) == ("40", "40")
    assert refused.json()["code"] == "throttled"
    clock.shift(timedelta(seconds=40))
    assert program.get("companies/").status_code == 200


def test_each_token_has_a_number_of_its_own(agent: Agent, settings: Any, clock: Traveller) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    assert [Program(agent).get("companies/").status_code for _n in range(2)] == [200, 200]


def test_without_redis_nobody_is_refused(agent: Agent, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    monkeypatch.setattr(fleeting, "_silent_until", 0.0)
    program = Program(agent)
    answers = [program.get("companies/") for _n in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert "RateLimit-Limit" not in answers[0].headers


def test_who_has_no_token_is_not_counted(settings: Any, client: Client) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    assert [client.get("/api/v1/companies/").status_code for _n in range(3)] == [401] * 3
