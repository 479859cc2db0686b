"""The lists by their indexes hold the rows of the permission rules, in the same order, each once."""

import random
from datetime import timedelta
from typing import Any

import pytest

from agents.models import Agent, Team
from conversations.lists import queries
from conversations.lists.queries import View, counts_of, page_of, rows_of, views_of
from conversations.models import Conversation, Draft, Entry, Follower, Mention, SeenMarker
from helpdesk.lib import clock
from tests import factories

COUNT = 90


@pytest.fixture
def teams(db: None) -> list[Team]:
    return [factories.make_team(is_private=place == 3) for place in range(4)]


@pytest.fixture
def crowd(teams: list[Team], agent: Agent, colleague: Agent) -> list[Conversation]:
    """Conversations of every kind, told by dice."""
    dice = random.Random(7)
    customer, brand, now = factories.make_customer(), factories.make_brand(), clock.now()
    rows = []
    for _number in range(COUNT):
        status = dice.choice(["open", "open", "waiting", "snoozed", "resolved"])
        due = now + timedelta(minutes=dice.randint(-5, 5)) if status == "open" and dice.random() < 0.7 else None
        rows.append(
            Conversation(
                customer=customer, brand=brand, status=status, team=dice.choice([*teams, None]), next_due_at=due,
                assignee=dice.choice([None, None, agent, colleague]), is_spam=dice.random() < 0.1,
                snoozed_until=now + timedelta(hours=dice.randint(1, 4)) if status == "snoozed" else None,
                resolved_at=now if status == "resolved" else None, last_inbound_seq=dice.randint(0, 3),
                last_entry_at=now - timedelta(minutes=dice.randint(0, 20)),
            )
        )  # fmt: skip
    made = Conversation.objects.bulk_create(rows)
    for row in dice.sample(made, 20):
        Follower.objects.create(agent=dice.choice([agent, colleague]), conversation=row)
        SeenMarker.objects.create(agent=agent, conversation=row, seen_seq=1)
        Draft.objects.create(agent=agent, conversation=row, text=dice.choice(["", "Dear"]))
    for seq, row in enumerate(dice.sample(made, 20), 1000):
        entry = Entry.objects.create(
            customer=customer, conversation=row, seq=seq, touched_seq=seq, kind="note", actor="agent",
            occurred_at=now, by=colleague,
        )  # fmt: skip
        Mention.objects.create(entry=entry, agent=dice.choice([agent, colleague]))
    return made


@pytest.mark.parametrize("sight", ["teams", "own", "all"])
@pytest.mark.parametrize("order", ["", *queries.ORDERS])
def test_a_list_holds_what_its_reader_may_see_in_its_order(
    crowd: list[Conversation], teams: list[Team], agent: Agent, monkeypatch: pytest.MonkeyPatch, sight: str, order: str
) -> None:
    _see(agent, sight, [teams[0], teams[3]])
    monkeypatch.setattr(queries, "PAGE", 7)
    for view in views_of(agent):
        chosen = view.narrowed("", order)
        rows = list(rows_of(chosen, agent))
        assert _leafed(chosen, agent) == [row.pk for row in sorted(rows, key=lambda row: _place(row, chosen.order))]


@pytest.mark.parametrize("sight", ["teams", "own", "all"])
@pytest.mark.parametrize("most", [3, 999])
def test_counts_are_those_of_the_lists_up_to_the_most(
    crowd: list[Conversation], teams: list[Team], agent: Agent, monkeypatch: pytest.MonkeyPatch, sight: str, most: int
) -> None:
    _see(agent, sight, [teams[0], teams[3]])
    monkeypatch.setattr(queries, "COUNT_MAX", most)
    monkeypatch.setattr(queries, "UNREAD_MAX", most)
    views = views_of(agent)
    expected = {view.slug: min(rows_of(view, agent).count(), most + 1) for view in views}
    mine = rows_of(View("mine", ""), agent)
    seen = dict(SeenMarker.objects.filter(agent=agent).values_list("conversation", "seen_seq"))
    unread = sum(row.last_inbound_seq > seen.get(row.pk, 0) for row in mine)
    assert counts_of(views, agent) == {**expected, "mine_unread": min(unread, most + 1)}
    assert 0 < unread < COUNT and max(expected.values()) > 3


def test_the_view_of_a_team_that_is_not_ours_holds_only_what_is(
    crowd: list[Conversation], teams: list[Team], agent: Agent
) -> None:
    _see(agent, "teams", [teams[0]])
    view = View("team-x", "", "due", teams[1])
    assert {row.pk for row in page_of(view, agent).rows} == {row.pk for row in rows_of(view, agent)}


def _see(agent: Agent, sight: str, teams: list[Team]) -> None:
    agent.role = factories.make_role(sight=sight)
    agent.save()
    agent.memberships.all().delete()
    for team in teams:
        agent.memberships.create(team=team)


def _leafed(view: View, agent: Agent) -> list[int]:
    """All rows of a list, page after page."""
    found, cursor = [], ""
    for _page in range(COUNT):
        one = page_of(view, agent, cursor)
        found, cursor = [*found, *(row.pk for row in one.rows)], one.next
        if not cursor:
            break
    return found


def _place(row: Conversation, order: str) -> Any:
    if order == "newest":
        return -row.last_entry_at.timestamp(), -row.pk
    at = row.snoozed_until if order == "until" else row.next_due_at
    return at is None, at and at.timestamp(), row.pk
