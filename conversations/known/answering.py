"""What a short answer tells whoever asked for it: "10432" is an order number when its number was asked for. Pure.

Only what stands alone, but for a greeting, thanks and "it is": a text that says more is read by `picking`.
"""

import re
from collections.abc import Callable

from conversations.known import patterns, picking

ANSWER_MAX, LINES_MAX = 160, 6
# What stands around an answer and says nothing.
POLITE = (
    r"hi|hello|hey|dear|team|all|yes|sure|ok|okay|of course|here|there|you|go|are|it is|it['’]s|it|is|this|that|the|my|"
    r"number|no|nr|code|order|tracking|phone|address|thanks|thank you|thx|please|cheers|regards|kind|best|"
    r"sì|si|certo|ecco|eccolo|eccola|qui|è|e['’]|e|il|la|mio|mia|numero|codice|ordine|telefono|cellulare|indirizzo|"
    r"grazie|mille|buongiorno|buonasera|salve|ciao|saluti|cordiali|prego|"
    r"da|desigur|poftim|poftiți|iată|iata|este|numărul|numarul|număr|numar|meu|mea|comanda|comenzii|awb|telefonul|"
    r"adresa|mulțumesc|multumesc|mersi|bună|buna|ziua|seara|salut|cu|stimă|stima"
)
AROUND = rf"(?:[\s,;:.!()#*°º№\"“”«»-]|\b(?:{POLITE})(?![\w’']))"
BARE = re.compile(rf"^{AROUND}{{0,40}}(?P<value>\S(?:.{{0,{ANSWER_MAX}}}\S)?)$", re.IGNORECASE | re.DOTALL)
TAIL = re.compile(rf"{AROUND}{{1,40}}$", re.IGNORECASE)
CALLING = re.compile(r"(?:\+|00)?\(?\d(?:[ ./()-]{0,2}\d){7,13}")
TRACKING = re.compile(r"[A-Z]{0,4}\d[A-Z0-9]{7,23}", re.IGNORECASE)
# A day is no street: "Monday 5, London".
DAYS = re.compile(
    r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day|(?:luned|marted|mercoled|gioved|venerd)[iì]|sabato|domenica|"
    r"luni|mar[țt]i|miercuri|joi|vineri|s[âa]mb[ăa]t[ăa]|duminic[ăa]|"
    r"(?:jan|feb|mar|apr|ma[iyg]|jun|jul|aug|sep|oct|nov|dec|gen|giu|lug|ago|set|ott|dic|ian|iun|iul|noi)[a-z]{0,7}\b",
    re.IGNORECASE,
)
PLACE = re.compile(
    rf"(?:{patterns.NAMES},? (?:n[r.°]?\.? ?)?\d{{1,4}}[A-Za-z]?\b|\d{{1,4}}[A-Za-z]? {patterns.NAMES})"
    rf"(?:/\d{{1,3}})?[,;\n] ?(?:\d{{4,6}} )?{patterns.NAMES}[\w ,;/.()\n-]{{0,80}}"
)
# Two words or more with a capital or a number, and no sentence.
THING = re.compile(r"[A-ZÀ-ÞĂÂÎȘȚ][\w-]{1,20}(?: (?:[A-ZÀ-ÞĂÂÎȘȚ][\w-]{0,20}|\d{1,4})){1,4}")


def answers(text: str, masks: Callable[[], str] = lambda: "") -> dict[str, str]:
    """Return what a short text would tell, by what was asked for. Empty for most texts."""
    bare = _bare(text)
    if not bare:
        return {}
    readers = {
        picking.ORDER: lambda: _order(bare, masks),
        picking.TRACKING: lambda: _tracking(bare),
        picking.PHONE: lambda: _phone(bare, text),
        picking.ADDRESS: lambda: _address(bare),
        picking.PRODUCT: lambda: " ".join(bare.split()) if THING.fullmatch(bare) else "",
    }
    return {what: value for what, read in readers.items() if (value := read())}


def _bare(text: str) -> str:
    """Return a short text without what stands politely around it; "" for one that says more or asks."""
    lines = [line.strip() for line in picking.readable(text).split("\n-- ")[0].splitlines() if line.strip()]
    said = "\n".join(lines)
    if not said or len(said) > ANSWER_MAX or len(lines) > LINES_MAX or "?" in said:
        return ""
    match = BARE.match(TAIL.sub("", said))
    return match["value"] if match else ""


def _order(bare: str, masks: Callable[[], str]) -> str:
    return bare.upper() if re.fullmatch(patterns.TOKEN, bare, re.I) and picking.is_order(bare, masks()) else ""


def _tracking(bare: str) -> str:
    value = bare.replace(" ", "").upper()
    is_one = TRACKING.fullmatch(value) and len(patterns.DIGITS.findall(value)) >= 8
    is_called = patterns.CALLED.fullmatch(value)
    return value if patterns.FORMED.fullmatch(value) or (is_one and not is_called) else ""


def _phone(bare: str, text: str) -> str:
    return picking.phone(bare, text) if CALLING.fullmatch(bare) else ""


def _address(bare: str) -> str:
    if not PLACE.fullmatch(bare) or DAYS.match(bare):
        return ""
    return ", ".join(line.strip(" ,;") for line in bare.splitlines())[: picking.ADDRESS_MAX]
