"""Customers of several lengths at one desk: a few entries, or what came together in ten years.

Written with everything the product would have written. The newest entries of all are alike, so that a page of each
draws the same kinds: messages in and out, files, copies, notes, changes, facts, and work of a team that nobody sees.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from agents.models import Agent, Brand, Team
from channels_app.models import Channel
from conversations.models import Attachment, Blob, Conversation, Fact, SeenMarker, Topic
from helpdesk.lib import clock
from helpdesk.seeds import bench, copying
from helpdesk.seeds.copying import Table
from helpdesk.seeds.ledger import Ledger

STEP = timedelta(minutes=50)
# Entries of a conversation; of ten conversations one is a private team's.
SPAN, HIDDEN = 5, 3
RARE, COMMON, ABSENT = "heirloom", "parcel", "zyzzyva"
_WORDS = "boots size order blue invoice refund courier morning lace sole tent pole strap voucher thanks receipt".split()


@dataclass(frozen=True, slots=True)
class Life:
    """One customer of so many entries, and where in it to look. oldest: the pk of the first entry."""

    length: int
    customer: int
    number: int
    last_seq: int
    middle: int
    oldest: int


class Lives:
    """The tables while customers are written."""

    def __init__(self) -> None:
        self.to = to = Ledger()
        self.facts = Table(Fact, "id customer_id entry_id kind what value due_at told_at learnt_at")
        self.files = Table(Attachment, "id entry_id blob_id filename content_type")
        self.tables = [
            to.customers, to.identities, to.threads, to.conversations, to.entries, to.messages, to.recipients,
            to.deliveries, to.parts, to.seen, self.facts, self.files,
        ]  # fmt: skip
        for table in self.tables:
            table.count = table.model._default_manager.aggregate(last=Max("pk"))["last"] or 0
        self.agent = Agent.objects.get(email=bench.AGENT)
        teams = {team.slug: team.pk for team in Team.objects.all()}
        self.team, self.hidden = teams[f"bench-{bench.OWN_TEAMS[0]:02d}"], teams["bench-19"]
        brand = Brand.objects.get(is_default=True).pk
        self.mail, self.chat = (Channel.objects.get(name=name.format(brand)) for name in bench.CHANNELS)
        self.topic = Topic.objects.order_by("pk")[0].pk
        self.blob = Blob.keep(b"A receipt, invented.")
        self.number = Conversation.objects.aggregate(last=Max("number"))["last"] or 0
        self.now = clock.now()

    def write(self, length: int) -> Life:
        """Write one of them."""
        to, at = self.to, (self.now - STEP * length).isoformat()
        who = to.customers.add(to.customers.count + 1, f"Vita {length}", "en", length, at)
        mail = to.identities.add(to.identities.count + 1, who, "email", f"vita{who}@people.example.test", at, at, at)
        chat = to.identities.add(to.identities.count + 1, who, "whatsapp", f"+9991{who:09d}", at, at, at)
        begun = to.entries.count
        spans = -(-length // SPAN)
        talk = to.threads.count + spans + 1
        for span in reversed(range(spans)):
            self._span(span, length, _Person(who, mail, chat, talk))
        at = self.now.isoformat()
        to.threads.add(talk, self.chat.pk, chat, to.conversations.count, f"vita{who}", "", at)
        for table in self.tables:
            table.flush()
        return Life(length, who, self.number, length, begun + max(min(8, length), length // 2), begun + 1)

    def _span(self, span: int, length: int, person: "_Person") -> None:
        """One conversation with its entries. span: how many came after it."""
        to, self.number = self.to, self.number + 1
        newest, oldest = span * SPAN, min(length, (span + 1) * SPAN) - 1
        at, pk = self._at(oldest), to.conversations.count + 1
        thread = to.threads.add(
            to.threads.count + 1, self.mail.pk, person.mail, pk, f"l{pk}", f"Order {pk}", at.isoformat()
        )
        for place in range(oldest, newest - 1, -1):
            self._entry(place, length, _Spot(person, pk, thread))
        is_done, team = span > 1, self.hidden if span % 10 == HIDDEN else self.team
        last = self._at(newest)
        to.conversations.add(
            pk, self.number, person.pk, self.mail.brand_id, self.topic, f"Order {pk}",
            "resolved" if is_done else "open", team, self.agent.pk, at, None, None if is_done else last,
            None if is_done else last, "" if is_done else "reply", None, last if is_done else None, 0 if is_done else 1,
            length - newest, last, "Where is it?", "email", False,
        )  # fmt: skip
        if span == 0:
            to.seen.add(to.seen.count + 1, self.agent.pk, pk, length - 1)

    def _at(self, place: int) -> datetime:
        return self.now - STEP * place

    def _entry(self, place: int, length: int, spot: "_Spot") -> None:
        """One entry. place: how many came after it."""
        to, at, seq = self.to, self._at(place).isoformat(), length - place
        kind = {9: "note", 6: "assignment"}.get(place % 10, "message")
        is_in = kind == "message" and place % 2 == 0
        pk = to.entries.count + 1
        to.entries.add(
            pk, spot.person.pk, spot.conversation, seq, seq, kind, "customer" if is_in else "agent",
            None if is_in else self.agent.pk, "public" if kind == "message" else "internal", at, at,
            json.dumps(self._data(kind, place, _said(pk, place == length - 1))), at,
        )  # fmt: skip
        if kind == "message":
            self._message(pk, place, length, spot)
        self._teach(pk, place, spot, at)

    def _data(self, kind: str, place: int, words: str) -> dict[str, Any]:
        if kind == "note":
            return {"text": words, **({"pinned": True} if place == 9 else {})}
        changed = {"before": {"assignee": None}, "after": {"assignee": self.agent.pk}}
        return changed if kind == "assignment" else {}

    def _message(self, pk: int, place: int, length: int, spot: "_Spot") -> None:
        to, is_in, is_chat = self.to, place % 2 == 0, place % 4 == 0
        channel, identity = (self.chat, spot.person.chat) if is_chat else (self.mail, spot.person.mail)
        at = self._at(place).isoformat()
        text, thread = _said(pk, place == length - 1), spot.person.talk if is_chat else spot.thread
        to.messages.add(
            pk, spot.person.pk, thread, channel.pk, "in" if is_in else "out", identity if is_in else None,
            "" if is_chat else "Order", text, f"<life{pk}@people.example.test>", f"{pk:064x}" if is_in else None,
        )  # fmt: skip
        to.recipients.add(to.recipients.count + 1, pk, identity, "from" if is_in else "to", "vita@people.example.test")
        if place % 10 == 4:
            to.recipients.add(to.recipients.count + 1, pk, None, "cc", "copy@people.example.test")
        if place % 10 == 3:
            self.files.add(self.files.count + 1, pk, self.blob, "receipt.pdf", "application/pdf")
        if not is_in:
            made = to.deliveries.count + 1
            route = json.dumps({"channel_id": channel.pk, "identity_id": identity})
            key = f"00000000-0000-4000-9000-{made:012x}"
            to.deliveries.add(made, pk, channel.pk, route, "sent", 1, at, at, at, key)
            part = to.parts.count + 1
            to.parts.add(part, made, channel.pk, 0, identity, "vita@people.example.test", f"l{part}", "sent")

    def _teach(self, pk: int, place: int, spot: "_Spot", at: str) -> None:
        """What it teaches: of ten entries two name an order or a phone, one says what was tried, one promises."""
        kind, what, value = {
            0: ("known", "order", str(10_000 + pk)), 2: ("known", "phone", f"+44 7700 900{pk % 1000:03d}"),
            1: ("tried", "", "We have sent it again."), 5: ("promised", "", "We will write to you tomorrow."),
        }.get(place % 10, ("", "", ""))  # fmt: skip
        if kind:
            due = at if kind == "promised" else None
            self.facts.add(self.facts.count + 1, spot.person.pk, pk, kind, what, value, due, due, at)


@dataclass(frozen=True, slots=True)
class _Person:
    """A customer with the identities of mail and chat, and the chat's thread."""

    pk: int
    mail: int
    chat: int
    talk: int


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an entry stands: whose it is, in which conversation, on which thread of mail."""

    person: _Person
    conversation: int
    thread: int


def write(lengths: Iterable[int]) -> list[Life]:
    """Write a customer of each length beside those who are there."""
    with transaction.atomic():
        connection.check_constraints()
        copying.trust()
        lives = Lives()
        found = [lives.write(length) for length in lengths]
        copying.settle(lives.tables)
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('conversation_number', %s)", [lives.number])
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            for table in lives.tables:
                cursor.execute(f"VACUUM {table.model._meta.db_table}")
    assert SeenMarker.objects.filter(conversation__customer=found[-1].customer).count() == 1
    return found


def _said(pk: int, is_oldest: bool) -> str:
    words = [_WORDS[(pk * step) % len(_WORDS)] for step in range(3, 60)]
    return " ".join([*words, *([COMMON] if pk % 2 else []), *([RARE] if is_oldest else [])]).capitalize()
