"""What entries teach: learnt once, going with their entry, seen by whoever may read it, corrected by people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from agents.models import Agent, Workspace
from channels_app.models import Channel
from conversations import after, undo
from conversations.known import facts
from conversations.known.story import entries_of, facts_of, story_of, strip_of
from conversations.merging import merge
from conversations.models import Conversation, Entry, Fact, MergeRecord, Message, Notification
from customers.models import Customer
from helpdesk.lib import clock as our_clock
from helpdesk.lib.inbound import Proof, Robot
from tests.factories import make_agent, make_channel, make_inbound, make_team, receive, route_to
from tests.waiting import together

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def say(conversation: Conversation, text: str, **fields: object) -> Entry:
    """Let the customer write once more, and run what runs after an entry."""
    thread = conversation.threads.get()
    address = thread.identity.value
    key = {"thread_key": thread.external_id, "proof": Proof.TOKEN} | fields
    entry = receive(channel=thread.channel, inbound=make_inbound(address=address, text=text, **key))
    facts.after_entry(entry)
    return entry


def answer(conversation: Conversation, text: str, by: Agent) -> Entry:
    entry = conversation.reply(by=by, text=text, to=route_to(conversation))
    facts.after_entry(entry)
    return entry


def strip(conversation: Conversation, agent: Agent) -> list[str]:
    return [
        item.words
        for item in strip_of(facts_of(Customer.objects.get(pk=conversation.customer_id), conversation, agent)).all
    ]


def test_what_a_customer_tells_is_known_with_its_source(conversation: Conversation, agent: Agent) -> None:
    entry = say(conversation, "My order 10432 is late, call me on 07700 900123")
    items = strip_of(facts_of(conversation.customer, conversation, agent)).items
    assert [(item.words, item.key, item.fact.entry_id) for item in items] == [
        ("Order 10432", "1", entry.pk), ("+44 7700 900123", "2", entry.pk),
    ]  # fmt: skip
    assert items[0].fact.learnt_at == entry.occurred_at and items[0].icon == entry.message.channel.icon


def test_two_order_numbers_stand_newest_first(conversation: Conversation, agent: Agent) -> None:
    for number in (10432, 10433, 10434):
        say(conversation, f"And my order {number}?")
    shown = strip_of(facts_of(conversation.customer, conversation, agent))
    assert [item.words for item in shown.items] == ["Order 10434", "Order 10433"]
    assert [item.words for item in shown.more] == ["Order 10432"]


def test_a_fact_touches_its_entry_once(conversation: Conversation) -> None:
    entry = say(conversation, "My order 10432 is late")
    entry.refresh_from_db()
    touched = entry.touched_seq
    assert touched > entry.seq
    facts.after_entry(entry)
    entry.refresh_from_db()
    assert (entry.touched_seq, Fact.objects.count()) == (touched, 1)


def test_a_message_that_tells_nothing_asks_the_database_nothing(
    conversation: Conversation, django_assert_num_queries: object
) -> None:
    entry = Entry.objects.select_related("conversation", "customer", "by", "message").get(kind="message")
    with django_assert_num_queries(0):  # type: ignore[operator]
        facts.after_entry(entry)


@pytest.mark.django_db(transaction=True)
def test_the_step_in_parallel_learns_everything_once(conversation: Conversation) -> None:
    thread = conversation.threads.get()
    told = make_inbound(address=thread.identity.value, text="Order 10432, tracking RR123456785IT", proof=Proof.TOKEN,
                        thread_key=thread.external_id)  # fmt: skip
    entry = receive(channel=thread.channel, inbound=told)
    assert together(*[partial(after.run, [entry.pk])] * 4) == [None] * 4
    assert sorted(Fact.objects.values_list("what", "value")) == [("order", "10432"), ("tracking", "RR123456785IT")]


@pytest.mark.parametrize(
    "fields", [{"robot": Robot.AUTO_REPLY}, {"proof": Proof.FAILED}, {"quoted": "My order 10432", "text": "Yes."}]
)
def test_robots_doubtful_senders_and_quotations_teach_nothing(
    conversation: Conversation, fields: dict[str, Any]
) -> None:
    said = {"text": "My order 10432 is late", **fields}
    entry = receive(channel=conversation.threads.get().channel, inbound=make_inbound(address="x@example.test", **said))
    facts.after_entry(entry)
    assert not Fact.objects.exists()


def test_the_workspace_says_how_order_numbers_look(conversation: Conversation, agent: Agent) -> None:
    Workspace.get()
    Workspace.objects.update(order_pattern="RO-999999")
    say(conversation, "It is RO-123456, not order 10432")
    assert strip(conversation, agent) == ["Order RO-123456"]


def test_facts_go_with_their_entries_through_merge_and_undo(
    conversation: Conversation, agent: Agent, channel: Channel
) -> None:
    say(conversation, "My order 10432 is late")
    other = receive(channel=channel, inbound=make_inbound(address="second@example.test", text="Order 20981 too"))
    facts.after_entry(other)
    assert other.conversation is not None
    mine, theirs = conversation.customer, other.customer
    merge.merge(mine, theirs, by=agent)
    assert set(strip(conversation, agent)) == {"Order 10432", "Order 20981"}
    say(other.conversation, "And order 20982")
    merge.undo(MergeRecord.objects.get(), by=agent)
    assert strip(conversation, agent) == ["Order 10432"]
    other.conversation.refresh_from_db()
    assert set(strip(other.conversation, agent)) == {"Order 20981", "Order 20982"}
    assert not Fact.objects.exclude(
        customer__in=Entry.objects.filter(facts__pk__isnull=False).values("customer")
    ).exists()


@pytest.mark.django_db(transaction=True)
def test_a_fact_learnt_while_its_customer_is_merged_goes_along(
    conversation: Conversation, agent: Agent, channel: Channel
) -> None:
    for n in range(4):
        text = f"Order {20981 + n} please"
        other = receive(channel=channel, inbound=make_inbound(address=f"twin{n}@example.test", text=text))
        acts: list[Callable[[], Any]] = [
            partial(facts.after_entry, other),
            partial(merge.merge, conversation.customer, other.customer, by=agent),
        ]
        together(*acts)
    assert list(Fact.objects.values_list("customer", flat=True)) == [conversation.customer_id] * 4


@pytest.mark.parametrize(
    ("question", "text", "known"),
    [
        ("What is your order number?", "10432", ["Order 10432"]),
        ("Mi può indicare il numero d'ordine?", "Buongiorno, è il 10432. Grazie!", ["Order 10432"]),
        ("Care este numărul comenzii?", "bună ziua\nNP-10432\nmersi", ["Order NP-10432"]),
        ("Could you send me your tracking number?", "here it is: 12345678901", ["12345678901"]),
        ("What is your phone number, please?", "sure: 07700 900123", ["+44 7700 900123"]),
        ("Can you tell me your delivery address?", "Mill Lane 14, Leeds", ["Mill Lane 14, Leeds"]),
        ("Mi indica il suo indirizzo?", "Vicolo Corto 3\n50122 Firenze", ["Vicolo Corto 3, 50122 Firenze"]),
        ("Which product is it?", "It's the Aurora Mini 2.", ["Aurora Mini 2"]),
        ("What is your order number?", "2", []),
        ("What is your order number?", "yes", []),
        ("What is your order number?", "12/11/2026", []),
        ("What is your order number?", "45,90", []),
        ("What is your order number?", "07700 900123", ["+44 7700 900123"]),
        ("What is your order number?", "Is it 10432?", []),
        ("What is your order number?", "I am 10432 times angry with all of you now", []),
        ("What is your phone number?", "10432", []),
        ("What is your delivery address?", "Monday 5, London", []),
        ("What is your delivery address?", "I will be home at 5", []),
        ("Which product is it?", "the blue one", []),
        ("Thank you, it is on its way.", "10432", []),
        ("Your order number is 10433. Anything else?", "10432", []),
    ],
)
def test_a_short_answer_tells_what_was_asked_for(
    conversation: Conversation, agent: Agent, question: str, text: str, known: list[str]
) -> None:
    answer(conversation, question, agent)
    say(conversation, text)
    assert strip(conversation, agent) == known


def test_only_our_last_question_is_answered(conversation: Conversation, agent: Agent) -> None:
    answer(conversation, "What is your order number?", agent)
    answer(conversation, "Never mind, I have found it.", agent)
    say(conversation, "10432")
    assert strip(conversation, agent) == []


def test_a_question_that_was_taken_back_was_asked_of_nobody(conversation: Conversation, agent: Agent) -> None:
    asked = answer(conversation, "What is your order number?", agent)
    Entry.objects.filter(pk=asked.pk).update(data={"undone": "draft"})
    say(conversation, "10432")
    assert strip(conversation, agent) == []


def test_facts_of_a_private_team_do_not_exist_for_outsiders(conversation: Conversation, agent: Agent) -> None:
    private = make_team(name="Board", is_private=True)
    insider = make_agent(name="Board Member", teams=(private,))
    say(conversation, "My order 10432 is late")
    hidden = make_inbound(address=conversation.threads.get().identity.value, text="Secret order 77777")
    entry = receive(channel=make_channel(name="Board mail", team=private), inbound=hidden)
    facts.after_entry(entry)
    assert strip(conversation, agent) == ["Order 10432"]
    assert "Order 77777" in strip(conversation, insider)


def test_a_removed_message_teaches_nothing_any_more(conversation: Conversation, agent: Agent) -> None:
    entry = say(conversation, "My order 10432 is late")
    Message.objects.filter(pk=entry.pk).update(text="", deleted_at=our_clock.now())
    assert strip(conversation, agent) == []


def test_what_was_dismissed_stays_away_and_comes_back_on_undo(conversation: Conversation, agent: Agent) -> None:
    say(conversation, "My order 10432 is late")
    entry = facts.dismiss(Fact.objects.get(), by=agent)
    say(conversation, "I said order 10432!")
    assert strip(conversation, agent) == []
    undo.undo(entry, by=agent)
    assert strip(conversation, agent) == ["Order 10432"]
    with pytest.raises(undo.TooLate):
        undo.undo(entry, by=agent)


def test_a_correction_stands_until_it_is_undone(conversation: Conversation, agent: Agent) -> None:
    say(conversation, "My order 10432 is late")
    entry = facts.correct(Fact.objects.get(), " 10433 ", by=agent)
    assert strip(conversation, agent) == ["Order 10433"]
    assert entry.data["before"] == {"value": "10432"} and entry.data["after"] == {"value": "10433"}
    undo.undo(entry, by=agent)
    assert strip(conversation, agent) == ["Order 10432"]


def test_nothing_and_the_same_are_no_correction(conversation: Conversation, agent: Agent) -> None:
    say(conversation, "My order 10432 is late")
    for value in ("", "  ", "10432"):
        with pytest.raises(ValueError):
            facts.correct(Fact.objects.get(), value, by=agent)


@pytest.mark.django_db(transaction=True)
def test_two_who_dismiss_at_once_dismiss_once(conversation: Conversation, agent: Agent, colleague: Agent) -> None:
    say(conversation, "My order 10432 is late")
    fact = Fact.objects.select_related("entry__conversation").get()
    results = together(*(partial(facts.dismiss, fact, by=who) for who in (agent, colleague)))
    assert sorted(type(result).__name__ for result in results) == ["Changed", "Entry"]
    assert Entry.objects.filter(kind="fact").count() == 1


def test_an_overdue_promise_is_told_once_to_its_owner(
    conversation: Conversation, agent: Agent, clock: time_machine.Traveller
) -> None:
    conversation.take(by=agent)
    answer(conversation, "I will call you within 2 hours.", agent)
    assert facts.tell_overdue(10) == 0
    clock.shift(timedelta(hours=3))
    assert (facts.tell_overdue(10), facts.tell_overdue(10)) == (1, 0)
    told = Entry.objects.get(kind="fact")
    after.run([told.pk])
    after.run([told.pk])
    assert [(row.agent, row.kind) for row in Notification.objects.filter(entry=told)] == [(agent, "promise")]


def test_a_promise_kept_in_time_alerts_nobody(
    conversation: Conversation, agent: Agent, clock: time_machine.Traveller
) -> None:
    answer(conversation, "I will call you within 2 hours.", agent)
    clock.shift(timedelta(hours=1))
    answer(conversation, "As I said on the phone: it is on its way.", agent)
    clock.shift(timedelta(hours=2))
    assert facts.tell_overdue(10) == 0
    assert Fact.objects.get(kind="promised").told_at is not None


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_tell_of_a_promise_once(conversation: Conversation, agent: Agent) -> None:
    answer(conversation, "I will call you within 2 hours.", agent)
    Fact.objects.update(due_at=our_clock.now() - timedelta(minutes=1))
    assert sum(together(*[partial(facts.tell_overdue, 10)] * 4)) == 1
    assert Entry.objects.filter(kind="fact").count() == 1


def test_a_held_answer_promises_nothing_yet(conversation: Conversation, agent: Agent) -> None:
    held = conversation.reply(by=agent, text="I will call you tomorrow.", to=route_to(conversation), hold_seconds=10)
    after.run([held.pk])
    assert not Fact.objects.exists()


def test_a_promise_stands_on_the_strip_with_its_time(conversation: Conversation, agent: Agent) -> None:
    type(agent).objects.update(time_zone="Europe/Rome")
    agent.refresh_from_db()
    with time_machine.travel(MORNING, tick=False), timezone.override("Europe/Rome"):
        answer(conversation, "I will call you at 17:00.", agent)
        assert strip(conversation, agent) == ["Promised by 17:00"]


def test_the_story_tells_what_was_asked_tried_promised_and_is_open(
    conversation: Conversation, agent: Agent, colleague: Agent
) -> None:
    answer(conversation, "I have contacted the courier. I will write to you tomorrow.", colleague)
    for text in ("Tried: other address -> refused", "Open: refund or new parcel"):
        facts.after_entry(conversation.note(by=colleague, text=text))
    say(conversation, "Hello,\nwhen does it come?")
    conversation.assign(by=colleague, agent=agent)
    conversation.refresh_from_db()
    told = story_of(
        conversation, facts_of(conversation.customer, conversation, agent), entries_of(conversation, agent), agent
    )
    parts = {name: [part.words for part in getattr(told, name)] for name in ("asked", "tried", "promised", "open")}
    assert parts == {
        "asked": ["Where is my parcel?"],
        "tried": ["other address → refused", "I have contacted the courier."],
        "promised": ["I will write to you tomorrow."],
        "open": ["when does it come?", "refund or new parcel"],
    }
    assert told.is_new and told.is_told


def test_the_story_is_folded_for_who_has_written_in_it(conversation: Conversation, agent: Agent) -> None:
    conversation.take(by=agent)
    answer(conversation, "I will look at it within 2 hours.", agent)
    conversation.refresh_from_db()
    told = story_of(
        conversation, facts_of(conversation.customer, conversation, agent), entries_of(conversation, agent), agent
    )
    assert told.is_told and not told.is_new


def test_a_reopened_conversation_was_tried_before(conversation: Conversation, agent: Agent) -> None:
    conversation.resolve(by=agent)
    say(conversation, "It still does not work")
    for entry in Entry.objects.filter(kind="status"):
        facts.after_entry(entry)
    assert [fact.value for fact in Fact.objects.filter(kind="tried")] == [facts.REOPENED]
