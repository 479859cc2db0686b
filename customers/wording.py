"""The words of names and addresses as the database indexes them: folded, each a word of a text search."""

from django.contrib.postgres.search import SearchVectorField
from django.db import models

from helpdesk.lib import words


class WordsOf(models.Func):
    """The words of one or two columns; the same text in an index and in a question, so that one serves the other."""

    # Its columns are folded inside.
    template = f"to_tsvector('simple'::regconfig, {words.sql_folded('%(expressions)s')})"
    output_field = SearchVectorField()
    arg_joiner = " || ' ' || "


class Has(models.Func):
    """Whether words (a tsquery as text) stand in a vector."""

    output_field = models.BooleanField()
    arg_joiner = " @@ "
    template = "(%(expressions)s::tsquery)"


def phrase(parts: list[str], *, is_prefix: bool) -> str:
    """Return words that follow one another as a tsquery; the last may be the beginning of a word.

    parts: of words.folded, so that they hold neither quotes nor operators.
    """
    *whole, last = (f"'{part}'" for part in parts)
    return " <-> ".join([*whole, f"{last}:*" if is_prefix else last])
