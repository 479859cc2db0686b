"""What a text says happened or will: asked, tried with its result, promised by when, still open. No model.

Read in English, Italian and Romanian. Pure: text and a moment in, sentences and times out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from conversations.known.picking import readable

SENTENCE_MAX, SENTENCES_MAX = 300, 60
EVENING = time(18)
SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=\S)|\n+")
SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Promise:
    """What we said we would do, and until when."""

    value: str
    due_at: datetime


# --- we will: a first person, a thing to do, and no "not" between them
WILL = re.compile(
    r"\b(?:(?:I|we)(?:['’]ll| will| am going to| are going to| shall| promise to)|(?:I|we)(?:['’]m|['’]re|"
    r" am| are) (?=(?:call|send|ship|refund)ing)"
    r")\s(?!not\b|never\b)(?:also |then |personally )?(?:call|ring|write|send|ship|refund|reply|answer|"
    r"respond|get back|come back|check|"
    r"let you|update|contact|confirm|replace|deliver|arrange|look|process|issue|credit|be in touch|"
    r"follow up|dispatch|inform|phone|text|e-?mail|have)"
    r"|\b(?<!non )(?:(?:la|ti|vi|le|gli|glielo|gliela|ve lo|te lo) (?!non)(?:\w{1,8} )?(?:richiam(?:o|iamo|"
    r"erò|eremo)|chiam(?:o|iamo|erò|eremo)|scriv(?:o|iamo|erò|eremo)|"
    r"mand(?:o|iamo|erò|eremo)|invi(?:o|amo|erò|eremo)|rimbors(?:o|iamo|erò|eremo)|aggiorn(?:o|iamo|erò|"
    r"eremo)|conferm(?:o|iamo|erò|eremo)|"
    r"rispond(?:o|iamo|erò|eremo)|contatt(?:o|iamo|erò|eremo)|ricontatt(?:o|iamo|erò|eremo)|faccio|facciamo|"
    r"farò|faremo|sped(?:isco|iamo|irò|iremo))|"
    r"(?:spediremo|spedirò|invieremo|invierò|rimborseremo|rimborserò|sostituiremo|sostituirò|manderemo|"
    r"manderò|verificherò|verificheremo|"
    r"ricontatteremo|richiamerò|richiameremo|effettueremo|effettuerò|provvederò|provvederemo|risponderò|"
    r"risponderemo|confermeremo|confermerò|"
    r"aggiorneremo|aggiornerò|consegneremo|faremo|farò))\b"
    r"|\b(?<!nu )(?:(?:vă|va|te|îți|iti|v-o|vi-l|vi-o|ți-l|vi) (?!nu)(?:vom |voi |o să |o sa )?(?:sun(?:a|"
    r"ăm|am)?|scriu|scrie|scriem|trimit(?:e|em)?|"
    r"anunț(?:a|ăm)?|anunt(?:a|am)?|confirm(?:a|ăm|am)?|contact(?:a|ez|ăm|am)|revin|reven(?:i|im)|"
    r"răspund(?:e|em)?|raspund(?:e|em)?|ramburs(?:a|ez|ăm|am)|"
    r"restitui(?:e|m)?|return(?:a|ez|ăm)|expedi(?:a|ez|em)|livr(?:a|ez|ăm|am)|inform(?:a|ez|ăm|am))|"
    r"(?:voi|vom|o să|o sa) (?:\w{1,4} )?(?:sun\w{0,2}|scrie\w{0,2}|trimite\w{0,2}|anunț\w{0,2}|"
    r"anunt\w{0,2}|reveni\w{0,2}|răspunde\w{0,2}|raspunde\w{0,2}|verifica\w{0,2}|"
    r"rambursa\w{0,2}|expedia\w{0,2}|înlocui\w{0,2}|inlocui\w{0,2}|contacta\w{0,2}|confirma\w{0,2}|"
    r"livra\w{0,2})|revin(?:o|em)?|revenim)\b",
    re.IGNORECASE,
)
WITHIN = re.compile(
    r"\b(?:within|in(?: the next)?|entro(?: le prossime)?|tra|fra|în(?: următoarele| cel mult|"
    r" maxim(?:um)?)?|in(?: urmatoarele)?|peste)\s"
    r"(?:the next |next |max(?:imum|im)? )?(\d{1,3}|an|one|two|three|un['’]?|una?|due|tre|o|două|doua|doi|"
    r"trei)\s?(?:de )?"
    r"(minutes?|mins?|minuti|minute|min|hours?|hrs?|h|or[ae]|oră|days?|giorn[oi]|zile|zi|weeks?|"
    r"settiman[ae]|săptămân[iă]|saptaman[ia])\b",
    re.IGNORECASE,
)
COUNTED = {"an": 1, "one": 1, "un": 1, "una": 1, "o": 1, "two": 2, "due": 2, "două": 2, "doua": 2, "doi": 2,
           "three": 3, "tre": 3, "trei": 3}  # fmt: skip
SPANS = (
    ("min", timedelta(minutes=1)),
    ("h", timedelta(hours=1)),
    ("or", timedelta(hours=1)),
    ("w", timedelta(weeks=1)),
    ("se", timedelta(weeks=1)),
    ("s", timedelta(weeks=1)),
    ("", timedelta(days=1)),
)
DAY = re.compile(
    r"\b(?:(?P<after>day after tomorrow|dopodomani|poimâine|poimaine)|(?P<tomorrow>tomorrow|domani|mâine|maine)|"
    r"(?P<today>today|tonight|oggi|stasera|in giornata|azi|astăzi|astazi|diseară|diseara)|"
    r"(?P<weekday>monday|tuesday|wednesday|thursday|friday|saturday|sunday|luned[iì]|marted[iì]|"
    r"mercoled[iì]|gioved[iì]|venerd[iì]|sabato|domenica|"
    r"luni|marți|marti|miercuri|joi|vineri|sâmbătă|sambata|duminică|duminica))\b",
    re.IGNORECASE,
)
WEEKDAYS = (("mon", "lun"), ("tue", "mar"), ("wed", "mer", "mie"), ("thu", "gio", "joi"), ("fri", "ven", "vin"),
            ("sat", "sab", "sâm", "sam"), ("sun", "dom", "dum"))  # fmt: skip
CLOCK = re.compile(
    r"\b(?:at|by|before|until|from|alle|entro le|per le|dalle|prima delle|la ora|până la(?: ora)?|"
    r"pana la(?: ora)?|de la|ora|ore|orele)\s"
    r"(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm)?\b(?!\s?(?:[%€]|days|giorni|zile|hours|euro|lei)|[./]\d)",
    re.IGNORECASE,
)
MONTHS = (
    ("jan", "gen", "ian"), ("feb", "feb"), ("mar",), ("apr",), ("may", "mag", "mai"), ("jun", "giu", "iun"),
    ("jul", "lug", "iul"), ("aug", "ago"), ("sep", "set"), ("oct", "ott"), ("nov", "noi"), ("dec", "dic"),
)  # fmt: skip
DATED = re.compile(
    r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)?[ ](?:of )?(?P<m>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    r"gen|mag|giu|lug|ago|set|ott|dic|ian|mai|iun|iul|noi)[a-z]{0,7})\b"
    r"|\b(?P<d2>\d{1,2})[./](?P<m2>\d{1,2})(?:[./](?P<y2>\d{4}))?\b",
    re.IGNORECASE,
)

# --- we did
DONE = re.compile(
    r"\b(?:(?:I|we)(?:['’]ve| have) (?:now |just |already )?(?:sent|reset|asked|contacted|checked|opened|"
    r"requested|refunded|replaced|called|"
    r"reported|forwarded|tried|restarted|updated|changed|cancelled|shipped|escalated)"
    r"|(?:ho|abbiamo) (?:già |appena |subito )?(?:chiesto|inviato|mandato|contattato|verificato|controllato|"
    r"aperto|richiesto|rimborsato|sostituito|"
    r"chiamato|segnalato|inoltrato|provato|riavviato|aggiornato|modificato|annullato|spedito|sollecitato)"
    r"|(?:v-am |ți-am |am |le-am |i-am )(?:deja |mai )?(?:trimis|cerut|contactat|verificat|deschis|"
    r"solicitat|rambursat|înlocuit|inlocuit|"
    r"sunat|raportat|încercat|incercat|repornit|actualizat|modificat|anulat|expediat|resetat|redirecționat))\b",
    re.IGNORECASE,
)
NOTED = re.compile(
    r"^[ *•-]{0,4}(?:(?P<tried>tried|done|provato|fatto|tentato|încercat|incercat|făcut|facut)|"
    r"(?P<open>open|to ?do|aperto|da fare|in sospeso|deschis|de făcut|de facut|rămâne|"
    r"ramane))\s?:\s?(?P<words>\S.{1,300})$",
    re.IGNORECASE | re.MULTILINE,
)
RESULT = re.compile(r"\s{0,3}(?:→|->|=>|\b(?:result|esito|risultato|rezultat)\s?:)\s{0,3}", re.IGNORECASE)
GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|ciao|salve|buongiorno|buonasera|buon giorno|"
    r"gentil\w+|bună|buna|salut|stimat\w+)"
    r"\b[^.!?\n]{0,40}[,.!]?$",
    re.IGNORECASE,
)


def asked(text: str) -> str:
    """Return what a customer asks: their first question, else the first sentence that is no greeting."""
    said = [line for line in sentences(readable(text)) if len(line) > 2]
    question = next((line for line in said if line.endswith("?")), "")
    return question or next((line for line in said if not GREETING.match(line)), "")


def done(text: str) -> list[str]:
    """Return the sentences of our answer that say what we did."""
    return [line for line in sentences(own_words(text)) if DONE.search(line) and not line.endswith("?")][:3]


def noted(text: str) -> tuple[list[str], list[str]]:
    """Return what a note says was tried (with "→ result") and what is open: lines that begin with such a word."""
    tried: list[str] = []
    still: list[str] = []
    for match in NOTED.finditer(readable(text)):
        words = RESULT.sub(" → ", match["words"]).strip()
        (tried if match["tried"] else still).append(words[:SENTENCE_MAX])
    return tried[:5], still[:5]


def promise(text: str, said_at: datetime) -> Promise | None:
    """Return the last promise with a time in a text of ours. said_at: in the time zone of who wrote."""
    found = None
    for line in sentences(own_words(text)):
        if line.endswith("?") or not WILL.search(line):
            continue
        due = due_at(line, said_at)
        if due is not None and due > said_at:
            found = Promise(line, due)
    return found


def due_at(line: str, said_at: datetime) -> datetime | None:
    """Return the moment a sentence names; a day without an hour means its evening. None: it names none."""
    within = WITHIN.search(line)
    if within is not None:
        number = within[1].lower().rstrip("'’")
        count = int(number) if number.isdigit() else COUNTED[number]
        return said_at + count * next(span for begins, span in SPANS if within[2].lower().startswith(begins))
    day, clock_time = _day(line, said_at.date()), _clock(line)
    if day is None and clock_time is None:
        return None
    due = datetime.combine(day or said_at.date(), clock_time or EVENING, said_at.tzinfo)
    if due <= said_at and day == said_at.date() and clock_time is None:
        due = datetime.combine(day, time(23, 59), said_at.tzinfo)
    return due


def own_words(text: str) -> str:
    """Return what we wrote above our signature."""
    return SIGNATURE.split(readable(text), maxsplit=1)[0]


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, each in one line and cut where it is long."""
    for part in SENTENCE.split(text, maxsplit=SENTENCES_MAX)[:SENTENCES_MAX]:
        line = " ".join(part.split())
        if line:
            yield line if len(line) <= SENTENCE_MAX else f"{line[: SENTENCE_MAX - 1]}…"


def _day(line: str, today: date) -> date | None:
    dated = DATED.search(line)
    if dated is not None:
        return _date(dated, today)
    match = DAY.search(line)
    if match is None:
        return None
    if match["weekday"]:
        begins = match["weekday"].lower()
        wanted = next(number for number, names in enumerate(WEEKDAYS) if begins.startswith(names))
        return today + timedelta(days=(wanted - today.weekday()) % 7 or 7)
    return today + timedelta(days={"after": 2, "tomorrow": 1, "today": 0}[str(match.lastgroup)])


def _date(match: re.Match[str], today: date) -> date | None:
    """Return a written date, in the year in which it comes next."""
    if match["m"]:
        begins = match["m"].lower()[:3]
        month = next(number for number, names in enumerate(MONTHS, 1) if begins in names)
    else:
        month = int(match["m2"])
    try:
        found = date(int(match["y2"] or today.year), month, int(match["d"] or match["d2"]))
        return found if match["y2"] or found >= today else found.replace(year=today.year + 1)
    except ValueError:
        return None


def _clock(line: str) -> time | None:
    match = CLOCK.search(line)
    if match is None:
        return None
    hour = int(match[1]) + (12 if (match[3] or "").lower() == "pm" and int(match[1]) < 12 else 0)
    minute = int(match[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
