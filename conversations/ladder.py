"""How far our messages got: the ladder that states climb, and what a delivery shows of its parts.

Whoever moves a part holds the customer's lock.
"""

from conversations import timeline
from conversations.live import Change
from conversations.models.delivery import Delivery, DeliveryPart

State = Delivery.State
LADDER = [State.QUEUED, State.RETRY, State.SENDING, State.UNKNOWN, State.SENT]
LADDER += [State.DELIVERED, State.READ]
# What has left us, and stands in the widget: before that an answer may still be taken back.
LEFT = (State.SENT, State.DELIVERED, State.READ)
# What a delivery shows when its parts differ: the worst.
WORST_FIRST = [
    State.FAILED, State.UNKNOWN, State.SENDING, State.RETRY, State.QUEUED,
    State.SENT, State.DELIVERED, State.READ, State.CANCELLED,
]  # fmt: skip
# Why a piece did not go: the one before it did not.
EARLIER = "earlier_part"
# Somebody is at it or will be: what becomes of the delivery as a whole is theirs to say.
UNDER_WAY = {State.QUEUED, State.RETRY, State.SENDING}
# What providers say, folded by `state_of`, in our words. A provider that has taken a message has it: sent.
WORDS = {
    **dict.fromkeys(("accepted", "queued", "submitted", "buffered", "sending", "enroute", "sent"), State.SENT),
    **dict.fromkeys(("delivered", "partially_delivered"), State.DELIVERED),
    **dict.fromkeys(("read", "seen", "played"), State.READ),
    **dict.fromkeys(
        ("failed", "undelivered", "undeliverable", "rejected", "expired", "canceled", "cancelled"), State.FAILED
    ),
}


def state_of(word: str) -> str:
    """Return our state for a provider's word; '' for one that says nothing of a message's way."""
    return str(WORDS.get(word.strip().lower().replace(" ", "_").replace("-", "_"), ""))


def move_part(part: DeliveryPart, state: str, error_code: str = "", error: str = "") -> bool:
    """Move a part if that is a step up, and write it down; a late `delivered` beats `failed`."""
    if not climb(part, state, error_code, error):
        return False
    part.save(update_fields=["state", "error_code", "error"])
    return True


def climb(part: DeliveryPart, state: str, error_code: str = "", error: str = "") -> bool:
    """Move a part if that is a step up; whoever calls writes it down."""
    if part.state == State.CANCELLED:
        return False
    if state == State.FAILED:
        if part.state in {State.DELIVERED, State.READ} and not error_code.startswith("bounced"):
            return False
    elif part.state == State.FAILED:
        if state not in {State.DELIVERED, State.READ}:
            return False
    elif LADDER.index(State(state)) <= LADDER.index(State(part.state)):
        return False
    changed = (state, error_code[:40], error[:500])
    if changed == (part.state, part.error_code, part.error):
        return False
    part.state, part.error_code, part.error = changed
    return True


def refresh(delivery: Delivery) -> None:
    """Let the delivery show the worst of its parts, and tell those who look.

    Customers are shown whether something has left, never how far it got: their own browser may have told us just that.
    """
    had_left = delivery.state in LEFT
    if show_worst(delivery, list(delivery.parts.all())):
        delivery.save(update_fields=["state", "error_code", "error"])
        timeline.touch(delivery.message.entry, change=_change(delivery.state, had_left=had_left))


def _change(state: str, *, had_left: bool) -> Change:
    if state not in LEFT:
        return Change.SHOWN
    return Change.ON_ITS_WAY if had_left else Change.LEFT


def show_worst(delivery: Delivery, parts: list[DeliveryPart]) -> bool:
    """Let it show the worst of its parts; return whether it did not yet. Whoever calls writes it down and tells."""
    if not parts:
        return False
    worst = min(parts, key=_weight)
    shown = (worst.state, worst.error_code, worst.error)
    if shown == (delivery.state, delivery.error_code, delivery.error):
        return False
    delivery.state, delivery.error_code, delivery.error = shown
    return True


def _weight(part: DeliveryPart) -> float:
    """What was not sent because of an earlier part is less to tell than what became of that part."""
    place = WORST_FIRST.index(State(part.state))
    return place if part.error_code != EARLIER else WORST_FIRST.index(State.UNKNOWN) + 0.5
