"""What is confidential: asked over from WhatsApp by a link that opens once, and the past shown by a mailed code."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_accessibility import violations
from tests.browser.test_played_kinds import Provider, reached_by
from tests.browser.test_widget import ada, devices, mailed
from tests.desk import RunningDesk
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["ada", "devices", "reached_by"]


def sent_link(desk: RunningDesk, mark: str) -> str:
    """Return the link as WhatsApp was given it."""
    path = desk.folder / f"hop-{mark}.txt"
    desk.do(
        "from pathlib import Path\nfrom channels_app.models import SandboxMessage\n"
        "rows = SandboxMessage.objects.filter(text__contains='/hop/').order_by('-pk')\n"
        f"Path({str(path)!r}).write_text(rows.values_list('text', flat=True).first())"
    )
    found = re.search(r"http\S+/hop/[\w-]+/", path.read_text())
    assert found
    return found[0]


def test_from_whatsapp_to_the_secure_chat_and_back_into_the_past(
    sign_in: Callable[..., Page], devices: Callable[..., BrowserContext], desk: RunningDesk, ada: Provider,
    reached_by: Callable[..., None],
) -> None:  # fmt: skip
    mark = uuid.uuid4().hex[:6]
    name, address = f"Carla {mark}", f"carla{mark}@example.test"
    ada.connect("whatsapp")
    ada.receive("whatsapp", f"+39333555{uuid.uuid4().int % 10_000:04d}", name, f"I was charged twice {mark}")
    reached_by(name, ("email", address))
    agent = sign_in()
    agent.goto("/inbox/unassigned/?sort=newest")
    agent.get_by_role("link", name="WhatsApp").filter(has_text=mark).click()
    agent.get_by_role("button", name="Move to secure chat").click()
    agent.get_by_role("button", name="Send the link").click()
    expect(agent.locator(".hop").last).to_contain_text("not opened yet")
    link = sent_link(desk, mark)
    assert link.rsplit("/", 2)[1] not in agent.content()

    phone = devices(viewport={"width": 390, "height": 844}, bypass_csp=True).new_page()
    phone.goto(link)
    assert violations(phone) == []
    phone.get_by_role("button", name="Begin").click()
    expect(phone.get_by_role("textbox", name="Message")).to_be_focused()
    expect(agent.locator(".hop").last).to_contain_text("opened")
    phone.get_by_role("textbox", name="Message").fill(f"It ends in 4242, {mark}")
    phone.keyboard.press("Enter")
    expect(agent.get_by_role("article", name="Chat,").filter(has_text="4242")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("article")).to_have_count(1)
    expect(phone.get_by_text("charged twice")).to_have_count(0)
    other = devices().new_page()
    assert other.goto(link).status == 410  # type: ignore[union-attr]
    expect(other.get_by_text("This link was used already.")).to_be_visible()

    phone.get_by_role("button", name="Show what was said before").click()
    phone.locator("#prove-address").fill(address)
    phone.keyboard.press("Enter")
    mail = until(lambda: mailed(desk, address), seconds=60)[0]
    phone.get_by_label("The six digits of the mail").fill("no code")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("That is not the code.")).to_be_visible()
    assert violations(phone) == []
    phone.get_by_label("The six digits of the mail").fill(str(mail["Subject"])[:6])
    phone.keyboard.press("Enter")
    expect(phone.get_by_text(f"Now you see what was said through {address}.")).to_be_visible()
    expect(phone.get_by_role("button", name="Show what was said before")).to_be_hidden()
    expect(phone.get_by_role("article").filter(has_text="4242")).to_have_count(1)


def test_an_emailed_code_opens_the_conversation_on_another_device(
    devices: Callable[..., BrowserContext], desk: RunningDesk
) -> None:
    address, mark = f"v{uuid.uuid4().hex[:8]}@example.test", uuid.uuid4().hex[:6]
    visitor = devices().new_page()
    visitor.goto("/demo/shop/")
    visitor.get_by_role("button", name="Chat with us").click()
    chat = visitor.frame_locator("iframe[title=Chat]")
    chat.get_by_role("textbox", name="Message").fill(f"Do you ship to Cluj? {mark}")
    chat.get_by_role("button", name="Send message").click()
    chat.get_by_label("Where does the answer reach you").fill(address)
    chat.get_by_role("button", name="Save").click()
    expect(chat.get_by_text(f"the answer comes to {address}")).to_be_visible()
    phone = devices().new_page()
    phone.goto("/demo/shop/")
    phone.get_by_role("button", name="Chat with us").click()
    there = phone.frame_locator("iframe[title=Chat]")
    there.get_by_role("button", name="Continue a conversation").click()
    there.locator("#prove-address").fill(address)
    there.get_by_role("button", name="Send the code").click()
    mail = until(lambda: mailed(desk, address), seconds=60)[0]
    there.get_by_label("The six digits of the mail").fill(str(mail["Subject"])[:6])
    there.get_by_role("button", name="Show", exact=True).click()
    expect(there.get_by_text(f"Now you see what was said through {address}.")).to_be_visible()
    expect(there.get_by_role("article").filter(has_text=mark)).to_have_count(1)
