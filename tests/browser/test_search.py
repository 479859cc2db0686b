"""The search by keys: what may follow is offered, rows come while one types, Enter opens at the message."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Post

pytestmark = pytest.mark.browser


def test_what_is_typed_before_the_page_is_there_is_kept(opened: Page) -> None:
    waiting: list[Route] = []
    opened.route("**/search/", lambda route: waiting.append(route))
    with opened.expect_request("**/search/"):
        opened.keyboard.press("/")
    opened.keyboard.type("fromm")
    opened.keyboard.press("Backspace")
    waiting[0].continue_()
    expect(opened.get_by_role("combobox", name="Search everything")).to_have_value("from")
    expect(opened).to_have_title(re.compile(r"^(\(\d+\) )?Search"))
    opened.go_back()
    expect(opened.get_by_role("textbox", name="Message")).to_be_visible()


def test_from_the_key_to_the_message(opened: Page, sign_in: Callable[..., Page], post: Post, nina: str) -> None:
    post.write(nina, "The zipper of my tent is broken")
    expect(opened.get_by_text("The zipper of my tent is broken")).to_be_visible()
    opened.keyboard.press("/")
    # Nobody waits for the page; and no letter presses a key of the conversation that is still there.
    opened.keyboard.type("from:")
    box = opened.get_by_role("combobox", name="Search everything")
    expect(box).to_be_focused()
    expect(box).to_have_value("from:")
    opened.keyboard.type(nina.split()[0].lower())
    option = opened.get_by_role("option", name=nina)
    expect(option).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    opened.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    opened.keyboard.press("Enter")
    expect(box).to_have_value(f'from:"{nina}" ')
    opened.keyboard.type("zipp")
    hits = opened.locator("a.hit")
    expect(hits).to_have_count(1)
    expect(hits.locator("mark")).to_have_text("zipper")
    opened.keyboard.press("Enter")
    expect(hits).to_be_focused()
    opened.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Enter")
    expect(opened.locator("article:target, article:focus").get_by_text("The zipper of my tent")).to_be_visible()
    opened.go_back()
    expect(box).to_have_value(f'from:"{nina}" zipp')
