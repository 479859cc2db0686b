"""A customer's wish that what is held of them be deleted: an entry and a task for the team. Nothing goes by itself."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from conversations import changes, timeline, waiting
from conversations.locks import lock_customer, lock_customer_row
from conversations.models.entry import Entry
from conversations.models.task import Task
from customers.models import Customer
from helpdesk.lib import clock

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation

ERASURE = "erasure"
# What the law gives us (a month), and what people are told.
WITHIN = timedelta(days=30)


def ask(customer: Customer, conversation: "Conversation | None", *, is_proved: bool) -> str:
    """Write down that somebody wants their data deleted; return the reference that they are told.

    is_proved: they have proved who they are; else it is about what was said through their browser alone. The
    conversation is opened and waits, so that somebody sees it. Takes the customer's lock.
    """
    if conversation is None:
        with transaction.atomic():
            entry = _record(lock_customer_row(customer.pk), None, is_proved=is_proved)
    else:
        with lock_customer(conversation) as (owner, locked):
            entry = _record(owner, locked, is_proved=is_proved)
            if locked.status != locked.Status.OPEN:
                changes.reopen_locked(owner, locked, cause=entry, actor=Entry.Actor.CUSTOMER)
            waiting.wrote(locked, entry.occurred_at)
            locked.save(update_fields=waiting.FIELDS)
    return str(entry.data["reference"])


def _record(customer: Customer, conversation: "Conversation | None", *, is_proved: bool) -> Entry:
    reference, until = f"D-{secrets.token_hex(4).upper()}", clock.now() + WITHIN
    with translation.override(settings.LANGUAGE_CODE):
        words = _("Delete what is held of this person: they asked in the chat (%(reference)s).")
        if not is_proved:
            words = _("Delete what was said through this browser: whoever sat there asked (%(reference)s).")
    text = words % {"reference": reference}
    Task.objects.create(customer=customer, conversation=conversation, text=text, due_at=until)
    said = {"act": ERASURE, "reference": reference, "is_proved": is_proved, "until": until.isoformat()}
    return timeline.record(
        timeline.New(
            kind=Entry.Kind.TASK, customer=customer, conversation=conversation, actor=Entry.Actor.CUSTOMER, data=said
        )
    )
