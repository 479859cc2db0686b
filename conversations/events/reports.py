"""What providers report of our messages: how far they got."""

from datetime import UTC, datetime

from conversations import ladder, statuses
from conversations.events import linking
from conversations.events.happening import Happening
from conversations.locks import lock_customer_row
from helpdesk.lib.inbound import InboundStatus

MILLISECONDS = 1_000_000_000_000


def file(happening: Happening) -> str:
    """Move the messages that a report names, or all up to its watermark. Locks their customers."""
    event = happening.event
    state = ladder.state_of(event.status)
    if not state:
        return "ignored"
    # Our word for a failure where the adapter gives one; the provider's own stands with its sentence.
    code = str(event.details.get("code") or event.error_code)
    targets = happening.targets or ([""] if happening.piece_key else [])
    for name in targets:
        status = InboundStatus(name, state, event.occurred_at, code, event.error)
        statuses.apply(happening.channel, status, piece_key=happening.piece_key if len(targets) == 1 else "")
    until = moment_of(event.watermark)
    identity = linking.known_identity(happening) if until is not None else None
    if until is not None and identity is not None and state in {ladder.State.DELIVERED, ladder.State.READ}:
        lock_customer_row(identity.customer_id)
        statuses.apply_up_to(happening.channel, identity, state, until)
    return "applied"


def moment_of(watermark: str) -> datetime | None:
    """Read a time in milliseconds (or seconds, as some write it); None for what is none."""
    if not watermark.isascii() or not watermark.isdigit() or len(watermark) > 15:
        return None
    number = int(watermark)
    try:
        return datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None
