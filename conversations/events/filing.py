"""Which file deals with which kind of event."""

from conversations.events import consent, echoes, happened, keeping, linking, parts, reports, said
from conversations.events.happening import Happening
from conversations.events.locking import lock_all
from helpdesk.lib.events import SAID, EventKind

__all__ = ["Happening", "file_event", "linking", "lock_all"]

CONSENT = frozenset({EventKind.OPT_OUT, EventKind.OPT_IN, EventKind.FOLLOW, EventKind.UNFOLLOW})


def file_event(happening: Happening) -> str:
    """Deal with one event: filed or copy for what became an entry with a message, applied, or ignored.

    Inside a transaction; locks the customer. Raises ValueError for an impossible sender.
    """
    kind = happening.event.kind
    if kind in SAID and parts.is_part(happening):
        return parts.file(happening)
    if kind in SAID:
        return "filed" if said.file(happening) else "copy"
    if kind in CONSENT:
        return _consent(happening)
    if kind in keeping.ACTS:
        return keeping.file(happening)
    if kind == EventKind.STATUS:
        return reports.file(happening)
    if kind == EventKind.ECHO:
        return echoes.file(happening)
    if kind in happened.TOLD:
        return happened.file(happening)
    return "ignored"


def _consent(happening: Happening) -> str:
    """A stop or start that was written is on the timeline too."""
    event = happening.event
    is_said = bool(event.text and event.message_id) and event.kind in {EventKind.OPT_OUT, EventKind.OPT_IN}
    is_new = said.file(happening) if is_said else None
    outcome = consent.file(happening)
    if is_new is None:
        return outcome
    return "filed" if is_new else "copy"
