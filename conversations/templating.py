"""Texts that a provider approved: which can go to whom, with which values, and what the customer will read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agents.models import Brand
from conversations.models.fact import Fact
from conversations.ways import Way
from customers.models import Consent, Customer
from helpdesk.lib.outbound import OutboundTemplate

# {{1}} or {{order_number}}
SLOT = re.compile(r"\{\{\s*(\w{1,60})\s*\}\}")
# What stands before a numbered slot says what belongs there.
GREETING = re.compile(
    r"\b(?:hi|hello|dear|ciao|gentile|buongiorno|bună|buna|bună ziua|salut|stimat[eă]?)[ ,]*$", re.IGNORECASE
)
ORDER = re.compile(r"\b(?:orders?|ordin[ei]|comand[aăe]|comenzii)\b[^.!?]{0,20}$", re.IGNORECASE)
TRACKING = re.compile(r"\b(?:tracking|awb|spedizione|urmărire)\b[^.!?]{0,20}$", re.IGNORECASE)
NAMED = (
    ("first_name", "first"),
    ("name", "name"),
    ("order", "order"),
    ("tracking", "tracking"),
    ("product", "product"),
)
PICTURED = frozenset({"image", "video", "document"})
VALUE_MAX, TEMPLATES_MAX = 1024, 200


@dataclass(frozen=True, slots=True)
class Slot:
    """A value to give. where: header or body; value: what we know; label: what the field is called."""

    where: str
    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A text as the picker shows it. header, body: texts, each with the place in `slots` of what follows it."""

    row: Any
    title: str
    slots: tuple[Slot, ...]
    header: tuple[tuple[str, int], ...]
    body: tuple[tuple[str, int], ...]
    why_not: str

    @property
    def language(self) -> str:
        """The language as web pages name it."""
        return str(self.row.language).replace("_", "-")

    @property
    def needs_link(self) -> bool:
        """Whether a picture, film or document stands at its head."""
        return self.row.header in PICTURED


class Wrong(Exception):
    """It cannot go like this: a sentence."""


def offers(way: Way, customer: Customer, brand: Brand, facts: Iterable[Fact]) -> list[Offer]:
    """Return the approved texts of a way's channel, those in the customer's language first."""
    rows = list(way.channel.templates.filter(status="approved").order_by("name", "language")[:TEMPLATES_MAX])
    wanted = [_base(customer.language), _base(brand.language)]
    rows.sort(key=lambda row: _place(_base(row.language), wanted))
    known, refusal = _known(customer, facts), _refusal(way)
    return [_offer(row, known, refusal if row.category == "marketing" else "") for row in rows]


def filled(way: Way, pk: int, given: dict[str, list[str]]) -> tuple[OutboundTemplate, str]:
    """Return a text with its values, and as the customer reads it. given: header, body and link. Raises Wrong."""
    row = way.channel.templates.filter(pk=pk, status="approved").first()
    if row is None:
        raise Wrong(_("This template cannot be used any more."))
    if row.category == "marketing" and (why_not := _refusal(way)):
        raise Wrong(why_not)
    heads, bodies = _names(row.header_text), _names(row.body)
    values = [" ".join(value.split())[:VALUE_MAX] for value in (*given["header"], *given["body"])]
    if len(values) != len(heads) + len(bodies) or not all(values):
        raise Wrong(_("Fill in every value of the template."))
    link = next(iter(given["link"]), "").strip()
    if row.header in PICTURED and not link.startswith("https://"):
        raise Wrong(_("Give the web address (https://) of what stands at its head."))
    head, body = values[: len(heads)], values[len(heads) :]
    text = [_put(row.header_text, heads, head), _put(row.body, bodies, body), row.footer]
    template = OutboundTemplate(row.name, row.language, tuple(body), tuple(head), link, row.external_id)
    return template, "\n\n".join(filter(None, text))


def _refusal(way: Way) -> str:
    """Say why offers may not go to an identity."""
    newest = (
        Consent.objects.filter(identity=way.identity, purpose=Consent.Purpose.MARKETING).order_by("-at", "-pk").first()
    )
    if newest is not None and newest.state == Consent.State.GIVEN:
        return ""
    return _("They have not agreed to news and offers on this address")


def _offer(row: Any, known: dict[str, str], why_not: str) -> Offer:
    slots = [Slot("header", *_slot(row.header_text, name, known)) for name in _names(row.header_text)]
    header = _parts(row.header_text, 0)
    body = _parts(row.body, len(slots))
    slots += [Slot("body", *_slot(row.body, name, known)) for name in _names(row.body)]
    title = row.name.replace("_", " ").strip().capitalize()
    return Offer(row, title, tuple(slots), header, body, why_not)


def _slot(text: str, name: str, known: dict[str, str]) -> tuple[str, str, str]:
    """Return a slot's name, label and what we know for it."""
    what = _meaning(text, name)
    labels = {
        "first": _("First name"), "name": _("Name"), "order": _("Order number"), "tracking": _("Tracking number"),
        "product": _("Product"),
    }  # fmt: skip
    plain = name.replace("_", " ").capitalize() if not name.isdecimal() else _("Value %(n)s") % {"n": name}
    return name, labels.get(what, plain), known.get(what, "")


def _meaning(text: str, name: str) -> str:
    """Say what belongs into a slot: by its name, or for a number by the words before it."""
    if not name.isdecimal():
        return next((what for part, what in NAMED if part in name.lower()), "")
    before = re.split(rf"\{{\{{\s*{name}\s*\}}\}}", text, maxsplit=1)[0]
    signs = ((GREETING, "first"), (ORDER, "order"), (TRACKING, "tracking"))
    return next((what for pattern, what in signs if pattern.search(before[-60:])), "")


def _known(customer: Customer, facts: Iterable[Fact]) -> dict[str, str]:
    """Return what we know, the newest of each; facts come newest first."""
    known = {"name": customer.name, "first": customer.name.split()[0] if customer.name.strip() else ""}
    for fact in facts:
        if fact.kind == Fact.Kind.KNOWN:
            known.setdefault(fact.what, fact.value)
    return known


def _names(text: str) -> list[str]:
    """Return the slots of a text in the order of their values: numbers by number, names as they come."""
    names = list(dict.fromkeys(SLOT.findall(text)))
    return sorted(names, key=int) if names and all(name.isdecimal() for name in names) else names


def _parts(text: str, first: int) -> tuple[tuple[str, int], ...]:
    """Split a text at its slots: (words before, the slot's place or -1 at the end). first: the place of its first."""
    places = {name: first + n for n, name in enumerate(_names(text))}
    parts, end = [], 0
    for found in SLOT.finditer(text):
        parts.append((text[end : found.start()], places[found[1]]))
        end = found.end()
    return (*parts, (text[end:], -1))


def _put(text: str, names: list[str], values: list[str]) -> str:
    known = dict(zip(names, values, strict=True))
    return SLOT.sub(lambda found: known[found[1]], text)


def _base(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


def _place(language: str, wanted: list[str]) -> int:
    return wanted.index(language) if language in wanted else len(wanted)
