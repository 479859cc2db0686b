"""What speaks for two customers being one person. Says so, never joins anybody."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.models import Customer, CustomerQuerySet, Identity
from customers.normalise import PHONE_KINDS, spellings
from helpdesk.lib import emails

# Kinds that hold a mail address in another guise: a log-in, what a visitor or a shop's customer typed.
GUISES = (Identity.Kind.PORTAL, Identity.Kind.VISITOR, Identity.Kind.SHOP)
# What is worth a suggestion, of 100. One name alone, or one company alone, is not.
ENOUGH = 30
COLLEAGUES_MAX = 200
# What each kind of reason says, its glyph, and how far it goes (of 100; below zero: speaks against).
KINDS = {
    "number": (gettext_noop("Same number"), "phone", 60),
    "address": (gettext_noop("Same address"), "email", 60),
    "order": (gettext_noop("Same order number"), "tag", 45),
    "linked": (gettext_noop("Named together by the provider"), "people", 70),
    "name": (gettext_noop("Same name"), "person", 20),
    "company": (gettext_noop("Same company"), "people", 20),
    "other_name": (gettext_noop("Names differ"), "person", -20),
    "other_letters": (gettext_noop("Looks alike, but is written with other letters"), "alert", -60),
}
PROVED = 95
# Letters of other alphabets that look like Latin ones. Only to warn: nobody is joined or kept apart by it alone.
LOOK_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u03b1\u03bf\u03c1\u03bd\u03b9\u03ba\u0131\u0261"
    "\u00f8\u0251\u0454\u03f2\u04cf\u0578\u057d\u0585\u0433\u0475\u03c5\u03b3\u03c4\u0111\u0142\u017f",
    "aeopcyxijshdqwaopvikigoaecInuorvuytdls".replace("I", "l"),
)
# What looks like one letter in the type of a mail program, in addresses only: people have numbers in their names.
IN_ADDRESSES = (("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"))


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against. kind: of KINDS; weight: strong, weak or against."""

    kind: str
    detail: str
    is_proved: bool = False

    @property
    def words(self) -> str:
        return _(KINDS[self.kind][0])

    @property
    def glyph(self) -> str:
        return KINDS[self.kind][1]

    @property
    def points(self) -> int:
        return PROVED if self.is_proved else KINDS[self.kind][2]

    @property
    def weight(self) -> str:
        if self.is_proved:
            return "strong"
        return "weak" if self.points > 0 else "against"

    @property
    def more(self) -> str:
        """The detail, and for an address whether it is proved."""
        if self.kind not in {"number", "address"}:
            return self.detail
        said = _("%(number)s, verified on both") if self.is_proved else _("%(number)s, not verified on both")
        return said % {"number": self.detail}


def reasons(one: Customer, two: Customer, orders: Iterable[str] = ()) -> list[Reason]:
    """Return what speaks for one person behind both, strongest first, then what does not.

    orders: order numbers that both wrote of.
    """
    found = [*_addresses(one, two), *(Reason("order", order) for order in orders), *_names(one, two)]
    found += [] if any(reason.kind == "other_letters" for reason in found) else _masks(one, two)
    if one.company_id and one.company_id == two.company_id:
        found.append(Reason("company", str(one.company)))
    return sorted(found, key=lambda reason: -reason.points)


def score_of(found: Iterable[Reason]) -> int:
    """Return how much speaks for one person, 0 to 100: each reason takes its share of the doubt that is left."""
    kinds = {reason.kind: reason.points for reason in found}
    doubt = prod(1 - points / 100 for points in kinds.values() if points > 0)
    against = prod(1 + points / 100 for points in kinds.values() if points < 0)
    return round(100 * (1 - doubt) * against)


def candidates(customer: Customer) -> CustomerQuerySet:
    """Return present customers who share an address in another guise, or name and company."""
    known = [value for _kind, value in map(address_of, customer.identities.all()) if value]
    values = [spelled for value in known for spelled in spellings(value)]
    same = Identity.objects.filter(
        Q(kind__in=[*PHONE_KINDS, Identity.Kind.EMAIL], realm="", value__in=values)
        | Q(kind__in=GUISES, value__in=values)
        | Q(kind__in=GUISES, display__in=values)
    )
    pks = set(same.values_list("customer", flat=True)) | _colleagues(customer)
    return Customer.objects.present().filter(pk__in=pks).exclude(pk=customer.pk).order_by("pk")


def is_proved(one: Customer, two: Customer) -> bool:
    """Whether both have proved to have the same address: code point by code point, never by looks."""
    return any(reason.is_proved for reason in _addresses(one, two))


def address_of(identity: Identity) -> tuple[str, str]:
    """Return what an identity comes down to: a number, a mail address, or nothing that others could have too."""
    if identity.kind in PHONE_KINDS:
        return "number", spellings(identity.value)[0]
    if identity.kind == Identity.Kind.EMAIL:
        return "address", identity.value
    if identity.kind in GUISES:
        spelled = emails.spell_address(identity.display) or emails.spell_address(identity.value)
        return "address", spelled
    return "", ""


def _addresses(one: Customer, two: Customer) -> list[Reason]:
    ours: dict[tuple[str, str], set[str]] = {}
    for row in one.identities.all():
        ours.setdefault(address_of(row), set()).update(_proof_of(row))
    found: dict[tuple[str, str], Reason] = {}
    for row in two.identities.order_by("-verified_at"):
        what = address_of(row)
        if what in ours and what[1]:
            proved = bool(ours[what] & _proof_of(row))
            known = found.get(what)
            found[what] = Reason(what[0], row.label, is_proved=proved or bool(known and known.is_proved))
    return list(found.values())


def _proof_of(identity: Identity) -> set[str]:
    """Return what a verified identity proves, sign by sign: another spelling of a number is only a hint."""
    if not identity.is_verified:
        return set()
    return {identity.value if identity.kind in PHONE_KINDS else address_of(identity)[1]}


def _names(one: Customer, two: Customer) -> list[Reason]:
    if not (one.name and two.name):
        return []
    ours, theirs = _folded(one.name), _folded(two.name)
    if ours == theirs:
        return [Reason("name", one.name)]
    kind = "other_letters" if _latin(ours) == _latin(theirs) else "other_name"
    return [Reason(kind, f"“{one.name}”, “{two.name}”")]


def _masks(one: Customer, two: Customer) -> list[Reason]:
    """Return what warns of an address that only looks like another's: somebody may pass themselves off."""
    ours = {_seen(row.value): row.value for row in one.identities.all() if row.kind == Identity.Kind.EMAIL}
    for row in two.identities.all():
        twin = ours.get(_seen(row.value)) if row.kind == Identity.Kind.EMAIL else None
        if twin is not None and twin != row.value:
            return [Reason("other_letters", f"{twin}, {emails.readable_address(row.value)}")]
    return []


def _seen(address: str) -> str:
    """Return an address as it looks at a glance."""
    seen = _latin(emails.readable_address(address).lower())
    for looks, like in IN_ADDRESSES:
        seen = seen.replace(looks, like)
    return seen


def _colleagues(customer: Customer) -> set[int]:
    """Return who has the same name in the same company."""
    if not (customer.name and customer.company_id):
        return set()
    rows = Customer.objects.filter(company=customer.company_id).exclude(name="").values_list("pk", "name")
    return {pk for pk, name in rows[:COLLEAGUES_MAX] if _folded(name) == _folded(customer.name)}


def _folded(name: str) -> str:
    # Case and spaces only: a look-alike letter is another letter. (casefold() would make an s of a long s.)
    return " ".join(unicodedata.normalize("NFC", name).lower().split())


def _latin(folded: str) -> str:
    """Return a name as it looks: without marks, invisible characters and other alphabets' look-alikes."""
    plain = unicodedata.normalize("NFKD", folded.translate(LOOK_ALIKE))
    return "".join(one for one in plain if unicodedata.category(one) not in {"Mn", "Cf"})
