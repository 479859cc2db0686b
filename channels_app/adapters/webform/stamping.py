"""The mark that each drawn form carries: that it is ours, how old it is, and which one, so that it is sent once."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from django.core import signing

SALT, SENT_SALT = "webform.form", "webform.sent"
# Nobody reads and fills in a form in less; a program does.
LEAST = timedelta(seconds=3)
MOST = timedelta(hours=24)
SENT_MOST = timedelta(days=90)
DIGITS = 9


class Age(Enum):
    """How a stamp that came back is."""

    GOOD = "good"
    YOUNG = "young"
    OLD = "old"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What came back with a form. nonce: names the form; a fresh one where it was none of ours."""

    nonce: str
    age: Age
    written: str


def fresh(key: str, nonce: str = "") -> Stamp:
    """Make a stamp of now for a page of this key."""
    nonce = nonce or secrets.token_urlsafe(12)
    return Stamp(nonce, Age.YOUNG, signing.TimestampSigner(salt=SALT).sign(f"{key}.{nonce}"))


def read(key: str, written: str) -> Stamp:
    """Read what came back. One that is too old or none of ours is replaced: the words around it stay."""
    signer = signing.TimestampSigner(salt=SALT)
    try:
        said = signer.unsign(written)
    except signing.BadSignature:
        said = ""
    of, _dot, nonce = said.partition(".")
    if of != key or not nonce:
        return replace(fresh(key), age=Age.NONE)
    if _is_older(signer, written, MOST):
        return Stamp(nonce, Age.OLD, fresh(key, nonce).written)
    return Stamp(nonce, Age.GOOD if _is_older(signer, written, LEAST) else Age.YOUNG, written)


def reference(digest: str) -> str:
    """Return a number that can be said on the phone: three groups of three digits."""
    digits = f"{int(hashlib.sha256(digest.encode()).hexdigest(), 16) % 10**DIGITS:0{DIGITS}}"
    return " ".join(digits[place : place + 3] for place in range(0, DIGITS, 3))


def receipt(key: str, said: str, topic: str) -> str:
    """Write what the last page needs to know, so that it can be loaded again: no word of whoever wrote."""
    return signing.dumps([key, said, topic], salt=SENT_SALT)


def read_receipt(key: str, written: str) -> tuple[str, str] | None:
    """Return reference and topic; None for what is no receipt of this page, or over."""
    try:
        of, said, topic = signing.loads(written, salt=SENT_SALT, max_age=SENT_MOST)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (str(said), str(topic)) if of == key else None


def _is_older(signer: signing.TimestampSigner, written: str, than: timedelta) -> bool:
    try:
        signer.unsign(written, max_age=than)
    except signing.SignatureExpired:
        return True
    return False
