"""Splitting an address off and who may be one person, in the browsers of two agents."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SECONDS, Post, open_customer

pytestmark = pytest.mark.browser
DETAILS = "Customer details"


def add_address(page: Page, kind: str, value: str) -> None:
    panel = page.get_by_role("complementary", name=DETAILS)
    panel.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Kind").select_option(kind)
    page.get_by_label("Address or number").fill(value)
    page.get_by_role("form", name="Add an address").get_by_role("button", name="Add").click()
    expect(panel).to_contain_text(value, timeout=SECONDS)


def test_an_address_is_split_off_and_brought_back_before_a_colleagues_eyes(
    opened: Page, sign_in: Callable[..., Page], nina: str
) -> None:
    address = f"{nina.split()[0].lower()}.shop@example.test"
    add_address(opened, "email", address)
    sam = sign_in("sam")
    sam.goto(opened.url)
    expect(sam.get_by_role("status", name="Live")).to_have_text("connected")
    opened.get_by_role("button", name=f"What to do with {address}").click()
    opened.get_by_role("link", name="Split off…").click()
    expect(opened.get_by_role("heading", level=1)).to_contain_text(f"Split {address} off")
    opened.get_by_role("button", name="Split off", exact=True).click()
    expect(opened.get_by_text(f"split {address} off {nina}")).to_be_visible()
    expect(sam.get_by_text(f"split {address} off to")).to_be_visible(timeout=SECONDS)
    expect(sam.get_by_role("complementary", name=DETAILS)).not_to_contain_text(address, timeout=SECONDS)
    opened.get_by_role("button", name="Undo").click()
    expect(opened.get_by_role("heading", name=nina, level=1)).to_be_visible()
    for page in (opened, sam):
        expect(page.get_by_role("complementary", name=DETAILS)).to_contain_text(address, timeout=SECONDS)


@pytest.mark.slow
def test_a_suggestion_appears_by_itself_and_takes_no_for_an_answer(
    opened: Page, sign_in: Callable[..., Page], post: Post, nina: str
) -> None:
    number = f"99{int(nina[4:12], 16) % 10**8:08d}"
    post.write(nina, f"It is order {number}.")
    stranger = f"Z{nina}"
    post.write(stranger, f"Where is order {number}?")
    panel = opened.get_by_role("complementary", name=DETAILS)
    expect(panel).to_contain_text(f"May be {stranger} (36 of 100).", timeout=SECONDS)
    sam = open_customer(sign_in("sam"), stranger)
    expect(sam.get_by_role("complementary", name=DETAILS)).to_contain_text(f"Same order number: {number}")
    panel.get_by_role("button", name="Not the same person").click()
    expect(panel).not_to_contain_text("of 100", timeout=SECONDS)
    expect(sam.get_by_role("complementary", name=DETAILS)).not_to_contain_text("of 100", timeout=SECONDS)
