"""The visitors of the widget's measurements, made as its door makes them, which lets in sixty an hour."""

import json
import uuid

from agents.models import Brand, Team
from channels_app import intake
from channels_app.adapters.webchat import visitors
from channels_app.adapters.webchat.adapter import NAME_HEADER
from channels_app.models import Channel
from customers.identify import Profile, identify
from customers.models import Identity
from helpdesk.lib.outbound import Route

SITE = "https://shop.example.test"
# The browser's key, its token.
Guest = tuple[str, str]


def make_widget(team: Team) -> Channel:
    """A widget that may stand on the shop's pages, whose messages belong to this team."""
    brand, _made = Brand.objects.get_or_create(is_default=True, defaults={"name": "Bench"})
    channel = Channel(kind="webchat", name="Bench widget", brand=brand, default_team=team)
    channel.config = {"sites": SITE, "accent": "#1f4d3a", "secret": "s" * 32}
    channel.save()
    return channel


def arrive(channel: Channel, count: int) -> list[Guest]:
    """Let so many browsers come, each with a token and an identity: they have written before."""
    found = []
    for _ in range(count):
        visitor, token = visitors.issue(channel, site=SITE, language="en")
        identify(Identity.Kind.VISITOR, visitor.key, Profile(language="en", display=visitors.word_for(visitor)))
        found.append((visitor.key, token))
    return found


def write_first(channel: Channel, guests: list[Guest]) -> list[int]:
    """Let each of these write once; return their customers."""
    for number, (key, _token) in enumerate(guests):
        said = {"kind": "message", "visitor": key, "id": str(uuid.UUID(int=number)), "text": "Hello?", "language": "en"}
        headers = {"content-type": "application/json", NAME_HEADER: f"{key}:{said['id']}"}
        intake.process(intake.store(channel, body=json.dumps(said).encode(), headers=headers).pk)
    rows = Identity.objects.filter(kind=Identity.Kind.VISITOR, value__in=[key for key, _token in guests])
    known = dict(rows.values_list("value", "customer_id"))
    return [known[key] for key, _token in guests]


def ways_back(channel: Channel) -> dict[int, tuple[int, Route]]:
    """Return by customer where an answer is written and where it goes: (number of the conversation, route)."""
    rows = channel.threads.exclude(conversation=None).select_related("conversation")
    return {
        row.conversation.customer_id: (row.conversation.number, Route(channel.pk, row.identity_id))
        for row in rows
        if row.conversation
    }
