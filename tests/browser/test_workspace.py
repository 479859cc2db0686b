"""The main job in a browser: a mail arrives, is read, answered, taken back, noted, resolved."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SECONDS, Post, open_customer
from tests.desk import RunningDesk
from tests.waiting import until

pytestmark = pytest.mark.browser


def test_a_mail_appears_as_a_row_without_reloading(sign_in: Callable[..., Page], post: Post, nina: str) -> None:
    page = sign_in()
    page.goto("/inbox/unassigned/?sort=newest")
    page.evaluate("window.stillHere = true")
    expect(page.get_by_role("status", name="Live")).to_have_text("connected")
    post.write(nina, "Where is my parcel?")
    expect(page.get_by_role("link", name=re.compile(f"^{nina}, Email, Due in"))).to_be_visible(timeout=SECONDS)
    assert page.evaluate("window.stillHere")


def test_the_timeline_grows_while_it_is_read(opened: Page, post: Post, nina: str) -> None:
    opened.evaluate("window.stillHere = true")
    post.write(nina, "And one more thing.")
    expect(opened.get_by_role("article", name=f"Email, {nina}")).to_have_count(2, timeout=SECONDS)
    assert opened.evaluate("window.stillHere")


@pytest.mark.slow
def test_a_colleague_who_has_it_open_and_writes_is_seen(opened: Page, sign_in: Callable[..., Page]) -> None:
    sam = sign_in("sam")
    sam.goto(opened.url)
    expect(opened.get_by_role("status", name="Viewing: Sam")).to_be_visible(timeout=SECONDS)
    sam.get_by_role("textbox", name="Message").press_sequentially("Dear")
    expect(opened.get_by_role("status", name="Writing: Sam")).to_contain_text("Sam is writing a reply", timeout=SECONDS)
    expect(sam.get_by_role("status", name="Draft")).to_contain_text("Draft saved")
    sam.get_by_role("textbox", name="Message").press_sequentially(" Nina")
    opened.get_by_role("button", name="See draft").click()
    expect(opened.get_by_role("region", name="Draft of Sam Marchetti")).to_contain_text("Dear")


def test_a_draft_is_taken_over_and_no_word_is_lost(opened: Page, sign_in: Callable[..., Page]) -> None:
    opened.get_by_role("textbox", name="Message").fill("Kind regards, Luca")
    sam = sign_in("sam")
    sam.goto(opened.url)
    # That somebody writes is told once and not kept: before Sam's line stands nobody would hear of it.
    expect(opened.get_by_role("status", name="Viewing: Sam")).to_be_visible(timeout=SECONDS)
    sam.get_by_role("textbox", name="Message").fill("Dear Nina,")
    expect(sam.get_by_role("status", name="Draft")).to_contain_text("Draft saved")
    # What Sam types from here on never reaches the server.
    sam.route("**/drafts/reply/", lambda route: route.abort())
    sam.get_by_role("textbox", name="Message").press_sequentially(" it")
    opened.get_by_role("status", name="Writing: Sam").get_by_role("button", name="Take over").click(timeout=SECONDS)
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("Dear Nina,\n\nKind regards, Luca")
    expect(opened.get_by_role("article", name="Draft, You")).to_contain_text("took over the answer of Sam Marchetti")
    sam.unroute("**/drafts/reply/")
    sam.get_by_role("textbox", name="Message").press_sequentially(" is")
    kept = sam.get_by_role("region", name="What you had typed")
    expect(kept).to_contain_text("Luca Ferrante took over what you were writing.", timeout=SECONDS)
    expect(kept).to_contain_text("Dear Nina, it is")
    sam.reload()
    expect(kept).to_contain_text("Dear Nina, it is")
    expect(sam.get_by_role("textbox", name="Message")).to_have_value("")
    kept.get_by_role("button", name="Write on with it").click()
    expect(sam.get_by_role("textbox", name="Message")).to_have_value("Dear Nina, it is")
    opened.reload()
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("Dear Nina,\n\nKind regards, Luca")


@pytest.mark.slow
def test_who_loses_a_draft_is_told_at_once(opened: Page, sign_in: Callable[..., Page]) -> None:
    sam = sign_in("sam")
    sam.goto(opened.url)
    expect(sam.get_by_role("status", name="Live")).to_have_text("connected")
    sam.get_by_role("textbox", name="Message").fill("Dear Nina,")
    expect(sam.get_by_role("status", name="Draft")).to_contain_text("Draft saved")
    opened.get_by_role("button", name="See draft").click(timeout=SECONDS)
    opened.get_by_role("region", name="Draft of Sam Marchetti").get_by_role("button", name="Take over").click()
    expect(sam.get_by_role("region", name="What you had typed")).to_contain_text("Dear Nina,", timeout=SECONDS)
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("Dear Nina,")


def test_an_answer_can_be_taken_back_and_then_leaves(opened: Page, desk: RunningDesk, nina: str) -> None:
    opened.get_by_role("textbox", name="Message").fill("It is on its way.")
    opened.get_by_role("button", name="Send by email").click()
    expect(opened.get_by_role("article", name="Email, You")).to_have_count(1)
    opened.get_by_role("button", name="Undo send").click()
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("It is on its way.")
    expect(opened.get_by_role("article", name="Email, You")).to_have_count(0)
    opened.get_by_role("button", name="Send by email").click()
    opened.get_by_role("button", name="Send now").click()
    article = opened.get_by_role("article", name="Email, You")
    expect(article).to_contain_text("Sent", timeout=15_000)
    mails = [path.read_text() for path in (desk.folder / ".dev" / "outbox").glob("*.eml")]
    assert sum(nina.split()[0].lower() in mail for mail in mails) == 1


@pytest.mark.slow
def test_a_text_that_is_saved_late_is_not_there_twice(opened: Page) -> None:
    held: list[Route] = []
    opened.route("**/drafts/reply/", lambda route: held.append(route))
    opened.get_by_role("textbox", name="Message").fill("It is on its way.")
    opened.get_by_role("button", name="Send by email").click()
    expect(opened.get_by_role("article", name="Email, You")).to_have_count(1)
    assert held
    with opened.expect_response("**/drafts/reply/") as saved:
        held[0].continue_()
    assert saved.value.status == 409
    opened.get_by_role("button", name="Undo send").click()
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("It is on its way.")
    opened.unroute("**/drafts/reply/")


def test_a_text_of_a_hundred_kilobytes_is_saved_when_its_field_is_left(opened: Page) -> None:
    text = "Bună ziua, coletul ajunge mâine între orele nouă și douăsprezece. " * 1_500
    opened.get_by_role("textbox", name="Message").fill(text)
    opened.get_by_role("textbox", name="Message").blur()
    expect(opened.get_by_role("status", name="Draft")).to_contain_text("Draft saved")
    opened.evaluate("localStorage.clear()")
    opened.reload()
    expect(opened.get_by_role("textbox", name="Message")).to_have_value(text)


@pytest.mark.slow
def test_what_was_begun_after_an_answer_stays_below_it_on_undo(opened: Page) -> None:
    opened.get_by_role("textbox", name="Message").fill("It is on its way.")
    opened.get_by_role("button", name="Send by email").click()
    expect(opened.get_by_role("article", name="Email, You")).to_have_count(1)
    opened.get_by_role("textbox", name="Message").press_sequentially("P.S.")
    opened.get_by_role("button", name="Undo send").click()
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("It is on its way.\n\nP.S.")
    opened.reload()
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("It is on its way.\n\nP.S.")


def test_a_note_is_seen_by_the_team_and_sent_to_nobody(opened: Page, desk: RunningDesk, nina: str) -> None:
    opened.get_by_role("tab", name="Note").click()
    expect(opened.get_by_role("form", name="Compose")).to_contain_text("Only your team sees this")
    opened.get_by_role("textbox", name="Note").fill("Careful with this one.")
    opened.get_by_role("button", name="Add note").click()
    expect(opened.get_by_role("article", name="Note, You")).to_contain_text("Careful with this one.")
    assert not any("Careful" in path.read_text() for path in (desk.folder / ".dev" / "outbox").glob("*.eml"))


def test_each_mode_keeps_its_own_text_over_a_reload(opened: Page) -> None:
    opened.get_by_role("textbox", name="Message").fill("Dear Nina")
    opened.get_by_role("tab", name="Note").click()
    opened.get_by_role("textbox", name="Note").fill("Be careful")
    expect(opened.get_by_role("status", name="Draft")).to_contain_text("Draft saved")
    opened.reload()
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("Dear Nina")
    opened.get_by_role("tab", name="Note").click()
    expect(opened.get_by_role("textbox", name="Note")).to_have_value("Be careful")


@pytest.mark.slow
def test_an_answer_that_crossed_with_a_colleagues_is_refused_once(opened: Page, sign_in: Callable[..., Page]) -> None:
    opened.get_by_role("textbox", name="Message").fill("My answer")
    opened.context.set_offline(True)
    sam = sign_in("sam")
    sam.goto(opened.url)
    sam.get_by_role("textbox", name="Message").fill("I was faster.")
    sam.get_by_role("button", name="Send by email").click()
    expect(sam.get_by_role("article", name="Email, You")).to_have_count(1)
    opened.route("**/entries/?after=*", lambda route: route.abort())
    opened.context.set_offline(False)
    expect(opened.get_by_role("status", name="Live")).to_have_text("connected", timeout=SECONDS)
    opened.get_by_role("button", name="Send by email").click()
    expect(opened.get_by_role("alert")).to_contain_text("Sam Marchetti replied", timeout=SECONDS)
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("My answer")
    opened.unroute("**/entries/?after=*")
    opened.get_by_role("button", name="Send anyway").click()
    expect(opened.get_by_role("article", name="Email, You")).to_have_count(1)


def test_a_cut_line_is_said_and_healed_without_a_lost_entry(opened: Page, post: Post, nina: str) -> None:
    opened.context.set_offline(True)
    status = opened.get_by_role("status", name="Live")
    expect(status).to_have_text("reconnecting")
    expect(opened.get_by_text("Reconnecting…")).to_be_visible(timeout=SECONDS)
    post.write(nina, "You did not see this.")
    expect(status).to_have_text("offline", timeout=SECONDS)
    opened.context.set_offline(False)
    expect(status).to_have_text("connected", timeout=15_000)
    expect(opened.get_by_role("article", name=f"Email, {nina}")).to_have_count(2, timeout=15_000)


def test_what_is_sent_while_offline_goes_when_the_line_is_back(opened: Page) -> None:
    opened.context.set_offline(True)
    opened.get_by_role("textbox", name="Message").fill("Sent from a tunnel.")
    opened.get_by_role("button", name="Send by email").click()
    expect(opened.get_by_role("article", name="Being sent")).to_contain_text("Waiting for the connection")
    opened.context.set_offline(False)
    expect(opened.get_by_role("article", name="Email, You")).to_have_count(1, timeout=15_000)
    expect(opened.get_by_role("article", name="Being sent")).to_have_count(0)


def test_acts_are_undone_by_their_toast(opened: Page) -> None:
    opened.keyboard.press("i")
    expect(opened.locator("#state")).to_contain_text("Owner you")
    expect(opened.get_by_role("button", name="Undo")).to_be_visible()
    opened.keyboard.press("z")
    expect(opened.locator("#state")).to_contain_text("No owner")
    opened.keyboard.press("e")
    expect(opened.locator("#state")).to_contain_text("Resolved")
    expect(opened.get_by_role("button", name="Reopen")).to_be_visible()


def test_the_keyboard_walks_opens_writes_and_returns(opened: Page) -> None:
    opened.keyboard.press("u")
    expect(opened.locator("a.row:focus")).to_have_count(1)
    opened.keyboard.press("k")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("heading", level=1)).to_be_focused()
    opened.keyboard.press("n")
    expect(opened.get_by_role("textbox", name="Note")).to_be_focused()
    opened.keyboard.press("Escape")
    opened.keyboard.press("?")
    expect(opened.get_by_role("dialog", name="Keys")).to_be_visible()


def test_html_of_a_stranger_is_framed_searched_and_runs_nothing(
    sign_in: Callable[..., Page], post: Post, nina: str
) -> None:
    hostile = "<h2>Hello</h2><script>parent.hacked=1</script><img src=x onerror='parent.hacked=1'>" + "<p>line</p>" * 80
    post.write(nina, "A hidden treasure", html=f"<style>.treasure {{}}</style>{hostile}<p>A hidden <i>treasure</i></p>")
    page = open_customer(sign_in(), nina)
    frame = page.frame_locator("iframe.frame")
    expect(frame.get_by_role("heading", name="Hello")).to_be_visible(timeout=SECONDS)
    assert page.evaluate("window.hacked") is None and frame.locator("script").count() == 0
    until(lambda: page.locator("iframe.frame").bounding_box()["height"] > 800)  # type: ignore[index]
    # The search marks words in the frame too, and brings them into sight.
    page.locator(".scroll").evaluate("scroll => { scroll.scrollTop = 0; }")
    page.keyboard.press("f")
    page.get_by_role("searchbox", name="Find on this timeline").fill("tr\u00e9asure")
    marked = "document.querySelector('iframe.frame').contentWindow.CSS.highlights"
    until(lambda: page.evaluate(f"{marked}.get('found-here')?.size") == 1)
    expect(frame.get_by_text("treasure")).to_be_in_viewport()
    page.keyboard.press("Escape")
    assert page.evaluate(f"{marked}.size") == 0


def test_on_a_phone_one_pane_is_shown_at_a_time(sign_in: Callable[..., Page], post: Post, nina: str) -> None:
    post.write(nina, "Hello")
    page = sign_in(width=390, height=844, has_touch=True)
    open_customer(page, nina)
    expect(page.get_by_role("combobox", name="View")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("combobox", name="View")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_count(0)


@pytest.mark.slow
def test_signing_out_elsewhere_keeps_the_page_and_the_text(opened: Page) -> None:
    other = opened.context.new_page()
    other.goto("/inbox/mine/")
    other.get_by_role("button", name="Me: Luca Ferrante").click()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login/**")
    opened.get_by_role("textbox", name="Message").fill("Half a sentence")
    expect(opened.get_by_role("alertdialog")).to_contain_text("Your text is kept", timeout=SECONDS)


@pytest.mark.slow
def test_a_colleague_is_named_in_a_note_by_the_first_letters(opened: Page) -> None:
    opened.keyboard.press("n")
    opened.keyboard.type("Over to you, @sar")
    expect(opened.get_by_role("option", name="Sara Contarini")).to_be_visible()
    expect(opened.get_by_role("listbox", name="Colleagues").get_by_role("option")).to_have_count(1)
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("textbox", name="Note")).to_have_value("Over to you, @Sara Contarini ")
    opened.keyboard.press("Control+Enter")
    expect(opened.get_by_role("article", name="Note, You").locator(".at")).to_have_text("@Sara Contarini")


def test_every_key_does_what_the_help_says(opened: Page) -> None:
    for key, menu in (("a", "#assign-menu"), ("s", "#snooze-menu")):
        opened.keyboard.press(key)
        expect(opened.locator(menu)).to_be_visible()
        opened.keyboard.press("Escape")
        expect(opened.locator(menu)).to_be_hidden()
    opened.keyboard.press("r")
    expect(opened.get_by_role("textbox", name="Message")).to_be_focused()
    opened.keyboard.press("Escape")
    opened.keyboard.press("d")
    expect(opened.locator("#panel")).to_be_hidden()
    opened.keyboard.press("d")
    opened.keyboard.press("g")
    opened.keyboard.press("m")
    opened.wait_for_url("**/inbox/mine/")
    opened.keyboard.press("/")
    opened.wait_for_url("**/search/")
    expect(opened.get_by_role("combobox", name="Search everything")).to_be_focused()
