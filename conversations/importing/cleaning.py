"""What one row wants of a customer, or why it cannot be taken. Asks nobody, changes nothing."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from conversations import recording
from conversations.importing.mapping import ADDRESS, CONSENT, EXTERNAL
from conversations.importing.reading import CELL_MAX, Row
from customers import custom
from customers.models import Company, Consent, CustomField, Identity
from customers.normalise import normalise
from helpdesk.lib.languages import languages
from helpdesk.lib.names import clean_name
from helpdesk.lib.sheets import original

YES = frozenset("yes y true t 1 x si sì s vero da d adevarat adevărat given on ok".split())
NO = frozenset("no n false f 0 falso nu fals refused off".split())
SEPARATORS = re.compile(r"[,;|\n]")
DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)
SHOP_MAX = 120

Key = tuple[str, str]


class Refusal(ValueError):
    """The row is not taken; the text says why, in the reader's language."""


@dataclass(slots=True)
class Wanted:
    """What a row says. fields: of the profile, what is filled; addresses: normalised, with how they were written."""

    row: Row
    fields: dict[str, Any] = field(default_factory=dict)
    company: str = ""
    external: str = ""
    addresses: dict[Key, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    consents: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> list[Key]:
        """Everything that somebody may be recognised by, the external id first."""
        own: list[Key] = [(Identity.Kind.SHOP, self.external)] if self.external else []
        return [*own, *self.addresses]


class Cleaner:
    """Reads rows by one mapping; asks the database once, at the beginning."""

    def __init__(self, mapping: list[str]) -> None:
        self.mapping = mapping
        self.fields: dict[str, CustomField] = {custom.PREFIX + row.slug: row for row in custom.fields()}
        self.languages = {code.lower(): code for code, _name in languages()}
        self.language_names = {name.casefold(): code for code, name in languages()}
        self.zones = _zones()

    def clean(self, row: Row) -> Wanted:
        """Return what a row wants. Raises Refusal."""
        if len(row.cells) > len(self.mapping):
            raise Refusal(_("This row has more cells than the header has columns."))
        wanted, names = Wanted(row), ["", ""]
        for target, cell in zip(self.mapping, row.cells, strict=False):
            text = original(cell).strip()
            if not target or not text:
                continue
            if len(text) > CELL_MAX or "\0" in text:
                raise Refusal(_("A cell is too long or holds signs that nobody can read."))
            if target in {"first_name", "last_name"}:
                names[target == "last_name"] = text
            else:
                self._put(wanted, target, text)
        if any(names) and "name" not in wanted.fields:
            self._put(wanted, "name", " ".join(filter(None, names)))
        if not wanted.keys:
            raise Refusal(_("Nothing to recognise anybody by: no address and no external id."))
        if wanted.consents and not wanted.addresses:
            raise Refusal(_("A consent needs an address that it holds for."))
        return wanted

    def _put(self, wanted: Wanted, target: str, text: str) -> None:
        if target.startswith(ADDRESS):
            self._put_address(wanted, target.removeprefix(ADDRESS), text)
        elif target.startswith(CONSENT):
            answer = Consent.State.GIVEN if _is_yes(text) else Consent.State.REFUSED
            wanted.consents[target.removeprefix(CONSENT)] = answer
        elif target in self.fields:
            wanted.fields[target] = _own_value(self.fields[target], text)
        elif target == "tags":
            self._put_tags(wanted, text)
        elif target == EXTERNAL:
            wanted.external = _external(text)
        else:
            self._put_profile(wanted, target, text)

    def _put_address(self, wanted: Wanted, kind: str, text: str) -> None:
        try:
            wanted.addresses.setdefault((kind, normalise(kind, text)), text)
        except ValueError:
            label = Identity.Kind(kind).label
            raise Refusal(_("“%(text)s” cannot be read as %(kind)s.") % {"text": text[:80], "kind": label}) from None

    def _put_tags(self, wanted: Wanted, text: str) -> None:
        for word in SEPARATORS.split(text):
            if word.strip():
                try:
                    name = recording.clean_tag(word)
                except recording.Refused:
                    raise Refusal(_("“%(text)s” is no tag.") % {"text": word[:80].strip()}) from None
                wanted.tags += [name] if name not in wanted.tags else []

    def _put_profile(self, wanted: Wanted, target: str, text: str) -> None:
        if target == "name":
            wanted.fields["name"] = clean_name(text)
        elif target == "language":
            code = text.replace("_", "-").lower()
            found = self.languages.get(code) or self.language_names.get(text.casefold())
            found = found or self.languages.get(code.partition("-")[0])
            if found is None:
                raise Refusal(_("“%(text)s” is no language that we know.") % {"text": text[:80]})
            wanted.fields["language"] = found
        elif target == "time_zone":
            zone = self.zones.get(text.lower())
            if zone is None:
                raise Refusal(_("“%(text)s” is no time zone such as Europe/Rome.") % {"text": text[:80]})
            wanted.fields["time_zone"] = zone
        elif target == "company":
            wanted.company = clean_name(text, Company.NAME_MAX)


@cache
def _zones() -> dict[str, str]:
    # Reads a folder of six hundred files.
    return {zone.lower(): zone for zone in available_timezones()}


def _external(text: str) -> str:
    if len(text) > SHOP_MAX:
        raise Refusal(_("The external id is longer than %(n)d characters.") % {"n": SHOP_MAX})
    return normalise(Identity.Kind.SHOP, text)


def _own_value(row: CustomField, text: str) -> Any:
    """Return a custom field's value from what people write in spreadsheets. Raises Refusal."""
    value: Any = text
    if row.kind == CustomField.Kind.YES_NO:
        value = _is_yes(text)
    elif row.kind == CustomField.Kind.DATE and (found := DAY_FIRST.fullmatch(text)):
        day, month, year = map(int, found.groups())
        # 03/04/2026 is March to some and April to others; with points it is the day first everywhere.
        if "/" in text and day <= 12 and month <= 12 and day != month:
            raise Refusal(_("%(field)s: “%(text)s” may be two days. Write it like 2026-12-31.") % {
                "field": row.name, "text": text})  # fmt: skip
        day, month = (month, day) if "/" in text and month > 12 else (day, month)
        value = _day(year, month, day, text)
    elif row.kind == CustomField.Kind.CHOICE:
        value = _chosen(row, text)
    elif row.kind == CustomField.Kind.CHOICES:
        value = [_chosen(row, word.strip()) for word in re.split(r"[;|\n]", text) if word.strip()]
    try:
        return custom.clean(row, value)
    except custom.Wrong as wrong:
        raise Refusal(f"{row.name}: {wrong}") from None


def _day(year: int, month: int, day: int, text: str) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def _chosen(row: CustomField, text: str) -> str:
    return next((str(one) for one in row.choices if str(one).casefold() == text.casefold()), text)


def _is_yes(text: str) -> bool:
    word = text.casefold()
    if word not in YES | NO:
        raise Refusal(_("“%(text)s” is neither yes nor no.") % {"text": text[:80]})
    return word in YES
