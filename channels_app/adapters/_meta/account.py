"""Reading an envelope of direct messages and public events for one account: a Page or an Instagram account. Pure."""

from collections.abc import Callable, Mapping

from channels_app.adapters._meta import messaging
from channels_app.adapters._meta.reading import Change, changes, ignored, load, mapping, text
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Inbound, RawInput

Readers = Mapping[str, Callable[[Change], Event]]
# What the test buttons of Meta's dashboard send instead of an item of `messaging`.
TESTED = frozenset({"sender", "recipient"})


def read(raw: RawInput, *, objects: frozenset[str], own_key: str, readers: Readers) -> list[Inbound]:
    """Understand a webhook. own_key: the configuration's name of the account; readers: of changes, by field.

    Raises Malformed.
    """
    envelope = load(raw)
    name = text(envelope.get("object"))
    if name and name not in objects:
        return [ignored(f"Meta reports a “{name[:80]}”.")]
    own = str(raw.config.get(own_key) or "")
    found: list[Inbound] = [_one(change, own, readers) for change in changes(envelope)]
    return found or [ignored("There was nothing in it.")]


def _one(change: Change, own: str, readers: Readers) -> Event:
    value = change.value
    is_item = change.form != "changes" or (change.field not in readers and TESTED & value.keys())
    if own and not _is_about(change, own):
        if change.form == "changes" and is_item:
            return Event(kind=EventKind.TEST_EVENT, occurred_at=change.at, details={"field": change.field})
        return ignored("It is about another account.")
    if is_item:
        return messaging.read(value, change.form)
    reader = readers.get(change.field)
    if reader is None:
        return ignored(f"A report of a kind we do not use: “{change.field[:80]}”.", occurred_at=change.at)
    return reader(change)


def _is_about(change: Change, own: str) -> bool:
    """Several accounts of one app call one address; the entry or one of the two sides names ours."""
    sides = [mapping(change.value.get(side)) for side in ("sender", "recipient")]
    return own in {change.entry_id, *(text(side.get("id")) for side in sides)}
