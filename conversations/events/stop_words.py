"""The words by which people say in a message that they want no more, or want them again. Pure."""

import string
import unicodedata
from collections.abc import Mapping

# The whole message is one of them: who tells a story with the word in it is not meant.
STOP = {
    "en": ("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"),
    "it": ("stop", "annulla", "disiscrivi", "disiscrivimi", "cancellami", "disdici"),
    "ro": ("stop", "opreste", "dezabonare", "dezaboneaza", "anuleaza", "renunt"),
    "de": ("stopp", "abmelden", "abbestellen"),
    "fr": ("arret", "arreter", "desabonner", "desinscrire"),
    "es": ("alto", "baja", "cancelar", "parar"),
    "pt": ("sair", "parar", "cancelar"),
}
START = {
    "en": ("start", "unstop", "subscribe", "resume", "optin", "opt in"),
    "it": ("start", "riprendi", "iscrivimi"),
    "ro": ("start", "porneste", "abonare", "reia"),
    "de": ("anmelden",),
    "fr": ("reprendre", "abonner"),
    "es": ("alta", "reanudar"),
    "pt": ("voltar", "retomar"),
}
# They say a lot of other things; after a stop they take it back.
YES = {"en": ("yes",), "it": ("si",), "ro": ("da",), "de": ("ja",), "fr": ("oui",), "es": ("si",), "pt": ("sim",)}
LENGTH_MAX = 40
_EDGES = string.punctuation + string.whitespace + "¡¿«»„“”‘’…·"


def _all(table: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(word for words in table.values() for word in words)


_STOP, _START, _YES = _all(STOP), _all(START), _all(YES)


def wish_of(text: str) -> str:
    """Return what a whole message says: stop, start, yes (start, after a stop), or ''."""
    word = folded(text)
    if word in _STOP:
        return "stop"
    if word in _START:
        return "start"
    return "yes" if word in _YES else ""


def folded(text: str) -> str:
    """Return a message as the tables spell it: small, without accents, without punctuation around it."""
    if len(text) > LENGTH_MAX:
        return ""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(one))
    return " ".join(plain.strip(_EDGES).split())
