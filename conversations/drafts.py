"""What somebody is writing: saved, sent, taken back. A save that comes too late changes nothing.

A text has a name (`writing`) from its first letter on, and is sent under that name. What was sent is closed:
its saves that are still on their way find that out here, whichever of the two came first.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from agents.models import Agent
from conversations.models.draft import Draft
from helpdesk.lib import clock

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

CLOSED_MAX = 8


class Closed(Exception):
    """This text was sent already: there is nothing to keep."""


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
    """Keep the text and return the draft; an older save of the same page changes nothing. Raises Closed."""
    draft = _locked(conversation, mode, by)
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
    begun = draft.text if draft.text.strip() != text.strip() else ""
    _close(draft, draft.writing)
    _empty(draft)
    draft.text = f"{text}\n\n{begun}" if begun.strip() else text
    draft.route = route
    draft.saved_at = clock.now()
    draft.save()
    return draft


def _locked(conversation: "Conversation", mode: str, by: Agent) -> Draft:
    whose: dict[str, Any] = {"agent": by, "conversation": conversation, "mode": mode}
    Draft.objects.get_or_create(**whose)
    return Draft.objects.select_for_update(no_key=True).get(**whose)


def _empty(draft: Draft) -> None:
    draft.text, draft.route, draft.writing, draft.page, draft.version = "", {}, "", "", 0


def _close(draft: Draft, writing: str) -> None:
    if writing and writing not in draft.closed:
        draft.closed = [*draft.closed, writing][-CLOSED_MAX:]
