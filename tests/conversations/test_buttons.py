"""Answers to press, as agents write them: with an answer, in a draft, on the timeline."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, Team
from conversations import buttons, drafts
from conversations.exchanges import NoWay
from conversations.models import Conversation, Delivery, Draft
from helpdesk.lib.outbound import Capabilities, QuickReply
from tests import cards, factories
from tests.conversations.test_views_composer import SCRIPT, keep, send

ASKED = {"text": "Which day?", "is_offering": "1"}


@pytest.fixture
def row(team: Team) -> Iterator[Conversation]:
    """One who writes cards: three buttons of at most 20 characters."""
    cards.empty()
    yield cards.make_conversation(team=team)
    cards.empty()


def offered() -> list[Any]:
    return [one.get(buttons.NAME) for one in Delivery.objects.order_by("pk").values_list("route", flat=True)]


def titles_of(agent: Agent) -> list[str]:
    return buttons.titles_in(Draft.objects.get(agent=agent, mode="reply").route)


def press(title: str) -> dict[str, str]:
    return {"title": title, "payload": title}


def test_buttons_leave_with_the_answer_and_stand_below_it(client: Client, agent: Agent, row: Conversation) -> None:
    status, article = send(client, agent, row, **ASKED, button=["  On\tSaturday ", "", "<script>alert(1)</sc"])
    assert status == 201
    assert offered() == [[press("On Saturday"), press("<script>alert(1)</sc")]]
    assert ">On Saturday</li>" in article
    assert "&lt;script&gt;alert(1)&lt;/sc</li>" in article and "<script>alert" not in article


@pytest.mark.parametrize(
    ("titles", "more", "why"),
    [(["a", "b", "c", "d"], {}, "at most 3 are shown"), (["x" * 21], {}, "too long: at most 20 characters"),
     (["Yes", " Yes"], {}, "Two buttons say “Yes”"), (["Yes"], {"text": " "}, "Write something above the buttons.")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_reason_and_nothing_leaves(
    client: Client, agent: Agent, row: Conversation, titles: list[str], more: dict[str, str], why: str
) -> None:
    status, page = send(client, agent, row, **{**ASKED, **more}, button=titles)
    assert (status, why in page, Delivery.objects.count()) == (422, True, 0)


def test_a_text_that_is_too_long_for_buttons_alone_is_refused() -> None:
    can = Capabilities(4_096, 1_000, quick_replies=3, quick_reply_text_characters=10)
    assert buttons.fitting(["Yes"], "Ten signs.\n", can, is_public=False) == (QuickReply("Yes", "Yes"),)
    with pytest.raises(buttons.Unfit, match="at most 10 characters"):
        buttons.fitting(["Yes"], "Ten signs, more", can, is_public=False)


def test_under_a_comment_nothing_can_be_pressed(client: Client, agent: Agent, team: Team) -> None:
    cards.empty()
    comment = cards.make_comment(team=team)
    status, page = send(client, agent, comment, **ASKED, button=["Yes"], is_public="1")
    assert (status, "Nothing can be pressed there" in page, Delivery.objects.count()) == (422, True, 0)
    to, replies = factories.route_to(comment), (QuickReply("Yes", "y"),)
    with pytest.raises(NoWay, match="answers to press"):
        comment.reply(by=agent, text="Which day?", to=to, is_public=True, quick_replies=replies)


def test_a_channel_that_shows_none_refuses_them_unless_they_stay_behind(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    assert send(client, agent, conversation, **ASKED, button=["Yes"])[0] == 422
    assert Delivery.objects.count() == 0
    assert send(client, agent, conversation, text="Which day?", button=["Yes"])[0] == 201
    assert offered() == [None]


def test_who_may_not_answer_offers_nothing(client: Client, outsider: Agent, team: Team, row: Conversation) -> None:
    light = factories.make_agent(name="Lia Light", role="light", teams=(team,))
    assert [send(client, one, row, **ASKED, button=["Yes"])[0] for one in (outsider, light)] == [404, 403]
    client.logout()
    assert client.post(f"/conversations/{row.number}/replies/", {**ASKED, "button": "Yes"}).status_code == 302
    assert Delivery.objects.count() == 0


def test_buttons_are_kept_with_the_draft_and_come_back(client: Client, agent: Agent, row: Conversation) -> None:
    client.force_login(agent)
    assert keep(client, row, "", button=["Saturday", '"><b>Monday'], writing="w-1") == 200
    page = client.get(f"/customers/{row.customer_id}/").content.decode()
    assert 'name="button" value="Saturday"' in page and 'value="&quot;&gt;&lt;b&gt;Monday"' in page
    assert "Draft saved" in page
    send(client, agent, row, **ASKED, button=["Saturday"], client_id="w-1")
    assert titles_of(agent) == []


def test_buttons_stay_in_the_draft_where_the_way_shows_none(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    client.force_login(agent)
    keep(client, conversation, "Which day?", button=["Saturday"])
    assert titles_of(agent) == ["Saturday"]


def test_a_draft_keeps_no_more_than_somebody_writes(agent: Agent, client: Client, row: Conversation) -> None:
    client.force_login(agent)
    keep(client, row, "Which?", button=["x" * 2_000] * 60)
    assert [len(title) for title in titles_of(agent)] == [buttons.TITLE_MAX] * buttons.KEPT_MAX


def test_undo_gives_the_buttons_back_above_those_begun_since(client: Client, agent: Agent, row: Conversation) -> None:
    held = row.reply(
        by=agent, text="Which day?", to=factories.route_to(row), hold_seconds=10,
        quick_replies=(QuickReply("Saturday", "Saturday"),),
    )  # fmt: skip
    client.force_login(agent)
    begun = {"text": "", "button": ["Noon", "Saturday"], "writing": "w-2"}
    page = client.post(f"/messages/{held.pk}/cancellation/", begun, headers=SCRIPT).content.decode()
    assert titles_of(agent) == ["Saturday", "Noon"]
    assert 'name="button" value="Saturday"' in page and ">Which day?</textarea>" in page


def test_a_draft_is_taken_over_with_its_buttons(
    client: Client, agent: Agent, colleague: Agent, row: Conversation
) -> None:
    theirs = drafts.Words("Which day?", buttons.kept(["<i>Saturday</i>"]), "w-1")
    drafts.save(row, "reply", theirs, by=colleague)
    drafts.save(row, "reply", drafts.Words("Hello", buttons.kept(["Noon"]), "w-2"), by=agent)
    client.force_login(agent)
    seen = client.get(f"/conversations/{row.number}/drafts/reply/{colleague.pk}/").content.decode()
    assert "&lt;i&gt;Saturday&lt;/i&gt;</li>" in seen and "<i>Saturday" not in seen
    drafts.take_over(row, "reply", of=colleague, by=agent)
    assert (titles_of(agent), titles_of(colleague)) == (["<i>Saturday</i>", "Noon"], [])


def test_a_template_goes_without_the_buttons_of_what_is_being_written(agent: Agent, row: Conversation) -> None:
    drafts.save(row, "reply", drafts.Words("", buttons.kept(["Noon"]), "w-1"), by=agent)
    row.reply(by=agent, text="Which day?", to=factories.route_to(row), client_id="t-1")
    assert (offered(), titles_of(agent)) == ([None], ["Noon"])
