"""Signing in with a passkey, kept by an authenticator that Chromium simulates."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import PASSWORD, SECONDS
from tests.desk import RunningDesk

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def door(browser: Browser, desk: RunningDesk) -> Iterator[Page]:
    """The page of signing in, under a host with a name, on a device that can keep passkeys."""
    context = browser.new_context(base_url=desk.facts["url"].replace("127.0.0.1", "localhost"))
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto("/login/")
    yield page
    context.close()


def test_who_keeps_a_passkey_signs_in_without_a_password(door: Page) -> None:
    door.get_by_role("textbox", name="Email").fill("ana@example.test")
    door.get_by_role("textbox", name="Password").fill(PASSWORD)
    door.get_by_role("button", name="Sign in", exact=True).click()
    door.wait_for_url("**/inbox/mine/")
    door.goto("/two-factor/passkeys/new/")
    # Who adds a way in says first once more who they are.
    door.locator("#id_password").fill(PASSWORD)
    scripts: list[Route] = []
    door.route("**/mfa/js/webauthn*.js", lambda route: scripts.append(route))
    door.locator("main .plain form button").click()
    door.locator("#id_name").fill("Laptop")
    door.locator("#id_passwordless").check()
    # What makes passkeys is still on its way: the button cannot be pressed in vain.
    expect(door.locator("#mfa_webauthn_add")).to_be_disabled()
    for script in scripts:
        script.continue_()
    door.locator("#mfa_webauthn_add").click()
    door.wait_for_url(lambda url: not url.endswith("/new/"))
    door.context.clear_cookies()
    door.goto("/login/")
    door.get_by_role("button", name="Sign in with a passkey").click()
    door.wait_for_url("**/inbox/mine/")


def test_without_a_passkey_the_password_is_named(door: Page) -> None:
    door.route("**/login/passkey/", lambda route: route.abort())
    door.get_by_role("button", name="Sign in with a passkey").click()
    expect(door.get_by_role("alert")).to_contain_text("No passkey was used.")


def test_a_host_without_a_name_offers_no_passkey(browser: Browser, desk: RunningDesk) -> None:
    context = browser.new_context(base_url=desk.facts["url"])
    page = context.new_page()
    page.goto("/login/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    context.close()
