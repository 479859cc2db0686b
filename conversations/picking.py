"""What a text tells: order and tracking numbers, phones, postal addresses, products. Plain code for en, it and ro.

Precision first: what could be something else is left out. Pure: text in, findings out, in bounded time (every
repetition is bounded, and no more than TEXT_MAX characters are read).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

TEXT_MAX = 8_000
PER_KIND_MAX = 5
ORDER, TRACKING, PHONE, ADDRESS, PRODUCT = "order", "tracking", "phone", "address", "product"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was told."""

    what: str
    value: str


# What is not ours to read: what somebody else wrote, above all we ourselves.
QUOTED = re.compile(
    r"^(?:-{2,}\s?(?:original|messaggio|mesaj).{0,60}|(?:on|il(?: giorno)?|în|in|pe)\s.{5,150}\b(?:wrote|ha scritto|a scris)\s?:)",
    re.IGNORECASE,
)
MARKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\0": " ", "\t": " ", "ţ": "ț", "ş": "ș"})
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")

IBANS = "AD|AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MC|MD|MT|NL|NO|PL|PT|RO|RS|SE|SI|SK|SM|TR|UA"
MONEY = r"€|£|\$|eur(?:o|os)?\b|lei\b|ron\b|gbp\b|pounds?\b|sterline\b|usd\b|dollars?\b"
UNITS = (
    r"%|kg\b|g\b|gr\b|cm\b|mm\b|m\b|ml\b|l\b|w\b|v\b|mah\b|pcs\b|pieces?\b|units?\b|items?\b|pezz[io]\b|unità\b|bucăți\b|"
    r"bucati\b|buc\b|prodott[io]\b|articoli\b|produse\b|days?\b|giorni\b|zile\b|hours?\b|ore\b|km\b|points?\b|punti\b|puncte\b"
)
# Numbers that are something else for certain; taken away before anything is looked for.
NOISE = re.compile(
    rf"https?://\S{{1,500}}|www\.\S{{1,200}}|[\w.+-]{{1,64}}@[\w.-]{{1,200}}"
    rf"|\b(?:{IBANS})\d{{2}}(?: ?[A-Z0-9]{{4}}){{3,7}}(?: ?[A-Z0-9]{{1,4}})?\b|\b(?:\d{{4}}[ -]){{3}}\d{{4}}\b"
    rf"|\b\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}\b|\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[:.]\d{{2}}\b(?![./-]?\d)"
    rf"|(?:€|£|\$|\b(?:eur|ron|gbp|usd|lei)) ?\d[\d.,]{{0,12}}|(?<![\w-])\d[\d.,]{{0,12}} ?(?:{MONEY}|{UNITS})",
    re.IGNORECASE,
)
GONE = "¤"

# --- tracking numbers: those whose form says it (with a check digit where there is one), and any after the word
FORMED = re.compile(r"\b(?:1Z[0-9A-Z]{16}|J?JD\d{16,20}|TB[ACM]\d{12}|[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2})\b")
TRACKED = re.compile(
    r"\b(?:tracking|track|awb(?:-ul)?|ldv|lettera di vettura|spedizione|tracciamento|tracciatura|consignment|shipment|"
    r"parcel|pacco|collo|colet(?:ul|ului)?|expedi(?:ere|ției|tiei))\b"
    r"(?:[\s:#.,()\"'-]|\b(?:number|numero|num|numărul|numarul|număr|numar|no|nr|n|id|code|codice|cod|codul|is|è|e|este|are|ha|"
    r"con|cu|with|the|il|de|di|del|dhl|ups|gls|brt|bartolini|sda|dpd|tnt|fedex|fan|courier|cargus|sameday|poste|"
    r"evri|inpost|yodel|royal|mail)\b|°|º){1,12}"
    r"([A-Z]{0,4}\d[A-Z0-9]{7,23})\b",
    re.IGNORECASE,
)
UPS_LETTERS = {chr(code): (code - 63) % 10 for code in range(ord("A"), ord("Z") + 1)}

# --- order numbers
ORDER_WORD = r"\b(?:orders?|ordin[ei]|comand[aă]|comenzi(?:i|le|lor)?)\b"
NUMBER_WORD = r"number|numbers|numero|numeri|num|numărul|numarul|număr|numar|numere|no|nr|nro|n|id|ref|code|codice|cod|codul|reference|riferimento"  # noqa: E501
TOKEN = r"[A-Z]{0,5}[-_]?\d[\dA-Z]{0,11}(?:[-_][\dA-Z]{1,8}){0,3}"
ORDERED = re.compile(
    rf"{ORDER_WORD}((?:[\s:#.,()\"'’*-]|\b(?:{NUMBER_WORD}|is|are|was|è|e|este|sunt|sono|era|cu|con|with|having|my|mea|mia|mio|"
    rf"the|il|la|de|di|d)\b|°|º|№){{1,14}})({TOKEN})(?![\w{GONE}]|[./-]\d)",
    re.IGNORECASE,
)
BEFORE = re.compile(
    rf"(?<![\w{GONE}.,/+-])({TOKEN})\s?[,:=–-]?\s?(?:is|è|e'|este|e)\s(?:(?:the|my|our|il|mio|la|al)\s){{0,2}}"
    rf"(?:(?:{NUMBER_WORD})\.?\s(?:(?:di|de|of|my|the|mea|dell|d)['’\s]\s?){{0,2}})?{ORDER_WORD}",
    re.IGNORECASE,
)
ANOTHER = re.compile(
    rf"\s?(?:,|;|&|\+|/|\b(?:and|or|e|ed|o|și|si|sau)\b)\s?(?:(?:n|nr|no)\.?\s?|#)?({TOKEN})(?![\w{GONE}]|[./-]\d)",
    re.IGNORECASE,
)
HASHED = re.compile(rf"(?<![\w&#/])#({TOKEN})(?![\w{GONE}]|[./-]\d)", re.IGNORECASE)
HAS_ORDER = re.compile(ORDER_WORD, re.IGNORECASE)
DIGITS = re.compile(r"\d")
YEAR = re.compile(r"(?:19|20)\d\d")
NAMES_NUMBER = re.compile(rf"[#°º№:]|\b(?:{NUMBER_WORD})\b", re.IGNORECASE)
CALLED = re.compile(r"(?:00|\+)?(?:0\d{9,10}|(?:39|40|44)\d{9,10}|3[2-9]\d{8})")

# --- phones
ABROAD = re.compile(r"(?<![\w+/-])(?:\+|00)[1-9](?:[ ().-]{0,2}\d){6,13}(?![\w-]|[./]\d)")
AT_HOME = re.compile(
    r"\b(?:(?:tele)?phone|tel(?:efono|efonul?|efonic|efon)?|cell(?:ulare|phone)?|mobile|mobil(?:ul)?|(?:call|ring|reach|text) (?:me|us)|"
    r"whatsapp|(?:mio|nostro) numero|my number|număr(?:ul)? meu|numar(?:ul)? meu|chiam(?:ar|at)?(?:e?mi|e?ci)|contatt(?:ar|at)?(?:e?mi)|"
    r"sun(?:a|ați|ati)(?:-mă|-ma)|contacta(?:ți|ti)-m[aă])\b[^\d\n+¤]{0,30}(0?\d(?:[ ./()-]{0,2}\d){7,10})(?![\w-]|[./]\d)",
    re.IGNORECASE,
)

# --- postal addresses
NAME = r"[A-ZÀ-ÖØ-ÞĂÂÎȘȚ][\w.’'-]{0,30}"
NAMES = rf"{NAME}(?:,? (?:(?:de|di|del|della|dei|degli|delle|da|la|le|lui|și|e|of|the|upon|al|cel|cea) ){{0,2}}{NAME}){{0,4}}"
STREETS = re.compile(
    # Italian: Via Roma 12, 50122 Firenze (FI)
    rf"\b(?:[Vv]ia(?:le)?|[Pp]iazza(?:le)?|P\.zza|[Cc]orso|C\.so|[Ll]argo|[Vv]icolo|[Ss]trada|[Ll]ungarno|[Cc]ontrada) "
    rf"(?:(?:del|della|dei|degli|delle|di|da|dell['’]) ?)?(?:\d{{1,2}} )?{NAMES},? (?:n\.? ?|n° ?)?\d{{1,4}}(?:/?[A-Za-z]\b|/\d{{1,3}})?\b"
    # Romanian: Str. Lungă nr. 5, bl. A2, sc. 1, ap. 14, sector 3, București
    rf"|\b(?:[Ss]tr(?:ada|\.)?|[Bb]d\.?|[Bb]ulevardul|[Cc]alea|[Aa]leea|[ȘSșs]oseaua|[ȘSșs]os\.|[Pp]ia[țt]a|[Ss]plaiul|[Ii]ntrarea) ?"
    rf"(?:\d{{1,2}} )?{NAMES},? ?(?:[Nn]r\.?|[Nn]um[ăa]rul) ?\d{{1,4}}[A-Z]?\b"
    # English: 14 Mill Lane, Flat 2, Leeds LS1 4AP
    rf"|(?:\b(?:Flat|Unit|Apartment|Apt\.?) [\w-]{{1,6}}, ?)?\b\d{{1,4}}[A-Za-z]? {NAMES} ?(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Close|Drive|Dr|Way|Court|Square|Terrace|Crescent|"
    rf"Place|Gardens|Grove|Hill|Mews|Row|Boulevard)\b(?! \d)"
)
FURTHER = re.compile(
    rf"[,;]? ?\n? ?(?:\d{{5,6}} {NAMES}|[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}\b|(?:[Bb]l|[Ss]c|[Ee]t|[Aa]p|[Ii]nt|[Ss]cala|[Ii]nterno|[Pp]iano|"
    rf"[Ff]lat|[Uu]nit|[Aa]partment|[Cc]od po[șs]tal|CAP|[Jj]ud|[Ss]ector(?:ul)?|[Ss]ect|[Jj]ude[țt](?:ul)?)(?:\. ?| )[\w-]{{1,20}}"
    rf"|\([A-Z]{{2}}\)|\d{{5,6}}\b)|, ?\n? ?{NAMES}(?: \([A-Z]{{2}}\)| [A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}\b| \d{{5,6}}\b|(?=[,.;\n]|$))"
)
ADDRESS_MAX, SEGMENTS_MAX = 160, 8

# --- products
NAMED = re.compile(
    r"^[ *•-]{0,4}(?:product|item|model|sku|article|prodotto|articolo|modello|produs(?:ul)?|articol(?:ul)?|model(?:ul)?|cod(?:ice)? "
    r"(?:prodotto|articolo|produs))(?: (?:name|code|no|nr|nome))?\.? ?[:=] ?(\S.{1,58}?)[ .]{0,3}$",
    re.IGNORECASE | re.MULTILINE,
)
SAID = re.compile(
    r"\b(?:(?:product|item|model) (?:is|called)|(?:prodotto|articolo|modello) (?:è|si chiama|acquistato è)|(?:produsul|modelul|articolul) "
    r"(?:este|e|se numește)|the product|the item|il prodotto|l['’]articolo|produsul|articolul) (?:the |un |una |il |la |o )?"
    r"[\"“„«]([^\"“”„«»\n]{2,60})[\"”“»]",
    re.IGNORECASE,
)


def pick(text: str, masks: str = "") -> list[Found]:
    """Return what a text tells, each thing once, in the order of the kinds. masks: see `order_masks`."""
    own = readable(text)
    found = [*_named(PRODUCT, own, NAMED, SAID)]
    if any(character.isdigit() for character in own):
        found += [Found(ADDRESS, value) for value in _addresses(own)]
        rest = NOISE.sub(_blank, own)
        for finder in (_tracking, lambda rest: _orders(rest, masks), _phones):
            rest, some = finder(rest)
            found += some
    return _few(found)


def readable(text: str) -> str:
    """Return what its writer wrote: no quoted lines, nothing below the head of a quotation, no invisible marks."""
    lines = []
    for line in INVISIBLE.sub("", text[:TEXT_MAX].translate(MARKS)).splitlines():
        if QUOTED.match(line.lstrip()[:240]):
            break
        if not line.lstrip().startswith((">", "|")):
            lines.append(line)
    return "\n".join(lines)


@lru_cache(maxsize=16)
def order_masks(masks: str) -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Return the patterns of a workspace's order numbers, and whether each is found without the word "order".

    masks: how order numbers look, separated by spaces; 9 is a digit, A a letter, all else itself ("RO-999999 99999").
    A form with nothing but digits needs the word beside it.
    """
    spelled = {"9": r"\d", "A": "[A-Za-z]"}
    patterns = []
    for mask in masks.split()[:20]:
        body = "".join(spelled.get(character, re.escape(character)) for character in mask[:40])
        patterns.append((re.compile(rf"(?<![\w-]){body}(?![\w-])"), set(mask) != {"9"}))
    return tuple(patterns)


def _few(found: list[Found]) -> list[Found]:
    few: list[Found] = []
    for one in dict.fromkeys(found):
        if sum(one.what == other.what for other in few) < PER_KIND_MAX:
            few.append(one)
    return few


def _blank(match: re.Match[str]) -> str:
    return GONE * len(match.group())


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + GONE * (end - start) + text[end:]
    return text


def _tracking(text: str) -> tuple[str, list[Found]]:
    spans, values = [], []
    for match in FORMED.finditer(text):
        value = match.group().replace(" ", "")
        if _is_formed(value):
            spans.append(match.span())
            values.append(value)
    for match in TRACKED.finditer(text):
        value = match.group(1).upper()
        if len(DIGITS.findall(value)) >= 8 and not CALLED.fullmatch(value):
            spans.append(match.span(1))
            values.append(value)
    return _without(text, spans), [Found(TRACKING, value) for value in values]


def _is_formed(value: str) -> bool:
    """Whether the check digit of a UPS or a postal (S10) number is right; the other forms have none."""
    if value.startswith("1Z"):
        digits = [int(mark) if mark.isdigit() else UPS_LETTERS[mark] for mark in value[2:]]
        total = sum(digits[0:15:2]) + 2 * sum(digits[1:15:2])
        return value[-1].isdigit() and (10 - total % 10) % 10 == digits[15]
    if len(value) == 13 and value[2:11].isdigit():
        total = sum(int(digit) * weight for digit, weight in zip(value[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
        rest = 11 - total % 11
        return {10: 0, 11: 5}.get(rest, rest) == int(value[10])
    return True


def _orders(text: str, masks: str) -> tuple[str, list[Found]]:
    spans = list(dict.fromkeys(_order_spans(text, order_masks(masks))))
    return _without(text, spans), [Found(ORDER, text[start:end].upper()) for start, end in sorted(spans)]


def _order_spans(text: str, masks: tuple[tuple[re.Pattern[str], bool], ...]) -> Iterator[tuple[int, int]]:
    for pattern, stands_alone in masks:
        if stands_alone:
            yield from (match.span() for match in pattern.finditer(text))
    if not HAS_ORDER.search(text):
        return
    for match in ORDERED.finditer(text):
        if _is_order(match.group(2), masks, is_named=bool(NAMES_NUMBER.search(match.group(1)))):
            yield match.span(2)
            yield from _others(text, match, masks)
    for match in (*BEFORE.finditer(text), *HASHED.finditer(text)):
        if _is_order(match.group(1), masks, is_named=True):
            yield match.span(1)


def _others(
    text: str, first: re.Match[str], masks: tuple[tuple[re.Pattern[str], bool], ...]
) -> Iterator[tuple[int, int]]:
    """Yield what stands in one line with an order number and looks like it: "10432, 10433 and 10434"."""
    end = first.end(2)
    while match := ANOTHER.match(text, end):
        if len(match.group(1)) != len(first.group(2)) or not _is_order(match.group(1), masks, is_named=True):
            return
        yield match.span(1)
        end = match.end(1)


def _is_order(token: str, masks: tuple[tuple[re.Pattern[str], bool], ...], *, is_named: bool) -> bool:
    if masks:
        return any(pattern.fullmatch(token) for pattern, _alone in masks)
    digits = len(DIGITS.findall(token))
    if not 4 <= digits <= 12 or CALLED.fullmatch(token):
        return False
    return is_named or not YEAR.fullmatch(token)


def _phones(text: str) -> tuple[str, list[Found]]:
    values = [_phone(match.group(), None) for match in ABROAD.finditer(text)]
    values += [_phone(match.group(1), _region(match.group(1))) for match in AT_HOME.finditer(text)]
    return text, [Found(PHONE, value) for value in values if value]


def _region(written: str) -> str:
    """Return the country whose national numbers look like this; "" where it is not certain."""
    digits = "".join(DIGITS.findall(written))
    if len(digits) in (9, 10) and digits.startswith("3"):
        return "IT"
    if digits.startswith("07"):
        return {10: "RO", 11: "GB"}.get(len(digits), "")
    return ""


def _phone(written: str, region: str | None) -> str:
    if region == "":
        return ""
    try:
        number = phonenumbers.parse(f"+{written[2:]}" if written.startswith("00") else written, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _addresses(text: str) -> Iterator[str]:
    for match in STREETS.finditer(text):
        end = match.end()
        for _segment in range(SEGMENTS_MAX):
            further = FURTHER.match(text, end)
            if further is None or further.end() == end:
                break
            end = further.end()
        yield " ".join(text[match.start() : end].split())[:ADDRESS_MAX].rstrip(" ,;.")


def _named(what: str, text: str, *patterns: re.Pattern[str]) -> Iterator[Found]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield Found(what, " ".join(match.group(1).split()))
