"""One person by mail, by WhatsApp and from a second address: suggested, joined and parted before two agents' eyes."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SECONDS, Post, open_customer
from tests.desk import RunningDesk

pytestmark = pytest.mark.browser
HAND_IN = """
from channels_app import intake
from channels_app.models import Channel
channel = Channel.objects.get(kind="sandbox", look="whatsapp")
intake.store(channel, body={body!r}, headers={{}})
"""


def details(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Customer details")


def said(page: Page, words: str) -> Locator:
    return page.locator(".feed").get_by_text(words, exact=True)


@pytest.mark.slow
def test_one_person_three_addresses_one_timeline_and_back(
    sign_in: Callable[..., Page], desk: RunningDesk, post: Post, nina: str
) -> None:
    seed = int(nina[4:12], 16) % 10**7
    order, number, alias = f"77{seed:07d}", f"+39 347 {seed:07d}", f"{nina.split()[0]}w Bianchi"
    post.write(nina, f"Where is my order {order}?")
    chat = {"from": number, "name": nina, "text": f"It is about order {order}, please hurry."}
    desk.do(HAND_IN.format(body=json.dumps(chat).encode()))
    luca = open_customer(sign_in(), nina)
    mine = re.compile(re.escape(re.search(r"/\d+/", luca.url)[0]))
    # The colleague has the other half open, on the channel it came by.
    sam = sign_in("sam")
    sam.goto("/inbox/unassigned/?sort=newest")
    sam.get_by_role("link", name=f"{nina}, WhatsApp").click(timeout=SECONDS)
    expect(said(sam, f"It is about order {order}, please hurry.")).to_be_visible()
    # It is suggested, and says why.
    expect(details(luca)).to_contain_text(f"May be {nina} (56 of 100).", timeout=SECONDS)
    expect(details(luca)).to_contain_text(f"Same order number: {order}")
    expect(details(luca)).to_contain_text("Same name")
    join(luca, nina)
    for page in (luca, sam):
        expect(page).to_have_url(mine, timeout=SECONDS)
        expect(said(page, f"Where is my order {order}?")).to_be_visible(timeout=SECONDS)
        expect(said(page, f"It is about order {order}, please hurry.")).to_be_visible()
    # A third address quotes the order too; the suggestion comes to both by itself.
    post.write(alias, f"This is from work: order {order} again.")
    for page in (luca, sam):
        expect(details(page)).to_contain_text(f"May be {alias}", timeout=SECONDS)
    join(luca, nina)
    for page in (luca, sam):
        expect(said(page, f"This is from work: order {order} again.")).to_be_visible(timeout=SECONDS)
    # What comes by any of the three now comes to both.
    post.write(nina, "And one more thing.")
    for page in (luca, sam):
        expect(said(page, "And one more thing.")).to_be_visible(timeout=SECONDS)
    # Taken back from the timeline, the last merge first: each goes back with what was said through it.
    happened = luca.locator(".feed > article", has_text=f"merged {alias} into this customer")
    happened.get_by_role("button", name="Undo").click()
    for page in (luca, sam):
        expect(said(page, f"This is from work: order {order} again.")).to_have_count(0, timeout=SECONDS)
        expect(said(page, "And one more thing.")).to_be_visible()
        expect(details(page)).not_to_contain_text("of 100")
    happened = sam.locator(".feed > article", has_text=f"merged {nina} into this customer")
    happened.get_by_role("button", name="Undo").click()
    for page in (luca, sam):
        expect(said(page, f"It is about order {order}, please hurry.")).to_have_count(0, timeout=SECONDS)
        expect(page.locator(".feed").get_by_text(f"parted from {nina} again")).to_be_visible()
    sam.goto("/inbox/unassigned/?sort=newest")
    for name in (f"{nina}, WhatsApp", f"{alias}, Email", f"{nina}, Email"):
        expect(sam.get_by_role("link", name=name)).to_be_visible()


def join(page: Page, name: str) -> None:
    """Follow the panel's suggestion: compare, and merge into who is open."""
    details(page).get_by_role("link", name="Compare and merge").click()
    expect(page.get_by_role("heading", name="Are these the same person?", level=1)).to_be_visible()
    expect(page.get_by_role("list", name="What speaks for it")).to_contain_text("Same order number")
    expect(page.get_by_role("complementary", name="After the merge")).to_contain_text("joins")
    page.get_by_role("button", name=f"Merge into {name}").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
