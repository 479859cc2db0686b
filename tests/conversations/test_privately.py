"""A public comment is answered in private once and in time; afterwards under it, or where they write to us."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents.models import Agent, Team
from channels_app import delivery
from conversations import privately, replying, undo
from conversations.models import Conversation, Delivery, Entry, Thread
from conversations.replying import NoWay
from conversations.ways import Way, ways
from helpdesk.lib import clock as our_clock
from helpdesk.lib import fleeting, pacing
from helpdesk.lib.outbound import OutboundFile, SendError
from tests import cards
from tests.conversations.test_api_replies import reply as reply_by_program
from tests.factories import route_to
from tests.program import Program
from tests.waiting import together

SCRIPT = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[cards.Box]:
    monkeypatch.setattr(fleeting, "ask", lambda question, otherwise: otherwise)
    monkeypatch.setattr(pacing, "_own", pacing.Own())
    yield cards.empty()
    cards.empty()


@pytest.fixture
def row(box: cards.Box, team: Team) -> Conversation:
    """A conversation that began with a comment."""
    cards.can(private_reply_hours=168, has_templates=False, can_begin=False)
    return cards.make_comment(team=team)


def answer(row: Conversation, agent: Agent, text: str = "Come in.", **more: Any) -> Delivery:
    entry = row.reply(by=agent, text=text, to=route_to(row), **more)
    return Delivery.objects.filter(message=entry.pk).latest("pk")


def way(row: Conversation) -> Way:
    return ways(row.customer, row.brand)[0]


def let_them_write(row: Conversation) -> Thread:
    """They answer in private, and comment once more afterwards."""
    comment = row.threads.get()
    chat = Thread.objects.create(
        channel=comment.channel, identity=comment.identity, conversation=row, external_id="chat",
        last_in_at=our_clock.now() - timedelta(minutes=1),
    )  # fmt: skip
    Thread.objects.filter(pk=comment.pk).update(last_in_at=our_clock.now())
    return chat


def test_a_second_private_answer_is_refused_and_a_public_one_goes(
    row: Conversation, agent: Agent, box: cards.Box
) -> None:
    assert (way(row).is_comment, way(row).private_why_not) == (True, "")
    answer(row, agent, is_public=True)
    answer(row, agent)
    # It is still on its way.
    assert way(row).private_why_not == privately.USED and way(row).can_write
    with pytest.raises(NoWay, match="only once"):
        answer(row, agent)
    answer(row, agent, is_public=True)
    assert Delivery.objects.count() == 3


def test_a_new_comment_can_be_answered_in_private_again(row: Conversation, agent: Agent) -> None:
    answer(row, agent)
    Delivery.objects.get().message.thread.messages.filter(direction="in").update(external_id="a-later-one")
    assert way(row).private_why_not == ""
    answer(row, agent)


@pytest.mark.parametrize(("error", "is_spent"), [
    (SendError("rejected_content", "No."), False), (SendError("timeout", "?", maybe_sent=True), True), (None, True),
])  # fmt: skip
def test_what_may_have_arrived_counts_and_what_failed_does_not(
    row: Conversation, agent: Agent, box: cards.Box, error: SendError | None, is_spent: bool
) -> None:
    if error is not None:
        box.fails[0] = error
    delivery.deliver(answer(row, agent).pk)
    assert bool(way(row).private_why_not) is is_spent


def test_one_that_was_taken_back_before_it_left_does_not_count(row: Conversation, agent: Agent) -> None:
    held = answer(row, agent, hold_seconds=10)
    assert way(row).private_why_not
    undo.undo_send(Entry.objects.get(pk=held.message_id), by=agent)
    assert not way(row).private_why_not


def test_an_old_comment_is_answered_under_it_only(
    clock: time_machine.Traveller, row: Conversation, agent: Agent
) -> None:
    clock.shift(timedelta(days=7, seconds=1))
    assert way(row).private_why_not == privately.LATE
    with pytest.raises(NoWay, match="too old"):
        answer(row, agent)
    answer(row, agent, is_public=True)


def test_who_writes_to_us_in_private_is_answered_there_when_the_one_message_is_used(
    row: Conversation, agent: Agent, box: cards.Box
) -> None:
    delivery.deliver(answer(row, agent).pk)
    chat = let_them_write(row)
    found = way(row)
    assert (found.private_why_not, found.is_private_chat) == ("", True)
    sent = answer(row, agent)
    assert sent.message.thread == chat
    delivery.deliver(sent.pk)
    assert [(bool(one.comment_id), one.window) for one in box.taken] == [(True, ""), (False, "open")]
    assert answer(row, agent, is_public=True).message.thread.kind == Thread.Kind.COMMENT
    # Once their time is over it is as before.
    Thread.objects.filter(pk=chat.pk).update(last_in_at=our_clock.now() - timedelta(days=2))
    assert way(row).private_why_not == privately.USED


def test_a_private_answer_is_one_message(row: Conversation, agent: Agent) -> None:
    photo = OutboundFile("a.png", "image/png", b"x")
    for more in ({"text": "word " * 20, "is_split": True}, {"text": "word " * 5, "attachments": (photo,)}):
        with pytest.raises(NoWay, match="one message"):
            answer(row, agent, **more)  # type: ignore[arg-type]
    answer(row, agent, text="Look:", attachments=(photo,))


def test_nothing_is_said_in_public_where_nobody_commented(box: cards.Box, agent: Agent) -> None:
    with pytest.raises(NoWay, match="no public comment"):
        answer(cards.make_conversation(), agent, is_public=True)


def test_what_failed_is_not_sent_again_after_another_one_went(
    row: Conversation, agent: Agent, box: cards.Box, client: Client
) -> None:
    box.fails[0] = SendError("rejected_content", "No.")
    first = answer(row, agent)
    delivery.deliver(first.pk)
    delivery.deliver(answer(row, agent).pk)
    client.force_login(agent)
    again = client.post(f"/messages/{first.message_id}/retry/", headers=SCRIPT)
    assert again.status_code == 422 and "only once" in again.content.decode()
    assert Delivery.objects.count() == 2


def test_one_that_may_have_gone_is_sent_again_to_the_same_comment(
    row: Conversation, agent: Agent, box: cards.Box
) -> None:
    box.fails[0] = SendError("timeout", "?", maybe_sent=True)
    first = answer(row, agent)
    delivery.deliver(first.pk)
    assert replying.retry(Entry.objects.get(pk=first.message_id))
    delivery.deliver(Delivery.objects.latest("pk").pk)
    assert [one.comment_id for one in box.taken] == [first.message.in_reply_to]


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_at_once_one_answers_in_private(row: Conversation, agent: Agent, colleague: Agent) -> None:
    found = together(
        lambda: answer(Conversation.objects.get(pk=row.pk), agent),
        lambda: answer(Conversation.objects.get(pk=row.pk), colleague),
    )
    assert sorted(type(one).__name__ for one in found) == ["Delivery", "NoWay"]
    assert Delivery.objects.count() == 1


def test_the_page_offers_it_once_and_refuses_the_second(row: Conversation, agent: Agent, client: Client) -> None:
    client.force_login(agent)
    url, said = f"/conversations/{row.number}/replies/", {"text": "Come in.", "way": way(row).key}
    assert 'data-private-why=""' in client.get(f"/conversations/{row.number}/ways/").content.decode()
    assert client.post(url, said, headers=SCRIPT).status_code == 201
    assert f'data-private-why="{privately.USED}"' in client.get(f"/conversations/{row.number}/ways/").content.decode()
    refused = client.post(url, said, headers=SCRIPT)
    assert refused.status_code == 422 and privately.USED in refused.content.decode()
    assert client.post(url, {**said, "is_public": "1"}, headers=SCRIPT).status_code == 201
    page = client.get(f"/customers/{row.customer_id}/").content.decode()
    assert page.count(">In a private message<") == page.count(">Under the comment, for everybody to read<") == 1


def test_a_program_is_refused_the_second_and_may_say_it_in_public(row: Conversation, agent: Agent) -> None:
    program = Program(agent)
    assert reply_by_program(program, row).status_code == 201
    refused = reply_by_program(program, row)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_way")
    assert reply_by_program(program, row, is_public=True).status_code == 201
    assert [one.route.get("is_public", False) for one in Delivery.objects.order_by("pk")] == [False, True]
