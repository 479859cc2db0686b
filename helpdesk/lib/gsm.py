"""How many SMS a text becomes, and how it becomes fewer. Pure.

The alphabet and its extension are of 3GPP TS 23.038 (6.2.1); a message of several parts loses seven signs of each to
the header that joins them. Whatever has a sign outside them travels in UTF-16, less than half as much to a part.
"""

import unicodedata
from dataclasses import dataclass

BASE = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Written with an escape before them: they count two.
EXTENSION = frozenset("\f^{}\\[~]|€")
GSM7 = BASE | EXTENSION
GSM7_ALONE, GSM7_JOINED = 160, 153
UTF16_ALONE, UTF16_JOINED = 70, 67

# What keyboards and word processors write instead of a sign of the alphabet.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼ`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(["\t", "\u00a0", *map(chr, range(0x2000, 0x200B)), "\u202f", "\u205f", "\u3000"], " "),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
        **dict.fromkeys("\u2028\u2029\u0085", "\n"),
        "…": "...", "•": "-", "·": "-", "‹": "<", "›": ">",
    }
)  # fmt: skip
# Letters that Unicode does not know as a letter with an accent.
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "œ": "oe", "Œ": "Oe",
     "ħ": "h", "Ħ": "H", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T", "ĸ": "k", "ẞ": "SS"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """What a text costs. left: units that still go into its last SMS; because: the signs that make it UTF-16."""

    segments: int
    left: int
    is_gsm: bool
    because: tuple[str, ...] = ()


def size(text: str) -> Size:
    """Count the SMS of a text as it is written; `normalised` first for what is sent."""
    because = tuple(dict.fromkeys(sign for sign in text if sign not in GSM7))
    widths = [_width(sign, is_gsm=not because) for sign in text]
    alone, joined = (UTF16_ALONE, UTF16_JOINED) if because else (GSM7_ALONE, GSM7_JOINED)
    if sum(widths) <= alone:
        return Size(1 if text else 0, alone - sum(widths), not because, because)
    segments, used = 1, 0
    for width in widths:
        # An escape and its sign, or the two halves of an emoji, stay together.
        if used + width > joined:
            segments, used = segments + 1, 0
        used += width
    return Size(segments, joined - used, not because, because)


def normalised(text: str) -> str:
    """Return the text with the alphabet's quotes, dashes and spaces in place of typographic ones."""
    if all(map(GSM7.__contains__, text)):
        return text
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def without_accents(text: str) -> str:
    """Return the text with plain letters for those whose accent the alphabet lacks; è, ü and the like stay."""
    return "".join(sign if sign in GSM7 else _bare(sign) for sign in normalised(text))


def _bare(sign: str) -> str:
    parts = unicodedata.normalize("NFKD", sign)
    bare = "".join(part for part in parts if not unicodedata.combining(part)).translate(_LETTERS)
    return bare if bare and all(part in GSM7 for part in bare) else sign


def _width(sign: str, *, is_gsm: bool) -> int:
    if is_gsm:
        return 2 if sign in EXTENSION else 1
    return 2 if ord(sign) > 0xFFFF else 1
