"""What a column of a file may hold, and what it most likely holds by its name in English, Italian or Romanian."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers import custom
from customers.models import Consent, Identity

ADDRESS, CONSENT = "address-", "consent-"
EXTERNAL = "external_id"
PROFILE = {
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "company": _("Company"),
    EXTERNAL: _("External id (shop, CRM)"),
    "tags": _("Tags"),
}
# Several columns may hold these; of the others there is one each.
MANY = (ADDRESS, "tags")
# Names of columns without marks, spaces and case.
NAMES = {
    "name": "name fullname customername customer nome nomecompleto nominativo cliente nume numecomplet client",
    "first_name": "firstname givenname forename prenume nomeproprio nomedibattesimo",
    "last_name": "lastname surname familyname cognome numedefamilie",
    "language": "language lang locale lingua limba",
    "time_zone": "timezone tz fusoorario fusorar",
    "company": "company companyname organization organisation account azienda societa ditta firma companie societate",
    EXTERNAL: "externalid customerid shopid crmid id idcliente codicecliente idesterno idclient codclient idextern",
    "tags": "tags tag labels etichette etichetta etichete eticheta",
    "address-email": "email emailaddress mail emails indirizzoemail postaelettronica adresaemail adresademail email2",
    "address-phone": "phone phonenumber telephone mobile mobilephone cell tel telefono cellulare numeroditelefono"
    " telefon mobil numardetelefon phone2 telefono2 telefon2",
    "address-whatsapp": "whatsapp whatsappnumber numerowhatsapp numarwhatsapp",
    "address-telegram": "telegram telegramid",
    "address-instagram": "instagram instagramid",
    "address-messenger": "messenger facebook facebookid",
    "address-viber": "viber",
    "address-line": "line lineid",
    "consent-marketing": "newsletter marketing marketingconsent acceptsmarketing consensomarketing acordmarketing",
    "consent-survey": "surveys surveyconsent sondaggi sondaje",
    "consent-recording": "recording recordingconsent registrazione inregistrare",
}
KNOWN = {word: target for target, words in NAMES.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Target:
    """What a column may hold."""

    key: str
    label: "str | Promise"


class Wrong(ValueError):
    """The mapping cannot be; the text says why, in the reader's language."""


def targets() -> list[Target]:
    """Return everything that a column may hold."""
    said = _("Consent: %(purpose)s")
    kinds = [kind for kind in Identity.Kind if kind not in {Identity.Kind.SHOP, Identity.Kind.VISITOR}]
    return [
        *(Target(key, label) for key, label in PROFILE.items()),
        *(Target(f"{ADDRESS}{kind.value}", kind.label) for kind in kinds),
        *(Target(f"{CONSENT}{one.value}", said % {"purpose": one.label}) for one in Consent.Purpose),
        *(Target(custom.PREFIX + field.slug, field.name) for field in custom.fields()),
    ]  # fmt: skip


def guess(header: list[str]) -> list[str]:
    """Return for each column what it most likely holds, '' for nothing."""
    own = {_folded(name): custom.PREFIX + field.slug for field in custom.fields() for name in (field.name, field.slug)}
    found: list[str] = []
    for name in header:
        target = own.get(_folded(name)) or KNOWN.get(_folded(name), "")
        found.append("" if target in found and not target.startswith(MANY) else target)
    return _parted(found)


def check(mapping: list[str], width: int) -> list[str]:
    """Return a mapping that can be used. Raises Wrong."""
    from_words = {target.key for target in targets()} | {""}
    if len(mapping) != width or not set(mapping) <= from_words:
        raise Wrong(_("The file or the fields have changed. Look at the columns again."))
    for target in set(mapping) - {""}:
        if mapping.count(target) > 1 and not target.startswith(MANY):
            raise Wrong(_("Two columns hold the same. Only addresses and tags may stand in several."))
    if not any(target == EXTERNAL or target.startswith(ADDRESS) for target in mapping):
        raise Wrong(_("Say which column holds an address or an external id: people are recognised by it."))
    return mapping


def _parted(found: list[str]) -> list[str]:
    """Take a name for half of one beside its other half: "Nome, Cognome" as "Nume, Prenume"."""
    halves = [half for half in ("first_name", "last_name") if half not in found]
    return [halves[0] if target == "name" and len(halves) == 1 else target for target in found]


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", plain)
