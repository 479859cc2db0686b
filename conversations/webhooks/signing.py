"""Secrets and signatures, as the Standard Webhooks specification has them (read 2026-11-28).

Signed is `<id>.<timestamp>.<body>` with HMAC-SHA256; the header holds one `v1,<base64>` for each secret that counts.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from conversations.models.webhook import Webhook

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret: 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(webhook: Webhook, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return what proves to the receiver who wrote this, and when; during a roll by both secrets."""
    timestamp = int(at.timestamp())
    signed = [_sign(secret, f"{message_id}.{timestamp}.".encode() + body) for secret in counting(webhook, at)]
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signed)}


def counting(webhook: Webhook, at: datetime) -> list[str]:
    """Return the secrets that count at a time, the newest first."""
    return webhook.secrets if is_rolling(webhook, at) else webhook.secrets[:1]


def is_rolling(webhook: Webhook, at: datetime) -> bool:
    """Whether the former secret counts too."""
    return webhook.former_until is not None and at < webhook.former_until


def _sign(secret: str, text: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
