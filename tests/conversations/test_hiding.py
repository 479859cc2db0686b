"""A public comment is hidden from its page, or shown again: told as under way until the provider did it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from agents.models import Agent, Team
from channels_app import amending as asking
from channels_app import intake
from conversations import amending
from conversations.amending import possible_with
from conversations.events.filing import Happening, file_event
from conversations.models import Amendment, Entry
from conversations.reading import amended
from conversations.replying import NoWay
from helpdesk.lib import clock as our_clock
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.outbound import SendError
from tests import cards, factories
from tests.channels_app.meta import make_account
from tests.waiting import together

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}
AGAIN = ">Try again</button></form>"


@pytest.fixture
def box() -> Iterator[cards.Box]:
    yield cards.empty()
    cards.empty()


@pytest.fixture
def comment(box: cards.Box, team: Team) -> Entry:
    """What somebody wrote under a post, on a channel that can hide it."""
    cards.can(has_hiding=True, has_reactions=False)
    return cards.make_comment(team=team).entries.get()


def ask_all() -> list[str]:
    return [asking.amend(row.pk) for row in asking.due()]


def page_of(entry: Entry, client: Client) -> str:
    return client.get(f"/customers/{entry.customer_id}/").content.decode()


def words_of(entry: Entry) -> str:
    return amended.hidden(Entry.objects.get(pk=entry.pk))


def test_a_comment_is_hidden_when_the_provider_has_done_it(
    comment: Entry, agent: Agent, box: cards.Box, client: Client
) -> None:
    client.force_login(agent)
    amending.hide(comment, is_hidden=True, by=agent)
    page = page_of(comment, client)
    assert "Being hidden from the page" in page and "Show on the page again" in page
    assert ask_all() == ["done"]
    assert box.acts == [("hide", comment.message.external_id)]
    page = page_of(comment, client)
    assert f"Hidden from the page by {agent}, " in page and "Being hidden" not in page


def test_hiding_is_undone_by_showing_again(comment: Entry, agent: Agent, box: cards.Box) -> None:
    for is_hidden in (True, False):
        amending.hide(comment, is_hidden=is_hidden, by=agent)
        ask_all()
    assert [act[0] for act in box.acts] == ["hide", "show"]
    assert list(Amendment.objects.values_list("act", "state", "by")) == [
        ("hide", "done", agent.pk), ("show", "done", agent.pk),
    ]  # fmt: skip
    assert words_of(comment) == "" and possible_with(Entry.objects.get(pk=comment.pk).message).hide


@pytest.mark.parametrize("is_hidden", [True, False])
def test_a_refusal_is_told_and_can_be_tried_again(
    comment: Entry, agent: Agent, box: cards.Box, client: Client, is_hidden: bool
) -> None:
    if not is_hidden:
        amending.hide(comment, is_hidden=True, by=agent)
        ask_all()
    box.fails_acts = SendError("rejected_content", "It stands under another post.")
    amending.hide(comment, is_hidden=is_hidden, by=agent)
    assert ask_all() == ["failed"]
    client.force_login(agent)
    page = page_of(comment, client)
    assert "It stands under another post." in page and AGAIN in page
    # It is as it was.
    assert bool(words_of(comment)) is not is_hidden
    box.fails_acts = None
    said = {"is_hidden": "1"} if is_hidden else {}
    assert client.post(f"/messages/{comment.pk}/hiding/", said, headers=SCRIPT).status_code == 200
    assert (ask_all(), bool(words_of(comment))) == (["done"], is_hidden)
    assert amended.amiss(Entry.objects.get(pk=comment.pk)) == ""


def test_what_was_left_half_way_is_asked_for_again_and_says_so(
    comment: Entry, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    box.fails_acts = SendError("provider_error", "It has a problem.", retryable=True)
    row = amending.hide(comment, is_hidden=True, by=agent)
    assert row is not None and ask_all() == ["waiting"]
    assert words_of(comment) == "Not hidden yet; it is tried again. It has a problem."
    box.fails_acts = None
    # The next one to ask is killed.
    Amendment.objects.filter(pk=row.pk).update(state="asking")
    clock.shift(timedelta(minutes=3))
    assert (ask_all(), len(box.acts)) == (["done"], 1)


def test_asked_for_twice_it_is_asked_once(comment: Entry, agent: Agent, colleague: Agent, box: cards.Box) -> None:
    assert amending.hide(comment, is_hidden=False, by=agent) is None
    assert amending.hide(comment, is_hidden=True, by=agent) is not None
    assert amending.hide(comment, is_hidden=True, by=colleague) is None
    ask_all()
    assert amending.hide(comment, is_hidden=True, by=colleague) is None
    assert len(box.acts) == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_hide_it_once(comment: Entry, agent: Agent, colleague: Agent) -> None:
    fresh = [Entry.objects.get(pk=comment.pk) for _one in range(2)]
    together(
        lambda: amending.hide(fresh[0], is_hidden=True, by=agent),
        lambda: amending.hide(fresh[1], is_hidden=True, by=colleague),
    )
    assert Amendment.objects.count() == 1


def test_only_comments_on_channels_that_can_are_hidden(comment: Entry, agent: Agent, box: cards.Box) -> None:
    message = cards.make_conversation(value="bea.k").entries.get()
    mention = cards.make_comment(value="ugo.r").entries.get()
    Entry.objects.filter(pk=mention.pk).update(data={"event": "mention"})
    cards.can(has_hiding=False)
    without = Entry.objects.get(pk=comment.pk)
    with pytest.raises(NoWay):
        amending.hide(without, is_hidden=True, by=agent)
    cards.can(has_hiding=True)
    for entry in (message, Entry.objects.get(pk=mention.pk)):
        with pytest.raises(NoWay):
            amending.hide(entry, is_hidden=True, by=agent)
    assert Amendment.objects.count() == 0


def test_a_comment_that_its_writer_deleted_meanwhile_stays_a_tombstone(
    comment: Entry, agent: Agent, box: cards.Box
) -> None:
    amending.hide(comment, is_hidden=True, by=agent)
    name = comment.message.external_id or ""
    gone = Event(EventKind.DELETE, sender_id="giulia.t", target_id=name, occurred_at=our_clock.now())
    file_event(Happening(comment.message.channel, gone, our_clock.now()))
    box.fails_acts = SendError("rejected_content", "It is gone.")
    assert ask_all() == ["failed"]
    assert "amendment" not in Entry.objects.get(pk=comment.pk).data
    with pytest.raises(NoWay):
        amending.hide(Entry.objects.get(pk=comment.pk), is_hidden=True, by=agent)


def test_only_whoever_may_answer_hides(
    client: Client, comment: Entry, agent: Agent, colleague: Agent, outsider: Agent, team: Team
) -> None:
    light = factories.make_agent(name="Lia Light", role="light", teams=(team,))
    url = f"/messages/{comment.pk}/hiding/"
    assert client.post(url, {"is_hidden": "1"}).status_code == 302
    for person, status in ((outsider, 404), (light, 403)):
        client.force_login(person)
        assert client.post(url, {"is_hidden": "1"}, headers=SCRIPT).status_code == status
    assert Amendment.objects.count() == 0
    for person, said in ((agent, {"is_hidden": "1"}), (colleague, {})):
        client.force_login(person)
        assert client.post(url, said, headers=SCRIPT).status_code == 200
    assert list(Amendment.objects.values_list("act", "by")) == [("hide", agent.pk), ("show", colleague.pk)]


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
def test_the_sandbox_of_each_kind_hides_a_comment(kind: str, agent: Agent) -> None:
    channel = make_account(kind)
    channel.is_sandbox = True
    channel.save()
    said = Event(
        EventKind.COMMENT, sender_id="4242", sender_name="Ada", message_id="777", conversation_id="sandbox-post-1",
        text="Where is it?", occurred_at=our_clock.now(),
    )  # fmt: skip
    simulator = channel.adapter.simulator
    assert simulator is not None
    intake.process(intake.store(channel, body=simulator.webhook(channel, said).body, headers={}).pk)
    entry = Entry.objects.get(kind="message")
    for is_hidden in (True, False):
        assert amending.hide(entry, is_hidden=is_hidden, by=agent)
        assert ask_all() == ["done"]
    logged = list(channel.logs.order_by("pk").values_list("what", "is_ok"))
    assert logged == [("Hide a comment", True), ("Show a comment again", True)]
