"""Our own marks on a mail: the signed reply address and the signed Message-ID.

Both carry a thread's token with a signature bound to the mailbox; a mail belongs to a thread
only by one of them (docs/decisions/0003, CVE-2024-49193). They are read exactly as they were written:
one changed bit, a capital letter included, and they are not ours.
"""

import base64
import hashlib
import hmac
import re
import secrets

from helpdesk.lib.emails import spell_address

TOKEN_BYTES = 16
SIGNATURE_CHARACTERS = 16
SHORT_SIGNATURE_CHARACTERS = 13
LOCAL_MAX_CHARACTERS = 64

_TOKEN = re.compile(r"[a-z2-7]{26}\Z")
_ADDRESS_PURPOSE = b"telaio.email.reply-address.1"
_MESSAGE_PURPOSE = b"telaio.email.message-id.1"
_KEY_PURPOSE = b"telaio.email.message-key.1"


def new_token() -> str:
    """Return a fresh 128-bit thread token: 26 lower-case base32 characters."""
    return _base32(secrets.token_bytes(TOKEN_BYTES))


def reply_address(mailbox: str, token: str, secret: str) -> str:
    """Return `name+token.signature@domain`; the mailbox itself where its name leaves no room.

    The local part never exceeds 64 characters: names over 20 characters get a signature of 65
    instead of 80 bits, names over 23 none (their answers join by the Message-ID).
    """
    local, _, domain = spell_address(mailbox).rpartition("@")
    room = LOCAL_MAX_CHARACTERS - len(local) - len("+.") - 26
    if not _TOKEN.match(token) or room < SHORT_SIGNATURE_CHARACTERS:
        return mailbox
    length = SIGNATURE_CHARACTERS if room >= SIGNATURE_CHARACTERS else SHORT_SIGNATURE_CHARACTERS
    signature = _sign(_ADDRESS_PURPOSE, (mailbox, token), secret)[:length]
    return f"{local}+{token}.{signature}@{domain}"


def read_reply_address(address: str, mailbox: str, secret: str) -> str:
    """Return the token that an address of this mailbox carries with our signature, else ''."""
    local, _, domain = address.strip().rpartition("@")
    token = local.rpartition("+")[2].partition(".")[0]
    if not _TOKEN.match(token):
        return ""
    own_local, _, own_domain = reply_address(mailbox, token, secret).rpartition("@")
    is_ours = _equal(local, own_local) and domain.lower() == own_domain and "+" in own_local
    return token if is_ours else ""


def message_id(mailbox: str, token: str, key: str, secret: str) -> str:
    """Return the Message-ID (no brackets) of the mail with this idempotency key; always the same."""
    mark = _sign(_KEY_PURPOSE, (mailbox, key), secret)[:SIGNATURE_CHARACTERS]
    signature = _sign(_MESSAGE_PURPOSE, (mailbox, token, mark), secret)[:SIGNATURE_CHARACTERS]
    domain = spell_address(mailbox).rpartition("@")[2]
    return f"{token}.{mark}.{signature}@{domain}"


def read_message_id(identifier: str, mailbox: str, secret: str) -> str:
    """Return the token of a Message-ID that we made for this mailbox, else ''."""
    left, _, domain = identifier.strip("<> ").rpartition("@")
    token, _, rest = left.partition(".")
    mark, _, signature = rest.partition(".")
    if not _TOKEN.match(token) or domain.lower() != spell_address(mailbox).rpartition("@")[2]:
        return ""
    expected = _sign(_MESSAGE_PURPOSE, (mailbox, token, mark), secret)[:SIGNATURE_CHARACTERS]
    return token if _equal(signature, expected) else ""


def _sign(purpose: bytes, parts: tuple[str, ...], secret: str) -> str:
    """Return the whole signature; each purpose has a key of its own, parts cannot run together."""
    key = hmac.digest(secret.encode(), purpose, "sha256")
    mailbox, *rest = parts
    text = "\0".join((spell_address(mailbox), *rest)).encode("utf-8", "replace")
    return _base32(hmac.digest(key, text, hashlib.sha256))


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
