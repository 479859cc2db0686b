"""One spelling per address and kind, so that one person is found by any of them."""

import unicodedata

import phonenumbers

from customers.models import Identity
from helpdesk.lib import emails

PHONE_KINDS = frozenset({Identity.Kind.PHONE, Identity.Kind.WHATSAPP})
# Zero-width and direction marks: invisible, so never part of anybody's address.
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c"))


def normalise(kind: str, value: str, *, region: str | None = None) -> str:
    """Return the one spelling of an address. Raises ValueError when it cannot be one.

    region: ISO 3166 code to read a national phone number with.
    """
    cleaned = unicodedata.normalize("NFC", value).translate(INVISIBLE).replace("\0", "").strip()
    if not cleaned:
        raise ValueError("The address is empty.")
    if kind == Identity.Kind.EMAIL:
        return emails.normalise_address(cleaned)
    if kind in PHONE_KINDS:
        return _phone(cleaned, region)
    return cleaned


def _phone(value: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"“{value}” is not a phone number.") from error
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
