"""The shop's word as a JSON Web Token: HS256 and nothing else, with no header that could choose otherwise. Pure."""

from collections.abc import Sequence
from typing import Any

import jwt

ALGORITHM = "HS256"
# What a token may say of itself. Whatever names a key, an address or a condition (kid, jku, x5u, crit …) is refused.
HEADERS = {"alg", "typ"}
LONGEST = 4_096
# Clocks of shops differ by so much.
LEEWAY_SECONDS = 60
# What is asked of the signature alone; claims are read here, by the desk's clock and more strictly.
ONLY_SIGNED: Any = {
    "verify_signature": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False,
    "verify_iss": False, "verify_sub": False, "verify_jti": False,
}  # fmt: skip


class BadToken(ValueError):
    """Nobody who knows the secret wrote this, or it was for another widget or another moment."""


def read(token: str, secrets: Sequence[str], *, audience: str, now: float) -> dict[str, Any]:
    """Return the claims of a token that counts now. Raises BadToken.

    The words of it are not read here, only what decides whether it counts: `exp` (which has to be there), `iat`, `nbf`
    and `aud` (which need not).
    """
    claims = _signed(token, secrets)
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if "exp" not in times or not all(map(_is_time, times.values())):
        raise BadToken("times")
    begins_at = max(times.get("iat", now), times.get("nbf", now))
    if not begins_at - LEEWAY_SECONDS <= now < times["exp"]:
        raise BadToken("times")
    if claims.get("aud", audience) != audience:
        raise BadToken("aud")
    return claims


def _signed(token: str, secrets: Sequence[str]) -> dict[str, Any]:
    if len(token) > LONGEST or not token.isascii():
        raise BadToken("size")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise BadToken("header") from error
    if not header.keys() <= HEADERS or header.get("typ", "JWT") != "JWT" or header.get("alg") != ALGORITHM:
        raise BadToken("header")
    # Each is tried, whether or not one fitted.
    found = [claims for secret in secrets if (claims := _with(token, secret)) is not None]
    if not found:
        raise BadToken("signature")
    return found[0]


def _with(token: str, secret: str) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = jwt.decode(token, secret, algorithms=[ALGORITHM], options=ONLY_SIGNED)
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
    return claims


def _is_time(given: object) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < 2**53
