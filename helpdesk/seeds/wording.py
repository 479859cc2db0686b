"""Keeps the words of very many messages at once, as the step after an entry would have, for `seed --profile=bench`."""

from django.db import connection

from conversations.models import Searchable, SearchWalk
from conversations.searching import filling
from helpdesk.lib import words

# Subjects and texts here hold letters, figures and spaces alone: to fold them, small letters are enough.
TEXTS = """
    CREATE TEMP TABLE seed_text ON COMMIT DROP AS
    SELECT text, to_tsvector('simple', words) || array_to_tsvector(string_to_array(stems, ' ')) AS vector
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS known (text, words, stems)
"""
FILL = """
    INSERT INTO conversations_searchable (entry_id, vector)
    SELECT m.entry_id, to_tsvector('simple', lower(m.subject)) || t.vector
    FROM conversations_message m JOIN seed_text t ON t.text = m.text
    UNION ALL
    SELECT e.id, t.vector FROM conversations_entry e JOIN seed_text t ON t.text = e.data ->> 'text'
    WHERE e.kind = 'note'
"""
WORDS = (
    "parcel boots size order blue invoice refund courier address morning lace sole tent pole strap waterproof exchange "
    "voucher delivery please thanks receipt Tuesday warehouse colour smaller larger return label arrived broken missing"
).split()
# What stands in one of so many texts, for measurements of the search. An order's number stands in one conversation.
SELDOM = {"zipper": 100, "gaiter": 50, "crampon": 1_000}


def seldom(place: int) -> list[str]:
    """Return the rare words of one text."""
    return [word for word, every in SELDOM.items() if place % every == 0]


def keep(texts: list[str]) -> None:
    """Keep the words of every message and note of a new desk; each has one of these texts. In a transaction."""
    index = Searchable._meta.indexes[0]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        folded = [words.folded(text) for text in texts]
        cursor.execute(TEXTS, [texts, folded, [filling.stems_of(text) for text in folded]])
        # Built when all rows are there: a tenth of the work.
        cursor.execute(f"DROP INDEX {index.name}")
        cursor.execute(FILL)
    with connection.schema_editor() as editor:
        editor.add_index(Searchable, index)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE seed_text")
        cursor.execute("ANALYZE conversations_searchable")
    SearchWalk.objects.update_or_create(pk=1, defaults={"below": 0})
