"""How fast things may leave: a bucket of tokens for each account, a distance between two to one person.

Kept in Redis, so that all senders share it; while Redis is away each process keeps its own, and nothing is held up.
Whoever has to wait is given a time of their own: many that wait do not all come back at once.
"""

import threading
import time
from dataclasses import dataclass, field
from functools import cache

import redis
from django.conf import settings

from helpdesk.lib import fleeting

# What fits into a second may go at once.
BURST_MS = 1_000
# After a pause one goes ahead: the next waits until its answer can be known.
PROBE_MS = 1_000
PAUSE_MAX_SECONDS = 3_600
KEPT_MS = 60_000
# KEYS: the place kept for this one, the pause, the account's bucket, the chat's. ARGV, all in ms: between two of the
# account, what may go at once, between two of the chat, the way of the one that goes ahead, how long a place is kept.
# Times are when the next may go (the generic cell rate algorithm). Returns how many ms to wait.
_TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local every, burst, chat = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function keep(key, at, more)
  redis.call('SET', key, string.format('%.0f', at), 'PX', math.max(1, math.ceil(at - now)) + more)
end
local paused = tonumber(redis.call('GET', KEYS[2]) or 0)
local mine = tonumber(redis.call('GET', KEYS[1]) or 0)
if mine >= paused and mine > 0 then
  if mine > now then return mine - now end
  redis.call('DEL', KEYS[1])
  return 0
end
local account = tonumber(redis.call('GET', KEYS[3]) or 0)
local person = tonumber(redis.call('GET', KEYS[4]) or 0)
local from = math.max(now, paused)
local turn = math.max(from, account - burst)
account = math.max(account, from) + every
if turn == paused then account = turn + burst + tonumber(ARGV[4]) end
keep(KEYS[3], account, 1000)
local slot = math.max(turn, person)
if chat > 0 then keep(KEYS[4], slot + chat, 1000) end
if slot > now then keep(KEYS[1], slot, tonumber(ARGV[5])) else redis.call('DEL', KEYS[1]) end
return math.ceil(slot - now)
"""
_PAUSE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local until_ms = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', until_ms), 'PX', until_ms - now + tonumber(ARGV[2]))
return 1
"""


@dataclass(frozen=True, slots=True)
class Lane:
    """An account and one person on it. chat_seconds: between two messages to them."""

    account: str
    chat: str
    per_second: float
    chat_seconds: float = 0.0

    @property
    def every_ms(self) -> int:
        return round(1_000 / self.per_second) if self.per_second > 0 else 0

    @property
    def burst_ms(self) -> int:
        return max(0, BURST_MS - self.every_ms)


def take(name: str, lane: Lane) -> float:
    """Return 0 when it may go now, and counts as gone; else how many seconds to wait before asking again.

    name: of what waits; asked again at its time it goes, unless the account was paused meanwhile.
    """
    waits = fleeting.ask(lambda client: _ask(client, name, lane), None)
    return (_own.take(name, lane) if waits is None else waits) / 1_000


def pause(account: str, seconds: float) -> None:
    """Let nothing of an account go for so long, at most an hour."""
    milliseconds = round(min(seconds, PAUSE_MAX_SECONDS) * 1_000)
    _own.pause(account, milliseconds)

    def tell(client: "redis.Redis") -> None:
        _script(client, _PAUSE)(keys=[_key("pause", account)], args=[milliseconds, KEPT_MS])

    fleeting.ask(tell, None)


def _ask(client: "redis.Redis", name: str, lane: Lane) -> int:
    keys = [_key("place", name), _key("pause", lane.account), _key("account", lane.account), _key("chat", lane.chat)]
    args = [lane.every_ms, lane.burst_ms, round(lane.chat_seconds * 1_000), PROBE_MS, KEPT_MS]
    return int(_script(client, _TAKE)(keys=keys, args=args))


def _key(what: str, name: str) -> str:
    return f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}pace:{what}:{name}"


@cache
def _script(client: "redis.Redis", text: str) -> "redis.commands.core.Script":
    return client.register_script(text)


def _now_ms() -> float:
    return time.monotonic() * 1_000


@dataclass
class Own:
    """The same in this process alone. Times in milliseconds of a clock that only goes forward."""

    guard: threading.Lock = field(default_factory=threading.Lock)
    next_at: dict[str, float] = field(default_factory=dict)
    paused: dict[str, float] = field(default_factory=dict)
    places: dict[str, float] = field(default_factory=dict)

    def take(self, name: str, lane: Lane) -> int:
        """Return the milliseconds to wait."""
        with self.guard:
            now, paused = _now_ms(), self.paused.get(lane.account, 0.0)
            mine = self.places.pop(name, 0.0)
            if mine and mine >= paused:
                return self._wait(name, mine, now)
            account, chat = f"account {lane.account}", f"chat {lane.chat}"
            start, next_account = max(now, paused), self.next_at.get(account, 0.0)
            turn = max(start, next_account - lane.burst_ms)
            after = turn + lane.burst_ms + PROBE_MS if turn == paused else max(next_account, start) + lane.every_ms
            self.next_at[account] = after
            slot = max(turn, self.next_at.get(chat, 0.0))
            if lane.chat_seconds:
                self.next_at[chat] = slot + lane.chat_seconds * 1_000
            self._forget(now)
            return self._wait(name, slot, now)

    def pause(self, account: str, milliseconds: int) -> None:
        """Let nothing of an account go for so long."""
        with self.guard:
            until = _now_ms() + milliseconds
            self.paused[account] = max(self.paused.get(account, 0.0), until)

    def _wait(self, name: str, slot: float, now: float) -> int:
        if slot <= now:
            return 0
        self.places[name] = slot
        return int(slot - now) + 1

    def _forget(self, now: float) -> None:
        """Drop what is over; a process lives for weeks."""
        for kept in (self.next_at, self.paused, self.places):
            if len(kept) > 10_000:
                for name in [name for name, at in kept.items() if at < now - KEPT_MS]:
                    del kept[name]


_own = Own()
