"""What somebody is writing: saved, sent, taken back. A save that comes too late changes nothing.

A text has a name (`writing`) from its first letter on, and is sent under that name. What was sent, or taken over
by a colleague, is closed: its saves that are still on their way find that out here, whichever of the two came first.
"""

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from agents.models import Agent
from conversations import buttons, live, timeline
from conversations.locks import lock_customer
from conversations.models.draft import Draft
from conversations.models.entry import Entry
from helpdesk.lib import clock

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

CLOSED_MAX = 8


class Closed(Exception):
    """This text was sent already: there is nothing to keep."""


class TakenOver(Closed):
    """A colleague, `by`, made this text theirs."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class NothingThere(Exception):
    """There is no text to take over: it was sent, discarded or taken by somebody else."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text as a page has it. page and version put the saves of one page in order."""

    text: str
    route: dict[str, Any] = field(default_factory=dict)
    writing: str = ""
    page: str = ""
    version: int = 0


@transaction.atomic
def save(conversation: "Conversation", mode: str, words: Words, *, by: Agent) -> Draft:
    """Keep the text and return the draft; an older save of the same page changes nothing.

    Raises Closed, TakenOver.
    """
    draft = _locked(conversation, mode, by)
    if words.writing in draft.taken:
        raise TakenOver(draft.taken[words.writing])
    if words.writing and words.writing in draft.closed:
        raise Closed(words.writing)
    if words.page and words.page == draft.page and words.version <= draft.version:
        return draft
    draft.text = words.text if words.text.strip() else ""
    draft.route = words.route
    draft.writing, draft.page, draft.version = words.writing, words.page, words.version
    draft.saved_at = clock.now()
    draft.save()
    return draft


def close(conversation: "Conversation", mode: str, writing: str, *, by: Agent) -> None:
    """Forget a text that is sent, in the transaction that sends it; a next one begun meanwhile stays."""
    draft = _locked(conversation, mode, by)
    if draft.writing in {"", writing} or not writing:
        writing = writing or draft.writing
        _empty(draft)
    _close(draft, writing)
    draft.save()


def put_back(conversation: "Conversation", text: str, route: dict[str, Any], *, by: Agent) -> Draft:
    """Make a draft again of an answer that was taken back; what was begun since stays below it."""
    draft = _locked(conversation, Draft.Mode.REPLY, by)
    _put_above(draft, text, route)
    draft.save()
    return draft


def take_over(conversation: "Conversation", mode: str, *, of: Agent, by: Agent) -> Draft:
    """Make a colleague's text mine and tell it on the timeline; what I had begun stays below it.

    Theirs is closed: what is still saved of it, or sent, is refused with TakenOver. Raises NothingThere.
    Takes the customer's lock, then both drafts in one order.
    """
    with lock_customer(conversation) as (customer, locked):
        drafts = {agent.pk: _locked(locked, mode, agent) for agent in sorted((of, by), key=lambda one: one.pk)}
        theirs, mine = drafts[of.pk], drafts[by.pk]
        if not theirs.text.strip() or theirs.pk == mine.pk:
            raise NothingThere(of.name)
        _put_above(mine, theirs.text, theirs.route or mine.route)
        _close(theirs, theirs.writing, taken_by=by)
        _empty(theirs)
        theirs.save()
        mine.save()
        data: dict[str, Any] = {"act": "taken_over", "name": of.name, "mode": mode}
        timeline.record(timeline.New(kind=Entry.Kind.DRAFT, customer=customer, conversation=locked, by=by, data=data))
        live.nudge(f"agent.{of.pk}", "draft_taken", locked.pk)
        return mine


def refuse_taken(conversation: "Conversation", mode: str, writing: str, *, by: Agent) -> None:
    """Raise TakenOver when a colleague took this text. Under the customer's lock it stays true."""
    draft = Draft.objects.filter(agent=by, conversation=conversation, mode=mode).first()
    if draft is not None and writing in draft.taken:
        raise TakenOver(draft.taken[writing])


def _locked(conversation: "Conversation", mode: str, by: Agent) -> Draft:
    whose: dict[str, Any] = {"agent": by, "conversation": conversation, "mode": mode}
    Draft.objects.get_or_create(**whose)
    return Draft.objects.select_for_update(no_key=True).get(**whose)


def _empty(draft: Draft) -> None:
    draft.text, draft.route, draft.writing, draft.page, draft.version = "", {}, "", "", 0


def _put_above(draft: Draft, text: str, route: dict[str, Any]) -> None:
    """Put a text above what was begun; together they are another text, under another name."""
    begun = draft.text if draft.text.strip() != text.strip() else ""
    offered = buttons.joined(route, draft.route)
    _close(draft, draft.writing)
    _empty(draft)
    draft.text = f"{text}\n\n{begun}" if begun.strip() else text
    draft.route, draft.writing = {**route, **offered}, str(uuid.uuid4())
    draft.saved_at = clock.now()


def _close(draft: Draft, writing: str, *, taken_by: Agent | None = None) -> None:
    if writing and writing not in draft.closed:
        draft.closed = [*draft.closed, writing][-CLOSED_MAX:]
    if writing and taken_by is not None:
        draft.taken[writing] = taken_by.name
    draft.taken = {name: who for name, who in draft.taken.items() if name in draft.closed}
