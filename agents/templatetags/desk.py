"""What every page draws: glyphs, two letters for a colleague, times, plural forms for scripts."""

import json
from datetime import datetime, timedelta
from functools import cache, lru_cache

from django import template
from django.conf import settings
from django.template import Context
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import get_language, get_language_info, gettext, ngettext
from django_vite.templatetags.django_vite import vite_asset_url

from agents.models import Agent, Workspace
from helpdesk.lib import clock

register = template.Library()

HUES = 5
# One number of each plural category that the three languages have (CLDR).
SAMPLES = {
    "en": {"one": 1, "other": 2},
    "it": {"one": 1, "other": 2},
    "ro": {"one": 1, "few": 2, "other": 20},
}


@register.simple_tag
def glyph(name: str, size: str = "") -> str:
    """Draw a symbol of the sprite; decoration only, the word stands beside it. size: '' or 's'."""
    return _drawn(name or "email", size, _asset("sprite.svg"))


@register.simple_tag
def icon() -> str:
    """Name the picture of the browser's tab."""
    return format_html('<link rel="icon" type="image/svg+xml" href="{}">', _asset("icon.svg"))


@register.simple_tag
def avatar(agent: Agent | None, size: str = "") -> str:
    """Draw an agent's two letters with the name as a title."""
    if agent is None:
        return ""
    return format_html(
        '<span class="av {}" data-hue="{}" title="{}" translate="no" aria-hidden="true">{}</span>',
        size, agent.pk % HUES, agent, agent.initials,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def workspace_name(context: Context) -> str:
    """Return the name of this installation."""
    return _workspace(context).name


@register.simple_tag(takes_context=True)
def is_held(context: Context) -> bool:
    """Return whether this desk was restored from a backup and may not send yet."""
    return _workspace(context).held_since is not None


def _workspace(context: Context) -> Workspace:
    """The one row, read once for a page; a page without a request (an error's) reads it each time."""
    request = context.get("request")
    kept: Workspace = getattr(request, "kept_workspace", None) or Workspace.get()
    if request is not None:
        request.kept_workspace = kept
    return kept


@register.simple_tag
def server_now() -> int:
    """Return the workspace's time in milliseconds, so that the page can correct its clock."""
    return int(clock.now().timestamp() * 1000)


@register.simple_tag
def shifted_clock() -> int:
    """Return by how many seconds the workspace's clock is ahead of the real one."""
    return clock.shift_seconds()


@register.simple_tag
def now_words() -> str:
    """Say the workspace's day and time."""
    return formats.date_format(clock.now().astimezone(timezone.get_current_timezone()), "D j M, H:i")


@register.simple_tag
def moment(at: datetime, kind: str = "row") -> str:
    """Draw a time: how long ago within the hour (rows only), else the clock, the day or the date."""
    local = at.astimezone(timezone.get_current_timezone())
    ago = clock.now() - at
    is_young = kind == "row" and timedelta(0) <= ago < timedelta(hours=1)
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        at.isoformat(), formats.date_format(local, "DATETIME_FORMAT"),
        format_html(' data-ago="{}"', int(at.timestamp() * 1000)) if is_young else "",
        _minutes(ago) if is_young else short(local, kind),
    )  # fmt: skip


def short(local: datetime, kind: str) -> str:
    """Say when in few characters: the time today or in a timeline, else the weekday or the date."""
    today = clock.now().astimezone(timezone.get_current_timezone()).date()
    if kind == "entry" or local.date() == today:
        return formats.date_format(local, "H:i")
    if timedelta(0) < today - local.date() < timedelta(days=7):
        return formats.date_format(local, "D")
    return formats.date_format(local, "j M" if local.year == today.year else "j M Y")


@register.filter
def day_words(at: datetime) -> str:
    """Say the day of an entry: Today, Yesterday, or the date."""
    day = at.astimezone(timezone.get_current_timezone()).date()
    today = clock.now().astimezone(timezone.get_current_timezone()).date()
    if day == today:
        return gettext("Today")
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    return formats.date_format(day, "l, j F" if day.year == today.year else "j F Y")


@register.filter
def language_words(code: str) -> str:
    """Say a language in the reader's; a code that nobody knows stays as it is."""
    try:
        return gettext(str(get_language_info(code.lower())["name"]))
    except KeyError:
        return code


@register.filter
def milliseconds(at: datetime) -> str:
    """Return a time as scripts count it, as text: no language may group its digits."""
    return str(int(at.timestamp() * 1000))


@register.simple_tag
def plural_forms(what: str) -> str:
    """Return the forms of a counted thing by CLDR category as JSON; '#' stands for the number."""
    samples = SAMPLES.get((get_language() or "en")[:2], SAMPLES["en"])
    return json.dumps({name: _counted(what, n).replace(str(n), "#", 1) for name, n in samples.items()})


def _counted(what: str, n: int) -> str:
    words = {
        "events": ngettext("%(n)d event", "%(n)d events", n),
        "messages": ngettext("%(n)d new message", "%(n)d new messages", n),
        "updated": ngettext("%(n)d updated", "%(n)d updated", n),
        "selected": ngettext("%(n)d selected", "%(n)d selected", n),
        "pieces": ngettext("Goes as %(n)d message", "Goes as %(n)d messages", n),
        "loaded": ngettext("%(n)d update loaded", "%(n)d updates loaded", n),
    }
    return words[what] % {"n": n}


def _minutes(ago: timedelta) -> str:
    return gettext("%(n)d min") % {"n": ago.total_seconds() // 60}


@lru_cache(maxsize=500)
def _drawn(name: str, size: str, sprite: str) -> str:
    """Draw a glyph once: a list has two hundred of some ten kinds."""
    return format_html('<svg class="g {}" aria-hidden="true"><use href="{}#g-{}"/></svg>', size, sprite, name)


def _asset(name: str) -> str:
    try:
        return _built(name)
    except FileNotFoundError:
        return f"{settings.STATIC_URL}{name}"


@cache
def _built(name: str) -> str:
    """The address of a built asset, looked up once: a list draws two hundred glyphs."""
    if not (settings.STATIC_BUILT / ".vite" / "manifest.json").is_file():
        raise FileNotFoundError(name)
    return str(vite_asset_url(f"static/src/{name}"))
