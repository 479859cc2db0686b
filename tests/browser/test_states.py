"""What is seen while something is on its way, missing, cut off or far too long; each provoked for real."""

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.conftest import SECONDS, Post, open_customer
from tests.browser.test_languages import LOOKING

pytestmark = pytest.mark.browser
OPENING = "**/inbox/unassigned/*/?c=*"
ENTRIES = "**/entries/?after=*"


@pytest.fixture
def listed(sign_in: Callable[..., Page], post: Post, nina: str) -> Page:
    """Luca sees Nina's row."""
    post.write(nina, "Where is my parcel?")
    page = sign_in()
    page.goto("/inbox/unassigned/?sort=newest")
    expect(page.get_by_role("link", name=f"{nina}, Email")).to_be_visible(timeout=SECONDS)
    return page


def broken(route: Route) -> None:
    route.fulfill(status=500, body="")


def test_a_slow_answer_shows_the_shape_of_what_comes(listed: Page, nina: str) -> None:
    waiting: list[Route] = []
    listed.route(OPENING, lambda route: waiting.append(route))
    listed.get_by_role("link", name=f"{nina}, Email").click()
    expect(listed.get_by_role("status").filter(has_text="Opening…")).to_be_visible()
    expect(listed.locator("#sheet")).to_have_attribute("aria-busy", "true")
    waiting[0].continue_()
    expect(listed.get_by_role("heading", name=nina, level=1)).to_be_focused()
    expect(listed.locator(".opening")).to_have_count(0)


@pytest.mark.slow
def test_an_answer_that_never_comes_is_not_waited_for_for_ever(listed: Page, nina: str) -> None:
    waiting: list[Route] = []
    # Only the first waits for ever: to lift the route would let it through.
    listed.route(OPENING, lambda route: route.continue_() if waiting else waiting.append(route))
    listed.clock.install()
    listed.get_by_role("link", name=f"{nina}, Email").click()
    listed.clock.run_for(11_000)
    expect(listed.get_by_role("alert")).to_contain_text("This customer could not be opened.")
    listed.get_by_role("button", name="Try again").click()
    expect(listed.get_by_role("heading", name=nina, level=1)).to_be_focused(timeout=SECONDS)


@pytest.mark.slow
def test_who_was_pressed_last_is_opened_however_late_the_first_comes(listed: Page, post: Post, nina: str) -> None:
    post.write(f"Other{nina}", "Something else.")
    expect(listed.get_by_role("link", name=f"Other{nina}, Email")).to_be_visible(timeout=SECONDS)
    waiting: list[Route] = []
    listed.route(OPENING, lambda route: route.continue_() if waiting else waiting.append(route))
    listed.get_by_role("link", name=f"Other{nina}, Email").click()
    listed.get_by_role("link", name=re.compile(f"^{nina}, Email")).click()
    expect(listed.get_by_role("heading", name=nina, level=1, exact=True)).to_be_focused()
    here = listed.url
    with suppress(Error):
        waiting[0].continue_()
    # Whatever came of it has come before the answer to this.
    listed.evaluate("fetch(location.href).then(answer => answer.text())")
    expect(listed.get_by_role("heading", name=nina, level=1, exact=True)).to_be_visible()
    expect(listed).to_have_url(here)


def test_a_failure_while_opening_is_said_and_can_be_repeated(listed: Page, nina: str) -> None:
    listed.route(OPENING, broken)
    listed.get_by_role("link", name=f"{nina}, Email").click()
    expect(listed.get_by_role("alert")).to_contain_text("This customer could not be opened.")
    expect(listed.get_by_role("button", name="Try again")).to_be_focused()
    listed.unroute(OPENING)
    listed.keyboard.press("Enter")
    expect(listed.get_by_role("heading", name=nina, level=1)).to_be_focused()


@pytest.mark.slow
def test_opening_without_a_line_leads_back_to_the_list(sign_in: Callable[..., Page], post: Post, nina: str) -> None:
    post.write(nina, "Where is my parcel?")
    page = sign_in(width=390, height=844, has_touch=True)
    page.goto("/inbox/unassigned/?sort=newest")
    row = page.get_by_role("link", name=f"{nina}, Email")
    expect(row).to_be_visible(timeout=SECONDS)
    page.context.set_offline(True)
    row.click()
    expect(page.get_by_role("alert").get_by_role("button", name="Back")).to_be_visible()
    # A refresh that was on its way draws the row anew.
    page.locator("li[data-row]", has=page.locator("a.row", has_text=nina)).evaluate(
        "row => row.replaceWith(row.cloneNode(true))"
    )
    page.get_by_role("alert").get_by_role("button", name="Back").click()
    expect(row).to_be_focused()
    expect(page.get_by_text("Reconnecting…")).to_be_visible()


@pytest.mark.slow
def test_a_timeline_that_cannot_be_refreshed_keeps_what_is_there(opened: Page, post: Post, nina: str) -> None:
    opened.get_by_role("textbox", name="Message").fill("Dear Nina")
    # A refresh that is on its way already would bring the next mail too, if the machine is slow.
    opened.wait_for_load_state("networkidle")
    opened.route(ENTRIES, broken)
    post.write(nina, "And one more thing.")
    expect(opened.get_by_role("alert").filter(has_text="The timeline could not be loaded.")).to_be_visible(
        timeout=SECONDS
    )
    articles = opened.get_by_role("article", name=f"Email, {nina}")
    expect(articles).to_have_count(1)
    opened.unroute(ENTRIES)
    # Another hint may have brought it meanwhile; then the button is gone, and pressing it does no harm.
    opened.locator(".talk .not-loaded button").dispatch_event("click")
    expect(articles).to_have_count(2)
    expect(opened.get_by_role("alert")).to_have_count(0)
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("Dear Nina")


@pytest.mark.slow
def test_a_list_that_cannot_be_refreshed_keeps_its_rows(listed: Page, post: Post, nina: str) -> None:
    listed.route("**/inbox/unassigned/?*rows=*", broken)
    rows = listed.locator("a.row").count()
    post.write(nina, "And one more thing.")
    alert = listed.get_by_role("alert")
    expect(alert).to_contain_text("The list could not be loaded.", timeout=SECONDS)
    assert listed.locator("a.row").count() == rows
    listed.unroute("**/inbox/unassigned/?*rows=*")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    expect(listed.get_by_role("link", name=f"{nina}, Email")).to_contain_text("And one more thing.")


@pytest.mark.slow
def test_without_a_line_the_rows_say_of_when_they_are_and_one_can_write_on(opened: Page) -> None:
    opened.context.set_offline(True)
    expect(opened.get_by_text("Offline since")).to_be_visible(timeout=15_000)
    expect(opened.get_by_text("as of ")).to_be_visible()
    expect(opened.get_by_text("what you send will go when we are back")).to_be_visible()
    opened.get_by_role("textbox", name="Message").fill("Half a sentence")
    expect(opened.get_by_role("status", name="Draft")).to_have_text("Saved on this device", timeout=SECONDS)


def test_a_list_without_rows_says_why_and_leads_on(sign_in: Callable[..., Page]) -> None:
    page = sign_in()
    page.goto("/inbox/unassigned/?q=nobody-is-called-so")
    expect(page.get_by_text("No customers match “nobody-is-called-so”")).to_be_visible()
    page.get_by_role("link", name="Clear filter").click()
    expect(page.locator("a.row").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 320])
def test_what_is_far_too_long_is_folded_and_breaks_nothing(
    sign_in: Callable[..., Page], post: Post, nina: str, width: int
) -> None:
    name = nina.split()[0] + "x" * 60
    words = "\n".join(f"{line} " + "word " * 18 for line in range(100))
    copies = [f"somebody.with.a.long.name.{n}@example.test" for n in range(40)]
    files = [f"a-picture-of-the-boots-with-a-long-name-{n}.txt" for n in range(90)]
    post.write(name, words, subject="S" * 300, copies=copies, files=files)
    page = open_customer(sign_in(width=width, bypass_csp=True), name)
    article = page.get_by_role("article").last
    expect(article).to_contain_text("and 38 more")
    expect(article.get_by_role("listitem")).to_have_count(8)
    article.get_by_role("button", name="Show all 90 files").click()
    expect(article.get_by_role("listitem")).to_have_count(90)
    expect(article.get_by_role("button", name="Show all", exact=True)).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(LOOKING)
    assert page.evaluate("clipped()") == []
