"""What is known of the people of some rows, what the rows change, and all of it written by a few statements."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from agents.models import Agent
from conversations import companies, people, recording, timeline
from conversations.changes import plain
from conversations.importing.cleaning import Key, Refusal, Wanted
from conversations.models.entry import Entry
from conversations.models.importing import CustomerImport, ImportKey
from conversations.models.tag import CustomerTag, Tag
from customers import custom
from customers.folding import fold
from customers.models import Company, Consent, Customer, CustomField, Identity
from helpdesk.lib.names import clean_name

NEW, UPDATED, UNCHANGED, REFUSED = "new", "updated", "unchanged", "refused"
NO = {Consent.State.REFUSED, Consent.State.WITHDRAWN}


@dataclass(slots=True, eq=False)
class Person:
    """A customer while rows are filed. earlier: the row of this file that will have made them, in a check."""

    customer: Customer
    earlier: int = 0
    has_external: bool = False
    tags: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    news: list[tuple[str, dict[str, Any], Identity | None]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What to call them in a sentence."""
        if self.customer.pk is None:
            return self.customer.name or _("row %(n)d") % {"n": self.earlier}
        return f"{self.customer.best_name} (#{self.customer.pk})"


class Batch:
    """The people of some rows. Unless it only checks, it holds the row locks of those who are there."""

    def __init__(self, run: CustomerImport, by: Agent | None, wanted: list[Wanted], *, is_check: bool) -> None:
        self.run, self.by, self.is_check = run, by, is_check
        self.source = _("Import of %(file)s") % {"file": run.filename[:150]}
        self.fields = {custom.PREFIX + row.slug: row for row in CustomField.objects.all()}
        self.identities = _identities(wanted)
        self.people = self._people(wanted)
        self.owners = {key: self.people[identity.customer_id] for key, identity in self.identities.items()}
        self.companies = self._companies(wanted)
        self.standing = _standing(self.identities)
        self.newcomers: list[Person] = []
        self.fresh: list[tuple[Person, Identity]] = []
        self.consents: list[tuple[Identity, Consent]] = []
        if is_check:
            self._remember_earlier(wanted)

    def take(self, wanted: Wanted) -> str:
        """Note what a row changes; return the word for it. Raises Refusal, and nothing is noted then."""
        person = self._who(wanted)
        is_new = person is None
        person = person or Person(Customer(), earlier=wanted.row.number)
        changes = self._changes(person, wanted)
        tags = sorted({*wanted.tags} - person.tags)
        if len(person.tags) + len(tags) > recording.TAGS_MAX:
            raise Refusal(_("A customer has at most %(n)d tags.") % {"n": recording.TAGS_MAX})
        consents = self._answers(wanted)
        fresh = [key for key in wanted.keys if key not in self.identities]
        if is_new:
            self.newcomers.append(person)
        self._change(person, changes)
        for key in fresh:
            self._add(person, key, wanted.addresses.get(key, key[1]))
        self._tag(person, tags)
        self._agree(person, wanted, consents)
        return NEW if is_new else UPDATED if changes or tags or consents or fresh else UNCHANGED

    def end(self) -> None:
        """Write everything down; of a check only who will be there. Raises IntegrityError when somebody was faster."""
        if self.is_check:
            keys = [
                ImportKey(run=self.run, key=_hash(key), owner=self.owners[key].earlier)
                for key in self.identities
                if self.owners[key].customer.pk is None
            ]
            ImportKey.objects.bulk_create(keys, ignore_conflicts=True)
            return
        Customer.objects.bulk_create([person.customer for person in self.newcomers])
        for person, identity in self.fresh:
            identity.customer = person.customer
        Identity.objects.bulk_create([identity for _person, identity in self.fresh])
        self._update()
        for identity, consent in self.consents:
            consent.identity = identity
        Consent.objects.bulk_create([consent for _identity, consent in self.consents])
        everybody = [*self.people.values(), *self.newcomers]
        told = [self._told(person, *new) for person in everybody for new in person.news]
        timeline.record_quietly(told, unseen={person.customer.pk for person in self.newcomers})

    def _people(self, wanted: list[Wanted]) -> dict[int, Person]:
        owners = {identity.customer_id for identity in self.identities.values()}
        rows = Customer.objects.select_related("company").filter(pk__in=owners).order_by("pk")
        if not self.is_check:
            rows = rows.select_for_update(no_key=True, of=("self",))
        found = {row.pk: Person(row) for row in rows}
        if not self.is_check:
            again = {key: identity.customer_id for key, identity in _identities(wanted).items()}
            if again != {key: identity.customer_id for key, identity in self.identities.items()}:
                raise IntegrityError("Somebody came, was merged or split meanwhile.")
        for pk, name in CustomerTag.objects.filter(customer__in=found).values_list("customer", "tag__name"):
            found[pk].tags.add(name)
        shops = Identity.objects.filter(customer__in=found, kind=Identity.Kind.SHOP, realm="")
        for pk in shops.values_list("customer", flat=True):
            found[pk].has_external = True
        return found

    def _companies(self, wanted: list[Wanted]) -> dict[str, Company]:
        """Return the companies that rows name, held so that nobody joins or deletes them before this ends."""
        names = {fold(one.company): one.company for one in wanted if one.company}
        rows = Company.objects.filter(folded__in=names).order_by("pk")
        found = {row.folded: row for row in (rows if self.is_check else rows.select_for_update(no_key=True))}
        for folded in sorted(set(names) - set(found)):
            about = companies.About(names[folded])
            found[folded] = Company(name=about.name) if self.is_check else companies.make(about, by=self.by)
        return found

    def _remember_earlier(self, wanted: list[Wanted]) -> None:
        """Know again, in a check, whom an earlier row of the file would have made."""
        hashes = {_hash(key): key for one in wanted for key in one.keys}
        known: dict[int, Person] = {}
        for row in ImportKey.objects.filter(run=self.run, key__in=hashes):
            person = known.setdefault(row.owner, Person(Customer(), earlier=row.owner))
            self.owners.setdefault(hashes[row.key], person)
            self.identities.setdefault(hashes[row.key], Identity(kind=hashes[row.key][0], value=hashes[row.key][1]))

    def _who(self, wanted: Wanted) -> Person | None:
        """Return whom a row is about, None for somebody new. Raises Refusal rather than guess."""
        found = list(dict.fromkeys(self.owners[key] for key in wanted.keys if key in self.owners))
        if len(found) > 1:
            words = _("This row would join two customers: %(one)s and %(two)s. Merge them first, or correct the row.")
            raise Refusal(words % {"one": found[0].label, "two": found[1].label})
        if found and wanted.external and found[0].has_external and wanted.keys[0] not in self.owners:
            words = _("The address belongs to %(one)s, who has another external id.")
            raise Refusal(words % {"one": found[0].label})
        return found[0] if found else None

    def _changes(self, person: Person, wanted: Wanted) -> dict[str, Any]:
        """Return the fields of the profile that become other. Raises Refusal."""
        filled = {name: value for name, value in wanted.fields.items() if value not in (None, "")}
        if wanted.company:
            filled["company"] = self.companies[fold(wanted.company)]
        now = person.customer
        changes = {name: value for name, value in filled.items() if not _is_same(people.value_of(now, name), value)}
        after = now.custom | {
            name.removeprefix(custom.PREFIX): value for name, value in changes.items() if name in self.fields
        }
        try:
            custom.check_size(now.custom, after)
        except custom.Wrong as wrong:
            raise Refusal(str(wrong)) from None
        return changes

    def _answers(self, wanted: Wanted) -> dict[str, str]:
        """Return the consents that are new. Raises Refusal for a yes over a no: only the person may say that."""
        found = {}
        for purpose, state in wanted.consents.items():
            standing = self.standing.get((next(iter(wanted.addresses)), purpose))
            if state == Consent.State.GIVEN and standing in NO:
                words = _("They said no to “%(purpose)s” here. A file cannot make a yes of it.")
                raise Refusal(words % {"purpose": Consent.Purpose(purpose).label})
            if standing is None or (state in NO) != (standing in NO):
                found[purpose] = Consent.State.WITHDRAWN if standing == Consent.State.GIVEN else state
        return found

    def _change(self, person: Person, changes: dict[str, Any]) -> None:
        if not changes:
            return
        now = person.customer
        before = {name: people.value_of(now, name) for name in changes}
        for name, value in changes.items():
            if name in self.fields:
                now.custom = custom.put(now.custom, name.removeprefix(custom.PREFIX), value)
            else:
                setattr(now, name, value)
            person.columns.add("custom" if name in self.fields else name)
        told: dict[str, Any] = {"before": _plain(before), "after": _plain(changes)}
        own = {name: self.fields[name] for name in changes if name in self.fields}
        if own:
            told["fields"] = {name: {"name": row.name, "kind": row.kind} for name, row in own.items()}
        person.news.append((Entry.Kind.PROFILE, told, None))

    def _add(self, person: Person, key: Key, written: str) -> None:
        kind, value = key
        shown = clean_name(written, people.DISPLAY_MAX)
        identity = Identity(kind=kind, value=value, display=shown if shown != value else "")
        self.identities[key], self.owners[key] = identity, person
        person.has_external = person.has_external or kind == Identity.Kind.SHOP
        self.fresh.append((person, identity))
        person.news.append((Entry.Kind.IDENTITY, {"act": "added"}, identity))

    def _tag(self, person: Person, names: list[str]) -> None:
        if names:
            before = sorted(person.tags)
            person.tags |= {*names}
            told = {"before": {"tags": before}, "after": {"tags": sorted(person.tags)}}
            person.news.append((Entry.Kind.TAGS, told, None))

    def _agree(self, person: Person, wanted: Wanted, answers: dict[str, str]) -> None:
        for purpose, state in answers.items():
            key = next(iter(wanted.addresses))
            self.standing[key, purpose] = state
            self.consents.append((self.identities[key], Consent(purpose=purpose, state=state, source=self.source)))
            told = {"act": "consent", "purpose": purpose, "state": state, "reason": self.source}
            person.news.append((Entry.Kind.CONSENT, told, self.identities[key]))

    def _update(self) -> None:
        changed = [person for person in self.people.values() if person.columns]
        if columns := sorted(set().union(*(person.columns for person in changed))):
            Customer.objects.bulk_update([person.customer for person in changed], columns)
        added = {
            person: {*told["after"]["tags"]} - {*told["before"]["tags"]}
            for person in [*self.people.values(), *self.newcomers]
            for kind, told, _identity in person.news
            if kind == Entry.Kind.TAGS
        }
        names = set().union(*added.values())
        Tag.objects.bulk_create([Tag(name=name) for name in sorted(names)], ignore_conflicts=True)
        tags = {tag.name: tag for tag in Tag.objects.filter(name__in=names)}
        rows = [CustomerTag(customer=person.customer, tag=tags[name]) for person in added for name in person.tags]
        CustomerTag.objects.bulk_create(rows, ignore_conflicts=True)

    def _told(self, person: Person, kind: str, told: dict[str, Any], identity: Identity | None) -> timeline.New:
        named = {"identity": identity.pk, "kind": identity.kind, "value": identity.label} if identity else {}
        data = {**told, **named, "import": self.run.pk}
        return timeline.New(kind=kind, customer=person.customer, by=self.by, data=data)


def _identities(wanted: list[Wanted]) -> dict[Key, Identity]:
    """Return who is known by the keys of some rows, a query for each kind."""
    values: dict[str, set[str]] = defaultdict(set)
    for one in wanted:
        for kind, value in one.keys:
            values[kind].add(value)
    rows = [row for kind, found in sorted(values.items())
            for row in Identity.objects.filter(kind=kind, realm="", value__in=found)]  # fmt: skip
    return {(row.kind, row.value): row for row in rows}


def _standing(identities: dict[Key, Identity]) -> dict[tuple[Key, str], str]:
    """Return the newest answer to each purpose by address."""
    keys = {identity.pk: key for key, identity in identities.items()}
    rows = Consent.objects.filter(identity__in=keys).order_by("at", "pk")
    return {(keys[pk], purpose): state for pk, purpose, state in rows.values_list("identity", "purpose", "state")}


def _is_same(now: Any, wanted: Any) -> bool:
    if isinstance(wanted, Company):
        # One that a check would make is known by its name.
        return now is not None and (now.pk == wanted.pk if wanted.pk else now.name == wanted.name)
    return bool(now == wanted)


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return plain({name: str(value) if isinstance(value, Company) else value for name, value in fields.items()})


def _hash(key: Key) -> str:
    return hashlib.sha256("\0".join(key).encode()).hexdigest()
