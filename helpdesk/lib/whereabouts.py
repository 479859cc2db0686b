"""Where somebody is who reads us on a page, as channels tell it whose reader may leave (`Capabilities.follows_up`)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page that somebody had before them. at: when they came to it, by the workspace's clock.

    All of it is the page's own word: url is http or https and nothing else, title may be anything.
    """

    url: str
    title: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one person is. left_at: when they went, by the workspace's clock; None while they are here.

    pages: what they looked at, the newest first. address: where they asked to be reached, '' where they did not.
    """

    left_at: datetime | None = None
    pages: tuple[Page, ...] = ()
    address: str = ""
