"""Telling visitors who talks to them, and what is forgotten by itself: somebody types, somebody has read."""

from collections.abc import Sequence

from conversations import live, visiting
from conversations.models import Message
from customers.identify import find
from customers.models import Identity
from helpdesk.lib.inbound import Party

INITIALS = 2
SECONDS = {"typing": 8, "seen": 0}


def about(identities: Sequence[Identity]) -> dict[str, object]:
    """Say who answered last, by first name and letters; nothing where nobody has."""
    rows = visiting.readable_by(identities).filter(message__direction=Message.Direction.OUT).exclude(by=None)
    last = rows.select_related("by").order_by("-occurred_at", "-pk").first()
    if last is None or last.by is None:
        return {"agent": None}
    return {"agent": {"name": last.by.first_name, "initials": last.by.initials[:INITIALS]}}


def show(party: Party, what: str) -> None:
    """Tell all browsers of this identity; nobody hears it where none is open."""
    identity = find(party.kind, party.value, realm=party.realm)
    if identity is not None:
        live.ephemeral([f"visitor.identity.{identity.pk}"], {"what": what}, ttl_seconds=SECONDS[what])
