"""Keeps the words of messages and notes where a search finds them: a step after an entry, and a walk for what is old.

Nothing is lost silently: what has no row in Searchable is found by the sweep, new entries first, then all old ones
from the newest to the oldest. Everything may run twice.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from conversations import filling_in
from conversations.after import alone
from conversations.models.entry import Entry, EntryQuerySet
from conversations.models.searchable import SearchWalk
from conversations.searching.stemming import stems
from helpdesk.lib import sql, words

KINDS = (Entry.Kind.MESSAGE, Entry.Kind.NOTE)
# PostgreSQL keeps a megabyte of words of one text; so much of any script stays below.
TEXT_MAX = 50_000
# The newest entries that each sweep looks at, and how many keys of old ones.
NEWEST, STEP = 500, 1_000
# Where words stand is kept for the words as they were written; their stems are only there or not.
KEEP = """
    INSERT INTO conversations_searchable (entry_id, vector)
    SELECT pk, to_tsvector('simple', words) || array_to_tsvector(string_to_array(stems, ' '))
    FROM unnest(%(pks)s::bigint[], %(texts)s::text[], %(stems)s::text[]) AS said (pk, words, stems)
    ON CONFLICT (entry_id) DO UPDATE SET vector = excluded.vector
"""


@alone
def after_entry(entry: Entry) -> None:
    """Keep the words of a new entry (a step of settings.AFTER_ENTRY)."""
    keep([entry])


def keep(entries: Iterable[Entry]) -> int:
    """Keep the words of these entries as they are now; whoever changes or empties a text calls it. Return how many."""
    said = [(entry.pk, text_of(entry)) for entry in entries if entry.kind in KINDS]
    if said:
        texts = [text for _pk, text in said]
        values = {"pks": [pk for pk, _text in said], "texts": texts, "stems": [stems_of(text) for text in texts]}
        sql.run(KEEP, values)
    return len(said)


def stems_of(text: str) -> str:
    """Return the stems of a folded text that do not stand in it themselves."""
    said = set(text.split())
    found = {stem for known in stems(said).values() for stem in known}
    return " ".join(sorted(found - said))


def text_of(entry: Entry) -> str:
    """Return the folded words of an entry; '' when it was deleted or taken back."""
    message = entry.said
    if entry.is_undone or (message is not None and message.deleted_at is not None):
        return ""
    text = str(entry.data.get("text", "")) if message is None else f"{message.subject} {message.text}"
    text = " ".join([text, *filling_in.lines(entry.data), *filling_in.references(entry.data)])
    return words.folded(text[:TEXT_MAX])[:TEXT_MAX]


def sweep() -> int:
    """Look at the newest entries and at a step of the old ones; return how many had no words yet."""
    newest = Entry.objects.aggregate(pk=Max("pk"))["pk"] or 0
    missed = keep(_without(newest - NEWEST, newest + 1).exclude(done_at=None))
    with transaction.atomic():
        walk = SearchWalk.objects.select_for_update(no_key=True).filter(pk=1).first()
        below = newest + 1 if walk is None else walk.below
        if below <= 0:
            return missed
        filled = keep(_without(below - STEP, below))
        SearchWalk.objects.update_or_create(pk=1, defaults={"below": max(0, below - STEP)})
    return missed + filled


def begin_again() -> None:
    """Let the sweep look at every entry once more; whoever writes entries past the timeline calls it."""
    SearchWalk.objects.filter(pk=1).delete()


def is_complete() -> bool:
    """Whether every old entry has been looked at."""
    return SearchWalk.objects.filter(pk=1, below=0).exists()


def _without(begin: int, end: int) -> EntryQuerySet:
    """The entries of a range of keys whose words are not kept."""
    rows = Entry.objects.filter(pk__gte=begin, pk__lt=end, kind__in=KINDS, searchable=None)
    return rows.select_related("message")
