"""The contact page without a script, on a small phone: from a mistake to the agent's answer; and with one, off line."""

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import SECONDS
from tests.browser.test_accessibility import LOOKS, violations
from tests.browser.test_widget import mailed
from tests.desk import RunningDesk
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHOTO = {"name": "boots.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000}
# Nobody fills a form in in less (channels_app/adapters/webform/stamping.py).
LEAST_MS = 3_200
FITS = "document.documentElement.scrollWidth <= innerWidth"


def be_there_long_enough(page: Page) -> None:
    """Wait until a page is as old as people need to fill it in."""
    until(lambda: page.evaluate("performance.now()") > LEAST_MS)


@pytest.fixture
def devices(browser: Browser, desk: RunningDesk, complaints: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Browsers of somebody who works nowhere; what they complain of is noted."""
    opened = []

    def device(**more: object) -> BrowserContext:
        context = browser.new_context(base_url=desk.facts["url"], reduced_motion="reduce", **more)
        context.set_default_timeout(SECONDS)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        opened.append(context)
        return context

    yield device
    for context in opened:
        context.close()


def choose(page: Page, topic: str) -> None:
    page.get_by_role("radio", name=topic, exact=True).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name=topic, level=1)).to_be_visible()


def test_a_complaint_without_a_script_is_answered_by_mail(
    devices: Callable[..., BrowserContext], sign_in: Callable[..., Page], desk: RunningDesk
) -> None:
    address, words = f"w{uuid.uuid4().hex[:8]}@example.test", f"The sole came off. {uuid.uuid4().hex[:6]}"
    page = devices(java_script_enabled=False, viewport={"width": 320, "height": 640}).new_page()
    page.goto("/demo/shop/")
    page.get_by_role("link", name="Contact form").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_focused()
    choose(page, "Complaint")
    page.get_by_role("textbox", name="Your message").fill(words)
    page.get_by_role("textbox", name="Order number").fill("10433")
    page.get_by_role("radio", name="Repair it").check()
    page.get_by_label("Files (optional)").set_input_files([PHOTO])  # type: ignore[list-item]
    be_there_long_enough(page)
    page.get_by_role("button", name="Send").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Write the email address").click()
    expect(page).to_have_url(re.compile("#f-email$"))
    expect(page.get_by_role("list", name="Files that are here already")).to_contain_text("boots.png")
    expect(page.get_by_role("radio", name="Repair it")).to_be_checked()
    page.get_by_role("textbox", name="Your email address").fill(address)
    page.get_by_role("button", name="Send").click()
    number = page.locator(".number").inner_text()
    page.reload()
    page.go_back()
    page.get_by_role("textbox", name="Your email address").fill(address)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".number")).to_have_text(number)

    agent = sign_in()
    agent.goto("/inbox/unassigned/?sort=newest")
    row = agent.get_by_role("link", name="Form,").filter(has_text=words)
    expect(row).to_have_count(1)
    row.click()
    told = agent.get_by_role("article", name="Contact form,")
    expect(told).to_contain_text("Complaint")
    expect(told).to_contain_text("10433")
    expect(told.get_by_role("link", name="boots.png")).to_be_visible()
    agent.get_by_role("textbox", name="Message").fill("We send a new pair.")
    agent.keyboard.press("Control+Enter")
    (mail,) = until(lambda: mailed(desk, address), seconds=60)
    assert mail["Subject"] == f"Re: Complaint ({number})"


@pytest.mark.parametrize("look", [name for name in LOOKS if name != "mirrored"])
def test_each_step_is_accessible(devices: Callable[..., BrowserContext], look: str) -> None:
    how = {name: value for name, value in LOOKS[look].items() if name != "width"}
    page = devices(bypass_csp=True, viewport={"width": LOOKS[look].get("width", 1280), "height": 800}, **how).new_page()
    found = []

    def look_at(step: str) -> None:
        found.extend(f"{step}: {fault}" for fault in violations(page))
        assert page.evaluate(FITS), step

    page.goto("/help/en/")
    look_at("help")
    page.get_by_role("link", name="Contact us").click()
    look_at("topics")
    page.get_by_role("button", name="Continue").click()
    look_at("no topic")
    choose(page, "Delivery")
    look_at("form")
    page.get_by_label("Files (optional)").set_input_files([PHOTO])  # type: ignore[list-item]
    be_there_long_enough(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_be_focused()
    look_at("mistakes")
    page.evaluate("document.documentElement.dir = 'rtl'")
    look_at("mistakes, mirrored")
    page.get_by_role("radio", name="It has not come").check()
    page.get_by_role("textbox", name="Your message").fill("Where is it?")
    page.get_by_role("textbox", name="Your email address").fill(f"w{uuid.uuid4().hex[:8]}@example.test")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="We have your message")).to_be_visible()
    look_at("sent")
    page.goto("/help/en/contact/?topic=none")
    look_at("none")
    assert not found, "\n".join(found)


def test_words_stay_on_the_device_until_there_is_a_line(devices: Callable[..., BrowserContext]) -> None:
    context = devices()
    page = context.new_page()
    page.goto("/help/en/contact/")
    choose(page, "Something else")
    page.get_by_role("textbox", name="Your message").fill("Do you mend zips?")
    page.get_by_role("textbox", name="Your email address").fill(f"w{uuid.uuid4().hex[:8]}@example.test")
    expect(page.get_by_role("status")).to_have_text("What you wrote is kept on this device until it is sent.")
    page.reload()
    expect(page.get_by_role("textbox", name="Your message")).to_have_value("Do you mend zips?")
    # Who it is stays on no device.
    assert "@example.test" not in page.evaluate("JSON.stringify(localStorage)")
    page.get_by_role("textbox", name="Your email address").fill(f"w{uuid.uuid4().hex[:8]}@example.test")
    be_there_long_enough(page)
    context.set_offline(True)
    page.get_by_role("button", name="Send when online").click()
    expect(page.get_by_role("status")).to_contain_text("No connection.")
    context.set_offline(False)
    expect(page.get_by_role("heading", name="We have your message")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
