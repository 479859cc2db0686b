"""Signs, edits and withdrawals of what was said: shown at once, asked for afterwards, put back when refused."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from agents.models import Agent
from channels_app import amending as asking
from channels_app import courtesy, delivery, sweeping
from conversations import amending
from conversations.models import Amendment, Conversation, Delivery, Entry, Message, MessageVersion, Reaction
from conversations.replying import NoWay
from helpdesk.lib import clock as our_clock
from helpdesk.lib import fleeting, pacing
from helpdesk.lib.outbound import SendError
from tests import cards
from tests.factories import route_to
from tests.waiting import together

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[cards.Box]:
    monkeypatch.setattr(fleeting, "ask", lambda question, otherwise: otherwise)
    monkeypatch.setattr(pacing, "_own", pacing.Own())
    yield cards.empty()
    cards.empty()


@pytest.fixture
def conversation(box: cards.Box) -> Conversation:
    return cards.make_conversation()


@pytest.fixture
def sent_entry(conversation: Conversation, agent: Agent) -> Entry:
    """An answer that arrived."""
    entry = conversation.reply(by=agent, text="It left on Monady.", to=route_to(conversation))
    assert delivery.deliver(Delivery.objects.get(message=entry.pk).pk) == "sent"
    return Entry.objects.get(pk=entry.pk)


def ask_all() -> list[str]:
    return [asking.amend(row.pk) for row in asking.due()]


def test_a_sign_on_what_they_wrote_reaches_them(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    theirs = conversation.entries.get()
    amending.react(theirs, "👍", by=agent)
    assert Reaction.objects.get().emoji == "👍"
    assert ask_all() == ["done"]
    assert box.acts == [("react", "giulia.t", theirs.message.external_id, "👍")]
    amending.react(theirs, "", by=agent)
    assert (ask_all(), Reaction.objects.count(), box.acts[-1][-1]) == (["done"], 0, "")


def test_an_edit_keeps_what_it_said_before(sent_entry: Entry, agent: Agent, box: cards.Box) -> None:
    amending.edit_sent(sent_entry, " It left on Monday. ", by=agent)
    message = Message.objects.get(pk=sent_entry.pk)
    assert (message.text, message.edited_at is not None) == ("It left on Monday.", True)
    assert MessageVersion.objects.get().text == "It left on Monady."
    assert ask_all() == ["done"]
    assert box.acts == [("edit", "giulia.t", message.external_id, "It left on Monday.")]
    assert "amendment" not in Entry.objects.get(pk=sent_entry.pk).data


def test_a_withdrawal_takes_every_piece_away(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    text = "Your parcel left Milan today. It arrives on Friday."
    entry = conversation.reply(by=agent, text=text, to=route_to(conversation), is_split=True)
    delivery.deliver(Delivery.objects.get().pk)
    amending.withdraw(entry, by=agent)
    message = Message.objects.get(pk=entry.pk)
    assert (message.deleted_at is not None, message.deleted_by) == (True, agent)
    assert ask_all() == ["done"]
    assert [act[0] for act in box.acts] == ["withdraw", "withdraw"]


@pytest.mark.parametrize("act", ["react", "edit", "withdraw"])
def test_what_the_provider_refuses_is_put_back_and_told(
    sent_entry: Entry, agent: Agent, box: cards.Box, client: Client, act: str
) -> None:
    box.fails_acts = SendError("rejected_content", "It is too old to be changed.")
    acts = {
        "react": lambda: amending.react(sent_entry, "👍", by=agent),
        "edit": lambda: amending.edit_sent(sent_entry, "Other.", by=agent),
        "withdraw": lambda: amending.withdraw(sent_entry, by=agent),
    }
    acts[act]()
    assert ask_all() == ["failed"]
    message = Message.objects.get(pk=sent_entry.pk)
    assert (message.text, message.edited_at, message.deleted_at) == ("It left on Monady.", None, None)
    assert Reaction.objects.count() == 0
    client.force_login(agent)
    page = client.get(f"/customers/{sent_entry.customer_id}/").content.decode()
    assert "It is too old to be changed." in page


def test_what_may_be_tried_again_is(
    sent_entry: Entry, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    box.fails_acts = SendError("timeout", "No answer.", maybe_sent=True)
    amending.edit_sent(sent_entry, "Other.", by=agent)
    assert ask_all() == ["waiting"]
    box.fails_acts = None
    assert ask_all() == []
    clock.shift(11)
    assert ask_all() == ["done"]


def test_a_change_whose_asker_died_is_asked_for_again(
    sent_entry: Entry, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    row = amending.edit_sent(sent_entry, "Other.", by=agent)
    Amendment.objects.filter(pk=row.pk).update(state="asking")
    assert ask_all() == []
    clock.shift(timedelta(minutes=2))
    assert (ask_all(), len(box.acts)) == (["done"], 1)


def test_changes_of_one_message_leave_in_order(sent_entry: Entry, agent: Agent, box: cards.Box) -> None:
    first = amending.edit_sent(sent_entry, "One.", by=agent)
    second = amending.edit_sent(sent_entry, "Two.", by=agent)
    assert asking.amend(second.pk) == "waiting"
    assert (asking.amend(first.pk), asking.amend(second.pk)) == ("done", "done")
    assert [act[-1] for act in box.acts] == ["One.", "Two."]


@pytest.mark.django_db(transaction=True)
def test_two_askers_at_once_ask_once(sent_entry: Entry, agent: Agent, box: cards.Box) -> None:
    row = amending.edit_sent(sent_entry, "Other.", by=agent)
    together(*[lambda: asking.amend(row.pk)] * 3)
    assert len(box.acts) == 1


def test_the_sweep_rings_for_a_change_that_was_left_behind(
    sent_entry: Entry, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[object, ...]] = []
    monkeypatch.setattr(sweeping, "ring_now", lambda *args: rung.append(args))
    row = amending.edit_sent(sent_entry, "Other.", by=agent)
    sweeping.sweep_deliveries()
    assert rung == [("channels_app.amend", row.pk)]


def test_a_channel_that_cannot_refuses(sent_entry: Entry, conversation: Conversation, agent: Agent) -> None:
    cards.can(has_reactions=False, has_edits=False, has_deletes=False)
    for act in (
        lambda: amending.react(conversation.entries.earliest("seq"), "👍", by=agent),
        lambda: amending.edit_sent(sent_entry, "Other.", by=agent),
        lambda: amending.withdraw(sent_entry, by=agent),
    ):
        with pytest.raises(NoWay):
            act()
    assert Amendment.objects.count() == 0


@pytest.mark.parametrize("text", [" ", "x" * 41])
def test_an_edit_must_fit(sent_entry: Entry, agent: Agent, text: str) -> None:
    with pytest.raises(NoWay):
        amending.edit_sent(sent_entry, text, by=agent)


def test_the_menu_offers_what_the_channel_can(sent_entry: Entry, agent: Agent, client: Client) -> None:
    client.force_login(agent)
    page = f"/customers/{sent_entry.customer_id}/"
    assert f"/messages/{sent_entry.pk}/edit/" in client.get(page).content.decode()
    cards.can(has_edits=False)
    assert f"/messages/{sent_entry.pk}/edit/" not in client.get(page).content.decode()


def test_the_page_changes_a_message(sent_entry: Entry, agent: Agent, client: Client) -> None:
    client.force_login(agent)
    pk = sent_entry.pk
    for address, data in (("reaction", {"emoji": "👍"}), ("edit", {"text": "Monday."}), ("withdrawal", {})):
        assert client.post(f"/messages/{pk}/{address}/", data, headers=SCRIPT).status_code == 200
    assert list(Amendment.objects.values_list("act", flat=True)) == ["react", "edit", "withdraw"]
    assert client.post(f"/messages/{pk}/edit/", {"text": "Late."}, headers=SCRIPT).status_code == 422


def test_what_failed_goes_back_into_the_composer(
    conversation: Conversation, agent: Agent, box: cards.Box, client: Client
) -> None:
    box.fails[1] = SendError("rejected_recipient", "They are not there any more.")
    text = "Your parcel left Milan today. It arrives on Friday."
    entry = conversation.reply(by=agent, text=text, to=route_to(conversation), is_split=True)
    delivery.deliver(Delivery.objects.get().pk)
    client.force_login(agent)
    conversation.threads.update(reply_window_until=our_clock.now() + timedelta(hours=1))
    page = client.get(f"/customers/{entry.customer_id}/").content.decode()
    assert "They are not there any more. Write to them on another channel." in page
    answer = client.post(f"/messages/{entry.pk}/rewriting/", headers=SCRIPT).content.decode()
    assert "It arrives on Friday." in answer and "Milan" not in answer


def test_reading_and_typing_are_told_where_the_channel_shows_it(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    name = conversation.entries.get().message.external_id
    courtesy.mark_read(conversation.pk)
    courtesy.typing(conversation.pk)
    assert box.acts == [("mark_read", "giulia.t", name), ("typing", "giulia.t", name)]
    box.fails_acts = SendError("connection", "Nobody answers.")
    courtesy.typing(conversation.pk)
    cards.can(has_typing=False, has_read_receipts=False)
    box.fails_acts = None
    courtesy.mark_read(conversation.pk)
    courtesy.typing(conversation.pk)
    assert len(box.acts) == 2
