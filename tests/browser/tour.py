"""A walk through every page, menu and dialog, by keys and ids, so that it works in any language and width."""

from collections.abc import Iterator

from playwright.sync_api import Page, expect

DOORS = (
    "/login/",
    "/password/forgotten/",
    "/password/forgotten/sent/",
    "/login/inactive/",
    "/invitation/none/",
    "/nothing/here/",
)
PAGES = (
    "/inbox/mine/", "/inbox/unassigned/", "/inbox/team-support/", "/inbox/mentions/", "/inbox/drafts/",
    "/inbox/snoozed/", "/inbox/all/", "/inbox/all/?q=zzzz", "/customers/", "/customers/?q=zzzz", "/me/preferences/",
    "/companies/", "/companies/?q=zzzz", "/companies/1/", "/companies/1/profile/", "/companies/1/joining/",
    "/companies/new/", "/customers/?segment=1", "/segments/", "/segments/1/",
    "/segments/new/?match=all&field-0=last_contact&op-0=within",
    "/quarantine/", "/outbox/", "/settings/", "/settings/fields/", "/settings/fields/new/", "/settings/orders/",
    "/settings/webhooks/", "/settings/webhooks/new/", "/settings/channels/", "/settings/channels/new/",
    "/settings/channels/1/", "/settings/channels/1/account/", "/settings/channels/1/test/", "/settings/system/clock/",
    *(f"/settings/channels/new/{kind}/" for kind in (
        "api", "email", "http_sms", "instagram", "line", "messenger", "sandbox", "telegram", "twilio_sms", "viber",
        "vonage_sms", "whatsapp",
    )),
    "/settings/people/", "/settings/people/new/", "/settings/people/1/", "/settings/people/2/conversations/",
    "/settings/people/?q=zzzz", "/settings/teams/", "/settings/teams/new/", "/settings/teams/1/", "/settings/roles/",
    "/settings/notices/", "/settings/notices/new/",
    "/settings/hours/", "/settings/hours/new/", "/settings/hours/1/",
    "/settings/audit/", "/settings/audit/?q=zzzz&since=x", "/settings/audit/reading/",
    "/settings/audit/reading/?customer=1",
    "/settings/roles/new/", "/settings/roles/1/", "/settings/roles/2/",
    "/search/", "/search/?q=order+before:x", "/search/?q=zzzz",
    "/settings/api/", "/settings/api/services/new/", "/me/tokens/", "/me/tokens/new/", "/api/v1/",
    "/settings/export/", "/settings/import/",
    "/nothing/here/", "/logout/", "/password/", "/two-factor/", "/two-factor/app/",
    "/two-factor/passkeys/",
)  # fmt: skip


FEW = (
    "/inbox/mine/",
    "/search/?q=order",
    "/customers/",
    "/companies/1/",
    "/segments/1/",
    "/quarantine/",
    "/two-factor/",
)


def doors(page: Page) -> Iterator[str]:
    """Stop at each page that needs no signing in."""
    for path in DOORS:
        page.goto(path)
        yield path


def pages(page: Page, paths: tuple[str, ...] = PAGES) -> Iterator[str]:
    """Stop at each page of somebody who may see everything."""
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("load")
        yield path
    if paths is PAGES:
        yield from _of_two(page)
        yield from _of_a_webhook(page)
        yield from _of_a_channel(page)


def _of_two(page: Page) -> Iterator[str]:
    """Stop at the pages that need a customer, or two to compare."""
    page.goto("/customers/")
    one, other = (link.get_attribute("href") or "" for link in page.locator(".roll .name").all()[:2])
    for name, path in (
        ("profile", "profile/"),
        ("merge", "merge/"),
        ("move", "moves/"),
        ("compare", f"merge/?with={other.split('/')[-2]}"),
    ):
        page.goto(one + path)
        yield name
    page.goto(one)
    menu = page.locator("#panel form[id^=identity-]").first.get_attribute("id") or ""
    page.goto(f"{one}identities/{menu.removeprefix('identity-')}/split/")
    yield "split"


def _of_a_webhook(page: Page) -> Iterator[str]:
    """Stop at the secret of a new webhook, at its page, and at what became of a test; it is removed again."""
    page.goto("/settings/webhooks/new/")
    page.locator("#webhook-name").fill("A way to nobody")
    page.locator("#webhook-url").fill("https://receiver.example.test/")
    page.locator("main .btn.primary").click()
    yield "a new secret"
    page.locator("main a.btn.primary").click()
    here = page.url
    yield "a webhook"
    page.locator("form[action$='/test/'] .btn").click()
    expect(page.locator("#delivery .chip.bad")).to_be_visible(timeout=20_000)
    for summary in page.locator("main summary").all():
        summary.click()
    yield "what was sent and what came back"
    page.goto(f"{here}deliveries/")
    yield "the log of a webhook"
    page.goto(here)
    page.locator("form[action$='/removal/'] .btn").click()


def _of_a_channel(page: Page) -> Iterator[str]:
    """Stop where a number is connected with mistakes and without, and played; it is removed again."""
    page.goto("/settings/channels/new/whatsapp/")
    page.locator("form.stack .btn.primary").click()
    expect(page.locator(".faults")).to_be_visible()
    yield "a channel with mistakes"
    page.locator("#channel-name").fill("A number of nobody")
    page.locator("#channel-is_sandbox").check()
    for field, value in (("phone_number_id", "1"), ("waba_id", "2"), ("access_token", "word"), ("app_secret", "word")):
        page.locator(f"#account-{field}").fill(value)
    page.locator("form.stack .btn.primary").click()
    expect(page.locator("#first-call")).to_be_visible()
    here = page.url
    yield "a channel that waits for its provider"
    page.locator("form[action$='/templates/'] .btn").click()
    page.locator("main summary").click()
    yield "a channel with templates and what was asked"
    page.goto(f"{here}test/")
    yield "customers are simulated"
    page.goto(f"{here}account/")
    page.locator("main summary").click()
    yield "an account with all its fields"
    page.goto(here)
    page.locator("form[action$='/removal/'] .btn").click()


def layers(page: Page) -> Iterator[str]:
    """Open a conversation, and over it every menu, dialog and message."""
    page.goto("/inbox/unassigned/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    yield "a row is chosen"
    page.keyboard.press("Escape")
    page.locator("a.row").first.click()
    expect(page.locator(".talk h1")).to_be_focused()
    yield "a conversation"
    for key, menu in (("a", "#assign-menu"), ("s", "#snooze-menu")):
        page.keyboard.press(key)
        yield f"the menu {menu}"
        page.keyboard.press("Escape")
        expect(page.locator(menu)).to_be_hidden()
    page.locator("[popovertarget=send-menu]").click()
    yield "the menu of sending"
    page.keyboard.press("Escape")
    page.locator("#known .fact .btn").first.click()
    yield "the menu of a known thing"
    page.keyboard.press("Escape")
    page.locator(".pick .dots").last.click()
    yield "the menu of a message"
    page.keyboard.press("Escape")
    page.locator("#tab-note").click()
    yield "a note"
    page.locator("#sheet h1").focus()
    yield from _dialogs(page)
    page.keyboard.press("i")
    expect(page.locator(".toast")).to_be_visible()
    yield "a toast"
    page.keyboard.press("z")
    if not page.locator("#panel").is_visible():
        page.keyboard.press("d")
        yield "the panel"
    page.locator("#panel [popovertarget^=identity-]").first.click()
    yield "the menu of an address"
    page.locator("#panel [popovertarget^=unwanted-]:visible").first.click()
    yield "an address that is not wanted"
    page.keyboard.press("Escape")


def _dialogs(page: Page) -> Iterator[str]:
    for key, dialog in (("?", "#keys"), ("Control+k", "#palette")):
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        yield f"the dialog {dialog}"
        page.keyboard.press("Escape")
        expect(page.locator(dialog)).to_be_hidden()
    page.evaluate("document.dispatchEvent(new CustomEvent('session:ended'))")
    yield "the session has ended"
    page.keyboard.press("Escape")
