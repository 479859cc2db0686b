"""A public comment in a browser: hidden from its menu, answered in private once, never publicly by itself."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SECONDS
from tests.desk import RunningDesk

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COMMENTS = """
from channels_app.models import Channel
from conversations import filing
from django.db import transaction
from helpdesk.lib import clock
from helpdesk.lib.inbound import InboundMessage, Party
channel = Channel.objects.get(kind="sandbox", look="instagram")
said = InboundMessage(sender=Party(kind="instagram", value="{value}", name="{name}"), external_id="{value}-1",
                      text="Where is it?", thread_key="post-1:{value}", thread_kind="comment")
data = {{"event": "comment", "comment": {{"post": "post-1"}}}}
with transaction.atomic():
    filing.file_message(filing.Arrival(channel, said, clock.now(), data=data))
"""


def test_a_comment_is_hidden_and_answered_in_private_once(
    desk: RunningDesk, sign_in: Callable[..., Page], complaints: list[str]
) -> None:
    value = f"elena.{uuid.uuid4().hex[:8]}"
    name = f"Elena{value[-8:]} M."
    desk.do(COMMENTS.format(value=value, name=name))
    page = sign_in()
    page.goto("/inbox/unassigned/?sort=newest")
    page.get_by_role("link", name=f"{name}, Instagram").click(timeout=SECONDS)
    comment = page.get_by_role("article", name=f"Instagram, {name}")
    comment.hover()
    comment.get_by_role("button", name="Message actions").click()
    comment.get_by_role("button", name="Hide from the page").click()
    expect(comment.get_by_text("Hidden from the page by")).to_be_visible(timeout=SECONDS)

    private = page.get_by_role("radio", name="In a private message: possible once")
    public = page.get_by_role("radio", name="Under the comment: everybody can read it")
    expect(public).to_be_checked()
    private.check()
    page.get_by_role("textbox", name="Message").fill("It arrives tomorrow.")
    page.get_by_role("button", name="Answer in private").click()
    expect(page.get_by_text("In a private message", exact=True)).to_be_visible(timeout=SECONDS)
    expect(private).to_be_disabled(timeout=SECONDS)
    # What was meant for one person does not become public because the private way has gone.
    expect(private).to_be_checked()
    expect(page.get_by_role("button", name="Answer in private")).to_be_disabled()
    public.check()
    expect(page.get_by_role("button", name="Answer publicly")).to_be_enabled()
    assert complaints == []
