"""Which file deals with which kind of event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversations import statuses
from conversations.events import parts, said
from helpdesk.lib.events import SAID, Event, EventKind
from helpdesk.lib.inbound import InboundStatus


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with the circumstances of its coming. place: keeps whole-second times in order."""

    channel: Any
    event: Event
    received_at: datetime
    raw_id: int | None = None
    place: int = 0


def file_event(happening: Happening) -> str:
    """Deal with one event: filed or copy for what became an entry, applied, or ignored.

    Inside a transaction; locks the customer. Raises ValueError for an impossible sender.
    """
    event = happening.event
    if event.kind in SAID and parts.is_part(happening):
        return parts.file(happening)
    if event.kind in SAID:
        return "filed" if said.file(happening) else "copy"
    if event.kind == EventKind.STATUS:
        for target in event.target_ids or (event.target_id,):
            status = InboundStatus(target, event.status, event.occurred_at, event.error_code, event.error)
            statuses.apply(happening.channel, status)
        return "applied"
    return "ignored"
