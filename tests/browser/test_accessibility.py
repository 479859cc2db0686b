"""WCAG 2.2 AA as far as axe sees it, on every page and layer, however drawn; stillness; what a page weighs."""

import gzip
import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Frame, Page

from helpdesk.embedded import PROJECT
from tests.browser import tour
from tests.browser.pseudo import MIRRORED
from tests.browser.test_languages import speaking
from tests.desk import RunningDesk

pytestmark = pytest.mark.browser
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# How a page is drawn: what the browser is told, and in which language.
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "mirrored": {"color_scheme": "light", "language": MIRRORED},
    "narrow": {"color_scheme": "light", "width": 320},
    "narrow and dark": {"color_scheme": "dark", "width": 320},
    "forced colours": {"forced_colors": "active"},
}
# What lies open over the page is looked at by itself: the page below was looked at before it was covered.
OPEN = "document.querySelector('dialog[open], :popover-open') ?? document"
MOVING = """() => {
  const moves = (one, part) => {
    const style = getComputedStyle(one, part);
    const animated = style.animationName === "none" ? "0s" : style.animationDuration;
    return /[1-9]/.test(style.transitionDuration + animated);
  };
  const all = [...document.querySelectorAll("body, body *")];
  const moving = all.filter((one) => [null, "::before", "::after"].some((part) => moves(one, part)));
  const running = document.getAnimations().map((one) => one.animationName ?? one.transitionProperty);
  return [...moving.map((one) => one.outerHTML.slice(0, 80)), ...running];
}"""
KIB = 1024


def violations(page: Page | Frame) -> list[str]:
    """Return what axe finds, with the first place of each."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(f"rules => axe.run({OPEN}, {{runOnly: rules}})", RULES)
    return [f"{rule['id']}: {rule['nodes'][0]['target']}" for rule in found["violations"]]


def check(stops: Iterator[str], page: Page) -> None:
    """Fail with everything that was found at any stop."""
    found = [f"{stop}: {fault}" for stop in stops for fault in violations(page)]
    if found:
        pytest.fail("\n".join(found))


def test_what_is_used_most_is_accessible(sign_in: Callable[..., Page]) -> None:
    page = sign_in("ada", bypass_csp=True, width=320, color_scheme="dark")
    check(chain(tour.pages(page, tour.FEW), tour.layers(page)), page)


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_every_page_and_layer_is_accessible(sign_in: Callable[..., Page], look: str) -> None:
    page = sign_in("ada", bypass_csp=True, **{name: how for name, how in LOOKS[look].items() if name != "language"})
    with speaking(page, LOOKS[look].get("language", "en")):
        check(chain(tour.pages(page), tour.layers(page)), page)


@pytest.mark.parametrize(
    "look", [pytest.param(look, marks=pytest.mark.slow) if look != "narrow" else look for look in LOOKS]
)
def test_the_way_in_is_accessible(browser: Browser, desk: RunningDesk, look: str) -> None:
    how = {name: value for name, value in LOOKS[look].items() if name not in {"language", "width"}}
    size = {"width": LOOKS[look].get("width", 1280), "height": 800}
    context = browser.new_context(base_url=desk.facts["url"], bypass_csp=True, viewport=size, **how)
    language = LOOKS[look].get("language", "en")
    context.add_cookies([{"name": "django_language", "value": language, "url": desk.facts["url"]}])
    page = context.new_page()
    check(tour.doors(page), page)
    context.close()


def test_nothing_moves_for_those_who_asked_for_stillness(sign_in: Callable[..., Page]) -> None:
    page = sign_in("luca", bypass_csp=True, color_scheme="light")
    found = [f"{stop}: {part}" for stop in tour.layers(page) for part in page.evaluate(MOVING)]
    if found:
        pytest.fail("\n".join(found))


def test_what_may_move_moves_briefly(browser: Browser, desk: RunningDesk) -> None:
    context = browser.new_context(base_url=desk.facts["url"], bypass_csp=True, reduced_motion="no-preference")
    page = context.new_page()
    page.goto("/login/")
    durations = page.evaluate(
        "[...document.querySelectorAll('body *')].map((one) => parseFloat(getComputedStyle(one).transitionDuration))"
    )
    context.close()
    assert 0 < max(durations) <= 0.15


def built(suffix: str) -> list[Path]:
    """The files of one kind that the agent's face loads."""
    manifest = json.loads((settings.STATIC_BUILT / ".vite" / "manifest.json").read_text())
    entry = manifest["static/src/agent.ts"]
    return [settings.STATIC_BUILT / name for name in [entry["file"], *entry["css"]] if name.endswith(suffix)]


@pytest.mark.parametrize(("suffix", "limit"), [(".js", 120 * KIB), (".css", 30 * KIB)])
def test_the_first_load_is_light(suffix: str, limit: int) -> None:
    assert 0 < sum(len(gzip.compress(path.read_bytes())) for path in built(suffix)) <= limit
