"""Writes many invented customers and what was said with them: the rows of `seed --profile=bench`.

Conversations come in the order of time, as in a desk that has grown. Each is written with everything that the
product would have written, told by the same dice: the same seed gives the same rows.
"""

import random
from array import array
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate

from helpdesk.seeds.ledger import Ledger
from helpdesk.seeds.wording import WORDS, seldom

YEARS = timedelta(days=3 * 365)
CHUNK = 10_000
# One conversation in so many is as long as that.
LONG_EVERY, LONG, LONG_SINCE = 10_000, 200, timedelta(days=20)
FIRST_NUMBER = 1000
FIRST = (
    "Ada Bruno Carla Dario Elena Franco Gina Hugo Irina Jan Katia Leo Mara Nico Olga Paul Rita Sven Tea Vera".split()
)
LAST = "Alba Brun Costa Dumitru Esposito Fabbri Grosu Hansen Ionescu Jansen Keller Lupu Moretti Neri Orban Popa".split()
TEXTS = 2_000
LANGUAGES = ("en", "it", "ro")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works there and on which channels. weights: how much comes to each team, None's last."""

    teams: list[int | None]
    weights: list[float]
    agents: dict[int | None, list[int]]
    brands: list[int]
    mail: list[int]
    chat: list[int]
    topics: list[int]


@dataclass(slots=True)
class Span:
    """One conversation while it is written."""

    pk: int
    customer: int
    status: str
    team: int | None
    owner: int | None
    brand: int
    opened_at: datetime
    is_chat: bool
    at: datetime
    said: str = ""
    last_in: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    first_reply: datetime | None = None
    resolved_at: datetime | None = None
    last_message: datetime | None = None
    threads: list[tuple[int, int, bool]] = field(default_factory=list)


class Crowd:
    """The tables while they are written. now: where the story ends; target: how soon answers are due."""

    def __init__(self, desk: Desk, *, seed: str, now: datetime, target: timedelta, entries: float) -> None:
        self.desk, self.now, self.target, self.entries = desk, now, target, entries
        self.dice = random.Random(seed)  # noqa: S311 - invented people, nothing secret
        self.texts = [
            " ".join([*self.dice.choices(WORDS, k=self.dice.randint(8, 90)), *seldom(place)]).capitalize()
            for place in range(TEXTS)
        ]
        self.cumulated = list(accumulate(desk.weights))
        # By customer: the newest number, the identities of mail and chat, the chat's thread and its conversation.
        self.last_seq, self.mail, self.chat = array("q"), array("q"), array("q")
        self.chat_thread, self.chat_span = array("q"), array("q")
        self.to = Ledger()

    def write(self, size: int, customers: int | None = None) -> None:
        """Write so many conversations, oldest first, of exactly so many customers if that is given."""
        self.begin, self.step, self.size, self.wanted = self.now - YEARS, YEARS / (size + 1), size, customers
        for place in range(size):
            self._conversation(place, size)
            if place % CHUNK == CHUNK - 1:
                self._flush()
        self._people()
        self._flush()

    def _flush(self) -> None:
        for table in self.to.tables:
            table.flush()

    def _conversation(self, place: int, size: int) -> None:
        dice = self.dice
        is_long = place % LONG_EVERY == min(LONG_EVERY, size) - 1
        at = self.begin + self.step * (place + dice.random()) - LONG_SINCE * is_long
        customer = self._newcomer(at, has_chat=True) if is_long else self._who(at)
        team = dice.choices(self.desk.teams, cum_weights=self.cumulated)[0]
        status = "waiting" if is_long else _status(dice, place / size)
        is_chat = bool(self.chat[customer]) and dice.random() < 0.6
        owner, brand = self._owner(team, status), customer % len(self.desk.brands)
        span = Span(self.to.conversations.count + 1, customer, status, team, owner, brand, at, is_chat, at)
        self._threads(span, is_long=is_long)
        ordinary = _script(dice, self.entries, status)
        for step, kind in enumerate(["in", "out"] * (LONG // 2) if is_long else ordinary):
            self._entry(span, kind, step)
        self._row(span)
        self._readers(span)

    def _who(self, at: datetime) -> int:
        """Somebody new, or one of those who wrote, rather lately than long ago."""
        known = len(self.last_seq)
        if self.dice.random() < self._newcomers(known):
            return self._newcomer(at, has_chat=self.dice.random() < 0.4)
        return int(known * self.dice.random() ** 0.5)

    def _newcomers(self, known: int) -> float:
        """How likely somebody new is: certain when as many are still to come as there are conversations left."""
        if self.wanted is None:
            return 1.0 if known < 3 else 0.45
        # The conversation at hand is counted when its row is written. The long ones bring theirs anyway.
        place = self.to.conversations.count
        longs_left = longs(self.size) - place // LONG_EVERY
        return (self.wanted - known - longs_left) / (self.size - place - longs_left) if known else 1.0

    def _newcomer(self, at: datetime, *, has_chat: bool) -> int:
        who = len(self.last_seq)
        seen = at.isoformat()
        verified = seen if self.dice.random() < 0.5 else None
        mail = self.to.identities.add(
            self.to.identities.count + 1, who + 1, "email", _address(who), verified, seen, seen
        )
        chat = 0
        if has_chat:
            chat = self.to.identities.add(
                self.to.identities.count + 1, who + 1, "whatsapp", _phone(who), seen, seen, seen
            )
        for numbers, value in ((self.last_seq, 0), (self.mail, mail), (self.chat, chat), (self.chat_thread, 0)):
            numbers.append(value)
        self.chat_span.append(0)
        return who

    def _owner(self, team: int | None, status: str) -> int | None:
        is_nobodys = self.dice.random() < {"open": 0.4, "resolved": 0.05}.get(status, 0.0)
        return None if is_nobodys else self.dice.choice(self.desk.agents[team])

    def _threads(self, span: Span, *, is_long: bool) -> None:
        """Find or make where its messages travel: a mail begins a thread, a chat goes on with its own."""
        who = span.customer
        if span.is_chat or is_long:
            if not self.chat_thread[who]:
                self.to.threads.count += 1
                self.chat_thread[who] = self.to.threads.count
            self.chat_span[who] = span.pk
            span.threads.append((self.chat_thread[who], self.chat[who], True))
        if not span.is_chat or is_long:
            at = span.opened_at.isoformat()
            made, mail = self.to.threads.count + 1, self.mail[who]
            self.to.threads.add(made, self.desk.mail[span.brand], mail, span.pk, f"b{made}", _subject(span.pk), at)
            span.threads.append((made, mail, False))

    def _entry(self, span: Span, kind: str, step: int) -> None:
        dice, who = self.dice, span.customer
        self.last_seq[who] += 1
        seq, pk = self.last_seq[who], self.to.entries.count + 1
        if step:
            span.at = min(span.at + timedelta(seconds=dice.expovariate(1 / 5400)), self.now)
        at = span.at.isoformat()
        by = span.owner or self.desk.agents[span.team][0]
        data = self._data(span, kind, by, pk)
        is_said = kind in {"in", "out"}
        self.to.entries.add(
            pk, who + 1, span.pk, seq, seq, "message" if is_said else kind,
            "customer" if kind == "in" else "agent", None if kind == "in" else by,
            "public" if is_said else "internal", at, at, data, at,
        )  # fmt: skip
        if is_said:
            self._message(span, pk, kind, step)
        if kind == "status":
            span.resolved_at = span.at

    def _data(self, span: Span, kind: str, by: int, entry: int) -> str:
        if kind == "status":
            return '{"before": {"status": "open"}, "after": {"status": "resolved"}}'
        if kind == "assignment":
            return f'{{"before": {{"assignee": null}}, "after": {{"assignee": {by}}}}}'
        if kind != "note":
            return "{}"
        text = self.dice.choice(self.texts)
        if self.dice.random() > 0.2:
            return f'{{"text": "{text}"}}'
        named = self.dice.choice(self.desk.agents[None])
        self.to.mentions.add(self.to.mentions.count + 1, entry, named, None)
        return f'{{"text": "{text}", "mentions": [{named}]}}'

    def _message(self, span: Span, entry: int, kind: str, step: int) -> None:
        thread, identity, is_chat = span.threads[step // 2 % len(span.threads)]
        channel = (self.desk.chat if is_chat else self.desk.mail)[span.brand]
        text, who, is_in = self.dice.choice(self.texts), span.customer, kind == "in"
        span.last_message = span.at
        self.to.messages.add(
            entry, who + 1, thread, channel, kind, identity if is_in else None, "" if is_chat else _subject(span.pk),
            text, f"<b{entry}@people.example.test>", f"{entry:064x}" if is_in else None,
        )  # fmt: skip
        address = _phone(who) if is_chat else _address(who)
        self.to.recipients.add(self.to.recipients.count + 1, entry, identity, "from" if is_in else "to", address)
        if is_in:
            span.said, span.last_in = text[:160], self.last_seq[who]
            span.waiting += 1
            span.waiting_since = span.waiting_since or span.at
            return
        span.waiting, span.waiting_since = 0, None
        span.first_reply = span.first_reply or span.at
        at, state, made = span.at.isoformat(), "read" if is_chat else "sent", self.to.deliveries.count + 1
        key = f"00000000-0000-4000-8000-{made:012x}"
        route = f'{{"channel_id": {channel}, "identity_id": {identity}}}'
        self.to.deliveries.add(made, entry, channel, route, state, 1, at, at, at, key)
        self.to.parts.add(made, made, channel, 0, identity, address, f"p{made}", state)

    def _row(self, span: Span) -> None:
        is_done, dice = span.status == "resolved", self.dice
        waits = None if is_done else span.waiting_since
        self.to.conversations.add(
            span.pk, span.pk + FIRST_NUMBER, span.customer + 1, self.desk.brands[span.brand],
            dice.choice(self.desk.topics), _subject(span.pk), span.status, span.team, span.owner, span.opened_at,
            self.now + timedelta(hours=dice.randint(1, 500)) if span.status == "snoozed" else None,
            waits, waits and waits + self.target, "reply" if waits else "", span.first_reply,
            span.resolved_at, 0 if is_done else span.waiting, span.last_in, span.last_message, span.said,
            "whatsapp" if span.threads[0][2] else "email", is_done and dice.random() < 0.02,
        )  # fmt: skip

    def _readers(self, span: Span) -> None:
        """Who has read it, who follows it, who is writing an answer."""
        dice = self.dice
        is_done = span.status == "resolved"
        if span.owner and dice.random() < (0.1 if is_done else 0.6):
            self.to.seen.add(self.to.seen.count + 1, span.owner, span.pk, self.last_seq[span.customer])
        if dice.random() < 0.02:
            self.to.followers.add(self.to.followers.count + 1, dice.choice(self.desk.agents[None]), span.pk)
        if span.owner and span.status == "open" and self.to.drafts.count < 3 * len(self.desk.agents[None]):
            self.to.drafts.add(self.to.drafts.count + 1, span.owner, span.pk, "reply", "Dear customer", span.at)

    def _people(self) -> None:
        """Write the customers, whose newest number is known now, and the chats, whose conversation is."""
        step = YEARS / max(1, len(self.last_seq))
        for who, last_seq in enumerate(self.last_seq):
            name = f"{FIRST[who % len(FIRST)]} {LAST[who // len(FIRST) % len(LAST)]}"
            self.to.customers.add(who + 1, name, LANGUAGES[who % 3], last_seq, self.begin + step * who)
            if self.chat_thread[who]:
                channel = self.desk.chat[who % len(self.desk.brands)]
                thread, identity, span = self.chat_thread[who], self.chat[who], self.chat_span[who]
                self.to.threads.add(thread, channel, identity, span, _phone(who), "", self.now)
                # It was counted when it was begun.
                self.to.threads.count -= 1
            if who % CHUNK == CHUNK - 1:
                self._flush()


def longs(size: int) -> int:
    """How many of so many conversations are long."""
    return max(1, size // LONG_EVERY)


def _status(dice: random.Random, age: float) -> str:
    """What is young is often still to do; of the old hardly anything. age: 0 the oldest, 1 the newest."""
    if dice.random() > (0.5 if age > 0.9 else 0.02):
        return "resolved"
    return dice.choices(("open", "waiting", "snoozed"), cum_weights=(0.6, 0.88, 1.0))[0]


def _script(dice: random.Random, entries: float, status: str) -> list[str]:
    """What happens in a conversation: about so many entries, the last of them as its status wants."""
    count = 1 + min(int(dice.expovariate(1 / max(0.01, entries - 1.6))), 60)
    script, last = ["in"], "in"
    for _ in range(count - 1):
        fate = dice.random()
        kind = "note" if fate < 0.1 else "assignment" if fate < 0.2 else "out" if last == "in" else "in"
        script.append(kind)
        last = kind if fate >= 0.2 else last
    wanted = {"open": "in", "waiting": "out", "snoozed": "out"}.get(status, last)
    if last != wanted:
        script.append(wanted)
    return [*script, "status"] if status == "resolved" else script


def _subject(pk: int) -> str:
    return f"Order {10_000 + pk}"


def _address(who: int) -> str:
    return f"c{who}@people.example.test"


def _phone(who: int) -> str:
    # No country has this code: nobody's number.
    return f"+999{who:09d}"
