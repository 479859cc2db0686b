"""The only undo of states, and the undo of sending while it is still held."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

from agents.models import Agent
from conversations import drafts, live, timeline
from conversations.changes import plain, reset_pages
from conversations.known import facts
from conversations.locks import lock_customer
from conversations.models.delivery import Delivery
from conversations.models.draft import Draft
from conversations.models.entry import Entry

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

UNDOABLE = {Entry.Kind.STATUS, Entry.Kind.ASSIGNMENT, Entry.Kind.PRIORITY, Entry.Kind.TOPIC}


class TooLate(Exception):
    """It cannot be taken back any more: somebody changed it since, or it has left."""


def undo(entry: Entry, *, by: Agent) -> Entry:
    """Put back what a state entry changed, if it still is so; itself an entry. Raises TooLate."""
    if entry.kind == Entry.Kind.FACT:
        return _put_fact_back(entry, by=by)
    if entry.kind not in UNDOABLE or entry.conversation is None:
        raise TooLate("This cannot be undone.")
    with lock_customer(entry.conversation) as (customer, locked):
        before, after = entry.data["before"], entry.data["after"]
        if plain({name: getattr(locked, name) for name in after}) != after:
            raise TooLate("Somebody changed it in the meantime.")
        old_team, old_assignee = locked.team, locked.assignee_id
        _put_back(locked, before)
        undone = timeline.record(
            timeline.New(
                kind=entry.kind,
                customer=customer,
                conversation=locked,
                by=by,
                data={"before": after, "after": before, "undoes": entry.pk},
                cause=entry,
                also_teams=(old_team.pk if old_team else None,),
                also_agents=(old_assignee,) if old_assignee else (),
            )
        )
        reset_pages(undone, old_team, locked.team)
        return undone


def _put_fact_back(entry: Entry, *, by: Agent) -> Entry:
    try:
        return facts.put_back(entry, by=by)
    except facts.Changed as changed:
        raise TooLate(str(changed)) from changed


def undo_send(entry: Entry, *, by: Agent) -> Draft:
    """Take back an answer that nobody has begun to send; its text is a draft again.

    One transaction: the delivery is cancelled by compare-and-set, the entry hidden, what the
    send menu did is undone. Raises TooLate when a sender was faster.
    """
    assert entry.conversation is not None
    with lock_customer(entry.conversation) as (_customer, locked):
        held = Delivery.objects.filter(message_id=entry.pk, state=Delivery.State.QUEUED, attempts=0)
        delivery = held.first()
        entry.refresh_from_db()
        # What was never held has moved the clocks already: there is no way back from that.
        if delivery is None or entry.by_id != by.pk or not entry.data.get("held"):
            raise TooLate("It has been sent.")
        delivery.state = Delivery.State.CANCELLED
        delivery.save(update_fields=["state"])
        delivery.parts.update(state=Delivery.State.CANCELLED)
        timeline.touch(entry, data={**entry.data, "undone": str(by)})
        for effect in entry.effects.filter(by=by, kind__in=UNDOABLE):
            _undo_if_unchanged(effect, by=by)
        return _back_to_draft(locked, entry, by)


def _undo_if_unchanged(entry: Entry, *, by: Agent) -> None:
    try:
        undo(entry, by=by)
    except TooLate:
        # Somebody decided otherwise since; their word stands.
        return


def _back_to_draft(conversation: "Conversation", entry: Entry, by: Agent) -> Draft:
    route = entry.message.deliveries.order_by("pk")[0].route
    # Of a link to the secure chat there are no words to go on with.
    text = "" if entry.data.get("hop") else entry.message.text
    draft = drafts.put_back(conversation, text, route, by=by)
    live.nudge(f"agent.{by.pk}", "draft", draft.pk)
    return draft


def _put_back(conversation: "Conversation", before: dict[str, Any]) -> None:
    for name, value in before.items():
        field = conversation._meta.get_field(name)
        if isinstance(field, models.ForeignKey):
            setattr(conversation, field.attname, value)
        elif isinstance(field, models.DateTimeField) and value:
            setattr(conversation, name, datetime.fromisoformat(value))
        else:
            setattr(conversation, name, value)
    conversation.version += 1
    conversation.save(update_fields=[*before, "version"])
