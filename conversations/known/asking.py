"""Does an agent's text ask for something? Patterns that Python and browsers read alike, in en, it and ro.

They are given to the page, which looks at the text while it is written; `asks_for` reads them the same way. Only
syntax that both have: no look-behind, no \\p, no named groups; letters beyond ASCII are never beside \\b.
"""

import re
from functools import cache

_REQUEST = (
    r"(?:\b(?:what|which|could|can|may|would|please|send|give|tell|provide|share|need|let|know|confirm|kindly)\b"
    r"|\b(?:qual|quale|pu[oò]|puoi|potrebbe|potresti|potete|mi|ci|indic|invi|mand|comunic|serve|serv|forni|"
    r"favore|cortesia|conferm|avrei|scriv)"
    r"|\b(?:care|pute[tțţ]i|po[tțţ]i|a[sșş] avea|trimite|spune|comunica|indica|rog|nevoie|da[tțţ]i|confirm|"
    r"scrie|furniza))"
)
_BETWEEN = r"[^.!?\n]{0,70}"
# Something that follows is told, not asked: "your order number 10432".
_NOT_TOLD = r"(?![^.?!\n]{0,16}\d)"
_NUMBER = r"(?:number|no\b|nr\b|id\b|code|ref)"
_NUMERO = r"(?:numero|n\.|nr\.?|codice)"
_NUMAR = r"(?:num[aă]r(?:ul)?|nr\.?|cod(?:ul)?)"
_WANTED = {
    "order": rf"(?:\border {_NUMBER}|{_NUMBER} of (?:your|the) order"
    rf"|{_NUMERO} (?:(?:del|di) (?:suo |tuo |vostro )?|d['’]|dell['’])?ordine"
    rf"|{_NUMAR} (?:de )?comen(?:zii|zi)|{_NUMAR} (?:de )?comand[aă])",
    "tracking": rf"(?:\btracking (?:{_NUMBER}|link)|{_NUMERO} (?:di |della )?(?:tracking|tracciamento|"
    rf"tracciatura|spedizione)"
    rf"|{_NUMAR} (?:de )?(?:awb|tracking|urm[aă]rire)|awb-ul)",
    "phone": rf"(?:\b(?:tele)?phone number|\bmobile number|{_NUMERO} (?:di )?(?:telefono|cellulare)|"
    rf"{_NUMAR} (?:de )?telefon|{_NUMAR} (?:de )?mobil)",
    "address": r"(?:\b(?:delivery|shipping|postal|home|street|full) address|\byour address|"
    r"indirizzo (?:di (?:consegna|spedizione|casa)|postale|completo)"
    r"|(?:suo|tuo|vostro) indirizzo(?! e-?mail| di posta| mail)|adresa (?:de livrare|po[sșş]tal[aă]|"
    r"complet[aă]|dumneavoastr[aă]|dvs|ta))",
}

# Asked of the answer only, never hinted at: who asks which product it is may mean another than the one known.
_ASKED_TOO = {
    "product": r"(?:\b(?:which|what) (?:product|item|model)|\b(?:name|model) of (?:the|your) (?:product|item)|"
    r"\bquale (?:prodotto|articolo|modello)|(?:nome|modello) del (?:suo |tuo |vostro )?(?:prodotto|articolo)|"
    r"\b(?:ce|care|despre ce) (?:produs|model|articol)|(?:numele|modelul) (?:produsului|articolului))",
}


def patterns() -> dict[str, str]:
    """Return for each known thing the pattern of a text that asks for it; to be read without regard to case."""
    return {what: f"{_REQUEST}{_BETWEEN}{wanted}{_NOT_TOLD}" for what, wanted in _WANTED.items()}


def asks_for(text: str) -> set[str]:
    """Return which things a text asks for."""
    return {what for what, pattern in _compiled().items() if pattern.search(text)}


@cache
def _compiled() -> dict[str, re.Pattern[str]]:
    return {what: re.compile(pattern, re.IGNORECASE) for what, pattern in (patterns() | _ASKED_TOO).items()}
