"""What customers say of our help when a chat is over: one rating for each conversation, changed for a week at most.

Each change is an entry of its own that says what was there before, so that programs hear of it like of all else; the
newest one counts.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from conversations import ending_sql, timeline
from conversations.ending import End, end_of
from conversations.locks import lock_customer
from conversations.models.entry import Entry
from conversations.models.message import Message
from helpdesk.lib import clock

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

RATED = "rated"
WITHIN = timedelta(days=7)
COMMENT_MAX = 2_000
SCORES = {1: _("Very bad"), 2: _("Bad"), 3: _("Fair"), 4: _("Good"), 5: _("Very good")}


class NotNow(Exception):
    """Nobody answered, it is not over, or the week has passed."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What was said, and whether it can still be said or changed. score: 0 for none."""

    score: int = 0
    comment: str = ""
    is_open: bool = False


def rate(conversation: "Conversation", score: int, comment: str) -> Entry | None:
    """Keep a customer's rating; None where they said the same before. Raises NotNow. Takes the customer's lock."""
    with lock_customer(conversation) as (customer, locked):
        before = rating_of(locked, end_of(locked))
        if not before.is_open:
            raise NotNow
        if (before.score, before.comment) == (score, comment):
            return None
        earlier = {"before": {"score": before.score, "comment": before.comment}} if before.score else {}
        said = {"act": RATED, "score": score, "comment": comment, **earlier}
        return timeline.record(
            timeline.New(
                kind=Entry.Kind.SURVEY, customer=customer, conversation=locked, actor=Entry.Actor.CUSTOMER, data=said
            )
        )


def rating_of(conversation: "Conversation", end: End | None) -> Rating:
    """Return what counts. end: how the chat ended; while it goes on nothing is asked."""
    said = ending_sql.ratings(conversation.pk, RATED)
    newest = said[-1].data if said else {}
    begins = said[0].occurred_at if said else end.at if end else None
    is_in_time = begins is not None and clock.now() < begins + WITHIN
    is_open = end is not None and is_in_time and (bool(said) or _was_answered(conversation))
    return Rating(newest.get("score", 0), newest.get("comment", ""), is_open)


def _was_answered(conversation: "Conversation") -> bool:
    """Whether a person answered: nobody is asked about help that they never had."""
    told = Entry.objects.filter(
        conversation=conversation, kind=Entry.Kind.MESSAGE, visibility=Entry.Visibility.PUBLIC,
        message__direction=Message.Direction.OUT,
    )  # fmt: skip
    return told.exclude(by=None).exclude(data__has_key="undone").exists()
