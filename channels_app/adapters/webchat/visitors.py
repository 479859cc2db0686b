"""Who a browser is: its token, the site it came by, and whose words it may read."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext

from channels_app.adapters.webchat import known_sql, presence, wandering
from channels_app.models import Channel, Visitor
from customers.models import Identity
from helpdesk.lib import clock

TOKEN_BYTES = 32
TOKEN_LENGTH = 43
PREFIX = "Bearer "
LANGUAGE = re.compile(r"[A-Za-z0-9-]+")
SEEN_EVERY_SECONDS, PAGE_EVERY_SECONDS = 60, 15
PAGE_MAX = {"url": 2_000, "title": 200}
PRODUCT_MAX = {"id": 100, "name": 200, "price": 60, "url": 2_000}


def issue(channel: Channel, *, site: str, language: str = "", came_by_hop: bool = False) -> tuple[Visitor, str]:
    """Make a visitor and the token that its browser keeps; only the token's hash is kept here."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    visitor = Visitor.objects.create(
        channel=channel, key=secrets.token_hex(16), token_sha256=_hash(token), site=site, language=language[:8],
        came_by_hop=came_by_hop,
    )  # fmt: skip
    return visitor, token


def find_widget(key: str) -> Channel | None:
    """Return the widget of a public key; None where there is none, or it is paused."""
    return known_sql.widget(key)


def find(channel: Channel, token: object, site: str) -> Visitor | None:
    """Return whose token this is, if it was given out by this widget on this site; None for anything else.

    Looked up by its hash: how long that takes says nothing about how much of a guess was right.
    """
    digest = hash_of(token)
    row = known_sql.visitors([digest]).get(digest) if digest else None
    return row if row is not None and row.channel_id == channel.pk and row.site == site else None


def hash_of(token: object) -> str:
    """Return under which hash a token would be kept; '' for what cannot be one."""
    if not isinstance(token, str) or len(token) != TOKEN_LENGTH or not token.isascii():
        return ""
    return _hash(token)


def token_in(request: HttpRequest) -> str:
    """Return what a request carries as its token; '' for none."""
    given = request.headers.get("authorization", "")
    return given.removeprefix(PREFIX) if given.startswith(PREFIX) else ""


def identities_of(visitor: Visitor) -> list[Identity]:
    """Return whose words this browser may read, each with its customer.

    Its own; and where its person has proved an address or a log-in, those of that one and of all browsers that have
    proved the same.
    """
    if visitor.proved_id is None:
        return list(known_sql.identities(_keys_of(visitor)).values())
    return known_sql.proved(visitor.proved_id, _keys_of(visitor))


def identities_of_each(rows: Sequence[Visitor]) -> dict[int, list[Identity]]:
    """Return by visitor what `identities_of` does: for all who have proved nothing, which is nearly all, at once."""
    plain = [row for row in rows if row.proved_id is None]
    known = known_sql.identities([key for row in plain for key in _keys_of(row)])
    found = {row.pk: [known[key] for key in _keys_of(row) if key in known] for row in plain}
    return found | {row.pk: identities_of(row) for row in rows if row.proved_id is not None}


def own_identity(visitor: Visitor) -> Identity | None:
    """Return the identity it writes as; None until its first message was filed."""
    return Identity.objects.filter(kind=Identity.Kind.VISITOR, realm="", value=visitor.key).first()


def word_for(visitor: Visitor) -> str:
    """Name somebody of whom nothing is known, so that agents tell two of them apart."""
    with translation.override(settings.LANGUAGE_CODE):
        return gettext("Visitor %(key)s") % {"key": visitor.key[:4].upper()}


def audiences_of(identities: Iterable[Identity]) -> list[str]:
    """Name what its socket hears."""
    return [f"visitor.identity.{identity.pk}" for identity in identities]


def see(visitor: Visitor, page: object = None) -> bool:
    """Remember, once a minute at most, that it is here; and where on the site, every 15 s at most.

    False: where it is now is not written yet, and has to be said once more.
    """
    now, where = clock.real(), page_in(page)
    is_moved = bool(where) and where["url"] != visitor.page.get("url")
    is_first = is_moved and not visitor.page
    if is_moved:
        told = {"told": visitor.page["told"]} if "told" in visitor.page else {}
        visitor.page, visitor.pages = {**told, **where}, wandering.with_page(visitor.pages, where)
    pause = PAGE_EVERY_SECONDS if is_moved else SEEN_EVERY_SECONDS
    if (now - visitor.seen_at).total_seconds() < pause and visitor.left_at is None and not is_first:
        return not is_moved
    visitor.seen_at, visitor.left_at = now, None
    visitor.save(update_fields=["seen_at", "left_at", "page", "pages"])
    return True


def is_fresh(visitor: Visitor) -> bool:
    """Whether it was here a moment ago and has not left."""
    return (clock.real() - visitor.seen_at).total_seconds() < SEEN_EVERY_SECONDS and visitor.left_at is None


def is_where_it_was(visitor: Visitor, page: object) -> bool:
    """Whether it is on the page that we know of, or does not say on which."""
    where = page_in(page)
    return not where or where["url"] == visitor.page.get("url")


def left_at(channel: Channel, key: str) -> datetime | None:
    """Return when the last browser of a visitor went, by the workspace's clock; None while one is open."""
    if presence.is_here(key):
        return None
    rows = Visitor.objects.filter(channel=channel, key=key)
    times = [left or clock.shown(seen) for left, seen in rows.values_list("left_at", "seen_at")]
    return max(times, default=None)


def address_of(channel: Channel, key: str) -> str:
    """Return the address that was typed last in a browser of a visitor; '' for none."""
    rows = Visitor.objects.filter(channel=channel, key=key).exclude(address="").order_by("-seen_at")
    return rows.values_list("address", flat=True).first() or ""


def came_by_hop(channel: Channel, key: str) -> bool:
    """Whether an agent asked a visitor over for what is confidential."""
    return Visitor.objects.filter(channel=channel, key=key, came_by_hop=True).exists()


def leave_each(closed: Sequence[tuple[int, str, str]]) -> list[bool]:
    """Remember of visitors (pk, key, tab) when their last page was closed; return of each whether it was that."""
    are_last = [presence.leave(key, tab) for _pk, key, tab in closed]
    gone = [pk for (pk, _key, _tab), is_last in zip(closed, are_last, strict=True) if is_last]
    if gone:
        known_sql.left(gone, clock.now())
    return are_last


def news_of_page(visitor: Visitor) -> dict[str, str]:
    """Return where they are if no message of theirs has said so yet, and remember that the next one does."""
    url = visitor.page.get("url", "")
    if not url or url == visitor.page.get("told"):
        return {}
    visitor.page = {**visitor.page, "told": url}
    visitor.save(update_fields=["page", "pages"])
    return {name: visitor.page[name] for name in PAGE_MAX if name in visitor.page}


def page_in(given: object) -> dict[str, str]:
    """Take over what a page says of itself: an http address and a title, both short and clean."""
    if not isinstance(given, dict) or not str(given.get("url", "")).startswith(("http://", "https://")):
        return {}
    return _short(given, PAGE_MAX)


def language_in(given: object) -> str:
    """Take over which language a browser wants, as browsers write it; '' for anything else."""
    return given[:8] if isinstance(given, str) and LANGUAGE.fullmatch(given[:8]) else ""


def product_in(given: object) -> dict[str, str]:
    """Take over which product a page is about, as the page says; nothing where it says none."""
    product = given.get("product") if isinstance(given, dict) else None
    return _short(product, PRODUCT_MAX) if isinstance(product, dict) else {}


def _short(given: dict[str, object], most_of: dict[str, int]) -> dict[str, str]:
    return {name: _clean(given.get(name))[:most] for name, most in most_of.items() if _clean(given.get(name))}


def _clean(given: object) -> str:
    text = given if isinstance(given, str) else ""
    return "".join(letter for letter in text if letter.isprintable()).encode("utf-8", "ignore").decode()


def _keys_of(visitor: Visitor) -> list[str]:
    return [visitor.key, visitor.came_by] if visitor.came_by else [visitor.key]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
