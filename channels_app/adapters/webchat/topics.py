"""What a page is about, as the page says, and whose queue that is: only what its administrator listed counts."""

from collections.abc import Iterator
from typing import Any

from agents.models import Team

TOPIC_MAX, TOPICS_MAX = 80, 50
ARROW = ">"


class NoTeam(ValueError):
    """A line names a team that there is not; its text is that name."""


def read(written: str) -> str:
    """Return the lines as they are kept: `topic` or `topic > team`, a topic once. Raises NoTeam."""
    found: dict[str, str] = {}
    for topic, team in _lines(written):
        if team and _team(team) is None:
            raise NoTeam(team)
        found.setdefault(topic.casefold(), f"{topic} {ARROW} {team}" if team else topic)
    return "\n".join(list(found.values())[:TOPICS_MAX])


def named(config: dict[str, Any], given: object) -> tuple[str, int]:
    """Return the topic that a page names and the key of its team; '' and 0 for what is not listed, or has no team."""
    said = given.get("topic") if isinstance(given, dict) else None
    if not isinstance(said, str) or not said.strip():
        return "", 0
    for topic, team in _lines(str(config.get("topics") or "")):
        if topic.casefold() == said.strip().casefold():
            row = _team(team) if team else None
            return topic, row.pk if row else 0
    return "", 0


def _lines(written: str) -> Iterator[tuple[str, str]]:
    for line in written.splitlines():
        topic, _arrow, team = line.partition(ARROW)
        topic = " ".join(topic.split())[:TOPIC_MAX]
        if topic:
            yield topic, " ".join(team.split())


def _team(name: str) -> Team | None:
    return Team.objects.filter(name__iexact=name).order_by("pk").first()
