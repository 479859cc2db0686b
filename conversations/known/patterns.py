"""How order and tracking numbers, phones, addresses and products look in en, it and ro: see `picking`.

Every repetition is bounded, so that no text is slow to read.
"""

import re

# What is not ours to read: what somebody else wrote, above all we ourselves.
QUOTED = re.compile(
    r"^(?:-{2,}\s?(?:original|messaggio(?! inoltrat)|mesaj(?!ul redirec| redirec)).{0,60}|"
    r"(?:on|il(?: giorno)?|în|in|pe)\s.{5,150}\b(?:wrote|"
    r"ha scritto|a scris)\s?:)",
    re.IGNORECASE,
)
# What somebody else wrote and the customer passes on: its numbers tell something, its addresses are the writer's.
FORWARDED = re.compile(
    r"^-{2,}\s?(?:forwarded|messaggio inoltrat|mesaj(?:ul)? redirec).{0,60}"
    r"|^(?:begin forwarded message|inizio messaggio inoltrato|început mesaj redirecționat)\s?:",
    re.IGNORECASE | re.MULTILINE,
)
MARKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\0": " ", "\t": " ", "ţ": "ț", "ş": "ș"})
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")

IBANS = "AD|AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MC|MD|MT|NL|NO|PL|PT|RO|RS|SE|SI|SK|SM|TR|UA"
MONEY = r"€|£|\$|eur(?:o|os)?\b|lei\b|ron\b|gbp\b|pounds?\b|sterline\b|usd\b|dollars?\b"
UNITS = (
    r"%|kg\b|g\b|gr\b|cm\b|mm\b|m\b|ml\b|l\b|w\b|v\b|mah\b|pcs\b|pieces?\b|units?\b|items?\b|pezz[io]\b|"
    r"unità\b|bucăți\b|"
    r"bucati\b|buc\b|prodott[io]\b|articoli\b|produse\b|days?\b|giorni\b|zile\b|hours?\b|ore\b|km\b|"
    r"points?\b|punti\b|puncte\b"
)
# What is something else for certain; taken away before anything is looked for. In this order, and the first two only
# where their mark is: to try them at every word costs more than all the rest.
WEB = re.compile(r"https?://\S{1,500}|www\.\S{1,200}", re.IGNORECASE)
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,200}")
# Looks first with what such a number begins.
NOISE = re.compile(
    rf"(?=\d)(?:\b(?:\d{{4}}[ -]){{3}}\d{{4}}\b|\b\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}\b|\b\d{{4}}-\d{{2}}-\d{{2}}\b"
    rf"|\b\d{{1,2}}[:.]\d{{2}}\b(?![./-]?\d)|(?<![\w-])\d[\d.,]{{0,12}} ?(?:{MONEY}|{UNITS}))"
    rf"|(?=[€£$a-z])(?:\b(?:{IBANS})\d{{2}}(?: ?[A-Z0-9]{{4}}){{3,7}}(?: ?[A-Z0-9]{{1,4}})?\b"
    rf"|(?:€|£|\$|\b(?:eur|ron|gbp|usd|lei)) ?\d[\d.,]{{0,12}})",
    re.IGNORECASE,
)
GONE = "¤"

# --- tracking numbers: those whose form says it (with a check digit where there is one), and any after the word
FORMED = re.compile(r"\b(?:1Z[0-9A-Z]{16}|J?JD\d{16,20}|TB[ACM]\d{12}|[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2})\b")
TRACKED = re.compile(
    r"\b(?:tracking|track|awb(?:-ul)?|ldv|lettera di vettura|spedizione|tracciamento|tracciatura|"
    r"consignment|shipment|"
    r"parcel|pacco|collo|colet(?:ul|ului)?|expedi(?:ere|ției|tiei))\b"
    r"(?:[\s:#.,()\"'-]|\b(?:number|numero|num|numărul|numarul|număr|numar|no|nr|n|id|code|codice|cod|codul|"
    r"is|è|e|este|are|ha|"
    r"con|cu|with|the|il|de|di|del|dhl|ups|gls|brt|bartolini|sda|dpd|tnt|fedex|fan|courier|cargus|sameday|poste|"
    r"evri|inpost|yodel|royal|mail)\b|°|º){1,12}"
    r"([A-Z]{0,4}\d[A-Z0-9]{7,23})\b",
    re.IGNORECASE,
)
# "15501234567890 as tracking"
TRACKED_BEFORE = re.compile(
    r"(?<![\w.,/+-])([A-Z]{0,4}\d[A-Z0-9]{7,23})\s(?:as|is|è|e|este|ca|come)\s(?:(?:the|my|a|il|un)\s)?(?:tracking|awb)\b",
    re.IGNORECASE,
)
UPS_LETTERS = {chr(code): (code - 63) % 10 for code in range(ord("A"), ord("Z") + 1)}

# --- order numbers
ORDER_WORD = r"\b(?:orders?|ordr|oder(?= ?(?:no|nr|num|#|\d))|ordin[ei]|comand[aă]|comenzi(?:i|le|lor)?)\b"
NUMBER_WORD = (
    r"number|numbers|numero|numeri|num|numărul|numarul|număr|numar|numere|no|nr|nro|n|id|ref|code|codice|"
    r"cod|codul|reference|riferimento"
)
TOKEN = r"[A-Z]{0,5}[-_]?\d[\dA-Z]{0,11}(?:[-_][\dA-Z]{1,8}){0,3}"
ORDERED = re.compile(
    rf"{ORDER_WORD}((?:[\s:#.,()\"'’*|-]|\b(?:{NUMBER_WORD}|is|are|was|è|e|este|sunt|sono|era|cu|con|with|"
    rf"having|my|mea|mia|mio|conf|confirmation|conferma|confirmare|"
    rf"the|il|la|de|di|d)\b|°|º|№){{1,14}})({TOKEN})(?![\w{GONE}]|[./-]\d)",
    re.IGNORECASE,
)
# Dictated: "order number is 7 7 1 4 2".
SPELLED = re.compile(
    rf"{ORDER_WORD}(?:[\s:#.,-]|\b(?:{NUMBER_WORD}|is|è|e|este)\b|°|º|№){{2,14}}(?<!\d)(?<!\d )(\d(?: \d){{3,11}})"
    rf"(?![\w{GONE}]|[ ./-]\d)",
    re.IGNORECASE,
)
# Said in a round-about way: "the order no I have on the receipt says 0094417", "about my order, the number is 77142".
ROUND_ABOUT = re.compile(
    rf"{ORDER_WORD}(?: (?:{NUMBER_WORD})\b([^\d\n.!?:{GONE}]{{2,40}})\b(?:is|says|reads|è|e'|este|e|zice|spune|dice)"
    rf"|([^\d\n.!?:{GONE}]{{1,60}})\b(?:the number is|(?:il|suo) numero (?:è|e'|e)|num[aă]rul (?:este|e)"
    rf"|(?:number|numero|num[aă]r(?:ul)?|nr\.?|no\.)))"
    rf"\s({TOKEN})(?![\w{GONE}]|[./-]\d)",
    re.IGNORECASE,
)
# The number that follows belongs to one of these, not to the order.
OF_ANOTHER = re.compile(
    r"\b(?:number|numero|num[aă]r\w*|ticket|tichet|invoice|fattura|factur\w*|customer|client[ei]?|account|cont\w*|"
    r"phone|tel\w*|cell\w*|mobil\w*|card|cart[ae]|card(?:ul)?|iban|bonifico|"
    r"house|flat|room|civico|bloc\w*|apartament\w*|page|pagina|flight|volo|train|treno|tren\w*|version\w*|versione|"
    r"tracking|awb|spedizione|segnalazione|sesizare\w*|pratica|case)\b",
    re.IGNORECASE,
)
BEFORE = re.compile(
    rf"(?<![\w{GONE}.,/+-])({TOKEN})\s?[,:=–-]?\s?(?:is|è|e'|este|e)\s(?:(?:the|my|our|il|mio|la|al)\s){{0,2}}"
    rf"(?:(?:{NUMBER_WORD})\.?\s(?:(?:di|de|of|my|the|mea|dell|d)['’\s]\s?){{0,2}})?{ORDER_WORD}",
    re.IGNORECASE,
)
# "48991, my order of Saturday", "any news on 10432? That's my order"
MINE = re.compile(
    rf"(?<![\w{GONE}.,/+-])({TOKEN})[,?!.]?\s(?:that['’]?s |that is |it['’]?s |è |e |este |adic[aă] )?"
    rf"(?:(?:my|our|il mio|il nostro)\s{ORDER_WORD}|comanda (?:mea|noastr[aă])\b)",
    re.IGNORECASE,
)
ANOTHER = re.compile(
    rf"\s?(?:,|;|&|\+|/|\b(?:and|or|e|ed|o|și|si|sau)\b)\s?(?:(?:n|nr|no)\.?\s?|#)?({TOKEN})(?![\w{GONE}]|[./-]\d)",
    re.IGNORECASE,
)
HASHED = re.compile(rf"(?<![\w&#/])#({TOKEN})(?![\w{GONE}]|[./-]\d)", re.IGNORECASE)
HAS_ORDER = re.compile(ORDER_WORD, re.IGNORECASE)
DIGITS = re.compile(r"\d")
# Digits with no more between them than picking.BEFORE and BEYOND.
STRETCH = re.compile(r"\d(?:\D{0,300}\d)*")
YEAR = re.compile(r"(?:19|20)\d\d")
NAMES_NUMBER = re.compile(rf"[#°º№:]|\b(?:{NUMBER_WORD})\b", re.IGNORECASE)
CALLED = re.compile(r"(?:00|\+)?(?:0\d{9,10}|(?:39|40|44)\d{9,10}|3[2-9]\d{8})")

# --- phones
ABROAD = re.compile(r"(?<![\w+/-])(?:\+|00)[1-9](?:[ ().-]{0,2}\d){6,13}(?![\w-]|[./]\d)")
AT_HOME = re.compile(
    # Signatures: "T: 0114 496 0123 | M: 07700 900456"
    r"(?:\b(?:[TMP](?=\s?[:.])|mob(?=[\s.:])|cel(?=[\s.:])|ph(?=[\s.:])|(?:tele)?phone|tel(?:efono|efonul?|efonic|efon)?|cell(?:ulare|phone)?|mobile|mobil(?:ul)?|"
    r"(?:call|ring|reach|text) (?:me|us)|"
    r"whatsapp|(?:mio|nostro) num(?:ero)?|my number|număr(?:ul)? meu|numar(?:ul)? meu|chiam(?:ar|at)?(?:e?mi|"
    r"e?ci)|contatt(?:ar|at)?(?:e?mi)|"
    r"sun(?:a|ați|ati)(?:-mă|-ma| la)|contacta(?:ți|"
    r"ti)-m[aă])\b)[^\d\n+¤|]{0,30}(0?\d(?:[ ./()-]{0,2}\d){7,10})(?![\w-]|[./]\d)",
    re.IGNORECASE,
)

# A mobile of one of our three countries, written in the groups that only mobiles have there.
GROUPED = re.compile(
    r"(?<![\w+/.,-])(?<!\d )(?:07\d{3} \d{3} ?\d{3}|07\d{2}[ .]\d{3}[ .]\d{3}"
    r"|3[2-9]\d[ .]\d{3}[ .]\d{4})(?![\w-]|[ ./,]\d)"
)
# What says in which country a text was written: its letters stand for the numbers of that country.
COUNTRIES = {
    "GB": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\bLtd\b|\bVAT no\b|\b07\d{3} ?\d{3} ?\d{3}\b"),
    "IT": re.compile(
        r"\bP\.? ?IVA\b|\b[sS]\.?r\.?l\.?\b|\b[cC]ell\b|\b3[2-9]\d[ .]?\d{3}[ .]?\d{3,4}\b"
        r"|\b(?:[Vv]ia|[Pp]iazza|[Vv]iale|[Cc]orso) (?:d\w{1,4}['’ ] ?)?[A-ZÀ-Þ]"
        r"|\b(?:[Ss]aluti|[Gg]razie|[Bb]uongiorno)\b"
    ),
    "RO": re.compile(
        r"\bCUI\b|\bSRL\b|\bMobil\b|\b07\d{2}[ .]?\d{3}[ .]?\d{3}\b(?![ .]?\d)"
        r"|\b(?:[Ss]tr\.|[Ss]trada|[Bb]d\.) ?[A-ZĂÂÎȘȚ]|\b(?:[Ss]tim[ăa]|[Mm]ul[țt]umesc|[Bb]un[ăa])\b"
    ),
}

# --- postal addresses
NAME = r"[A-ZÀ-ÖØ-ÞĂÂÎȘȚ][\w.’'-]{0,30}"
SMALL_WORDS = "de|di|del|della|dei|degli|delle|da|la|le|lui|și|e|of|the|upon|al|cel|cea"
NAMES = rf"{NAME}(?:,? (?:(?:{SMALL_WORDS}) ){{0,2}}{NAME}){{0,4}}"
STREETS = re.compile(
    # Italian: Via Roma 12, 50122 Firenze (FI)
    rf"\b(?:(?:[Vv]ia(?:le)?|[Pp]iazza(?:le)?|P\.zza|[Cc]orso|C\.so|[Ll]argo|[Vv]icolo|[Ss]trada|[Ll]ungarno|"
    rf"[Cc]ontrada) "
    rf"(?:(?:del|della|dei|degli|delle|di|da|dell['’]) ?)?(?:\d{{1,2}} )?{NAMES},? (?:n\.? ?|"
    rf"n° ?)?\d{{1,4}}(?:/?[A-Za-z]\b|/\d{{1,3}})?\b"
    # Romanian: Str. Lungă nr. 5, bl. A2, sc. 1, ap. 14, sector 3, București
    rf"|(?:[Ss]tr(?:ada|\.)?|[Bb]d\.?|[Bb]ulevardul|[Cc]alea|[Aa]leea|[ȘSșs]oseaua|[ȘSșs]os\.|[Pp]ia[țt]a|"
    rf"[Ss]plaiul|[Ii]ntrarea) ?"
    rf"(?:\d{{1,2}} )?{NAMES},? ?(?:[Nn]r\.?|[Nn]um[ăa]rul) ?\d{{1,4}}[A-Z]?\b"
    # English: 14 Mill Lane, Flat 2, Leeds LS1 4AP
    rf"|(?=[FUA\d])(?:(?:Flat|Unit|Apartment|Apt\.?) [\w-]{{1,6}}(?:, ?\n?|\n)\b)?\d{{1,4}}[A-Za-z]? {NAMES} ?"
    rf"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Close|Drive|Dr|Way|Court|Square|Terrace|Crescent|"
    rf"Place|Gardens|Grove|Hill|Mews|Row|Boulevard)\b(?! \d))"
)
FURTHER = re.compile(
    rf"[,;]? ?\n? ?(?:\d{{5,6}} {NAMES}|[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}\b|(?:[Bb]l|[Ss]c|[Ee]t|[Aa]p|"
    rf"[Ii]nt|[Ss]cala|[Ii]nterno|[Pp]iano|"
    rf"[Ff]lat|[Uu]nit|[Aa]partment|[Cc]od po[șs]tal|CAP|[Jj]ud|[Ss]ector(?:ul)?|[Ss]ect|"
    rf"[Jj]ude[țt](?:ul)?)(?:\. ?| )[\w-]{{1,20}}"
    rf"|\([A-Z]{{2}}\)|\d{{5,6}}\b)|, ?\n? ?{NAMES}(?: \([A-Z]{{2}}\)|"
    rf" [A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}\b| \d{{5,6}}\b|(?=[,.;\n]|$))"
    # A town on a line of its own, when what follows can only belong to an address.
    rf"|,?\n{NAMES}(?=,?\n? ?(?:[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}\b|\d{{5,6}}\b|[Ss]ector(?:ul)? \d|[Jj]ud))"
)

# --- products
NAMED = re.compile(
    r"^[ *•-]{0,4}(?:product|item|model|sku|article|prodotto|articolo|modello|produs(?:ul)?|articol(?:ul)?|"
    r"model(?:ul)?|cod(?:ice)? "
    r"(?:prodotto|articolo|produs))(?: (?:name|code|no|nr|nome))?\.? ?[:=] ?(\S.{1,58}?)[ .]{0,3}$",
    re.IGNORECASE | re.MULTILINE,
)
SPEECH = re.compile('["“„«]')
SAID = re.compile(
    r"\b(?:(?:product|item|model) (?:is|called)|(?:prodotto|articolo|modello) (?:è|si chiama|acquistato è)|"
    r"(?:produsul|modelul|articolul) "
    r"(?:este|e|se numește)|the product|the item|il prodotto|l['’]articolo|produsul|articolul) (?:the |un |"
    r"una |il |la |o )?"
    r"[\"“„«]([^\"“”„«»\n]{2,60})[\"”“»]",
    re.IGNORECASE,
)
# One of these stands in whatever CAPITAL finds.
KINDS_OF_THING = ("product", "item", "model", "prodotto", "articolo", "produsul", "articolul")
# "The model is the Aurora Mini 2": a name of two words or more, each with a capital or a number.
CAPITAL = re.compile(
    r"\b(?i:the (?:product|item|model) is|(?:il )?(?:prodotto|modello) (?:è|e['’]|e)|l['’]articolo (?:è|e['’]|e)|"
    r"(?:produsul|modelul|articolul) (?:este|e)) (?i:(?:the|an?|un|una|il|la|o) )?"
    r"([A-ZÀ-ÞĂÂÎȘȚ][\w-]{1,20}(?: (?:[A-ZÀ-ÞĂÂÎȘȚ][\w-]{0,20}|\d{1,4})){1,4})\b"
)
