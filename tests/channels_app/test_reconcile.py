"""The books balance, and say so when they do not."""

import pytest
from django.core.management import call_command

from channels_app import intake
from channels_app.models import Channel
from channels_app.reconcile import lines
from conversations.models import Entry
from tests import paper

pytestmark = pytest.mark.django_db


def test_everything_that_came_in_is_somewhere(channel: Channel) -> None:
    first = intake.store(channel, body=paper.letter(text="once"), headers={})
    intake.store(channel, body=intake.body_of(first), headers={})
    intake.process(first.pk)
    intake.store(channel, body=paper.letter(text="still waiting"), headers={})
    (line,) = lines()
    assert (line.received, line.filed, line.duplicate, line.waiting) == (3, 1, 1, 1)
    assert (line.messages, line.entries) == (1, 1)
    assert line.balances


def test_a_missing_entry_is_told_and_fails_the_command(channel: Channel) -> None:
    event = intake.store(channel, body=paper.letter(), headers={})
    intake.process(event.pk)
    Entry.objects.filter(raw=event).update(raw=None)
    (line,) = lines()
    assert line.missing_entries == 1
    with pytest.raises(SystemExit):
        call_command("reconcile")
