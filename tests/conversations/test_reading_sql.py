"""Pages of a timeline by prepared statements hold the rows of the permission rules, put together as the ORM does."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db.models import Model

from agents.models import Agent, Team
from agents.permissions import keep_sight, sight_of
from channels_app.models import Channel
from conversations.models import Conversation, Entry, Follower, Mention
from conversations.reading import reading_sql, stretches
from conversations.reading.stretches import Lens, changes_since, earlier, newest, with_parts
from customers.models import Customer
from helpdesk.lib import clock
from tests import factories

SIGHTS = [("all", True), *product(["teams", "own"], [True, False])]


@pytest.fixture
def teams(db: None) -> list[Team]:
    return [factories.make_team(is_private=place > 1) for place in range(4)]


@pytest.fixture
def people(teams: list[Team], agent: Agent, colleague: Agent) -> list[Customer]:
    """Customers with conversations and notes of every kind, told by dice; the last has none."""
    dice, brand, now = random.Random(11), factories.make_brand(), clock.now()
    people = [factories.make_customer() for _number in range(12)]
    for customer in people[:-1]:
        rows = [
            Conversation.objects.create(
                customer=customer, brand=brand, team=dice.choice([*teams, None]),
                assignee=dice.choice([None, None, None, agent, colleague]),
            )
            for _number in range(dice.randint(1, 4))
        ]  # fmt: skip
        for seq in range(1, 9):
            entry = Entry.objects.create(
                customer=customer, conversation=dice.choice([*rows, None]), seq=seq, touched_seq=seq, kind="note",
                actor="agent", occurred_at=now - timedelta(minutes=dice.randint(0, 3)), by=colleague,
                data=dice.choice([{}, {}, {"undone": True}]),
            )  # fmt: skip
            if dice.random() < 0.1:
                Mention.objects.create(entry=entry, agent=dice.choice([agent, colleague]))
        if dice.random() < 0.2:
            Follower.objects.create(agent=agent, conversation=dice.choice(rows))
        customer.last_seq = 8
        customer.save()
    return people


def see(agent: Agent, sight: str, teams: list[Team], *, whole: bool) -> Agent:
    agent.role = factories.make_role(sight=sight, reads_whole_timelines=whole)
    agent.save()
    agent.memberships.all().delete()
    for team in teams:
        agent.memberships.create(team=team)
    return Agent.objects.get(pk=agent.pk)


@pytest.mark.parametrize(("sight", "whole"), SIGHTS)
def test_who_exists_for_a_reader_is_who_they_see(
    people: list[Customer], teams: list[Team], agent: Agent, sight: str, whole: bool
) -> None:
    reader = see(agent, sight, [teams[0], teams[3]], whole=whole)
    found = [row for row in people if reading_sql.customer_seen(row.pk, sight_of(reader)) is not None]
    assert found == list(Customer.objects.visible_to(reader).order_by("pk"))
    assert sight == "all" or 1 < len(found) < len(people)


@pytest.mark.parametrize(("sight", "whole"), SIGHTS)
def test_a_refetch_holds_what_its_reader_may_see(
    people: list[Customer], teams: list[Team], agent: Agent, sight: str, whole: bool
) -> None:
    reader = see(agent, sight, [teams[0], teams[3]], whole=whole)
    sizes = set()
    for customer in people:
        rows = Entry.objects.filter(customer=customer).shown_to(reader).filter(touched_seq__gt=3)
        found = changes_since(Lens(customer, reader), 3).entries if customer.last_seq else []
        assert found == list(rows.order_by("touched_seq"))
        sizes.add(len(found))
    assert len(sizes) > 1


@pytest.mark.parametrize(("sight", "whole"), SIGHTS)
def test_pages_follow_one_another_without_gaps(
    people: list[Customer], teams: list[Team], agent: Agent, monkeypatch: pytest.MonkeyPatch, sight: str, whole: bool
) -> None:
    reader = see(agent, sight, [teams[0], teams[3]], whole=whole)
    monkeypatch.setattr(stretches, "PAGE", 3)
    for customer in people:
        rows = Entry.objects.filter(customer=customer).shown_to(reader).exclude(data__has_key="undone")
        leafed = [entry for page in pages(customer, reader) for entry in reversed(page)]
        assert leafed == list(rows.order_by("-occurred_at", "-pk"))


def test_an_entry_is_put_together_as_the_orm_does(conversation: Conversation, channel: Channel, agent: Agent) -> None:
    conversation.note(by=agent, text="Ask the carrier.")
    conversation.reply(by=agent, text="Soon.", to=factories.route_to(conversation))
    conversation.assign(agent=agent, by=agent)
    message = conversation.reply(by=agent, text="With a copy.", to=factories.route_to(conversation)).message
    for who in ("luca", "ana"):
        message.recipients.create(role="cc", address=f"{who}@example.test", name=who)
    at, signed = clock.now(), conversation.entries.earliest("seq").message.reactions
    for place, (emoji, by, who) in enumerate(
        [("👍", agent, None), ("🙏", None, message.thread.identity), ("🙏", None, None)]
    ):
        signed.create(emoji=emoji, by=by, identity=who, at=at - timedelta(seconds=place))
    message.entry.attachments.create(filename="label.pdf", content_type="application/pdf")
    conversation.customer.refresh_from_db()
    ours = newest(Lens(conversation.customer, agent)).entries
    theirs = with_parts(Entry.objects.filter(customer=conversation.customer)).order_by("occurred_at", "pk")
    assert [list(told(entry)) for entry in ours] == [list(told(entry)) for entry in theirs]


def test_one_customer_and_conversation_are_made_once(conversation: Conversation, agent: Agent) -> None:
    conversation.note(by=agent, text="One")
    conversation.note(by=agent, text="Two")
    conversation.customer.refresh_from_db()
    entries = newest(Lens(conversation.customer, agent)).entries
    assert len({id(entry.conversation) for entry in entries}) == len({id(entry.customer) for entry in entries}) == 1


def test_nothing_new_asks_nothing(conversation: Conversation, agent: Agent, django_assert_num_queries: Any) -> None:
    customer = Customer.objects.get(pk=conversation.customer_id)
    keep_sight(agent)
    with django_assert_num_queries(0):
        assert changes_since(Lens(customer, agent), customer.last_seq).entries == []


def pages(customer: Customer, agent: Agent) -> Iterator[list[Entry]]:
    before = ""
    while True:
        stretch = earlier(Lens(customer, agent), before)
        yield stretch.entries
        if not stretch.has_earlier:
            return
        before = stretches.place_of(stretch.entries[0])


def told(entry: Entry) -> Iterator[dict[str, object]]:
    """Every column of an entry and of what belongs to it."""
    message = entry.said
    rows: list[Model | None] = [entry, entry.customer, entry.by, entry.conversation, message]
    rows += [entry.conversation.topic if entry.conversation else None, *entry.attachments.all()]
    if message is not None:
        copies = [row for row in message.recipients.all() if row.role in {"cc", "bcc"}]
        rows += [message.channel, message.sender, *message.deliveries.all(), *copies]
    for row in rows:
        yield {} if row is None else {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
