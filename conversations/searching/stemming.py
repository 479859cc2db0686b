"""The stems of words in our three languages, as PostgreSQL's own dictionaries know them; asked once per process."""

from collections.abc import Iterable

from helpdesk.lib import sql

# A longer word is a key or an address; so many words are remembered, a few megabytes.
LENGTH_MAX, REMEMBERED_MAX = 60, 50_000
STEMS = """
    SELECT word, ts_lexize('italian_stem', word) || ts_lexize('romanian_stem', word) || ts_lexize('english_stem', word)
    FROM unnest(%(words)s::text[]) AS asked (word)
"""
_remembered: dict[str, frozenset[str]] = {}


def stems(asked: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the stems of folded words; what has a figure in it has none, nor has a word that says nothing."""
    wanted = {one for one in asked if one.isalpha() and len(one) < LENGTH_MAX}
    # Other threads remember and forget meanwhile.
    known = {one: found for one in wanted if (found := _remembered.get(one)) is not None}
    new = sorted(wanted - known.keys())
    if new:
        fresh = {word: frozenset(found or ()) for word, found in sql.run(STEMS, {"words": new})}
        if len(_remembered) > REMEMBERED_MAX:
            _remembered.clear()
        _remembered.update(fresh)
        known |= fresh
    return known
