"""The only way to find or create a person from an address."""

from dataclasses import dataclass

from customers.models import Customer, Identity
from customers.normalise import normalise
from helpdesk.lib import clock, sql
from helpdesk.lib.names import clean_name

DISPLAY_MAX = 320
FIND = """
    SELECT {}, {} FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
    WHERE i.kind = %(kind)s AND i.realm = %(realm)s AND i.value = %(value)s
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """What an inbound message tells of its sender. Fills gaps, never overwrites."""

    name: str = ""
    language: str = ""
    display: str = ""
    is_third_party: bool = False


def identify(kind: str, value: str, profile: Profile | None = None, *, realm: str = "") -> tuple[Identity, bool]:
    """Find or create the identity with this address and its customer: (identity, was created).

    Never joins two people. Safe at the same time from two workers: the loser of the race
    drops the customer it was about to make and reads the winner's. Raises ValueError.
    """
    spelled = normalise(kind, value)
    profile = profile or Profile()
    found = _find(kind, realm, spelled)
    if found is not None:
        _fill_gaps(found.customer, profile)
        return found, False
    made = _create(kind, realm, spelled, profile)
    if made is not None:
        return made, True
    found = _find(kind, realm, spelled)
    assert found is not None, "Whoever was faster has committed."
    return found, False


def find(kind: str, value: str, *, realm: str = "") -> Identity | None:
    """Return the identity with this address, or None. Raises ValueError for no address at all."""
    return _find(kind, realm, normalise(kind, value))


def _find(kind: str, realm: str, value: str) -> Identity | None:
    statement = FIND.format(sql.columns(Identity, "i"), sql.columns(Customer, "c"))
    row = sql.run(statement, {"kind": kind, "realm": realm, "value": value}).fetchone()
    if row is None:
        return None
    width = len(Identity._meta.concrete_fields)
    found = sql.load(Identity, row[:width])
    customer = sql.load(Customer, row[width:])
    assert found is not None and customer is not None
    found.customer = customer
    return found


def _create(kind: str, realm: str, value: str, profile: Profile) -> Identity | None:
    """Make the customer and the identity; None when somebody else made the identity meanwhile."""
    customer = Customer(
        name=clean_name(profile.name),
        language=profile.language,
        is_third_party=profile.is_third_party,
    )
    sql.insert(customer)
    identity = Identity(
        customer=customer,
        kind=kind,
        realm=realm,
        value=value,
        display=clean_name(profile.display, DISPLAY_MAX),
        last_seen_at=clock.now(),
    )
    sql.insert(identity, if_new=True)
    if identity.pk is None:
        customer.delete()
        return None
    return identity


def _fill_gaps(customer: Customer, profile: Profile) -> None:
    name = clean_name(profile.name) if profile.name and not customer.name else ""
    if name:
        # Compare-and-set: a name that somebody typed a moment ago stays.
        Customer.objects.filter(pk=customer.pk, name="").update(name=name)
        customer.name = name
