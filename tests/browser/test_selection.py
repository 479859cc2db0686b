"""Several rows at once: chosen by key or by box, acted on together, taken back together."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SECONDS, Post
from tests.waiting import until

pytestmark = pytest.mark.browser
SIZE = "(it) => { const at = it.getBoundingClientRect(); return Math.min(at.width, at.height); }"


@pytest.fixture
def listed(sign_in: Callable[..., Page], post: Post, nina: str) -> Page:
    """Luca sees three new rows of people with one family name, and nothing else."""
    family = nina.split()[0]
    for first in ("Ada", "Bea", "Cleo"):
        post.write(f"{first}{family} {family}", "Where is my parcel?")
    page = sign_in()
    page.goto(f"/inbox/unassigned/?q={family}")
    expect(page.locator("a.row")).to_have_count(3, timeout=SECONDS)
    return page


def test_rows_chosen_by_keys_are_resolved_and_come_back(listed: Page) -> None:
    bar = listed.get_by_role("form", name="Selected conversations")
    listed.keyboard.press("j")
    listed.keyboard.press("x")
    expect(bar).to_contain_text("1 selected")
    listed.keyboard.press("Shift+J")
    listed.keyboard.press("Shift+J")
    expect(bar).to_contain_text("3 selected")
    listed.keyboard.press("e")
    expect(listed.get_by_text("3 conversations changed.")).to_be_visible()
    expect(listed.locator("a.row")).to_have_count(0)
    expect(bar).to_be_hidden()
    listed.keyboard.press("z")
    expect(listed.locator("a.row")).to_have_count(3)


@pytest.mark.slow
def test_a_range_of_boxes_is_given_to_a_colleague(listed: Page) -> None:
    boxes = listed.get_by_role("checkbox", name=re.compile("^Select "))
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    bar = listed.get_by_role("form", name="Selected conversations")
    expect(bar).to_contain_text("3 selected")
    bar.get_by_role("button", name="Assign").click()
    bar.get_by_role("button", name="Sara Contarini").click()
    expect(listed.get_by_text("3 conversations changed.")).to_be_visible()
    expect(listed.locator("a.row")).to_have_count(0)
    listed.get_by_role("button", name="Undo").click()
    expect(listed.locator("a.row")).to_have_count(3)


@pytest.mark.slow
def test_escape_chooses_nothing(listed: Page) -> None:
    listed.keyboard.press("j")
    listed.keyboard.press("x")
    listed.keyboard.press("Escape")
    expect(listed.get_by_role("form", name="Selected conversations")).to_be_hidden()
    expect(listed.get_by_role("checkbox", checked=True)).to_have_count(0)


@pytest.mark.slow
def test_rows_are_chosen_with_a_finger(sign_in: Callable[..., Page], post: Post, nina: str) -> None:
    post.write(nina, "Where is my parcel?")
    page = sign_in(width=390, height=844, has_touch=True, is_mobile=True)
    page.goto(f"/inbox/unassigned/?q={nina.split()[0]}")
    expect(page.locator("a.row")).to_have_count(1, timeout=SECONDS)
    box = page.get_by_role("checkbox", name=f"Select {nina}")
    # A row that is drawn anew meanwhile has no size.
    until(lambda: box.evaluate(SIZE) >= 44)
    box.tap()
    bar = page.get_by_role("form", name="Selected conversations")
    expect(bar).to_contain_text("1 selected")
    bar.get_by_role("button", name="Resolve").tap()
    expect(page.get_by_text("1 conversation changed.")).to_be_visible()
    expect(page.locator("a.row")).to_have_count(0)
