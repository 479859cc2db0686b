"""Words as people search for them: without case and accents."""

import re
import unicodedata
from collections import defaultdict
from functools import cache

# Letters that Unicode knows as one sign with an accent, and the accents that stand by themselves.
_ACCENTED = (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))
_MARKS = "[\u0300-\u036f]*"
# Letters of their own in Unicode, written without their sign by most who look for them.
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_GAPS = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Return text without case and accents, as `static/src/plain.ts` writes it."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).lower()


def folded(text: str) -> str:
    """Return the words of a text, plain and with single spaces between: what is kept and asked for in a search.

    Whatever is neither letter nor figure parts two words, so that no server's idea of a word matters.
    """
    text = text.lower() if text.isascii() else plain(text).translate(_LETTERS)
    return _GAPS.sub(" ", text).strip()


def sql_folded(text: str) -> str:
    """Return an SQL expression that folds a text expression as `folded` does, for indexes: it never changes."""
    accented, bare = _single_letters()
    # Without %, which means something else to whoever sends the statement, and parts words for every server.
    gaps = "".join(sign for sign in map(chr, range(0x20, 0x7F)) if not sign.isalnum() and sign != "%") + "’“”–—"
    quoted = [part.replace("'", "''") for part in (accented + gaps, bare + " " * len(gaps))]
    folded_text = f"translate(lower({text}), '{quoted[0]}', '{quoted[1]}')"
    for letter, two in (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("þ", "th")):
        folded_text = f"replace({folded_text}, '{letter}', '{two}')"
    return folded_text


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


@cache
def _single_letters() -> tuple[str, str]:
    """Accented letters, capitals too (not every server knows their small ones), and what each becomes."""
    pairs = [(chr(code), folded(chr(code))) for code in (*_ACCENTED, *map(ord, "ðÐ"))]
    single = [(sign, base) for sign, base in pairs if len(base) == 1 and base != sign]
    return "".join(sign for sign, _base in single), "".join(base for _sign, base in single)
