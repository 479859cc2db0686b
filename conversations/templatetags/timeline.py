"""What a timeline draws: text with safe links, sizes of files, the bunch of a row."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.lists.queries import View
from conversations.models.conversation import Conversation
from conversations.searching.answer import Mark
from helpdesk.lib import clock, markup

register = template.Library()

# Only http and https become links, and only what a reader would take for one: no spaces, quotes or brackets.
LINK = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
TRAILING = ".,;:!?)]»”’"
LINK_MAX = 2000
SOON = timedelta(minutes=30)
ALWAYS = 10**17


@register.filter
def linked(text: str) -> str:
    """Escape a text and make its web addresses links that tell the other side nothing about us."""
    parts: list[tuple[str]] = []
    end = 0
    for match in LINK.finditer(text):
        url = _trimmed(match.group())
        if len(url) > LINK_MAX or "." not in url:
            continue
        parts.append((text[end : match.start()],))
        parts.append((format_html('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>', url, url),))
        end = match.start() + len(url)
    parts.append((text[end:],))
    return format_html_join("", "{}", parts)


@register.filter
def naming(text: str, names: Iterable[str]) -> str:
    """Escape a note, make its addresses links and mark the colleagues it names."""
    marks = sorted((f"@{name}" for name in names), key=len, reverse=True)
    if not marks:
        return linked(text)
    parts = re.split(rf"({'|'.join(map(re.escape, marks))})(?!\w)", text)
    drawn = (
        format_html('<b class="at" translate="no">{}</b>', part) if part in marks else linked(part) for part in parts
    )
    return format_html_join("", "{}", ((part,) for part in drawn))


@register.filter
def formatted(text: str, names: Iterable[str] = ()) -> str:
    """Draw what an agent marked in a text as bold, a list, a link …; else as `naming`."""
    return markup.as_html(text, lambda words: naming(words, names))


@register.filter
def marks(parts: Iterable[Mark]) -> str:
    """Escape the pieces of a found text and mark those that were looked for."""
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", one.text) if one.is_hit else one.text,) for one in parts)
    )


@register.filter
def bunch(row: Conversation, order: str) -> str:
    """Name the section of a list that a row stands in."""
    if order != "due":
        return "all"
    if row.next_due_at is None:
        return "waiting"
    left = row.next_due_at - clock.now()
    if left < timedelta(0):
        return "overdue"
    return "soon" if left < SOON else "today"


@register.filter
def sort_key(row: Conversation, order: str) -> str:
    """Return a text by which scripts put a row into its place."""
    if order == "newest":
        return f"{ALWAYS - int(row.last_entry_at.timestamp() * 1_000_000):018d}{ALWAYS - row.pk:018d}"
    at = row.snoozed_until if order == "until" else row.next_due_at
    return f"{int(at.timestamp() * 1_000_000) if at else ALWAYS:018d}{row.pk:018d}"


@register.filter
def is_unread(row: Conversation) -> bool:
    """Return whether the customer wrote after this agent last looked (rows of queries.for_display)."""
    return row.last_inbound_seq > (getattr(row, "seen_seq", None) or 0)


@register.filter
def most(count: int, limit: int) -> str:
    """Write a number that was counted up to a limit: 7, 99+."""
    return f"{limit}+" if count > limit else str(count)


@register.filter
def row_name(row: Conversation) -> str:
    """Return who a row is about: the name, else the address."""
    return row.customer.name or getattr(row, "address", "") or str(row)


@register.filter
def row_link(row: Conversation, view: View) -> str:
    """Return the address that opens a row beside its list."""
    link = f"{reverse('workspace', args=(view.slug, row.customer_id))}?c={row.number}"
    return f"{link}&{view.query}" if view.query else link


@register.filter
def opened_by(conversation: Conversation, at: datetime) -> datetime:
    """Return when it was opened, as the reader of an entry of that time sees it: old mail may be taken in late."""
    return min(conversation.opened_at, at)


@register.filter
def due_words(row: Conversation) -> str:
    """Say when an answer is due, as the script will say it later."""
    if row.next_due_at is None:
        return ""
    left = row.next_due_at - clock.now()
    minutes = int(abs(left.total_seconds()) // 60)
    span = _("%(n)d min") % {"n": minutes} if minutes < 90 else _("%(n)d h") % {"n": minutes // 60}
    return (_("Overdue by %(time)s") if left < timedelta(0) else _("Due in %(time)s")) % {"time": span}


@register.filter
def span_words(seconds: float) -> str:
    """Say how long something took: minutes, hours or days."""
    minutes = round(seconds / 60)
    if minutes < 90:
        return _("%(n)d min") % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return _("%(n)d h") % {"n": hours}
    days = round(hours / 24)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.filter
def due_tone(row: Conversation) -> str:
    """Return the class of a row's deadline: bad, warn or none."""
    return {"overdue": "bad", "soon": "warn"}.get(bunch(row, "due"), "")


@register.filter
def channel_words(icon: str) -> str:
    """Say the channel of a glyph."""
    words = {"email": _("Email"), "chat": _("Chat"), "whatsapp": _("WhatsApp"), "messenger": _("Messenger"),
             "instagram": _("Instagram"), "telegram": _("Telegram"), "line": _("LINE"), "viber": _("Viber"),
             "sms": _("SMS"), "phone": _("Phone"),
             "video": _("Video"), "form": _("Form"), "store": _("In store"),
             "api": _("API")}  # fmt: skip
    return words.get(icon, icon)


def _trimmed(url: str) -> str:
    trimmed = url.rstrip(TRAILING)
    # A bracket that was opened inside the address belongs to it.
    return trimmed + ")" if url[len(trimmed) :].startswith(")") and "(" in trimmed else trimmed
