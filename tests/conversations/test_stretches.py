"""A timeline in both directions, narrowed, around one entry, and where words were said."""

import pytest
from django.test import Client

from agents.models import Agent
from conversations.models import Conversation, Entry
from conversations.reading import stretches
from conversations.reading.stretches import Lens, around, earlier, later, newest, place_of, said
from customers.models import Customer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def notes(conversation: Conversation, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """Nine notes after the first message, on pages of four."""
    monkeypatch.setattr(stretches, "PAGE", 4)
    return [conversation.note(by=agent, text=f"Note {number}") for number in range(9)]


def lens(of: Conversation, agent: Agent, show: str = "all", conversation: int = 0) -> Lens:
    return Lens(Customer.objects.get(pk=of.customer_id), agent, show, conversation)


def test_later_pages_lead_back_to_the_end(notes: list[Entry], conversation: Conversation, agent: Agent) -> None:
    mine = lens(conversation, agent)
    first = later(mine, place_of(notes[0]))
    second = later(mine, place_of(first.entries[-1]))
    assert [first.entries, second.entries] == [notes[1:5], notes[5:9]]
    assert (first.has_later, second.has_later) == (True, False)


def test_a_later_page_from_nonsense_is_the_newest(notes: list[Entry], conversation: Conversation, agent: Agent) -> None:
    assert later(lens(conversation, agent), "!").entries == notes[5:]


def test_an_entry_stands_in_the_middle_of_its_page(
    notes: list[Entry], conversation: Conversation, agent: Agent
) -> None:
    found = around(lens(conversation, agent), notes[4].pk)
    assert found is not None and found.entries == notes[3:7]
    assert found.has_earlier and found.has_later


def test_around_the_first_and_the_last_there_is_no_more(
    notes: list[Entry], conversation: Conversation, agent: Agent
) -> None:
    mine = lens(conversation, agent)
    first = newest(mine)
    while first.has_earlier:
        first = earlier(mine, place_of(first.entries[0]))
    begin, end = around(mine, first.entries[0].pk), around(mine, notes[-1].pk)
    assert begin is not None and end is not None
    assert (begin.has_earlier, begin.has_later) == (False, True)
    assert (end.has_earlier, end.has_later) == (True, False)


def test_what_is_not_on_the_timeline_has_no_surroundings(conversation: Conversation, agent: Agent) -> None:
    other = factories.make_conversation(channel=factories.make_channel())
    assert around(lens(conversation, agent), Entry.objects.filter(conversation=other).latest("pk").pk) is None


def test_chips_narrow_the_whole_history(conversation: Conversation, agent: Agent) -> None:
    note = conversation.note(by=agent, text="Ask the carrier.")
    message = Entry.objects.get(conversation=conversation, kind="message")
    message.attachments.create(filename="label.pdf", content_type="application/pdf")
    conversation.assign(agent=agent, by=agent)
    found = {
        show: newest(lens(conversation, agent, show=show, conversation=conversation.pk)).entries
        for show in stretches.SHOWS
    }
    assert found["messages"] == found["files"] == [message] and found["notes"] == [note]
    assert found["calls"] == found["orders"] == []
    assert len(found["all"]) == len(found["conversation"]) == 3


def test_this_conversation_leaves_the_others_out(conversation: Conversation, agent: Agent) -> None:
    other = Conversation.objects.create(customer=conversation.customer, brand=conversation.brand)
    note = other.note(by=agent, text="Elsewhere")
    assert newest(lens(conversation, agent, show="conversation", conversation=other.pk)).entries == [note]


@pytest.mark.parametrize("words", ["Livrarea", "LIVRAREA", "sâmbătă", "sambata livrarea", "Sa\u0302mba\u0306ta\u0306"])
def test_words_are_found_without_case_and_accents(conversation: Conversation, agent: Agent, words: str) -> None:
    note = conversation.note(by=agent, text="Livrarea e sâmbătă.")
    conversation.note(by=agent, text="Luni.")
    assert said(lens(conversation, agent), words) == [note.pk]


def test_every_word_must_stand_in_it(conversation: Conversation, agent: Agent) -> None:
    conversation.note(by=agent, text="Livrarea e sâmbătă.")
    assert said(lens(conversation, agent), "livrarea luni") == []


def test_subjects_and_names_of_files_are_searched(conversation: Conversation, agent: Agent) -> None:
    entry = Entry.objects.get(conversation=conversation, kind="message")
    entry.attachments.create(filename="Etichetă retur.pdf", content_type="application/pdf")
    assert said(lens(conversation, agent), "eticheta") == [entry.pk]


@pytest.mark.parametrize("words", [".*", "a|b", "(", "[", "\\", "50%", "a_b", "^", "$", "-", "]"])
def test_signs_mean_themselves(conversation: Conversation, agent: Agent, words: str) -> None:
    conversation.note(by=agent, text="plain words")
    note = conversation.note(by=agent, text=f"before {words} after")
    assert said(lens(conversation, agent), words) == [note.pk]


def test_no_words_find_nothing(conversation: Conversation, agent: Agent) -> None:
    assert said(lens(conversation, agent), "  ") == []


def test_many_hits_are_cut_and_said(
    client: Client, conversation: Conversation, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "HITS_MAX", 2)
    notes = [conversation.note(by=agent, text="Carrier").pk for _number in range(3)]
    client.force_login(agent)
    found = client.get(f"/customers/{conversation.customer_id}/entries/finding/?q=carrier").json()
    assert found == {"entries": notes[:0:-1], "is_all": False}


def test_words_of_a_private_team_are_not_found(conversation: Conversation, agent: Agent) -> None:
    private = Conversation.objects.create(
        customer=conversation.customer, brand=conversation.brand, team=factories.make_team(is_private=True)
    )
    private.note(by=agent, text="A secret complaint")
    assert said(lens(conversation, agent), "secret") == []


@pytest.mark.parametrize("path", ["entries/?around={entry}", "entries/finding/?q=parcel", "entries/?later="])
def test_who_may_read_and_who_may_not(
    client: Client, conversation: Conversation, agent: Agent, colleague: Agent, outsider: Agent, path: str
) -> None:
    entry = Entry.objects.filter(conversation=conversation).latest("pk").pk
    url = f"/customers/{conversation.customer_id}/{path.format(entry=entry)}"
    assert client.get(url).status_code == 302
    for who, status in ((agent, 200), (colleague, 200), (outsider, 404)):
        client.force_login(who)
        assert client.get(url).status_code == status


def test_an_entry_of_somebody_else_is_404(client: Client, conversation: Conversation, agent: Agent) -> None:
    client.force_login(agent)
    assert client.get(f"/customers/{conversation.customer_id}/entries/?around=99999999").status_code == 404


def test_a_foreign_conversation_shows_nothing(client: Client, conversation: Conversation, agent: Agent) -> None:
    other = factories.make_conversation(channel=factories.make_channel())
    client.force_login(agent)
    answer = client.get(f"/customers/{conversation.customer_id}/entries/?show=conversation&c={other.number}")
    assert b"<article" not in answer.content
