"""The command palette: opened by a key or a button, narrowed by typing, without a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Command palette")


def test_a_command_is_found_by_typing_and_done(opened: Page) -> None:
    opened.keyboard.press("Control+k")
    ask = dialog(opened).get_by_role("combobox", name="Type a command")
    expect(ask).to_be_focused()
    ask.press_sequentially("resol")
    expect(dialog(opened).get_by_role("option")).to_have_count(1)
    expect(dialog(opened).get_by_role("option", name="Resolve, e", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    ask.press("Enter")
    expect(dialog(opened)).to_be_hidden()
    expect(opened.get_by_role("button", name="Reopen")).to_be_visible()


@pytest.mark.slow
def test_only_what_can_be_done_here_is_offered(sign_in: Callable[..., Page]) -> None:
    page = sign_in("luca")
    page.goto("/customers/")
    page.get_by_role("button", name="Command palette").click()
    options = dialog(page).get_by_role("option")
    expect(options.filter(has_text="Resolve")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_have_accessible_name("Go to Preferences, g s")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/preferences/")


@pytest.mark.slow
def test_it_says_when_nothing_matches_and_forgets(sign_in: Callable[..., Page]) -> None:
    page = sign_in("luca")
    page.keyboard.press("Control+k")
    page.keyboard.type("zzz")
    expect(dialog(page).get_by_role("status")).to_have_text("No command matches")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(dialog(page).get_by_role("combobox")).to_have_value("")
