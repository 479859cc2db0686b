"""The small model of one customer's life: what conversations, letters and answers must look like after each step.

It knows the rules of docs/architecture.md in the plainest words and nothing of how the desk keeps them.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

WAITING = ("queued", "retry")
IN_THE_WAY = ("queued", "retry", "sending")
RETRY_SECONDS = (10, 60, 300, 1_800, 7_200, 21_600)
ATTEMPTS_MAX = 5


@dataclass
class Letter:
    """Something the customer wrote. places: raw events that hold it, by delivery key."""

    number: int
    said_at: datetime
    proof: str
    key: str = ""
    filed_as: int | None = None

    @property
    def text(self) -> str:
        return f"Letter {self.number}"

    @property
    def external_id(self) -> str:
        return f"<{self.number}@mail.example.test>"


@dataclass
class Event:
    """A delivery of a letter to our door: one raw event, however often it came."""

    letter: Letter
    delivery_key: str
    pk: int
    stored_at: datetime
    copies: int = 0
    attempts: int = 0
    state: str = "new"


@dataclass(frozen=True)
class Standing:
    """What a conversation's row says."""

    status: str = "open"
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    assignee: int | None = None
    unanswered_count: int = 0
    waiting_since: datetime | None = None
    first_reply_at: datetime | None = None
    reopened_count: int = 0


@dataclass
class Span:
    """A conversation. changes: (entry, before, after) of what agents did, for undo."""

    pk: int
    key: str
    last_entry_at: datetime
    now: Standing = field(default_factory=Standing)
    changes: list[tuple[int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def wrote(self, at: datetime) -> None:
        """The customer wrote here."""
        since = self.now.waiting_since
        self.now = replace(
            self.now,
            unanswered_count=self.now.unanswered_count + 1,
            waiting_since=min(since, at) if since else at,
        )
        if self.now.status != "open":
            self.now = replace(self.now, **self.after_status("open"))
        self.last_entry_at = max(self.last_entry_at, at)

    def answered(self, at: datetime) -> None:
        """Somebody's answer counts from now on; `at` is when it was written."""
        first = self.now.first_reply_at or at
        self.now = replace(self.now, waiting_since=None, unanswered_count=0, first_reply_at=first)

    def after_status(self, status: str, at: datetime | None = None, until: datetime | None = None) -> dict[str, Any]:
        """What a status sets."""
        fields: dict[str, Any] = {"status": status, "snoozed_until": until}
        fields["resolved_at"] = (self.now.resolved_at or at) if status == "resolved" else None
        if status == "resolved":
            fields |= {"waiting_since": None, "unanswered_count": 0}
        elif self.now.status == "resolved":
            fields["reopened_count"] = self.now.reopened_count + 1
        return fields

    def change(self, fields: dict[str, Any]) -> dict[str, Any] | None:
        """Set fields; return what they were, or None when nothing changes."""
        before = {name: getattr(self.now, name) for name in fields}
        if before == fields:
            return None
        self.now = replace(self.now, **fields)
        return before

    def is_still(self, fields: dict[str, Any]) -> bool:
        """Whether all of these are as they were set."""
        return all(getattr(self.now, name) == value for name, value in fields.items())


@dataclass
class Sending:
    """One delivery: its state, and how often the provider took it."""

    pk: int
    made_at: datetime
    next_try_at: datetime
    state: str = "queued"
    attempts: int = 0
    taken: int = 0

    def failed_for_now(self, now: datetime) -> None:
        """The provider said: later."""
        pause = RETRY_SECONDS[min(max(1, self.attempts), len(RETRY_SECONDS)) - 1]
        self.next_try_at = now + timedelta(seconds=pause)
        self.state = "failed" if self.next_try_at > self.made_at + timedelta(hours=48) else "retry"


@dataclass
class Answer:
    """What an agent wrote to the customer, and its deliveries."""

    entry: int
    span: Span
    text: str
    written_at: datetime
    held: bool
    sendings: list[Sending]
    effect: tuple[dict[str, Any], dict[str, Any]] | None = None
    undone: bool = False

    @property
    def last(self) -> Sending:
        return self.sendings[-1]


@dataclass
class Life:
    """Everything that happened so far."""

    letters: list[Letter] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    notes: int = 0

    def span(self, pk: int) -> Span:
        """The conversation with this number."""
        return next(span for span in self.spans if span.pk == pk)

    def place_of(self, letter: Letter) -> Span | None:
        """Where a letter belongs; None: a new conversation."""
        if letter.key:
            return next(span for span in self.spans if span.key == letter.key)
        unresolved = [span for span in self.spans if span.now.status != "resolved"]
        if letter.proof != "proven" or not unresolved:
            return None
        return max(unresolved, key=lambda span: (span.last_entry_at, span.pk))

    def is_its_turn(self, answer: Answer, sending: Sending) -> bool:
        """Whether no earlier delivery of the conversation is still on its way."""
        return not any(
            other.pk < sending.pk and other.state in IN_THE_WAY
            for one in self.answers
            if one.span is answer.span
            for other in one.sendings
        )

    def sendings(self) -> list[tuple[Answer, Sending]]:
        """All deliveries with their answers, oldest first."""
        found = [(answer, sending) for answer in self.answers for sending in answer.sendings]
        return sorted(found, key=lambda pair: pair[1].pk)

    def due(self, now: datetime) -> set[int]:
        """The deliveries whose time and turn have come: a sweep rings for them, and they may leave."""
        return {
            row.pk
            for answer, row in self.sendings()
            if row.state in WAITING and row.next_try_at <= now and self.is_its_turn(answer, row)
        }
