"""Values of custom fields: what each kind takes, what JSON keeps of it, and how people read it. Stores nothing."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.utils import formats
from django.utils.translation import gettext as _

from customers.models import CustomField

TEXT_MAX, LINK_MAX, CHOICE_MAX, CHOICES_MAX = 2_000, 2_000, 80, 50
# All values of one customer together, as UTF-8.
TOTAL_MAX_BYTES = 64 * 1024
FIELDS_MAX = 100
# How a field is named among the fields of a profile.
PREFIX = "custom-"
# Plain digits of at most these lengths: more is no number that people work with, and no decimal is ever rounded.
NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{1,10})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
SCHEMES = ("http", "https")
YES, NO = "yes", "no"
# Joiners that words of some languages and some pictures are written with.
JOINERS = "\u200c\u200d"


class Wrong(ValueError):
    """The value cannot be kept; its text says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A filled field as people read it. href: '' unless it is a link that may be followed."""

    name: str
    kind: str
    words: str
    href: str = ""
    several: tuple[str, ...] = ()


def clean(field: CustomField, value: Any) -> Any:
    """Return what is kept of a value, None for none. Raises Wrong. What was cleaned stays as it is."""
    if value is None or value == "" or value == []:
        return None
    return _CLEANERS[CustomField.Kind(field.kind)](field, value)


def fields() -> list[CustomField]:
    """Return all fields in the order in which people see them."""
    return list(CustomField.objects.order_by("position", "pk"))


def put(kept: dict[str, Any], slug: str, value: Any) -> dict[str, Any]:
    """Return the values with one set; None takes it out."""
    others = {name: one for name, one in kept.items() if name != slug}
    return others if value is None else {**others, slug: value}


def check_size(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Refuse values that together take too much room; what makes them smaller is always taken. Raises Wrong."""
    size = _bytes(after)
    if size > TOTAL_MAX_BYTES and size > _bytes(before):
        raise Wrong(_("All details of a customer together are too long. Shorten one of them."))


def shown(kind: str, value: Any) -> str:
    """Return a kept value as people read it; one that no longer fits its kind as it stands."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    text = str(value)
    if kind == CustomField.Kind.DATE and DAY.fullmatch(text):
        return formats.date_format(date.fromisoformat(text), "DATE_FORMAT")
    if kind == CustomField.Kind.NUMBER and NUMBER.fullmatch(text):
        return formats.number_format(Decimal(text))
    return text


def typed(value: Any) -> str:
    """Return a kept value as a form carries it; `clean` reads it back."""
    if isinstance(value, bool):
        return YES if value else NO
    return "\n".join(value) if isinstance(value, list) else str(value or "")


def details(custom: dict[str, Any]) -> list[Detail]:
    """Return the filled fields of a customer. Asks nothing where nothing is filled."""
    return [_detail(field, custom[field.slug]) for field in fields() if field.slug in custom] if custom else []


def _detail(field: CustomField, value: Any) -> Detail:
    several = tuple(str(one) for one in value) if isinstance(value, list) else ()
    href = ""
    if field.kind == CustomField.Kind.LINK:
        try:
            href = _link(field, value)
        except Wrong:
            # Came by another road than this module: shown, not followed.
            href = ""
    return Detail(field.name, field.kind, shown(field.kind, value), href, several)


def readable(text: Any, most: int) -> str:
    """Return a text that screens can show, trimmed. Raises Wrong."""
    if not isinstance(text, str):
        raise Wrong(_("Write a text."))
    # Before anything looks at the characters: a text of megabytes costs nothing.
    if len(text) > most * 4:
        raise Wrong(_("This is too long: at most %(n)d characters.") % {"n": most})
    text = text.replace("\r\n", "\n").strip()
    if len(text) > most:
        raise Wrong(_("This is too long: at most %(n)d characters.") % {"n": most})
    if any(_is_hidden(character) for character in text):
        raise Wrong(_("This holds invisible characters. Write it by hand instead of pasting it."))
    return text


def _is_hidden(character: str) -> bool:
    if character in "\n\t" or character in JOINERS:
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _text(_field: CustomField, value: Any) -> str | None:
    return readable(value, TEXT_MAX) or None


def _number(_field: CustomField, value: Any) -> str | None:
    wrong = Wrong(_("Write a number like 1234.5: at most 20 digits, and 10 behind the point."))
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise wrong
    # An integer of a million digits is not even written out.
    if isinstance(value, int) and value.bit_length() > 80:
        raise wrong
    text = f"{value:f}" if isinstance(value, Decimal) else str(value).strip() if len(str(value)) < 80 else "?"
    if not text:
        return None
    if not NUMBER.fullmatch(text):
        raise wrong
    number = Decimal(text.replace(",", "."))
    whole = f"{number:f}"
    plain = whole.rstrip("0").rstrip(".") if "." in whole else whole
    return "0" if plain in {"-0", ""} else plain


def _date(_field: CustomField, value: Any) -> str | None:
    text = value.isoformat() if type(value) is date else value
    if not isinstance(text, str) or len(text) > 20 or not DAY.fullmatch(text.strip()):
        raise Wrong(_("Choose a day."))
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise Wrong(_("This day is not in the calendar.")) from None


def _yes_no(_field: CustomField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in (YES, NO):
        return bool(value == YES)
    raise Wrong(_("Choose yes or no."))


def _choice(field: CustomField, value: Any) -> str:
    if not isinstance(value, str) or value not in field.choices:
        raise Wrong(_("Choose from the list."))
    return value


def _choices(field: CustomField, value: Any) -> list[str] | None:
    several = _listed(value)
    if len(several) > CHOICES_MAX or not all(isinstance(one, str) and one in field.choices for one in several):
        raise Wrong(_("Choose from the list."))
    return [one for one in field.choices if one in several] or None


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str) and len(value) <= CHOICES_MAX * (CHOICE_MAX + 1):
        # As `typed` writes them: no choice holds a line break.
        value = value.split("\n")
    if not isinstance(value, list | tuple):
        raise Wrong(_("Choose from the list."))
    return list(value)


def _link(_field: CustomField, value: Any) -> str:
    text = readable(value, LINK_MAX)
    wrong = Wrong(_("Write a web address that begins with https:// or http://."))
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise wrong from None
    # A name before the host ("bank.example@evil.example") only serves to mislead.
    if parts.scheme not in SCHEMES or not has_host or parts.username is not None or re.search(r"[\s\\<>\"`]", text):
        raise wrong
    return text


_CLEANERS: dict[CustomField.Kind, Callable[[CustomField, Any], Any]] = {
    CustomField.Kind.TEXT: _text,
    CustomField.Kind.NUMBER: _number,
    CustomField.Kind.DATE: _date,
    CustomField.Kind.YES_NO: _yes_no,
    CustomField.Kind.CHOICE: _choice,
    CustomField.Kind.CHOICES: _choices,
    CustomField.Kind.LINK: _link,
}


def _bytes(values: dict[str, Any]) -> int:
    return len(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"))
