"""What the measurements of the chat count: losses, doubles, order, both ways; and that their visitors are real ones."""

import asyncio

import httpx
import pytest

from channels_app.adapters.webchat import arriving, visitors
from channels_app.adapters.webchat.arriving import Asking
from helpdesk.bench import frames, guests, reconnect, sockets
from helpdesk.bench.chat_sums import Said, Turn
from helpdesk.bench.frames import Told
from helpdesk.bench.harness import Cpu
from tests.factories import make_team

QUESTION, ANSWER = Said(0, 10, 7, is_answer=False), Said(1, 11, 7, is_answer=True)
LATER = Said(2, 12, 7, is_answer=False)


def turn(
    *filed: Said, agents: dict[int, float] | None = None, frame: dict[int, float] | None = None, wanted: int = 2
) -> Turn:
    """One turn in which customer 7 asks and is answered; what each side has in hand since when."""
    agents = {10: 100.5, 11: 101.1, 12: 102.5} if agents is None else agents
    frame = {10: 100.3, 11: 101.25, 12: 102.3} if frame is None else frame
    accepted = {0: 100.0, 1: 101.0, 2: 102.0}
    hands = [(7, agents, 0, 3)], [(7, frame, 0, 2)]
    return Turn(wanted, accepted, [], 0, list(filed or (QUESTION, ANSWER)), hands, 0, {"web": 10.0})


def test_a_delay_is_that_to_the_other_side() -> None:
    assert turn().delays(is_answer=False) == [500.0]
    assert turn().delays(is_answer=True) == [250.0]


def test_what_was_wanted_and_stands_nowhere_is_lost_also_when_it_was_never_accepted() -> None:
    assert turn().lost() == 0
    assert turn(QUESTION).lost() == 1
    assert turn(wanted=4).lost() == 2


def test_a_number_that_stands_twice_is_doubled() -> None:
    assert turn().doubled() == 0
    assert turn(QUESTION, ANSWER, QUESTION._replace(entry=13)).doubled() == 1


def test_each_message_has_to_be_in_hand_on_the_other_side_and_in_the_frame_of_who_wrote_it() -> None:
    assert turn().not_in_hand() == 0
    assert turn(agents={}).not_in_hand() == 1
    assert turn(frame={10: 100.3}).not_in_hand() == 1
    assert turn(frame={11: 101.3}).not_in_hand() == 1


def test_order_is_that_of_the_timeline_and_that_in_which_messages_came() -> None:
    assert turn(QUESTION, ANSWER, LATER, wanted=3).out_of_order() == 0
    assert turn(LATER, QUESTION, ANSWER, wanted=3).out_of_order() == 1
    assert turn(QUESTION, LATER, agents={10: 103.0, 12: 102.0}).out_of_order() == 1


def test_a_count_that_is_not_nought_fails_the_bench() -> None:
    good, bad = turn(), turn(QUESTION)
    assert {row.ok for row in Turn.rows_of([good, good], 50)} == {True, None}
    failed = [row.what for row in Turn.rows_of([good, bad], 50) if row.ok is False]
    assert failed == ["50/s: messages lost"]
    bad = turn()
    bad.refused.append((3, 413))
    assert [row.what for row in Turn.rows_of([bad], 50) if row.ok is False] == ["50/s: refused for good"]


def test_costs_are_told_for_each_message() -> None:
    rows = {row.what: row.value for row in Turn.rows_of([turn(), turn()], 50)}
    assert rows["50/s: CPU of web per message"] == 5.0
    assert rows["50/s: fetches per message, both sides"] == 2.5


@pytest.mark.parametrize(
    ("answers", "tries", "is_taken"), [([503, 429, 202], 3, True), ([202], 1, True), ([413], 1, False)]
)
def test_what_is_refused_for_a_while_is_posted_again(
    monkeypatch: pytest.MonkeyPatch, answers: list[int], tries: int, is_taken: bool
) -> None:
    monkeypatch.setattr(frames, "AGAIN_SECONDS", {429: 0.0, 503: 0.0})
    told, given = Told(), iter(answers)

    async def scene() -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(next(given)))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk.example.test") as client:
            await frames.post(client, 4, told, 202, url="/messages/")

    asyncio.run(scene())
    assert (told.tries, 4 in told.accepted, told.refused) == (tries, is_taken, [] if is_taken else [(4, 413)])


def test_the_gate_of_a_storm_is_one_socket_back_to_a_bare_one() -> None:
    found = reconnect.Found()
    found.bare, found.ours, found.pages, found.gone = [Cpu(0.5)], [Cpu(1.0, 0.5)], [Cpu(9.0)], [Cpu(0.2)]
    found.seconds, found.missing = [4.0], 1
    gate, *_others = rows = found.rows(1_000)
    assert (gate.ratio, gate.limit, gate.ok) == (3.0, reconnect.LIMIT, True)
    assert [row.what for row in rows if row.ok is False] == ["messages missed and not in hand afterwards"]


def test_the_memory_of_a_socket_is_compared_with_the_relays() -> None:
    row = sockets.rows_of({"web": [30.0, 33.0], "relay": [20.0, 20.0]}, 2_000, "widgets")[0]
    assert (row.ratio, row.ok) == (1.575, False)


@pytest.mark.django_db
def test_the_visitors_of_a_measurement_are_let_in_and_have_written() -> None:
    widget = guests.make_widget(make_team())
    known = guests.arrive(widget, 3)
    customers = guests.write_first(widget, known)
    assert len(set(customers)) == 3
    assert set(guests.ways_back(widget)) == set(customers)
    asked = [Asking(widget.public_key, token, guests.SITE, frames.WHERE) for _key, token in known]
    assert [one.customer for one in arriving.known_by(asked) if one] == customers
    assert visitors.find(widget, known[0][1], guests.SITE) is not None
