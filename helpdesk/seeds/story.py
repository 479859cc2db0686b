"""The grammar in which the demonstration's stories are written.

    @ Name | language | kind address [*]      a customer and their identities (*: verified)
    = ago | subject | topic | owner | end     a conversation; `ago` is when its last line happened
    whatsapp: words                           the customer writes; `whatsapp+photo:` with a picture
    > words        > Luca: words              the owner (or Luca) answers where the customer wrote last
    >! words                                  an answer that did not arrive
    # words        call: words                a note; a call
    robot: words                              the customer's mail program answers by itself

`ago`: 94d, 3h or 25m. `owner`: a first name or -. `end`: open, wait, resolve or `snooze 19h`. A line that
begins with two spaces goes on with the one before; ` / ` is a new paragraph.
"""

import re
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}
LINE = re.compile(r"(?P<what>>!|>|#|[a-z]+(?:\+[a-z]+)?:)\s*(?:(?P<who>Ana|Luca|Sara|Sam): )?(?P<words>.+)")


@dataclass(frozen=True, slots=True)
class Address:
    """One identity of a customer."""

    kind: str
    value: str
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. what: reply, lost, note, call, robot, or the look of a channel."""

    what: str
    words: str
    who: str = ""
    has_picture: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """One conversation and what became of it. until: how long it sleeps."""

    ago: timedelta
    subject: str
    topic: str
    owner: str
    end: str
    until: timedelta | None = None
    steps: list[Step] = field(default_factory=list)

    def times(self, now: datetime) -> list[datetime]:
        """Return when each step happened: the last `ago`, the others before it, some overnight."""
        at = now - self.ago
        if self.ago >= timedelta(days=2):
            draw = _draw(self.subject)
            at = at.astimezone(ROME).replace(hour=9 + draw % 9, minute=draw % 60)
        found = [at]
        for step in reversed(self.steps[1:]):
            draw = _draw(step.words)
            found.append(found[-1] - timedelta(minutes=4 + draw % 70, seconds=draw % 60))
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Story:
    """One customer and everything that happened with them."""

    name: str
    language: str
    addresses: tuple[Address, ...]
    spans: list[Span] = field(default_factory=list)


def read(text: str) -> list[Story]:
    """Read stories. Raises ValueError, KeyError for a line that is none."""
    found: list[Story] = []
    for line in _lines(text):
        if line.startswith("@ "):
            found.append(_story(line[2:]))
        elif line.startswith("= "):
            found[-1].spans.append(_span(line[2:]))
        else:
            found[-1].spans[-1].steps.append(_step(line))
    return found


def span_of(text: str) -> timedelta:
    """Return how long `94d`, `3h` or `25m` is."""
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})


def _lines(text: str) -> list[str]:
    return [line for line in re.sub(r"\n {2,}", " ", text).splitlines() if line.strip()]


def _story(line: str) -> Story:
    name, language, *addresses = line.split(" | ")
    return Story(name, language, tuple(_address(one) for one in addresses))


def _address(text: str) -> Address:
    kind, value = text.removesuffix(" *").split(" ", 1)
    return Address({"sms": "phone", "chat": "visitor"}.get(kind, kind), value, text.endswith(" *"))


def _span(line: str) -> Span:
    ago, subject, topic, owner, end = line.split(" | ")
    end, _, until = end.partition(" ")
    return Span(span_of(ago), subject, topic, owner, end, span_of(until) if until else None)


def _step(line: str) -> Step:
    match = LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"This is no line of a story: {line}")
    what, _, extra = match["what"].rstrip(":").partition("+")
    what = {">": "reply", ">!": "lost", "#": "note"}.get(what, what)
    return Step(what, match["words"].replace(" / ", "\n\n"), match["who"] or "", bool(extra))


def _draw(words: str) -> int:
    """Return a number that is the same on every day and machine."""
    return zlib.crc32(words.encode())
