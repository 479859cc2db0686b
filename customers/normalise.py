"""One spelling per address and kind, so that one person is found by any of them."""

import re
import unicodedata

import phonenumbers

from customers.models import Identity
from helpdesk.lib import emails

PHONE_KINDS = frozenset({Identity.Kind.PHONE, Identity.Kind.WHATSAPP})
# WhatsApp's ids of people who do not show their number: a country, a dot, up to 128 signs; between them a word where
# several businesses belong together (provider documentation, read 2026-11). They mean nothing elsewhere, so a realm
# goes with them.
BUSINESS_SCOPED = re.compile(r"[A-Z]{2}\.(?:[A-Z]+\.)?[A-Za-z0-9]{1,128}")
BRAZIL, MEXICO = 55, 52
DIGITS_MIN, DIGITS_MAX = 7, 15
VALUE_MAX = 320
# What networks send instead of a withheld number: words spelled on the keypad of a phone
# (anonymous, blocked, restricted, unknown, unavailable). All who hide would become one customer.
WITHHELD = frozenset({"266696687", "2562533", "7378742833", "8656696", "86282452253"})
# Zero-width and direction marks: invisible, so never part of anybody's address.
INVISIBLE_SIGNS = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
INVISIBLE = dict.fromkeys(map(ord, INVISIBLE_SIGNS))


def normalise(kind: str, value: str, *, region: str | None = None) -> str:
    """Return the one spelling of an address. Raises ValueError when it cannot be one.

    region: ISO 3166 code to read a national phone number with.
    """
    cleaned = unicodedata.normalize("NFC", value).translate(INVISIBLE).replace("\0", "").strip()
    if not cleaned:
        raise ValueError("The address is empty.")
    if len(cleaned) > VALUE_MAX:
        # Composing letters can make an address longer than it was written.
        raise ValueError("The address is too long.")
    if kind == Identity.Kind.EMAIL:
        return emails.normalise_address(cleaned)
    if kind == Identity.Kind.WHATSAPP and BUSINESS_SCOPED.fullmatch(cleaned):
        return cleaned
    if kind in PHONE_KINDS:
        return _phone(cleaned, region)
    return cleaned


def spellings(number: str) -> tuple[str, ...]:
    """Return a normalised number and how else networks may write it, the shortest first.

    Argentina: a 9 before a mobile's area code, which WhatsApp writes and callers often do not. Digits alone do not
    say what is a mobile, so neither is changed.
    """
    if number.startswith("+549") and len(number) == 14:
        return f"+54{number[4:]}", number
    if number.startswith("+54") and len(number) == 13:
        return number, f"+549{number[3:]}"
    return (number,)


def _phone(value: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"“{value}” is not a phone number.") from error
    number.national_number = _national(number.country_code or 0, str(number.national_number or 0))
    spelled = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    # Only what E.164 says: numbering plans change faster than any table of them.
    if not DIGITS_MIN <= len(spelled) - 1 <= DIGITS_MAX or spelled[1:] in WITHHELD:
        raise ValueError(f"“{value}” is not a phone number.")
    return spelled


def _national(country: int, digits: str) -> int:
    """Undo the two spellings that some countries have for one mobile number.

    Brazil: networks and WhatsApp still say the old form without the ninth digit. Mexico: the 1 after 52 was
    dropped in 2019.
    """
    if country == BRAZIL and len(digits) == 10 and digits[2] in "6789":
        digits = f"{digits[:2]}9{digits[2:]}"
    elif country == MEXICO and len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return int(digits)
