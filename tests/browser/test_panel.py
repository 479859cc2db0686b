"""The customer's panel in a browser: changed by one agent, seen by another without reloading."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SECONDS

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_an_added_address_is_seen_by_a_colleague(opened: Page, sign_in: Callable[..., Page]) -> None:
    sam = sign_in("sam")
    sam.goto(opened.url)
    expect(sam.get_by_role("status", name="Live")).to_have_text("connected")
    opened.get_by_role("button", name="Add", exact=True).click()
    opened.get_by_label("Kind").select_option("other")
    opened.get_by_label("Address or number").fill("counter-42")
    opened.get_by_role("form", name="Add an address").get_by_role("button", name="Add").click()
    for page in (opened, sam):
        expect(page.get_by_role("complementary", name="Customer details")).to_contain_text(
            "counter-42", timeout=SECONDS
        )


@pytest.mark.slow
def test_a_profile_is_edited_beside_the_timeline(opened: Page, complaints: list[str]) -> None:
    panel = opened.get_by_role("complementary", name="Customer details")
    panel.get_by_role("link", name="Edit customer").click()
    form = opened.get_by_role("complementary", name="Edit customer")
    form.get_by_label("Quiet from").fill("21:00")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("Quiet hours need a beginning and an end.")
    form.get_by_label("Quiet until").fill("09:00")
    form.get_by_role("button", name="Save").click()
    expect(panel).to_contain_text("21:00–09:00")
    complaints[:] = [line for line in complaints if "422" not in line]


@pytest.mark.slow
def test_an_answer_in_quiet_hours_is_sent_later(opened: Page) -> None:
    panel = opened.get_by_role("complementary", name="Customer details")
    panel.get_by_role("link", name="Edit customer").click()
    form = opened.get_by_role("complementary", name="Edit customer")
    # A day with one quiet minute less than it has: now is within, whenever this runs.
    now = datetime.now(UTC) + timedelta(hours=2)
    form.get_by_label("Time zone").select_option("UTC")
    form.get_by_label("Quiet from").fill(f"{now + timedelta(minutes=1):%H:%M}")
    form.get_by_label("Quiet until").fill(f"{now:%H:%M}")
    form.get_by_role("button", name="Save").click()
    expect(panel).to_contain_text("Quiet hours")
    opened.get_by_role("textbox", name="Message").fill("It is on its way.")
    opened.get_by_role("button", name="Send by email").click()
    opened.get_by_role("button", name=f"Send at {now:%H:%M} there").click()
    expect(opened.get_by_role("article", name="Email, You")).to_contain_text("Will be sent")
    opened.get_by_role("button", name="Undo send").click()
    expect(opened.get_by_role("textbox", name="Message")).to_have_value("It is on its way.")
    opened.get_by_role("button", name="Send by email").click()
    opened.get_by_role("button", name="Send now anyway").click()
    expect(opened.get_by_role("button", name="Send now", exact=True)).to_be_visible()


def test_a_pinned_note_and_a_tag_are_seen_by_a_colleague(opened: Page, sign_in: Callable[..., Page]) -> None:
    sam = sign_in("sam")
    sam.goto(opened.url)
    expect(sam.get_by_role("status", name="Live")).to_have_text("connected")
    panel = opened.get_by_role("complementary", name="Customer details")
    panel.get_by_role("button", name="Add a note").click()
    form = opened.get_by_role("form", name="Add a note")
    form.get_by_label("Only your team sees this").fill("Has a dog.")
    form.get_by_role("button", name="Pin").click()
    expect(panel).to_contain_text("Has a dog.")
    panel.get_by_role("textbox", name="New tag").fill("Late parcel")
    panel.get_by_role("button", name="Add tag").click()
    for page in (opened, sam):
        details = page.get_by_role("complementary", name="Customer details")
        expect(details).to_contain_text("Has a dog.", timeout=SECONDS)
        expect(details.get_by_role("button", name="Take off late parcel")).to_be_visible(timeout=SECONDS)
    sam.get_by_role("button", name="Take this note off").click()
    expect(panel).not_to_contain_text("Has a dog.", timeout=SECONDS)


@pytest.mark.slow
def test_figures_come_into_sight_and_stay_while_the_panel_is_drawn_anew(
    opened: Page, sign_in: Callable[..., Page]
) -> None:
    figures = opened.get_by_role("region", name="Value")
    # At once: the stub gives way to the figures as soon as it is seen, while Playwright waits for it to be still.
    figures.evaluate("stub => stub.scrollIntoView()")
    expect(figures).to_contain_text("1 from them, 0 from us")
    sam = sign_in("sam")
    sam.goto(opened.url)
    sam.get_by_role("textbox", name="Tag for the customer").fill("vip")
    sam.get_by_role("button", name="Tag the customer").click()
    expect(opened.get_by_role("button", name="Take vip off the customer")).to_be_visible(timeout=SECONDS)
    expect(figures).to_contain_text("1 from them, 0 from us", timeout=100)


@pytest.mark.slow
def test_forms_of_order_numbers_are_tried_while_typing(sign_in: Callable[..., Page]) -> None:
    page = sign_in("ada")
    page.goto("/settings/orders/")
    page.get_by_label("Try it with a message").fill("Where is RO-104322?")
    page.get_by_label("Forms of order numbers").fill("RO-999999")
    expect(page.locator("#order-trial .kv")).to_contain_text("RO-104322")


@pytest.mark.slow
def test_what_a_colleague_resolved_is_listed_so(opened: Page, sign_in: Callable[..., Page]) -> None:
    listed = opened.get_by_role("complementary", name="Customer details").locator(".past").first
    expect(listed).to_contain_text("Open")
    sam = sign_in("sam")
    sam.goto(opened.url)
    expect(sam.get_by_role("status", name="Live")).to_have_text("connected")
    sam.keyboard.press("e")
    expect(listed).to_contain_text("Resolved", timeout=SECONDS)
