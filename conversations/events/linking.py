"""Who an event is about, by any of the identities that came along; and those identities, linked to one customer."""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from conversations import people
from conversations.merging import suggesting
from customers.identify import find
from customers.models import Identity
from customers.normalise import PHONE_KINDS, normalise
from helpdesk.lib.inbound import Party

if TYPE_CHECKING:
    from conversations.events.happening import Happening

log = logging.getLogger(__name__)


def sender_of(happening: "Happening") -> Party:
    """Say who the customer of an event is; the group or post where its provider does not name the person."""
    event = happening.event
    party: Party = happening.channel.adapter.party_of(event, happening.channel)
    return party if party.value else replace(party, value=event.conversation_id)


def known_identity(happening: "Happening") -> Identity | None:
    """Return whom an event is about, by whichever of the ids of its provider that came along; makes nobody.

    A mail address or number that is only told of somebody proves nothing: it may be another person's.
    """
    party = sender_of(happening)
    for one in (party, *(alias for alias in happening.event.aliases if alias.kind == party.kind)):
        found = _found(one)
        if found is not None:
            return found
    return None


def bind(happening: "Happening") -> bool:
    """Give the sender's address to the customer whom another id of theirs names; return whether one is known.

    Locks the customer. Raises ValueError for an impossible sender.
    """
    party = sender_of(happening)
    normalise(party.kind, party.value)
    if _found(party) is not None:
        return True
    known = known_identity(happening) if happening.event.aliases else None
    if known is not None:
        people.link_identity(known.customer, party)
    return known is not None


def link_aliases(happening: "Happening", identity: Identity, *, is_told: bool = True) -> None:
    """Link the further identities that came along to the same customer. Locks the customer.

    Two people are never joined by it: an address of somebody else becomes a suggestion.
    """
    for party in happening.event.aliases:
        link(identity, party, is_told=is_told)


def link(identity: Identity, party: Party, *, act: str = "added", is_told: bool = True) -> None:
    """Link one more address to the customer of an identity, or suggest that its owner is the same person."""
    known = _found(party)
    if known is not None and known.customer_id == identity.customer_id:
        return
    try:
        people.link_identity(identity.customer, party, act=act, is_told=is_told)
    except people.TakenBy as taken:
        suggesting.link(identity.customer_id, taken.identity.customer_id, taken.identity.label)
    except ValueError:
        log.info("A provider named an address that cannot be one", extra={"identity": identity.pk})


def renumber(happening: "Happening") -> bool:
    """Add the new number of somebody who changed it; False where it tells of no number or of nobody we know."""
    new = str(happening.event.details.get("new_value") or "")
    identity = known_identity(happening) if new else None
    if identity is None:
        return False
    party = sender_of(happening)
    is_number = party.kind in PHONE_KINDS and new.lstrip("+").isdigit()
    link(identity, Party(party.kind, new, "" if is_number else party.realm), act="renumbered")
    link_aliases(happening, identity)
    return True


def _found(party: Party) -> Identity | None:
    try:
        return find(party.kind, party.value, realm=party.realm)
    except ValueError:
        return None
