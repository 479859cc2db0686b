"""The live line in a browser: a socket that froze, Redis that does not answer, more hints than can be followed."""

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import SECONDS, Post
from tests.desk import RunningDesk
from tests.waiting import until

pytestmark = pytest.mark.browser
WITHIN_TEN_SECONDS = 10_000
HEALED = 60_000
# Each minute the page asks by itself, frozen or not.
BEFORE_THE_MINUTE = 30_000


@pytest.mark.slow
def test_a_frozen_socket_is_noticed_and_what_it_missed_comes(opened: Page, post: Post, nina: str) -> None:
    lines: list[WebSocketRoute] = []
    frozen: list[WebSocketRoute] = []

    def through(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        line.on_message(lambda text: None if line in frozen else server.send(text))
        server.on_message(lambda text: None if line in frozen else line.send(text))
        lines.append(line)

    opened.route_web_socket("**/ws/agent/", through)
    opened.reload()
    status = opened.get_by_role("status", name="Live")
    expect(status).to_have_text("connected")
    frozen += lines
    post.write(nina, "Nobody told you of this.")
    opened.evaluate("dispatchEvent(new Event('online'))")  # as when a laptop wakes: the page doubts its line
    expect(opened.get_by_role("article", name=f"Email, {nina}")).to_have_count(2, timeout=BEFORE_THE_MINUTE)
    expect(status).to_have_text("connected")
    # Asking the page lets it tell of its sockets.
    until(lambda: bool(opened.evaluate("true")) and len(lines) > 1)


@pytest.mark.slow
def test_while_redis_does_not_answer_pages_work_say_so_and_heal(
    opened: Page, post: Post, nina: str, desk: RunningDesk
) -> None:
    redis = desk.facts["processes"]["redis"]
    status = opened.get_by_role("status", name="Live")
    os.kill(redis, signal.SIGSTOP)
    try:
        expect(opened.get_by_text("Reconnecting…")).to_be_visible(timeout=WITHIN_TEN_SECONDS)
        post.write(nina, "Written while Redis was away.")
        other = opened.context.new_page()
        for path in ("/inbox/unassigned/", opened.url):
            answer = other.goto(path)
            assert answer is not None and answer.status == 200
            expect(other.locator("[aria-busy=true]")).to_have_count(0, timeout=WITHIN_TEN_SECONDS)
            expect(other.get_by_role("status", name="Live")).not_to_have_text("connected", timeout=WITHIN_TEN_SECONDS)
    finally:
        os.kill(redis, signal.SIGCONT)
    expect(status).to_have_text("connected", timeout=HEALED)
    for page in (opened, other):
        expect(page.get_by_role("article", name=f"Email, {nina}")).to_have_count(2, timeout=HEALED)
        expect(page.get_by_role("status", name="Live")).to_have_text("connected", timeout=HEALED)


@pytest.mark.slow
def test_after_three_hundred_mails_at_once_the_page_shows_what_a_fresh_one_shows(
    opened: Page, post: Post, nina: str, sign_in: Callable[..., Page]
) -> None:
    for number in range(300):
        post.write(nina, f"Letter {number}.")
    for number in (0, 150, 299):
        # Not in the order of their coming: two workers file them.
        expect(opened.get_by_role("article").filter(has_text=f"Letter {number}.").first).to_be_attached(
            timeout=HEALED * 5
        )
    fresh = opened.context.new_page()

    def agrees() -> bool:
        fresh.goto(opened.url)
        return _shown(fresh) <= _shown(opened)

    until(agrees, seconds=120)


def _shown(page: Page) -> set[str]:
    """The newest entries that a page shows."""
    return set(page.get_by_role("article").evaluate_all("all => all.slice(-40).map(one => one.id)"))


@pytest.mark.slow
def test_a_row_that_is_drawn_anew_under_a_pressed_finger_still_opens(
    sign_in: Callable[..., Page], post: Post, nina: str
) -> None:
    post.write(nina, "Where is my parcel?")
    page = sign_in()
    page.goto("/inbox/unassigned/?sort=newest")
    row = page.get_by_role("link", name=f"{nina}, Email")
    expect(row).to_be_visible(timeout=SECONDS)
    # What the mail sets going draws the row too: it is to lie still under the finger until we say so.
    page.wait_for_load_state("networkidle")
    row.hover(timeout=SECONDS)
    with page.expect_response(lambda answer: "rows=" in answer.url) as anew:
        page.mouse.down()
        number = int(row.locator("xpath=ancestor::li").get_attribute("data-row") or 0)
        page.evaluate(f"document.dispatchEvent(new CustomEvent('live:hint', {{detail: {{conversation: {number}}}}}))")
    anew.value.finished()
    page.mouse.up()
    expect(page.get_by_role("heading", name=nina, level=1)).to_be_focused()
