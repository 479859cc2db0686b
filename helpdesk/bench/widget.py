"""`bench widget`: what the widget weighs, what it costs the page of a shop, and how fast it answers (P13).

Chromium is driven by Playwright, which only the test environment has. Visits with and without the widget take turns.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError

from agents.models import Brand
from channels_app.models import Channel
from helpdesk.bench import chromium, harness, parts, staff, visits, weights
from helpdesk.bench.harness import Row
from helpdesk.bench.visits import Look, Shop, Talk
from helpdesk.seeds import people

PAGE = "/demo/shop/"
ABSENT = (
    "`bench widget` drives a Chromium through Playwright, and %s is not here. `make test` installs both "
    "(bin/setup test, bin/browser)."
)


def run(*, rounds: int) -> dict[str, Any]:
    """Measure and return the report. Raises CommandError where there is no browser to measure with."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise CommandError(ABSENT % "Playwright") from error
    if not (path := chromium.find()):
        raise CommandError(ABSENT % "Chromium")
    before = os.getloadavg()
    widget = _widget()
    with (
        parts.running("web", "worker", "sender", "beat") as desk,
        sync_playwright() as playwright,
        visits.browser_of(playwright, path) as browser,
    ):
        rows = _rows(Shop(browser, desk.desk, PAGE), widget, rounds)
    return harness.report("widget", rounds, rows, before)


def _widget() -> Channel:
    """The demonstration's widget, which may stand on the shop's site."""
    Brand.objects.get_or_create(is_default=True, defaults={"name": "Bench"})
    widget = people.chat(staff.make_team("Shop"))
    widget.config = {**widget.config, "sites": visits.SHOP}
    widget.save()
    return widget


def _rows(shop: Shop, widget: Channel, rounds: int) -> list[Row]:
    shop.look(visits.without_widget)
    shop.talk()
    plain: list[Look] = []
    dressed: list[Look] = []
    talks: list[Talk] = []
    for _ in range(rounds):
        plain.append(shop.look(visits.without_widget))
        dressed.append(shop.look(lambda html: html))
        talks.append(shop.talk())
    return [
        *weights.rows_of(*_weights(shop, widget, talks[0].asked)),
        *visits.rows_of(plain, dressed, talks, shop.desk),
    ]


def _weights(shop: Shop, widget: Channel, asked: list[str]) -> tuple[weights.Weight, list[weights.Weight]]:
    """Weigh the loader as it is served; and of the frame its page, what was built for it, and what it asked for."""
    built = weights.files_of(weights.FRAME, weights.read_manifest(settings.STATIC_BUILT))
    place = f"{shop.desk}{settings.STATIC_URL}"
    also = [urlsplit(url).path.removeprefix(settings.STATIC_URL) for url in asked if url.startswith(place)]
    frame = [weights.weigh("the frame's page", shop.fetch(f"/widget/{widget.public_key}/?lang=en"))]
    for name in dict.fromkeys([*built, *also]):
        frame.append(weights.weigh(name, shop.fetch(f"{settings.STATIC_URL}{name}")))
    return weights.weigh("the loader", shop.fetch("/widget/v1/loader.js")), frame
