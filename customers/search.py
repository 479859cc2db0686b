"""The customer search: the beginning of any word of a name, a company's name or an address, or the end of a number."""

import re

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Collate, Reverse

from customers.models import Company, Customer, CustomerQuerySet, Identity
from customers.normalise import PHONE_KINDS
from customers.wording import Has, WordsOf, phrase
from helpdesk.lib import words

WORDS_MAX = 8
DIGITS_MIN = 6
_NUMBER = re.compile(r"[\d+()./\s-]+")


def matching(rows: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """Leave those in whose name, company or addresses every word begins a word; none for no words."""
    number = _number(text)
    if number:
        return rows.filter(pk__in=_by_number(number))
    asked = [parts for parts in (words.folded(one).split() for one in text.split()[:WORDS_MAX]) if parts]
    for parts in asked:
        rows = rows.filter(pk__in=_by_words(phrase(parts, is_prefix=len(parts[-1]) > 1)))
    return rows if asked else rows.none()


def _by_words(query: str) -> "QuerySet[Customer, tuple[int]]":
    named = Customer.objects.filter(Has(WordsOf(F("name")), Value(query))).values_list("pk")
    reached = Identity.objects.filter(Has(WordsOf(F("value"), F("display")), Value(query))).values_list("customer")
    firms = Company.objects.filter(Has(WordsOf(F("name")), Value(query))).values("pk")
    employed = Customer.objects.filter(company__in=firms).values_list("pk")
    return named.union(reached, employed, all=True)


def _by_number(digits: str) -> "QuerySet[Identity, tuple[int]]":
    """Customers whose number begins or ends so, as it is dialled from wherever."""
    national = digits.lstrip("0")
    begins = Has(WordsOf(F("value"), F("display")), Value(phrase([national], is_prefix=True)))
    ends = Identity.objects.filter(kind__in=sorted(PHONE_KINDS)).alias(reverse=Collate(Reverse("value"), "C"))
    found = Identity.objects.filter(begins).values_list("customer")
    return found.union(ends.filter(reverse__startswith=national[::-1]).values_list("customer"), all=True)


def _number(text: str) -> str:
    """The digits of a text that is a phone number; '' when it is not."""
    digits = "".join(sign for sign in text if sign.isdecimal() and sign.isascii())
    is_number = _NUMBER.fullmatch(text) is not None and len(digits.lstrip("0")) >= DIGITS_MIN
    return digits if is_number else ""
