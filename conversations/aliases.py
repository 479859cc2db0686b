"""Further names of a person that a provider told: the same customer, or a hint that two records are one."""

from collections.abc import Iterable

from conversations.locks import lock_customer_row
from customers.models import Identity
from customers.normalise import normalise
from helpdesk.lib import sql
from helpdesk.lib.inbound import Party


def note(identity: Identity, aliases: Iterable[Party]) -> list[Identity]:
    """Give the identity's customer the further names that nobody has; return those that are somebody else's.

    Nobody is merged by it: whether two records are one person, a person decides. Inside a transaction; takes the
    customer's row lock.
    """
    strangers = []
    for alias in aliases:
        try:
            spelled = normalise(alias.kind, alias.value)
        except ValueError:
            continue
        found = _find(alias, spelled)
        if found is None:
            owner = lock_customer_row(identity.customer_id)
            made = Identity(customer=owner, kind=alias.kind, realm=alias.realm, value=spelled)
            sql.insert(made, if_new=True)
            # Somebody wrote from it at this very moment: it is theirs.
            found = made if made.pk else _find(alias, spelled)
        if found is not None and found.customer_id != identity.customer_id:
            strangers.append(found)
    return strangers


def _find(alias: Party, spelled: str) -> Identity | None:
    return Identity.objects.filter(kind=alias.kind, realm=alias.realm, value=spelled).first()
