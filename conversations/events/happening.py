"""An event with the circumstances of its coming, and how it is kept until what it speaks of has come."""

from dataclasses import MISSING, asdict, dataclass, fields
from datetime import datetime
from typing import Any

from conversations import timeline
from conversations.models.delivery import PendingStatus
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Party

NAME_MAX = 900


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as it came through a channel. place: keeps whole-second times in order."""

    channel: Any
    event: Event
    received_at: datetime
    raw_id: int | None = None
    place: int = 0

    @property
    def at(self) -> datetime:
        """When it happened, for whoever compares two events; the same however often it comes."""
        return timeline.moment(self.event.occurred_at, self.received_at)

    @property
    def targets(self) -> list[str]:
        """The messages it speaks of, as the channel names them."""
        given = self.event.target_ids or (self.event.target_id,)
        return [self.named(one) for one in dict.fromkeys(given) if one]

    @property
    def own_name(self) -> str:
        """The id of the message that it is, as the channel names it; '' where the provider gave none."""
        return self.named(self.event.message_id) if self.event.message_id else ""

    @property
    def piece_key(self) -> str:
        """Our own key of a piece that we sent, where the provider gave it back (DeliveryPart.key)."""
        return str(self.event.details.get("piece_key") or "")

    def named(self, external_id: str) -> str:
        """Spell an id so that it is unique within the channel."""
        return str(self.channel.adapter.name_of(self.event, external_id))[:NAME_MAX]


def keep(happening: Happening, name: str) -> PendingStatus:
    """Keep an event until the message it speaks of has come."""
    kept = {**_dumped(happening.event), "received_at": happening.received_at.isoformat(), "raw_id": happening.raw_id}
    return PendingStatus.objects.create(channel=happening.channel, external_id=name, event=kept)


def kept(row: PendingStatus) -> Happening:
    """Read back what was kept. Raises ValueError for what is no event of ours."""
    said = row.event
    received_at = datetime.fromisoformat(said["received_at"])
    return Happening(row.channel, _loaded(said), received_at, said.get("raw_id"), row.pk)


def _dumped(event: Event) -> dict[str, Any]:
    """Write an event as plain JSON, without what was not said."""
    said = asdict(event)
    # How a conversation begins belongs to what is said, and that is never kept.
    shown = {name: value for name, value in said.items() if name != "opening" and (value or value == 0)}
    shown["kind"] = event.kind.value
    if event.occurred_at is not None:
        shown["occurred_at"] = event.occurred_at.isoformat()
    return shown


def _loaded(said: dict[str, Any]) -> Event:
    known = _known(Event, said)
    known["kind"] = EventKind(known["kind"])
    if "occurred_at" in known:
        known["occurred_at"] = datetime.fromisoformat(known["occurred_at"])
    known["target_ids"] = tuple(known.get("target_ids", ()))
    known["files"] = tuple(_file(one) for one in known.get("files", ()))
    known["aliases"] = tuple(Party(**_known(Party, one)) for one in known.get("aliases", ()))
    return Event(**known)


def _file(said: dict[str, Any]) -> EventFile:
    known = _known(EventFile, said)
    return EventFile(**{**known, "phones": tuple(known.get("phones", ())), "emails": tuple(known.get("emails", ()))})


def _known(what: type, said: dict[str, Any]) -> dict[str, Any]:
    """Take the fields that exist: a newer desk may have written more. Raises ValueError when one is missing."""
    rows = fields(what)
    needed = {row.name for row in rows if row.default is MISSING and row.default_factory is MISSING}
    if missing := needed - set(said):
        raise ValueError(f"What was kept has no {', '.join(sorted(missing))}.")
    names = {row.name for row in rows}
    return {name: value for name, value in said.items() if name in names}
