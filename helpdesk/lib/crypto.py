"""Keys derived from SECRET_KEY, one per purpose, and what is sealed with them."""

import base64
import json
from functools import cache, lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """Sealed with a key that this installation does not have."""


def key_for(purpose: str, secret: str = "") -> bytes:
    """Return 32 bytes that belong to one purpose alone."""
    material = (secret or settings.SECRET_KEY).encode()
    return HKDF(SHA256(), length=32, salt=None, info=f"telaio:{purpose}".encode()).derive(material)


def seal(values: dict[str, Any]) -> str:
    """Encrypt a dictionary for a text column."""
    return _fernet().encrypt(json.dumps(values).encode()).decode()


def unseal(text: str) -> dict[str, Any]:
    """Decrypt what `seal` made; '' is empty. Raises Unreadable."""
    if not text:
        return {}
    try:
        values: dict[str, Any] = json.loads(_opened(text))
    except InvalidToken as error:
        raise Unreadable("The configuration was sealed with another SECRET_KEY.") from error
    return values


@lru_cache(maxsize=32)
def _opened(text: str) -> bytes:
    """Decrypt; the last few are kept, because every message of a channel asks for the same one."""
    return _fernet().decrypt(text.encode())


@cache
def _fernet() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [key_for("channel-config", secret) for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
