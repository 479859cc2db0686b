"""Which messages and notes fit, the newest first, in bounded time however many there are (docs/performance.md).

A word that stands everywhere is found by reading the newest entries; one that is rare by the index. One statement for
both would let the planner choose, which takes seconds where it guesses wrong. What an agent may see of the hits is
asked of Entry.objects.visible_to, a few hundred at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q

from conversations.models.conversation import Conversation
from conversations.models.entry import Entry, EntryQuerySet
from conversations.searching.answer import Question
from conversations.searching.asking import Asked, Term
from conversations.searching.filling import KINDS
from conversations.searching.stemming import stems
from conversations.searching.timing import TooSlow, stopped
from helpdesk.lib import clock

SECONDS_MAX = 3.0
# How many keys are read from the newest back, before the index is asked.
WINDOWS = (500, 2_500, 12_000)
# To read on costs more the rarer a word is, to look it up the more hits it has. Of n entries both cost the same where
# one in sqrt(n / EVEN) has it (measured: docs/performance.md).
EVEN, COMMON = 250, 20
# Without words everything is a candidate, which an agent may or may not see.
WIDE = (2_000, 8_000, 32_000, 128_000)
HITS_MAX, CONVERSATIONS_MAX, ENTRIES_MAX = 20_000, 2_000, 50_000
# A shorter beginning is that of too many words for the index: it counts among the newest entries alone.
PREFIX_MIN = 3
CHUNKS = (100, 400, 1_000)
# The function, not the operator, so that no index of words is asked for a word that stands in most of them.
NEAR = """
    SELECT entry_id FROM conversations_searchable
    WHERE entry_id >= %s AND entry_id < %s AND ts_match_vq(vector, %s::tsquery) ORDER BY entry_id DESC
"""
FAR = """
    WITH hits AS MATERIALIZED (SELECT entry_id FROM conversations_searchable WHERE vector @@ %s::tsquery)
    SELECT entry_id FROM hits WHERE entry_id < %s ORDER BY entry_id DESC LIMIT %s
"""
AMONG = "SELECT entry_id FROM conversations_searchable WHERE entry_id = ANY(%s) AND ts_match_vq(vector, %s::tsquery)"


@dataclass(slots=True)
class Found:
    """The keys of entries that fit. below: everything from here on was looked at; None: there is no more."""

    pks: list[int]
    below: int | None = None
    is_too_broad: bool = False


def find(question: Question) -> Found:
    """Return up to limit + 1 entries that fit and that the agent may see, the newest first."""
    found = Found([])
    try:
        with stopped():
            _collect(question, found)
    except TooSlow:
        found.is_too_broad = True
    return found


def query_of(asked: Asked, *, for_index: bool = False) -> str:
    """Return what was asked as a tsquery; '' when there are no words. Its words are folded: nothing needs quoting.

    for_index: without what the index would take long for.
    """
    loose = [term.parts[0] for term in (*asked.wanted, *asked.unwanted) if len(term.parts) == 1]
    known, least = stems(loose), PREFIX_MIN if for_index else 1
    parts = [_of_term(term, known, least) for term in asked.wanted]
    parts += [f"!{_of_term(term, known, least)}" for term in asked.unwanted]
    return " & ".join(parts)


def _of_term(term: Term, known: dict[str, frozenset[str]], least: int) -> str:
    *before, last = (f"'{part}'" for part in term.parts)
    is_prefix = term.is_prefix and len(term.parts[-1]) >= least
    if before or term.is_quoted:
        return f"({' <-> '.join([*before, f'{last}:*' if is_prefix else last])})"
    either = [last, *(f"'{stem}'" for stem in sorted(known.get(term.parts[0], ())) if f"'{stem}'" != last)]
    return f"({' | '.join([*either, *([f'{last}:*'] if is_prefix else [])])})"


def _collect(question: Question, found: Found) -> None:
    rows, need = _fitting(question), question.limit + 1
    until = clock.real().timestamp() + SECONDS_MAX
    for candidates, looked_at in _candidates(question):
        fitting = rows.filter(candidates).order_by("-pk")
        found.pks += fitting.values_list("pk", flat=True)[: need - len(found.pks)]
        found.below = looked_at
        if len(found.pks) >= need:
            return
        if clock.real().timestamp() > until:
            found.is_too_broad = True
            return


def _fitting(question: Question) -> EntryQuerySet:
    """What the agent may see of messages and notes that stand, narrowed by the operators."""
    narrowing = question.narrowing
    rows = Entry.objects.visible_to(question.agent).filter(*narrowing.entries, kind__in=KINDS)
    rows = rows.filter(message__deleted_at=None).exclude(data__has_key="undone")
    if not narrowing.is_spam:
        rows = rows.exclude(conversation__is_spam=True)
    if narrowing.conversations:
        theirs = Conversation.objects.filter(*narrowing.conversations, pk=OuterRef("conversation_id"))
        rows = rows.filter(Exists(theirs))
    return rows


def _candidates(question: Question) -> Iterator[tuple[Q, int | None]]:
    """Conditions that name entries to be asked after, the newest first, each with what is looked at then."""
    query = query_of(question.asked)
    below = question.below or (Entry.objects.aggregate(pk=Max("pk"))["pk"] or 0) + 1
    few = _few(question, below)
    if few is not None:
        yield from _chunks(_among(few, query) if query else few, None)
    elif not question.asked.wanted:
        yield from _near(query, below)
    else:
        yield from _near_and_far(question.asked, query, below)


def _few(question: Question, below: int) -> list[int] | None:
    """The entries that operators leave, where these are few; None: they leave many."""
    narrowing = question.narrowing
    rows = Entry.objects.filter(pk__lt=below, kind__in=KINDS)
    if narrowing.customers is not None:
        rows = rows.filter(customer__in=narrowing.customers)
    elif narrowing.conversations:
        theirs = Conversation.objects.filter(*narrowing.conversations).values_list("pk", flat=True)
        pks = list(theirs[: CONVERSATIONS_MAX + 1])
        if len(pks) > CONVERSATIONS_MAX:
            return None
        rows = rows.filter(conversation__in=pks)
    else:
        return None
    # In no order, so that nobody walks all entries backwards; sorted here.
    found = list(rows.order_by().values_list("pk", flat=True)[: ENTRIES_MAX + 1])
    return sorted(found, reverse=True) if len(found) <= ENTRIES_MAX else None


def _among(pks: list[int], query: str) -> list[int]:
    return sorted(_run(AMONG, pks, query), reverse=True)


def _near(query: str, below: int) -> Iterator[tuple[Q, int | None]]:
    """Read from the newest back; where that is not enough, the next page goes on from there."""
    for width in WIDE:
        begin = max(0, below - width)
        if query:
            yield from _chunks(_run(NEAR, begin, below, query), begin or None)
        else:
            yield Q(pk__gte=begin, pk__lt=below), begin or None
        below = begin
        if not begin:
            return


def _near_and_far(asked: Asked, query: str, below: int) -> Iterator[tuple[Q, int | None]]:
    newest = below
    for width in WINDOWS:
        begin = max(0, below - width)
        hits = _run(NEAR, begin, below, query)
        yield from _chunks(hits, begin or None)
        below = begin
        if not begin:
            return
        if len(hits) * max(COMMON, isqrt(newest // EVEN)) < width:
            break
    hits = _run(FAR, query_of(asked, for_index=True), below, HITS_MAX)
    yield from _chunks(hits, hits[-1] if len(hits) == HITS_MAX else None)


def _chunks(pks: list[int], then: int | None) -> Iterator[tuple[Q, int | None]]:
    """Some at a time, first few: a page is often full soon. then: what is looked at when all were asked after."""
    at, sizes = 0, list(CHUNKS)
    while at < len(pks) or at == 0:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        part = pks[at : at + size]
        at += size
        yield Q(pk__in=part), then if at >= len(pks) else part[-1]


def _run(statement: str, *values: int | str | list[int]) -> list[int]:
    """Planned for these very values each time: a plan for any word suits none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return [row[0] for row in cursor.fetchall()]
