"""WCAG 2.2 AA as far as axe sees it, on every page, wide and at 320 px, in both themes; and what a page weighs."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

from helpdesk.embedded import PROJECT

pytestmark = pytest.mark.browser
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = ("/inbox/mine/", "/inbox/unassigned/", "/customers/", "/me/preferences/", "/quarantine/")
KIB = 1024


def violations(page: Page) -> list[str]:
    """Return what axe finds, with the first place of each."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [f"{rule['id']}: {rule['nodes'][0]['target']}" for rule in found["violations"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_every_page_is_accessible_and_fits(sign_in: Callable[..., Page], width: int, theme: str) -> None:
    page = sign_in("sam", width=width, bypass_csp=True, color_scheme=theme)
    first = page.goto("/inbox/all/") and page.locator("a.row").first.get_attribute("href")
    for path in (*PAGES, first):
        page.goto(path or "")
        page.wait_for_load_state("load")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_note_menu_and_panel_are_accessible(sign_in: Callable[..., Page]) -> None:
    page = sign_in("sam", bypass_csp=True)
    page.goto("/inbox/unassigned/")
    page.locator("a.row").first.click()
    page.get_by_role("tab", name="Note").click()
    page.get_by_role("button", name="Assign", exact=True).click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Customer details").click()
    assert violations(page) == []


def test_the_way_in_is_accessible(browser: Any, desk: Any) -> None:
    context = browser.new_context(base_url=desk.facts["url"], bypass_csp=True)
    page = context.new_page()
    for path in ("/login/", "/password/forgotten/"):
        page.goto(path)
        assert violations(page) == [], path
    context.close()


def built(suffix: str) -> list[Path]:
    """The files of one kind that the agent's face loads."""
    manifest = json.loads((settings.STATIC_BUILT / ".vite" / "manifest.json").read_text())
    entry = manifest["static/src/agent.ts"]
    return [settings.STATIC_BUILT / name for name in [entry["file"], *entry["css"]] if name.endswith(suffix)]


@pytest.mark.parametrize(("suffix", "limit"), [(".js", 120 * KIB), (".css", 30 * KIB)])
def test_the_first_load_is_light(suffix: str, limit: int) -> None:
    assert 0 < sum(len(gzip.compress(path.read_bytes())) for path in built(suffix)) <= limit
