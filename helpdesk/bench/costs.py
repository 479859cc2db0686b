"""What may come to the write path is measured before it does: the index of the full-text search."""

from django.db import connection, transaction

TABLES = """
    CREATE TABLE bench_words (message_id bigserial PRIMARY KEY, words tsvector NOT NULL);
    CREATE TABLE bench_search (message_id bigserial PRIMARY KEY, words tsvector NOT NULL);
    INSERT INTO bench_search (words) SELECT to_tsvector('simple', text) FROM conversations_message;
    CREATE INDEX bench_search_words ON bench_search USING gin (words);
"""
WORDS = "INSERT INTO bench_words (words) VALUES (to_tsvector('simple', %s))"
INDEXED = "INSERT INTO bench_search (words) VALUES (to_tsvector('simple', %s))"
# An insert into the index waits in a list; what working it off costs belongs to the insert.
FLUSH = "SELECT gin_clean_pending_list('bench_search_words')"


class Search:
    """A column of words with its index, as big as the messages that are there, and one without an index."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(TABLES)

    def split(self, texts: list[str]) -> None:
        """Keep the words of each text."""
        with transaction.atomic(), connection.cursor() as cursor:
            for text in texts:
                cursor.execute(WORDS, [text])

    def insert(self, texts: list[str]) -> None:
        """Keep the words of each text and put them into the index."""
        with transaction.atomic(), connection.cursor() as cursor:
            for text in texts:
                cursor.execute(INDEXED, [text])
            cursor.execute(FLUSH)
