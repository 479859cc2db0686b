"""What strangers call themselves, made fit to be shown in a line with other words. Pure."""

import unicodedata

NAME_MAX = 200
# No script puts more signs on one letter; who does wants to write over the lines above and below.
MARKS_MAX = 4
# Joiners have a meaning inside a word (Persian names, emoji of families); all other format signs only hide or turn.
JOINERS = "\u200c\u200d"
# Letters that show nothing.
BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")


def clean_name(text: str, most: int = NAME_MAX) -> str:
    """Return a name in one line; '' when nothing of it can be seen.

    Signs that turn the direction of what follows, zero-width ones, controls and lone surrogates go; heaps of marks
    are cut. Letters stay what they are: a look-alike is another letter.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:most].strip()
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text[: most * 8]):
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if kind == "Cs" or (kind == "Cf" and letter not in JOINERS) or marks > MARKS_MAX:
            continue
        kept.append(" " if kind in {"Cc", "Zs", "Zl", "Zp"} else letter)
    words = (word.strip(JOINERS) for word in "".join(kept).split())
    name = " ".join(filter(None, words))[:most].strip()
    return name if any(map(_is_seen, name)) else ""


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LNPS" and letter not in BLANKS
