"""What the live measurements count: losses, doubles, order. And, slowly, that two thousand sockets come back whole."""

import json
import subprocess
import sys

import pytest

from helpdesk.bench.e2e_sums import Filed, Phase, percentile
from helpdesk.embedded import PROJECT
from tests.desk import plain_env

FIRST, SECOND = Filed(0, 10, 7, 3, 100.0), Filed(1, 11, 7, 4, 101.0)


def phase(heard: list[tuple[list[tuple[float, int, int, int, str]], list[float]]], *filed: Filed) -> Phase:
    rows = list(filed or (FIRST, SECOND))
    hands = [(7, {10: 100.5}, 0, 1)]
    return Phase({0: 99.0, 1: 99.5}, rows, heard, hands, ([0.1], [0.1]), 0, 102.0, {"web": 10.0})


def hint(row: Filed, at: float = 102.0, audience: str = "team.1") -> tuple[float, int, int, int, str]:
    return at, row.customer, row.entry, row.touched_seq, audience


def test_a_hint_that_a_socket_did_not_hear_is_lost() -> None:
    assert phase([([hint(FIRST), hint(SECOND)], []), ([hint(FIRST)], [])]).lost() == 1


def test_a_socket_that_was_told_to_catch_up_afterwards_lost_nothing() -> None:
    assert phase([([hint(FIRST)], [101.5])]).lost() == 0
    assert phase([([hint(FIRST)], [100.5])]).lost() == 1


def test_a_message_that_was_accepted_and_not_filed_is_lost() -> None:
    assert phase([([hint(FIRST)], [])], FIRST).lost() == 1


def test_the_same_hint_for_another_audience_is_no_double() -> None:
    assert phase([([hint(FIRST), hint(FIRST, audience="customer.7")], [])]).doubles() == 0
    assert phase([([hint(FIRST), hint(FIRST)], [])]).doubles() == 1


def test_an_older_number_after_a_newer_one_is_out_of_order() -> None:
    assert phase([([hint(SECOND), hint(FIRST)], [])]).hints_out_of_order() == 1
    assert phase([([hint(FIRST), hint(SECOND)], [])]).hints_out_of_order() == 0
    assert phase([], SECOND, FIRST).shown_out_of_order() == 1


def test_what_the_page_of_a_customer_does_not_show_is_not_in_hand() -> None:
    assert phase([]).not_in_hand() == 1


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile([3.0, 1.0, 2.0], percent) for percent in (0, 50, 95)] == [1.0, 2.0, 3.0]
    assert percentile([], 50) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["reconnect --count 2000", "e2e --rate 20 --seconds 3 --stored 1000"])
def test_on_a_real_desk_nothing_is_lost_or_doubled(name: str) -> None:
    command = [sys.executable, "manage.py", "bench", *name.split(), "--rounds", "1", "--json"]
    # How fast it is no test asks: the exit code says that.
    answer = subprocess.run(command, cwd=PROJECT, env=plain_env(), capture_output=True, text=True, check=False)
    demanded = [row for row in json.loads(answer.stdout)["rows"] if row["limit"] == 0]
    assert demanded
    assert [row for row in demanded if row["value"]] == []
