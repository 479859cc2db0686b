"""Telling a visitor's open browsers what is forgotten by itself: somebody types, somebody has read."""

from conversations import live
from customers.identify import find
from helpdesk.lib.inbound import Party

SECONDS = {"typing": 8, "seen": 0}


def show(party: Party, what: str) -> None:
    """Tell all browsers of this identity; nobody hears it where none is open."""
    identity = find(party.kind, party.value, realm=party.realm)
    if identity is not None:
        live.ephemeral([f"visitor.identity.{identity.pk}"], {"what": what}, ttl_seconds=SECONDS[what])
