"""What speaks for two customers being one person. Says so, never joins anybody."""

import unicodedata
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from customers.models import Customer, CustomerQuerySet, Identity
from customers.normalise import PHONE_KINDS


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against. weight: strong, weak or against."""

    words: str
    detail: str
    glyph: str
    weight: str


def reasons(one: Customer, two: Customer) -> list[Reason]:
    """Return what speaks for one person behind both, strongest first, then what does not."""
    found = [*_numbers(one, two), *_names(one, two)]
    if one.company_id and one.company_id == two.company_id:
        found.append(Reason(_("Same company"), str(one.company), "people", "weak"))
    return sorted(found, key=lambda reason: ("strong", "weak", "against").index(reason.weight))


def lookalikes(customer: Customer) -> CustomerQuerySet:
    """Return present customers who write from the same number by another way; a phone's is also WhatsApp's."""
    numbers = customer.identities.filter(kind__in=PHONE_KINDS).values("value")
    same = Identity.objects.filter(kind__in=PHONE_KINDS, value__in=numbers).exclude(customer=customer)
    return Customer.objects.present().filter(pk__in=same.values("customer")).order_by("pk")


def search(customers: CustomerQuerySet, words: str) -> CustomerQuerySet:
    """Return those whose name or address contains the words."""
    theirs = Identity.objects.filter(Q(value__icontains=words) | Q(display__icontains=words))
    return customers.filter(Q(name__icontains=words) | Q(pk__in=theirs.values("customer"))).order_by("-pk")


def _numbers(one: Customer, two: Customer) -> list[Reason]:
    ours = {row.value: row for row in one.identities.filter(kind__in=PHONE_KINDS)}
    found = []
    for row in two.identities.filter(kind__in=PHONE_KINDS, value__in=list(ours)):
        is_proved = row.is_verified and ours[row.value].is_verified
        detail = _("%(number)s, verified on both") if is_proved else _("%(number)s, not verified on both")
        found.append(
            Reason(_("Same number"), detail % {"number": row.label}, "phone", "strong" if is_proved else "weak")
        )
    return found


def _names(one: Customer, two: Customer) -> list[Reason]:
    if not (one.name and two.name):
        return []
    if _folded(one.name) == _folded(two.name):
        return [Reason(_("Same name"), one.name, "person", "weak")]
    return [Reason(_("Names differ"), f"“{one.name}”, “{two.name}”", "person", "against")]


def _folded(name: str) -> str:
    # Case and spaces only: a look-alike letter is another letter.
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
