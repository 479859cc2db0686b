"""Every kind of entry has its words in three languages and its look on the page."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from agents.models import Agent
from conversations import timeline
from conversations.locks import lock_customer
from conversations.models import Conversation, Entry
from conversations.reading.telling import GLYPHS, tell
from tests.factories import route_to

pytestmark = pytest.mark.django_db
Kind = Entry.Kind
TEXT = "Rang about the boots"
# What stands in an entry of each kind, and what is said of it; a kind that is missing here fails a test.
TOLD: dict[str, tuple[dict[str, Any], str]] = {
    Kind.MESSAGE: ({}, ""),
    Kind.NOTE: ({"text": TEXT}, TEXT),
    Kind.STATUS: ({"before": {"status": "open"}, "after": {"status": "resolved"}}, "resolved it"),
    Kind.ASSIGNMENT: ({"after": {"assignee": None, "team": None}}, "made it free for anybody"),
    Kind.TOPIC: ({"after": {"topic": "Delivery"}}, "set the topic to Delivery"),
    Kind.PRIORITY: ({"after": {"priority": 3}}, "set the priority to"),
    Kind.TAGS: ({"before": {"tags": []}, "after": {"tags": ["late"]}}, "put on the tag late"),
    Kind.TOOK_PART: ({"conversation": 1}, "wrote in somebody else's conversation"),
    Kind.DRAFT: ({"name": "Sam", "mode": "reply"}, "took over the answer of Sam"),
    Kind.IDENTITY: ({"act": "added", "value": "a@example.test"}, "added the address a@example.test"),
    Kind.CONSENT: ({"act": "opted_out", "value": "a@example.test"}, "noted: write no more to a@example.test"),
    Kind.PROFILE: ({"after": {"name": "Anna"}}, "changed the profile: Name: Anna"),
    Kind.MERGE: ({"act": "kept_apart", "customer": 0, "name": "Sam"}, "noted: Sam is somebody else"),
    Kind.FACT: ({"act": "dismissed", "before": {"value": "10432"}}, "dismissed from what is known: 10432"),
    # Told in the words of whoever records them, until there is code that does.
    **{kind: ({"text": TEXT}, TEXT) for kind in (
        Kind.CALL, Kind.VISIT, Kind.ORDER, Kind.FORM, Kind.SURVEY, Kind.TASK, Kind.CLOCK, Kind.CUSTOM,
    )},
}  # fmt: skip


@pytest.fixture
def entries(conversation: Conversation, agent: Agent) -> dict[str, Entry]:
    """One entry of each kind on one timeline."""
    conversation.reply(by=agent, text=TEXT, to=route_to(conversation))
    with lock_customer(conversation) as (customer, locked):
        for kind, (data, _words) in TOLD.items():
            if kind != Kind.MESSAGE:
                new = timeline.New(kind=kind, customer=customer, conversation=locked, by=agent, data=data)
                timeline.record(new)
    return {entry.kind: entry for entry in Entry.objects.order_by("pk")}


def test_every_kind_is_told(entries: dict[str, Entry], supervisor: Agent) -> None:
    assert set(TOLD) == set(Kind.values) == set(entries)
    for told in tell(entries.values(), supervisor):
        assert TOLD[told.entry.kind][1] in told.words, told.entry.kind
        assert told.words or told.message is not None
        assert told.words != told.entry.get_kind_display(), f"{told.entry.kind} is not told in words"


@pytest.mark.parametrize("language", ["it", "ro"])
def test_every_kind_is_told_in_every_language(entries: dict[str, Entry], supervisor: Agent, language: str) -> None:
    english = {told.entry.kind: told.words for told in tell(entries.values(), supervisor)}
    with translation.override(language):
        for told in tell(entries.values(), supervisor):
            assert told.words != english[told.entry.kind] or told.words in {"", TEXT}, told.entry.kind
    with translation.override(None):
        plain = {kind.value: str(kind.label) for kind in Kind}
    with translation.override(language):
        same = {kind for kind, label in plain.items() if str(Kind(kind).label) == label}
    assert same <= {"identity"}


def test_every_kind_has_its_look(client: Client, entries: dict[str, Entry], supervisor: Agent) -> None:
    client.force_login(supervisor)
    page = client.get(f"/customers/{entries['note'].customer_id}/").content.decode()
    drawn = set(re.findall(r'id="g-([\w-]+)"', Path(settings.BASE_DIR, "static/src/sprite.svg").read_text()))
    assert set(GLYPHS) == set(Kind.values) - {"message", "note"} and set(GLYPHS.values()) <= drawn
    for kind, entry in entries.items():
        article = page.partition(f'id="m-{entry.pk}"')[2].partition("</article>")[0]
        look = {"message": 'class="msg', "note": 'class="note-body"'}.get(kind, f"#g-{GLYPHS.get(kind)}")
        assert look in article, kind
