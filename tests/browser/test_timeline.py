"""A long timeline: read in both directions, narrowed, searched, and entered by a link."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Post, open_customer
from tests.desk import RunningDesk

pytestmark = pytest.mark.browser
MOST_DRAWN, NOTES = 300, 330
WRITE = """
from agents.models import Agent
from channels_app import intake
from channels_app.models import Channel
from conversations.models import Conversation
mail = "From: {name} <{first}@example.test>\\nTo: help@example.test\\nSubject: A question\\n\\nWhere is my parcel?\\n"
event = intake.store(Channel.objects.filter(kind="email").first(), body=mail.encode(), headers={{}})
theirs = Conversation.objects.filter(customer__name="{name}")
while not theirs.exists():
    # A worker was rung too; whoever is second finds it done.
    intake.process(event.pk)
luca = Agent.objects.get(email="luca@example.test")
for number in range({count}):
    theirs.get().note(by=luca, text=f"Note {{number}} of many" + (", s\u00e2mb\u0103t\u0103" if number == 3 else ""))
"""


@pytest.fixture(scope="module")
def remembered(desk: RunningDesk) -> str:
    """The name of somebody who wrote once, and of whom many notes were written since."""
    name = f"Nina{uuid.uuid4().hex[:8]} Bianchi"
    desk.do(WRITE.format(name=name, first=name.split()[0].lower(), count=NOTES))
    return name


@pytest.fixture
def page(sign_in: Callable[..., Page], remembered: str) -> Page:
    page = open_customer(sign_in(), remembered)
    expect(articles(page)).to_have_count(50)
    return page


def articles(page: Page) -> Locator:
    return page.locator(".feed > article")


@pytest.mark.slow
def test_a_long_history_is_read_in_both_directions_and_little_of_it_is_drawn(page: Page) -> None:
    start = page.get_by_text("Start of the relationship")
    for _page in range(12):
        if start.is_visible():
            break
        first = articles(page).first.get_attribute("id")
        page.locator(".scroll").evaluate("scroll => { scroll.scrollTop = 0; }")
        expect(articles(page).first).not_to_have_id(first or "")
        assert articles(page).count() <= MOST_DRAWN
    expect(page.locator(".feed").get_by_text("Where is my parcel?")).to_be_visible()
    expect(page.get_by_text("Note 329 of many")).to_have_count(0)
    page.get_by_role("button", name="To the newest").click()
    expect(page.get_by_text("Note 329 of many")).to_be_in_viewport()
    expect(page.get_by_role("button", name="To the newest")).to_be_hidden()


@pytest.mark.slow
def test_words_are_found_wherever_they_stand_and_marked(page: Page) -> None:
    page.keyboard.press("f")
    field = page.get_by_role("searchbox", name="Find on this timeline")
    expect(field).to_be_focused()
    field.fill("SAMBATA")
    says = page.locator(".find").get_by_role("status")
    expect(says).to_have_text("1 of 1")
    expect(page.get_by_text("Note 3 of many, s\u00e2mb\u0103t\u0103")).to_be_in_viewport()
    page.wait_for_function("CSS.highlights.get('found-here')?.size === 1")
    field.fill("of many")
    expect(says).to_have_text(f"1 of {NOTES}")
    field.press("Shift+Enter")
    expect(says).to_have_text(f"{NOTES} of {NOTES}")
    field.fill("nowhere to be found")
    expect(says).to_have_text("Not found")
    field.press("Escape")
    expect(page.get_by_role("button", name="Find on this timeline")).to_be_focused()
    assert page.evaluate("CSS.highlights.size") == 0


def test_chips_and_links_reach_what_is_not_drawn(page: Page) -> None:
    question = page.locator(".feed").get_by_text("Where is my parcel?")
    expect(question).to_have_count(0)
    page.get_by_role("button", name="Messages", exact=True).click()
    expect(articles(page)).to_have_count(1)
    pk = articles(page).first.get_attribute("id")
    page.goto(f"{page.url.split('#')[0]}#{pk}")
    page.reload()
    expect(question).to_be_in_viewport()
    page.get_by_role("button", name="Calls", exact=True).click()
    expect(page.get_by_text("Nothing of this kind on the timeline.")).to_be_visible()
    page.get_by_role("button", name="Notes", exact=True).click()
    expect(articles(page)).to_have_count(50)


def test_what_comes_while_one_reads_far_above_waits_at_the_end(page: Page, post: Post, remembered: str) -> None:
    page.goto(f"{page.url.split('#')[0]}#{articles(page).first.get_attribute('id')}")
    page.locator(".scroll").evaluate("scroll => { scroll.scrollTop = 0; }")
    post.write(remembered, "And one more thing.")
    page.get_by_role("button", name="1 new message").click()
    expect(page.locator(".feed").get_by_text("And one more thing.")).to_be_in_viewport()
