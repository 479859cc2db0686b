"""What an entry is called to other programs, and in which groups administrators choose what is told."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.entry import Entry

Kind = Entry.Kind
TEST = "test"


class Group(models.TextChoices):
    """What an administrator ticks. Notes and side messages are told only where somebody said so."""

    MESSAGE_IN = "message_in", _("Messages from customers")
    MESSAGE_OUT = "message_out", _("Messages to customers")
    NOTE = "note", _("Internal notes and side messages")
    STATE = "state", _("States, topics, priorities and tags")
    ASSIGNMENT = "assignment", _("Assignments")
    CUSTOMER = "customer", _("Changes of customers: profile, addresses, consents, what is known")
    MERGE = "merge", _("Merges, splits and moves")
    OTHER = "other", _("Calls, visits, orders, forms, surveys, tasks and all else")


# Ticked on the page of a new webhook: all but what is internal.
CHOSEN_AT_FIRST = [group.value for group in Group if group != Group.NOTE]
# Every kind but messages, which direction and visibility tell apart.
GROUPS: dict[str, Group] = {
    Kind.NOTE: Group.NOTE,
    Kind.DRAFT: Group.NOTE,
    Kind.STATUS: Group.STATE,
    Kind.TOPIC: Group.STATE,
    Kind.PRIORITY: Group.STATE,
    Kind.TAGS: Group.STATE,
    Kind.ASSIGNMENT: Group.ASSIGNMENT,
    Kind.IDENTITY: Group.CUSTOMER,
    Kind.CONSENT: Group.CUSTOMER,
    Kind.PROFILE: Group.CUSTOMER,
    Kind.FACT: Group.CUSTOMER,
    Kind.TOOK_PART: Group.CUSTOMER,
    Kind.MERGE: Group.MERGE,
    Kind.CALL: Group.OTHER,
    Kind.VISIT: Group.OTHER,
    Kind.ORDER: Group.OTHER,
    Kind.FORM: Group.OTHER,
    Kind.SURVEY: Group.OTHER,
    Kind.TASK: Group.OTHER,
    Kind.CLOCK: Group.OTHER,
    Kind.CUSTOM: Group.OTHER,
}


def group_of(entry: Entry) -> Group:
    """Return which group an entry belongs to."""
    if entry.kind != Kind.MESSAGE:
        return GROUPS[entry.kind]
    if entry.visibility == Entry.Visibility.INTERNAL:
        return Group.NOTE
    return Group.MESSAGE_IN if entry.said is not None and entry.said.is_inbound else Group.MESSAGE_OUT


def event_of(entry: Entry) -> str:
    """Return what an entry is called: its kind; of messages the direction, or `side_message`."""
    if entry.kind != Kind.MESSAGE:
        return entry.kind
    return "side_message" if entry.visibility == Entry.Visibility.INTERNAL else group_of(entry).value
