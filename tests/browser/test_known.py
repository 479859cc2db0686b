"""Already known, in a browser: the strip above the text, one key to insert, the hint, correcting and undoing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SECONDS, Post, open_customer

pytestmark = pytest.mark.browser


@pytest.fixture
def told(sign_in: Callable[..., Page], post: Post, nina: str) -> Page:
    """Luca has opened what Nina wrote of two orders."""
    post.write(nina, "My order 10432 is late, and order 20981 too.", subject="Where is it?")
    page = open_customer(sign_in(), nina)
    expect(page.get_by_role("list", name="Already known")).to_contain_text("Order 10432", timeout=SECONDS)
    return page


def test_a_known_order_is_inserted_by_press_by_digit_and_by_name(told: Page) -> None:
    text = told.get_by_role("textbox", name="Message")
    told.get_by_role("button", name="Insert Order 10432").click()
    expect(text).to_have_value("10432")
    text.fill("")
    told.get_by_role("heading", level=1).focus()
    told.keyboard.press("2")
    expect(text).to_have_value("20981")
    text.fill("About ")
    text.press_sequentially("#104")
    expect(told.get_by_role("option", name="Order 10432")).to_be_visible()
    told.keyboard.press("Enter")
    expect(text).to_have_value("About 10432 ")


@pytest.mark.slow
def test_asking_for_what_is_known_says_so_and_blocks_nothing(told: Page) -> None:
    text = told.get_by_role("textbox", name="Message")
    hint = told.get_by_text("You already have the order number: 10432")
    for question in (
        "Could you send me your order number?",
        "Mi può dare il numero d'ordine?",
        "Care este numărul comenzii?",
    ):
        text.fill("")
        expect(hint).to_be_hidden()
        text.fill(question)
        expect(hint).to_be_visible()
    told.get_by_role("button", name="Insert", exact=True).click()
    expect(text).to_have_value("Care este numărul comenzii? 10432")
    expect(hint).to_be_hidden()
    expect(told.get_by_role("button", name="Send by email")).to_be_enabled()


@pytest.mark.slow
def test_a_wrong_thing_is_dismissed_corrected_and_put_back_live(told: Page, sign_in: Callable[..., Page]) -> None:
    sam = sign_in("sam")
    sam.goto(told.url)
    known = [page.get_by_role("list", name="Already known") for page in (told, sam)]
    told.get_by_role("button", name="What to do with Order 10432").click()
    told.get_by_role("dialog", name="What to do with Order 10432").get_by_label("It should be").fill("10433")
    told.get_by_role("button", name="Correct", exact=True).click()
    for strip in known:
        expect(strip).to_contain_text("Order 10433", timeout=SECONDS)
        expect(strip).not_to_contain_text("Order 10432")
    told.get_by_role("button", name="Undo").click()
    for strip in known:
        expect(strip).to_contain_text("Order 10432", timeout=SECONDS)
        expect(strip).not_to_contain_text("Order 10433")


def test_who_is_given_a_conversation_reads_the_story(told: Page, sign_in: Callable[..., Page]) -> None:
    told.keyboard.press("n")
    told.get_by_role("textbox", name="Note").fill("Tried: asked the courier -> no answer\nOpen: new parcel or refund")
    told.get_by_role("button", name="Add note").click()
    expect(told.locator("#story summary")).to_contain_text("Story so far", timeout=SECONDS)
    sam = sign_in("sam")
    sam.goto(told.url)
    expect(sam.locator("#story summary")).to_be_visible()
    expect(sam.get_by_text("asked the courier → no answer")).to_be_hidden()
    sam.get_by_role("button", name="Take").click()
    expect(sam.get_by_text("New to you")).to_be_visible(timeout=SECONDS)
    expect(sam.get_by_text("asked the courier → no answer")).to_be_visible()
