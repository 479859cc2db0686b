"""How often a token may ask. Counted in Redis by the minute; without Redis nobody is refused."""

from dataclasses import dataclass

from django.conf import settings

from helpdesk.lib import clock, fleeting

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Left:
    """What a token may still ask in this window. reset_seconds: until the next one begins."""

    limit: int
    remaining: int
    reset_seconds: int
    is_over: bool = False

    def headers(self) -> dict[str, str]:
        """Say it in the fields that programs know, and in those of the draft that is to replace them.

        Source: draft-ietf-httpapi-ratelimit-headers-06 (three fields) and -09 (two), read 2026-11-28.
        """
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
            "RateLimit-Policy": f'"token";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"token";r={self.remaining};t={self.reset_seconds}',
        }


def spend(token_id: int) -> Left | None:
    """Count one request of a token; None when nobody counts (Redis is away, or there is no limit)."""
    limit = settings.API_REQUESTS_PER_MINUTE
    if not limit:
        return None
    now = int(clock.real().timestamp())
    window = now // WINDOW_SECONDS
    key = f"{settings.HUB_PREFIX}:asked:{token_id}:{window}"
    # Twice the window, so that a clock that is set back finds the count again.
    count = fleeting.count(key, 2 * WINDOW_SECONDS)
    if not count:
        return None
    reset = (window + 1) * WINDOW_SECONDS - now
    return Left(limit, max(0, limit - count), reset, is_over=count > limit)
