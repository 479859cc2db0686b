"""Links that lead somebody back into their conversation from a mail; only a hash of each is kept (see hops.py, too)."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from channels_app.adapters.webchat import sites, visitors
from channels_app.models import Channel, Visitor, VisitorLink
from conversations import people
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import Party

TOKEN_BYTES = 32
BACK_DAYS = 30


def back_link(channel: Channel, key: str, to: Identity, *, upto: int) -> str:
    """Make the link of a mail: whoever opens it reads that address' mail, so it proves the address."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    VisitorLink.objects.create(
        channel=channel, key=key, proves=to, token_sha256=hash_of(token), upto=upto,
        expires_at=clock.real() + timedelta(days=BACK_DAYS),
    )  # fmt: skip
    return settings.PUBLIC_URL + reverse("widget_back", args=[channel.public_key, token])


def find(channel: Channel, token: str) -> VisitorLink | None:
    """Return the link back of a token that still counts; None for anything else, a link of another purpose too."""
    rows = VisitorLink.objects.select_related("proves").filter(channel=channel, token_sha256=hash_of(token))
    return rows.filter(purpose=VisitorLink.Purpose.BACK, expires_at__gt=clock.real()).first()


def open_link(channel: Channel, link: VisitorLink, *, language: str) -> tuple[Visitor, str]:
    """Make a visitor of the browser that opened a link: on the desk's own page, reading what its address may.

    It is another browser than the one that the link leads to, and writes as one of the address' own customer: whoever
    typed somebody's address into a chat must not read there what that somebody answers.
    """
    VisitorLink.objects.filter(pk=link.pk, used_at=None).update(used_at=clock.real())
    site = sites.origin_of(settings.PUBLIC_URL)
    visitor, token = visitors.issue(channel, site=site, language=language)
    visitor.came_by = link.key
    if link.proves is not None:
        visitor.proved, visitor.address = link.proves, link.proves.value
        party = Party(kind=Identity.Kind.VISITOR, value=visitor.key, as_written=visitors.word_for(visitor))
        people.link_identity(link.proves.customer, party, act="returned", is_told=False)
    visitor.save(update_fields=["proved", "address", "came_by"])
    return visitor, token


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
