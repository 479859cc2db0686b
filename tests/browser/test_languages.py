"""No word is left untranslated and none is cut off, on any page or layer, however long words grow or run."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import tour
from tests.browser.pseudo import LONG, MIRRORED
from tests.desk import RunningDesk

pytestmark = pytest.mark.browser
LOOKING = Path(__file__).with_name("looking.js").read_text(encoding="utf-8")


@contextmanager
def speaking(page: Page, language: str) -> Iterator[None]:
    """Let the agent choose a language, and English again afterwards."""
    choose(page, language)
    try:
        yield
    finally:
        choose(page, "en")


def choose(page: Page, language: str) -> None:
    """Set one's language on the page of preferences."""
    page.goto("/me/preferences/")
    page.locator("[name=language]").select_option(language)
    page.locator("main form button").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def faults(page: Page) -> list[str]:
    """Name what is not translated and what is cut off."""
    # A form that was just sent may be on its way to the next page, which has no body yet.
    page.wait_for_load_state("load")
    page.wait_for_function("document.body")
    page.evaluate(LOOKING)
    found: list[str] = page.evaluate("[...untranslated(), ...clipped()]")
    return found


def check(stops: Iterable[str], page: Page) -> None:
    """Fail with everything that was found at any stop."""
    found = [f"{stop}: {fault}" for stop in stops for fault in faults(page)]
    if found:
        pytest.fail("\n".join(found))


@pytest.mark.parametrize(
    ("language", "width"),
    [
        pytest.param(LONG, 320, marks=pytest.mark.slow),
        pytest.param(MIRRORED, 1280, marks=pytest.mark.slow),
        pytest.param(LONG, 1280, marks=pytest.mark.slow),
        pytest.param(MIRRORED, 320, marks=pytest.mark.slow),
    ],
)
def test_every_word_is_translated_and_fits(sign_in: Callable[..., Page], language: str, width: int) -> None:
    page = sign_in("ada", width=width, bypass_csp=True)
    with speaking(page, language):
        check(chain(tour.pages(page), tour.layers(page)), page)


def test_the_words_of_what_is_used_most_are_translated_and_fit(sign_in: Callable[..., Page]) -> None:
    page = sign_in("ada", width=320, bypass_csp=True)
    with speaking(page, LONG):
        check(chain(tour.pages(page, tour.FEW), tour.layers(page)), page)


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("language", [LONG, MIRRORED])
def test_the_way_in_is_translated_and_fits(browser: Browser, desk: RunningDesk, language: str, width: int) -> None:
    context = browser.new_context(base_url=desk.facts["url"], viewport={"width": width, "height": 800}, bypass_csp=True)
    context.add_cookies([{"name": "django_language", "value": language, "url": desk.facts["url"]}])
    page = context.new_page()
    check(tour.doors(page), page)
    context.close()
