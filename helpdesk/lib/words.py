"""Words as people search for them: without case and accents."""

import unicodedata
from collections import defaultdict
from functools import cache

# Letters that Unicode knows as one sign with an accent, and the accents that stand by themselves.
_ACCENTED = (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))
_MARKS = "[\u0300-\u036f]*"


def plain(text: str) -> str:
    """Return text without case and accents, as `static/src/plain.ts` writes it."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).lower()


def pattern(word: str) -> str:
    """Return a regular expression of PostgreSQL that finds a word whatever its accents; ask it with `~*`."""
    return "".join(f"{_any_of(sign)}{_MARKS}" for sign in plain(word))


def _any_of(sign: str) -> str:
    signs = _spellings().get(sign, "")
    if signs:
        return f"[{sign}{signs}]"
    return sign if sign.isalnum() else f"[{sign}]" if sign not in "\\^]-[" else f"\\{sign}"


@cache
def _spellings() -> dict[str, str]:
    """The accented letters of each plain one, without capitals: the search has no case."""
    found: dict[str, str] = defaultdict(str)
    for code in _ACCENTED:
        sign = chr(code)
        base = plain(sign)
        if len(base) == 1 and base != sign and sign == sign.lower():
            found[base] += sign
    return found
