"""Where visitors are: the page they have before them, those they had before it, and when they left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from channels_app.adapters.webchat import presence
from channels_app.models import Channel, Visitor
from helpdesk.lib import clock
from helpdesk.lib.whereabouts import Page, Whereabouts

PAGES_MAX = 5


def with_page(pages: list[dict[str, str]], where: dict[str, str]) -> list[dict[str, str]]:
    """Return what was looked at last with one page more: the newest first, each once, five at most."""
    newest = {"url": where["url"], "title": where.get("title", ""), "at": clock.now().isoformat()}
    if pages and pages[0].get("url") == newest["url"]:
        newest["at"] = pages[0].get("at", newest["at"])
    return [newest, *(one for one in pages if one.get("url") != newest["url"])][:PAGES_MAX]


def whereabouts(channel: Channel, keys: Sequence[str]) -> dict[str, Whereabouts]:
    """Return where the visitors of these keys are; nothing of those whose browser has been forgotten."""
    found = list(Visitor.objects.filter(channel=channel, key__in=keys).order_by("seen_at"))
    here = presence.here_of([row.key for row in found])
    return {row.key: Whereabouts(_left_at(row, here), _pages(row), row.address) for row in found}


def _left_at(row: Visitor, here: set[str]) -> datetime | None:
    return None if row.key in here else row.left_at or clock.shown(row.seen_at)


def _pages(row: Visitor) -> tuple[Page, ...]:
    """Read what was kept; before pages were kept there was the newest one alone."""
    return tuple(_page(one) for one in row.pages or [row.page] if one.get("url"))


def _page(one: dict[str, Any]) -> Page:
    return Page(url=one["url"], title=one.get("title", ""), at=parse_datetime(one["at"]) if one.get("at") else None)
