"""The desk beside the model of tests/flows/life.py: rules act on both, invariants compare them after each step."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from channels_app import delivery, intake, reconcile, sweeping
from channels_app.models import RawEvent
from conversations import after, live, replying
from conversations.changes import Taken
from conversations.models import Conversation, Delivery, Entry, Message
from conversations.reading import stretches
from conversations.reading.stretches import Lens
from conversations.undo import TooLate, undo, undo_send
from customers.models import Customer
from helpdesk.lib.outbound import SendError
from tests import factories, paper
from tests.flows.breaking import breaking_at, empty_the_desk
from tests.flows.life import ATTEMPTS_MAX, WAITING, Answer, Event, Letter, Life, Sending, Span

START = datetime(2026, 11, 2, 9, 0, 0, tzinfo=UTC)
ADDRESS = "giulia@example.test"
KEPT = (
    "status", "snoozed_until", "resolved_at", "assignee_id", "unanswered_count", "waiting_since", "first_reply_at",
    "reopened_count", "next_due_at", "last_entry_at",
)  # fmt: skip
ARRIVING = st.sampled_from(["", "ingest.after_read", "ingest.before_commit", "ingest.after_commit_before_ack"])
FILING = st.sampled_from(["", "", "job.after_start", "job.before_commit", "job.after_commit_before_push"])
SENDING = st.sampled_from(
    ["ok", "ok", "refused", "later", "lost", "lost before", "send.after_claim", "send.before_request",
     "send.after_accept_before_commit", "send.after_commit"]
)  # fmt: skip
WHO = st.integers(0, 5)
ORDER = st.sampled_from(["0", "01", "10", "210"])
COMPARE_EVERY = 4


def pick(found: list[Any], number: int) -> Any:
    return found[number % len(found)]


class CustomerLife(RuleBasedStateMachine):
    """Rules do something to the desk and to the model; invariants compare them after every step."""

    steps: ClassVar[Counter[str]] = Counter()
    rings: ClassVar[list[tuple[Any, ...]]] = []

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        empty_the_desk()
        team = factories.make_team(name="Front")
        self.channel = factories.make_channel(name="Help", team=team)
        self.ana = factories.make_agent(name="Ana Ionescu", role="supervisor", teams=(team,))
        self.bruno = factories.make_agent(name="Bruno Rossi", role="supervisor", teams=(team,))
        self.post = paper.adapter.post = paper.Post()
        self.life = Life()
        self.page: dict[int, Any] = {}
        self.cursor = 0
        self.rings.clear()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    @initialize(answers=st.integers(0, 2))
    def begin(self, answers: int) -> None:
        """A first letter, and perhaps answers that wait: without them most rules have nothing to do."""
        self.write("proven", 0, "01")
        for _ in range(answers):
            self.answer(0, 10, False, False)

    # The customer writes, and letters reach our door: late, twice, in any order.

    @rule(proof=st.sampled_from(["token", "token", "proven", "unproven"]), who=WHO, order=ORDER)
    def write(self, proof: str, who: int, order: str) -> None:
        """Write as many letters as there are places in `order`; they reach us and are filed in that order."""
        key = pick(self.life.spans, who).key if proof == "token" and self.life.spans else ""
        proof = "proven" if proof == "token" and not key else proof
        first = len(self.life.letters)
        for _ in order:
            self.traveller.shift(1)
            self.life.letters.append(Letter(len(self.life.letters), self.now, proof, key))
        for place in order if len(order) > 1 else "":
            self._file(self._arrive(self.life.letters[first + int(place)]))
        self._count(f"write {order}")

    @precondition(lambda self: self.life.letters)
    @rule(who=WHO, again=st.booleans(), place=ARRIVING)
    def arrive(self, who: int, again: bool, place: str) -> None:
        self._arrive(pick(self.life.letters[::-1], who), again, place)
        self._count(f"arrive {place}")

    def _arrive(self, letter: Letter, again: bool = False, place: str = "") -> Event | None:
        # The same letter by a second way has a delivery key of its own.
        key = f"{letter.number}{'-again' if again else ''}"
        known = next((event for event in self.life.events if event.delivery_key == key), None)
        with breaking_at(place):
            intake.store(self.channel, body=self._body(letter), headers={"x-delivery": key})
        if place in {"ingest.after_read", "ingest.before_commit"}:
            return known
        return self._stored(letter, key, known)

    def _stored(self, letter: Letter, key: str, known: Event | None) -> Event:
        if known is not None:
            known.copies += 1
            return known
        pk = RawEvent.objects.values_list("pk", flat=True).get(dedupe_key=key)
        self.life.events.append(Event(letter, key, pk, self.now))
        return self.life.events[-1]

    def _body(self, letter: Letter) -> bytes:
        said = {"id": letter.external_id, "text": letter.text, "at": letter.said_at.isoformat()}
        return paper.letter(**said, proof=letter.proof, thread_key=letter.key, **{"from": ADDRESS})

    @precondition(lambda self: any(event.state == "new" for event in self.life.events))
    @rule(who=WHO, place=FILING)
    def file(self, who: int, place: str) -> None:
        self._file(pick([event for event in self.life.events if event.state == "new"], who), place)
        self._count(f"file {place}")

    def _file(self, event: Event | None, place: str = "") -> None:
        assert event is not None
        with breaking_at(place):
            intake.process(event.pk)
        if event.state == "new":
            event.attempts += 1
            if place not in {"job.after_start", "job.before_commit"}:
                self._filed(event)

    def _filed(self, event: Event) -> None:
        letter = event.letter
        if event.attempts > ATTEMPTS_MAX:
            event.state = "quarantined"
            return
        event.state = "filed" if letter.filed_as is None else "duplicate"
        if letter.filed_as is not None:
            return
        entry = Entry.objects.select_related("conversation").get(raw_id=event.pk)
        assert entry.conversation is not None
        letter.filed_as = entry.pk
        span = self.life.place_of(letter)
        at = letter.said_at + timedelta(microseconds=event.pk)
        if span is None:
            assert entry.conversation_id not in {one.pk for one in self.life.spans}
            span = Span(entry.conversation.pk, entry.conversation.threads.get().external_id, at)
            self.life.spans.append(span)
        assert entry.conversation_id == span.pk
        span.wrote(at)

    @precondition(lambda self: any(event.state == "quarantined" for event in self.life.events))
    @rule(who=WHO)
    def replay(self, who: int) -> None:
        event = pick([event for event in self.life.events if event.state == "quarantined"], who)
        intake.replay(RawEvent.objects.get(pk=event.pk))
        event.state, event.attempts = "new", 0
        self._count("replay")

    # Agents work.

    @precondition(lambda self: self.life.spans)
    @rule(who=WHO, hold=st.sampled_from([0, 10]), resolves=st.booleans(), twice=st.booleans())
    def answer(self, who: int, hold: int, resolves: bool, twice: bool) -> None:
        span = pick(self.life.spans, who)
        self.traveller.shift(1)
        text = f"Answer {len(self.life.answers)}"
        entry = self._reply(span, text, hold)
        if twice:
            assert self._reply(span, text, hold).pk == entry.pk
        sending = Delivery.objects.get(message_id=entry.pk)
        made = Sending(sending.pk, self.now, self.now + timedelta(seconds=hold))
        answer = Answer(entry.pk, span, text, self.now, bool(hold), [made])
        self.life.answers.append(answer)
        span.last_entry_at = max(span.last_entry_at, self.now)
        if not hold:
            span.answered(self.now)
        if resolves:
            self._row(span).resolve(by=self.ana, cause=entry)
            fields = span.after_status("resolved", self.now)
            before = span.change(fields)
            answer.effect = (before, fields) if before is not None else None
        self._count("answer")

    def _reply(self, span: Span, text: str, hold: int) -> Entry:
        row = self._row(span)
        return row.reply(by=self.ana, text=text, to=factories.route_to(row), hold_seconds=hold, client_id=text)

    @precondition(lambda self: self.life.spans)
    @rule(who=WHO, verb=st.sampled_from(["note", "take", "assign", "resolve", "reopen", "wait", "snooze"]), more=WHO)
    def act(self, who: int, verb: str, more: int) -> None:
        span = pick(self.life.spans[::-1], who)
        getattr(self, f"_{verb}", self._move)(span, verb, more)
        self._count(verb)

    def _note(self, span: Span, verb: str, more: int) -> None:
        self.life.notes += 1
        self._row(span).note(by=self.ana, text="Odd.", client_id=f"note {self.life.notes}")

    def _assign(self, span: Span, verb: str, more: int) -> None:
        agent = pick([self.ana, self.bruno, None], more)
        entry = self._row(span).assign(by=self.ana, agent=agent)
        self._changed(span, entry, {"assignee": agent.pk if agent else None})

    def _take(self, span: Span, verb: str, more: int) -> None:
        try:
            entry = self._row(span).take(by=self.bruno)
        except Taken:
            assert span.now.assignee == self.ana.pk
        else:
            self._changed(span, entry, {"assignee": self.bruno.pk})

    def _move(self, span: Span, verb: str, more: int) -> None:
        until = self.now + timedelta(hours=more + 1) if verb == "snooze" else None
        status = {"resolve": "resolved", "reopen": "open", "wait": "waiting", "snooze": "snoozed"}[verb]
        entry = getattr(self._row(span), verb)(by=self.ana, **({"until": until} if until else {}))
        self._changed(span, entry, span.after_status(status, self.now, until))

    def _changed(self, span: Span, entry: Entry | None, fields: dict[str, Any]) -> None:
        before = span.change(fields)
        assert (entry is None) == (before is None)
        if entry is not None and before is not None:
            span.changes.append((entry.pk, before, fields))

    @precondition(lambda self: any(span.changes for span in self.life.spans))
    @rule(who=WHO, which=WHO)
    def undo(self, who: int, which: int) -> None:
        span = pick([span for span in self.life.spans if span.changes], who)
        pk, before, fields = pick(span.changes[::-1], which)
        possible = span.is_still(fields)
        try:
            undo(Entry.objects.get(pk=pk), by=self.ana)
        except TooLate:
            assert not possible
        else:
            assert possible
            span.change(before)
        self._count("undo")

    @precondition(lambda self: any(not answer.undone for answer in self.life.answers))
    @rule(who=WHO)
    def undo_send(self, who: int) -> None:
        answer = pick([answer for answer in self.life.answers if not answer.undone][::-1], who)
        possible = answer.held and answer.last.state == "queued" and not answer.last.attempts
        try:
            undo_send(Entry.objects.get(pk=answer.entry), by=self.ana)
        except TooLate:
            assert not possible
        else:
            assert possible
            answer.last.state, answer.undone = "cancelled", True
            if answer.effect is not None and answer.span.is_still(answer.effect[1]):
                answer.span.change(answer.effect[0])
        self._count("undo send")

    @precondition(lambda self: self.life.answers)
    @rule(who=WHO)
    def send_again(self, who: int) -> None:
        answer = pick(self.life.answers[::-1], who)
        possible = answer.last.state in {"failed", "unknown"}
        assert replying.retry(Entry.objects.select_related("conversation").get(pk=answer.entry)) == possible
        if possible:
            pk = Delivery.objects.filter(message_id=answer.entry).latest("pk").pk
            answer.sendings.append(Sending(pk, self.now, self.now))
        self._count("send again")

    # Senders send, providers misbehave, time passes, the sweep looks.

    @precondition(lambda self: any(row.state in WAITING for _, row in self.life.sendings()))
    @rule(who=WHO, how=SENDING)
    def send(self, who: int, how: str) -> None:
        self._send(*pick([pair for pair in self.life.sendings() if pair[1].state in WAITING], who), how)
        self._count(f"send {how}")

    def _send(self, answer: Answer, sending: Sending, how: str) -> None:
        may = sending.pk in self.life.due(self.now)
        before = len(self.post.accepted)
        self._provider(how)
        with breaking_at(how):
            delivery.deliver(sending.pk)
        self.post.fail, self.post.loses = None, False
        if may:
            self._sent(answer, sending, how)
        assert len(self.post.accepted) - before == (may and how in TAKEN)

    def _provider(self, how: str) -> None:
        errors = {
            "refused": SendError("rejected_recipient", "No such person."),
            "later": SendError("provider_error", "Later, please.", retryable=True),
            "lost": SendError("timeout", "No answer.", maybe_sent=True),
            "lost before": SendError("timeout", "No answer.", maybe_sent=True),
        }
        self.post.fail, self.post.loses = errors.get(how), how == "lost"

    def _sent(self, answer: Answer, sending: Sending, how: str) -> None:
        sending.attempts += 1
        sending.taken += how in TAKEN
        if answer.held:
            answer.held = False
            answer.span.answered(answer.written_at)
        if how == "later":
            sending.failed_for_now(self.now)
        else:
            sending.state = ENDS[how]

    @precondition(lambda self: any(row.state in {"sent", "delivered"} for _, row in self.life.sendings()))
    @rule(who=WHO, state=st.sampled_from(["sent", "delivered", "read"]))
    def hear_of(self, who: int, state: str) -> None:
        found = [row for _, row in self.life.sendings() if row.state in {"sent", "delivered", "read"}]
        sending = pick(found, who)
        name = Delivery.objects.get(pk=sending.pk).parts.get().external_id
        body = json.dumps({"status": state, "id": name}).encode()
        event = intake.store(self.channel, body=body, headers={"x-delivery": f"{name} {state}"})
        intake.process(event.pk)
        ladder = ["sent", "delivered", "read"]
        sending.state = ladder[max(ladder.index(state), ladder.index(sending.state))]
        self._count("hear of")

    @rule(
        seconds=st.sampled_from([1, 11, 11, 70, 400, 3_600, 7_200]), place=st.sampled_from(["", "", "sweep.mid", "no"])
    )
    def pass_time(self, seconds: int, place: str) -> None:
        self.traveller.shift(seconds)
        if place != "no":
            self._sweep(place)
        self._count(f"time {place}")

    def _sweep(self, place: str = "") -> None:
        self.rings.clear()
        with breaking_at(place):
            sweeping.sweep_deliveries()
        # A sweep that dies takes back what it said of dead senders; the next one says it again.
        for _, row in self.life.sendings():
            row.state = "unknown" if row.state == "sending" and not place else row.state
        rung = {args[0] for name, *args in self.rings if name == delivery.DELIVER}
        # Whoever stands behind a dead one is rung too, even where its time has not come.
        behind = {row.pk for _, row in self.life.sendings() if row.state in WAITING}
        assert rung == set() if place else self.life.due(self.now) <= rung <= behind
        with breaking_at(place):
            sweeping.sweep_events()
        self._woken()
        old = {e.pk for e in self.life.events if e.state == "new" and e.stored_at < self.now - sweeping.WAIT}
        found = {pk for name, pks in self.rings if name == "channels_app.process_events" for pk in pks}
        assert found == (set() if place else old)
        if not place:
            after.run([pk for name, pks in self.rings if name == live.AFTER_ENTRIES for pk in pks])

    def _woken(self) -> None:
        for span in self.life.spans:
            until = span.now.snoozed_until
            if until is not None and until <= self.now:
                span.change(span.after_status("open"))

    # What must be true at every moment.

    @invariant()
    def conversations_are_as_the_model_says(self) -> None:
        found = {row.pop("pk"): row for row in Conversation.objects.values("pk", *KEPT)}
        assert found == {span.pk: self._row_of(span) for span in self.life.spans}

    def _row_of(self, span: Span) -> dict[str, Any]:
        now = span.now
        kept = {**vars(now), "assignee_id": now.assignee, "last_entry_at": span.last_entry_at}
        kept["next_due_at"] = now.waiting_since and now.waiting_since + timedelta(minutes=60)
        del kept["assignee"]
        return kept

    @invariant()
    def no_letter_is_lost_or_twice_and_all_stand_in_order(self) -> None:
        ours = {letter.text: letter.filed_as for letter in self.life.letters if letter.filed_as is not None}
        rows = Message.objects.filter(direction="in").order_by("entry__occurred_at", "pk")
        found = list(rows.values_list("text", "pk"))
        assert len(found) == len(ours)
        assert dict(found) == ours
        said = {letter.text: letter.said_at for letter in self.life.letters}
        assert [text for text, _ in found] == sorted(ours, key=lambda text: said[text])
        events = {e.pk: (e.state, e.copies, e.attempts) for e in self.life.events}
        rows = RawEvent.objects.filter(pk__in=events).values_list("pk", "state", "copies_count", "attempts")
        assert {pk: tuple(rest) for pk, *rest in rows} == events

    @invariant()
    def numbers_rise_and_none_is_used_twice(self) -> None:
        rows = list(Entry.objects.order_by("pk").values_list("seq", "touched_seq"))
        born = [seq for seq, _ in rows]
        assert born == sorted(set(born))
        last = Customer.objects.values_list("last_seq", flat=True).first() or 0
        assert all(seq <= touched <= last for seq, touched in rows)
        assert max((touched for _, touched in rows), default=0) == last
        assert len({touched for _, touched in rows}) == len(rows)

    @invariant()
    def answers_are_sent_at_most_once_in_order_and_say_so(self) -> None:
        expected = {row.pk: (row.state, row.attempts) for _, row in self.life.sendings()}
        rows = Delivery.objects.values_list("pk", "state", "attempts", "idempotency_key")
        assert {pk: (state, attempts) for pk, state, attempts, _ in rows} == expected
        keys = {str(key): pk for pk, _, _, key in rows}
        taken = [keys[outbound.idempotency_key] for outbound in self.post.accepted]
        assert Counter(taken) == Counter({row.pk: 1 for _, row in self.life.sendings() if row.taken})
        for span in self.life.spans:
            mine = {row.pk for answer, row in self.life.sendings() if answer.span is span}
            sent = [pk for pk in taken if pk in mine]
            assert sent == sorted(sent)

    @invariant()
    def a_page_that_catches_up_shows_what_a_fresh_one_shows(self) -> None:
        """The page of a browser follows every step; now and then it is compared with one loaded now."""
        customer = Customer.objects.first()
        if customer is None or customer.last_seq == self.cursor:
            return
        stretch = stretches.changes_since(Lens(customer, self.ana), self.cursor)
        assert not stretch.must_reload
        self.page |= {entry.pk: shown(entry) for entry in stretch.entries}
        self.cursor = stretch.cursor
        if sum(self.steps.values()) % COMPARE_EVERY == 0:
            self._compare(customer)

    def _compare(self, customer: Customer) -> None:
        fresh = stretches.with_parts(Entry.objects.filter(customer=customer))
        assert self.page == {entry.pk: shown(entry) for entry in fresh}

    @invariant()
    def the_books_balance(self) -> None:
        assert all(line.balances for line in reconcile.lines())

    def teardown(self) -> None:
        """Let everything come to rest: nothing may be left over."""
        try:
            self._come_to_rest()
        finally:
            self.clock.stop()

    def _come_to_rest(self) -> None:
        for _round in range(60):
            self.traveller.shift(7_200)
            self._sweep()
            for event in self.life.events:
                self._file(event)
            for pair in self.life.sendings():
                self._send(*pair, "ok")
            while due := [pair for pair in self.life.sendings() if pair[1].pk in self.life.due(self.now)]:
                self._send(*due[0], "ok")
            if not self._unfinished():
                break
        assert self._unfinished() == []
        self.a_page_that_catches_up_shows_what_a_fresh_one_shows()
        self._compare(Customer.objects.get())

    def _unfinished(self) -> list[Any]:
        events = [event for event in self.life.events if event.state == "new"]
        states = {"queued", "retry", "sending"}
        entries = list(Entry.objects.filter(done_at=None).values_list("pk", flat=True))
        return [*events, *(row for _, row in self.life.sendings() if row.state in states), *entries]

    def _row(self, span: Span) -> Conversation:
        return Conversation.objects.get(pk=span.pk)

    def _count(self, what: str) -> None:
        self.steps[what.strip()] += 1


TAKEN = {"ok", "lost", "send.after_accept_before_commit", "send.after_commit"}
ENDS = {
    "ok": "sent", "refused": "failed", "lost": "unknown", "lost before": "unknown", "send.after_claim": "sending",
    "send.before_request": "sending", "send.after_accept_before_commit": "sending", "send.after_commit": "sent",
}  # fmt: skip


def shown(entry: Entry) -> Any:
    """What a page draws of an entry."""
    said = entry.said
    travels = [(row.state, row.error) for row in sorted(said.deliveries.all(), key=lambda row: row.pk)] if said else []
    return (entry.kind, entry.occurred_at, json.dumps(entry.data, sort_keys=True), said and said.text, travels)
