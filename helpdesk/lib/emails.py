"""One spelling per mail address, and what may stand in a header. Nothing here reads a mail."""

import re
import unicodedata
from functools import lru_cache

import idna

ADDRESS_MAX_CHARACTERS = 254
LOCAL_MAX_CHARACTERS = 64

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_LITERAL = re.compile(r"\[[a-z0-9:.]{2,80}\]\Z")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f<>()\[\],;:\\\"]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def normalise_address(address: str) -> str:
    """Return the one spelling of an address. Raises ValueError when it is not one."""
    spelled = spell_address(address)
    if not spelled:
        raise ValueError(f"“{one_line(address)[:120]}” is not a mail address.")
    return spelled


@lru_cache(maxsize=256)
def spell_address(address: str) -> str:
    """Spell an address the one way we store it; '' when it is not an address.

    Letters A-Z become small, the domain becomes its IDNA ASCII form; plus tags and dots stay.
    Only ASCII is folded in the local part, so that no look-alike letter becomes somebody else. The last few are
    remembered: one mail has its mailbox spelled half a dozen times.
    """
    local, at, domain = address.strip().rpartition("@")
    local, domain = _normalise_local(local), normalise_domain(domain)
    if not at or not local or not domain or len(local) + len(domain) >= ADDRESS_MAX_CHARACTERS:
        return ""
    return f"{local}@{domain}"


def normalise_domain(domain: str) -> str:
    """Spell a domain in lower-case ASCII (IDNA); '' when it is not one."""
    domain = domain.strip().rstrip(".").translate(_ASCII_LOWER)
    if _LITERAL.match(domain):
        return domain
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    return domain if domain and all(map(_LABEL.match, domain.split("."))) else ""


def readable_address(address: str) -> str:
    """Return a normalised address with its domain in the letters that its owner chose."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def domain_of(address: str) -> str:
    """Return the normalised domain of an address, '' when it has none."""
    return normalise_domain(address.rpartition("@")[2])


def one_line(text: str) -> str:
    """Make text fit for one header line: controls and line ends become single spaces."""
    return _CONTROLS.sub(" ", text).strip()


def _normalise_local(local: str) -> str:
    if len(local) > 1 and local[0] == local[-1] == '"':
        local = local[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if not local or len(local.encode("utf-8", "replace")) > LOCAL_MAX_CHARACTERS * 2:
        return ""
    if _FORBIDDEN.search(local) or any(_turns_into_ascii(letter) for letter in local):
        return ""
    return unicodedata.normalize("NFC", local).translate(_ASCII_LOWER)


def _turns_into_ascii(letter: str) -> bool:
    """Say whether NFC makes an ASCII letter of it (the Kelvin sign): a look-alike, refused."""
    if "\ud800" <= letter <= "\udfff":
        return True
    return not letter.isascii() and unicodedata.normalize("NFC", letter).isascii()
