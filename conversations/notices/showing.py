"""What of notices somebody reads: those of their brand that are on, in a language they understand if it was written."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import translation

from agents.models import Brand
from conversations.models.notice import Notice
from helpdesk.lib import clock, sql

MARK_LENGTH = 8
# What customers of a brand are shown now or later (NoticeQuerySet.unfinished); every frame that is open asks.
UNFINISHED = """
    SELECT {} FROM conversations_notice n WHERE n.ended_at IS NULL AND (n.ends_at IS NULL OR n.ends_at > %(now)s)
    AND n.shows_customers AND (n.brand_id IS NULL OR n.brand_id = %(brand)s) ORDER BY n.starts_at DESC, n.id DESC
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice as it is read. language: of the text; mark: another one when the words of the notice change."""

    pk: int
    text: str
    language: str
    mark: str
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """The notices that are on, the newest first, and when that changes next as planned (None: not)."""

    shown: list[Shown]
    turns_at: datetime | None


def active_for(brand: Brand) -> list[Shown]:
    """Return what the customers of a brand are to know now, in the language that is active."""
    return board_for(brand).shown


def board_for(brand: Brand) -> Board:
    """Return the same with the moment at which it has to be asked again."""
    now = clock.now()
    rows = sql.run(UNFINISHED.format(sql.columns(Notice, "n")), {"now": now, "brand": brand.pk}).fetchall()
    found = [row for row in (sql.load(Notice, row) for row in rows) if row is not None]
    shown = [said(row, brand.language) for row in found if row.starts_at <= now]
    turns = [row.starts_at if row.starts_at > now else row.ends_at for row in found]
    return Board(shown, min(filter(None, turns), default=None))


def for_agents() -> list[Shown]:
    """Return what everybody who works here is to know now, in the language that is active."""
    rows = Notice.objects.running(clock.now()).filter(shows_agents=True).select_related("brand")
    return [said(row, row.brand.language if row.brand else "") for row in rows.order_by("-starts_at", "-pk")]


def said(notice: Notice, second: str = "") -> Shown:
    """Return a notice in the language that is active, else in a second one, else in the first that was written."""
    wanted = (translation.get_language() or settings.LANGUAGE_CODE)[:2]
    order = [wanted, second[:2], *(code for code, _name in settings.LANGUAGES), *notice.texts]
    language = next(code for code in order if notice.texts.get(code))
    return Shown(notice.pk, notice.texts[language], language, _mark(notice), notice.brand.name if notice.brand else "")


def _mark(notice: Notice) -> str:
    """All texts together: who closes it in one language has closed it in all."""
    words = "\n".join(f"{code} {text}" for code, text in sorted(notice.texts.items()))
    return f"{notice.pk}-{hashlib.sha256(words.encode()).hexdigest()[:MARK_LENGTH]}"
