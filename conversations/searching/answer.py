"""What a search answers with: groups of hits, ready to be drawn or sent; nothing in it asks the database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from agents.models import Agent
    from conversations.searching.asking import Asked
    from conversations.searching.narrowing import Narrowing


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of a text; is_hit: it is what was looked for."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One row. name: of the customer; line: what was found, around the words.

    icon, channel: glyph and word of how it travelled. number: of its conversation, where the agent sees that.
    """

    pk: int
    url: str
    customer_id: int
    name: tuple[Mark, ...]
    line: tuple[Mark, ...]
    icon: str
    channel: "str | Promise" = ""
    who: str = ""
    at: datetime | None = None
    number: int | None = None
    patch: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, the newest first. next: the cursor of what follows, '' at the end.

    is_too_broad: the database did not come to an end within its time; hits are what was found until then.
    """

    slug: str
    title: "str | Promise"
    hits: tuple[Hit, ...] = ()
    next: str = ""
    is_too_broad: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a group is asked. below: only rows with a smaller key; limit: at most so many."""

    agent: "Agent"
    asked: "Asked"
    narrowing: "Narrowing"
    below: int | None = None
    limit: int = 20

    def page(self, rows: list[Any]) -> tuple[list[Any], str]:
        """Cut rows of limit + 1 down to a page; return it and the cursor of the next one."""
        return rows[: self.limit], str(rows[self.limit - 1].pk) if len(rows) > self.limit else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that was found. problems: what was not understood, a sentence each.

    is_complete: whether the words of all old messages are kept by now (conversations.searching.filling).
    """

    groups: tuple[Group, ...] = ()
    problems: tuple[str, ...] = ()
    is_empty: bool = True
    is_complete: bool = True

    @property
    def count(self) -> int:
        """How many hits are shown."""
        return sum(len(group.hits) for group in self.groups)
