"""Who is signed in at the shop, by the shop's word: an HMAC over what it says or a JWT, with a secret no browser has.

Only what is signed counts. A customer of the shop is an identity of its own (`shop`, within the brand); the address
that comes along proves one only where the administrator says that the shop has checked it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from channels_app.adapters.webchat import jwts, visitors
from channels_app.adapters.webchat.config import secrets_of
from channels_app.models import Channel, Visitor
from conversations import people
from conversations.merging.merge import Plan, merge
from customers.identify import Profile, find, identify
from customers.models import Customer, Identity
from customers.normalise import normalise
from helpdesk.lib import clock, emails
from helpdesk.lib.inbound import Party

FIELDS = ("user_id", "email", "name", "expires")
LONGEST = {"user_id": 200, "email": 254, "name": 200, "expires": 12}
CLAIMS = {"user_id": "sub", "email": "email", "name": "name"}
# A signature that counts for ever would be good for ever to whoever finds it.
AHEAD_MAX_SECONDS = 86_400
SIGNED_IN = "signed in at the shop"


class NotVouched(Exception):
    """The shop did not sign this, or it was for another moment."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the shop says of somebody. email: '' where it says none, or none that proves anything."""

    user_id: str
    name: str = ""
    email: str = ""


def read(channel: Channel, given: dict[str, Any]) -> Vouched:
    """Return what the shop signed, in either form. Raises NotVouched; a token that is given is the only thing read."""
    said = _in_token(channel, given["jwt"]) if "jwt" in given else _in_fields(channel, given)
    if not _is_an_id(said["user_id"]) or not all(map(_is_kept_as_it_is, said.values())):
        raise NotVouched
    if not _is_in_time(said["expires"]):
        raise NotVouched
    checked = bool(channel.config.get("checks_addresses"))
    return Vouched(said["user_id"], said["name"].strip(), emails.spell_address(said["email"]) if checked else "")


def _in_token(channel: Channel, token: object) -> dict[str, str]:
    """Return what a token says, by the names of the other form. Raises NotVouched."""
    if not isinstance(token, str):
        raise NotVouched
    now = clock.real().timestamp()
    try:
        claims = jwts.read(token, secrets_of(channel.config), audience=channel.public_key, now=now)
    except jwts.BadToken as error:
        raise NotVouched from error
    said = {name: claims.get(claim, "") for name, claim in CLAIMS.items()}
    return _texts({**said, "expires": str(int(claims["exp"]))})


def _in_fields(channel: Channel, given: dict[str, Any]) -> dict[str, str]:
    """Return what the HMAC is over; compared in constant time, with each secret that counts. Raises NotVouched.

    A line break within a value is refused: moved to its neighbour, what one customer chose as a name would be signed as
    another's address.
    """
    said, signed = _texts({name: given.get(name, "") for name in FIELDS}), given.get("hash")
    if not isinstance(signed, str) or any("\n" in value for value in said.values()):
        raise NotVouched
    found = signed.lower().encode("utf-8", "replace")
    good = [sign(said, secret).encode() for secret in secrets_of(channel.config)]
    fits = [hmac.compare_digest(one, found) for one in good]
    if not any(fits):
        raise NotVouched
    return said


def sign(said: dict[str, str], secret: str) -> str:
    """Return what the shop computes: HMAC-SHA256 in hexadecimal over the four values, a line each."""
    text = "\n".join(said[name] for name in FIELDS)
    return hmac.new(secret.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def recognise(visitor: Visitor, who: Vouched) -> bool:
    """Let a browser be somebody's; False where it is somebody else's already and has to begin anew.

    What was said in it before belongs to them from now on: a customer of whom nothing but this browser is known is
    merged into theirs, which can be undone. Takes the customers' locks.
    """
    with transaction.atomic():
        shop = _identity_of(visitor, who)
        if visitor.proved_id not in {None, shop.pk} and visitor.proved is not None and visitor.proved.kind == shop.kind:
            return False
        own = visitors.own_identity(visitor)
        if own is not None and own.customer_id != shop.customer_id and _is_only_a_browser(own.customer):
            merge(shop.customer, own.customer, by=None, plan=Plan(reasons=(SIGNED_IN,)))
        visitor.proved = shop
        visitor.address = visitor.address or who.email
        visitor.save(update_fields=["proved", "address"])
    return True


def _identity_of(visitor: Visitor, who: Vouched) -> Identity:
    """Find or make the shop's customer; with a checked address, the customer who has it already."""
    realm = f"brand-{visitor.channel.brand_id}"
    known = find(Identity.Kind.SHOP, who.user_id, realm=realm)
    theirs = find(Identity.Kind.EMAIL, who.email) if who.email else None
    if known is None and theirs is not None:
        party = Party(kind=Identity.Kind.SHOP, value=who.user_id, realm=realm)
        known = people.link_identity(theirs.customer, party)
    if known is None:
        profile = Profile(name=who.name, language=visitor.language, display=who.name)
        known, _is_new = identify(Identity.Kind.SHOP, who.user_id, profile, realm=realm)
    if who.email and theirs is None:
        theirs = people.add_identity(known.customer, Identity.Kind.EMAIL, who.email, by=None)
    proved = [known.pk, theirs.pk] if theirs is not None and theirs.customer_id == known.customer_id else [known.pk]
    Identity.objects.filter(pk__in=proved, verified_at=None).update(verified_at=clock.now(), verified_by="shop")
    return known


def _is_only_a_browser(customer: Customer) -> bool:
    """Whether nothing is known of a customer but browsers, and addresses that were only typed."""
    others = customer.identities.exclude(kind=Identity.Kind.VISITOR)
    return not others.exclude(kind=Identity.Kind.EMAIL, verified_at=None).exists()


def _texts(said: dict[str, Any]) -> dict[str, str]:
    if not all(isinstance(value, str) and len(value) <= LONGEST[name] for name, value in said.items()):
        raise NotVouched
    return said


def _is_an_id(user_id: str) -> bool:
    """Whether it is spelled the one way we would: what looks like somebody else's id must not become theirs."""
    try:
        return normalise(Identity.Kind.SHOP, user_id) == user_id
    except ValueError:
        return False


def _is_kept_as_it_is(text: str) -> bool:
    """Whether a database takes it: no NUL, no half of a character."""
    return "\0" not in text and text.encode("utf-8", "ignore").decode() == text


def _is_in_time(written: str) -> bool:
    if not (written.isascii() and written.isdigit()):
        return False
    ahead = int(written) - clock.real().timestamp()
    return 0 < ahead <= AHEAD_MAX_SECONDS
