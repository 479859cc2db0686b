"""A segment is built while it says whom it finds; lists of people are told of what happens elsewhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Post


def test_a_segment_says_whom_it_finds_while_it_is_built(sign_in: Callable[..., Page]) -> None:
    page = sign_in("luca")
    page.goto("/segments/new/")
    page.get_by_label("Name", exact=True).fill("The Ashdowns")
    page.get_by_label("Value").fill("ashdown")
    preview = page.locator("#segment-preview")
    expect(preview.get_by_role("status")).to_have_text("2 customers")
    expect(preview).to_contain_text("Beth Ashdown")
    page.get_by_role("button", name="Add a condition").click()
    expect(page.get_by_label("What")).to_have_count(2)
    page.get_by_label("What").nth(1).select_option("channel")
    expect(page.get_by_label("What").nth(1)).to_be_focused()
    page.locator("select#value-1").select_option("whatsapp")
    expect(preview.get_by_role("status")).to_have_text("1 customer")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", name="The Ashdowns")).to_be_visible()
    expect(page.locator(".roll .roll-row")).to_have_count(1)
    expect(page.locator(".segments-nav [aria-current] .n")).to_have_text("1")
    assert "csrf" not in page.url


@pytest.mark.slow
def test_a_list_of_customers_shows_who_writes_now(sign_in: Callable[..., Page], post: Post, nina: str) -> None:
    page = sign_in("luca")
    page.goto("/customers/")
    expect(page.locator(".roll .roll-row").first).to_be_visible()
    post.write(nina, "Hello")
    expect(page.locator(".roll")).to_contain_text(nina)
