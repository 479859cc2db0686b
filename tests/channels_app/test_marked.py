"""Answers with marks, from the composer to the provider: what leaves, what stays as it was."""

from collections.abc import Iterator

import pytest
from django.test import Client

from agents.models import Agent
from channels_app import amending as asking
from channels_app import delivery, outbounds
from channels_app.models import Channel
from conversations import amending
from conversations.models import Conversation, Delivery, Entry, Message
from helpdesk.lib import fleeting, pacing
from tests import cards, factories
from tests.factories import route_to

pytestmark = pytest.mark.django_db
MARKED = "**Milan** [here](https://x.test) *a*"
STARRED = "*Milan* here (https://x.test) *\u200ba\u200b*"


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[cards.Box]:
    monkeypatch.setattr(fleeting, "ask", lambda question, otherwise: otherwise)
    monkeypatch.setattr(pacing, "_own", pacing.Own())
    yield cards.empty()
    cards.empty()


@pytest.fixture
def conversation(box: cards.Box) -> Conversation:
    return cards.make_conversation()


def sent(conversation: Conversation, agent: Agent, text: str, *, is_marked: bool = True) -> Entry:
    entry = conversation.reply(by=agent, text=text, to=route_to(conversation), is_marked=is_marked, is_split=True)
    assert delivery.deliver(Delivery.objects.get(message=entry.pk).pk) == "sent"
    return Entry.objects.get(pk=entry.pk)


@pytest.mark.parametrize(("style", "words"), [("", "Milan here (https://x.test) *a*"), ("stars", STARRED)])
def test_what_is_marked_leaves_as_the_channel_writes_it(
    conversation: Conversation, agent: Agent, box: cards.Box, style: str, words: str
) -> None:
    cards.can(markup=style)
    entry = sent(conversation, agent, MARKED)
    assert [one.text for one in box.taken] == [words]
    assert (entry.message.text, entry.data["marked"]) == (MARKED, True)


def test_marks_go_beside_the_text_where_the_channel_takes_them_so(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    cards.can(markup="marks")
    sent(conversation, agent, MARKED)
    assert (box.taken[0].text, [mark.kind for mark in box.taken[0].marks]) == ("Milan here *a*", ["bold", "link"])


def test_what_a_program_writes_leaves_letter_for_letter(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    cards.can(markup="stars")
    entry = sent(conversation, agent, "*bold* **x** _y_", is_marked=False)
    assert (box.taken[0].text, "marked" in entry.data) == ("*bold* **x** _y_", False)


def test_an_ordinary_text_is_not_kept_as_a_marked_one(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    assert "marked" not in sent(conversation, agent, "It is on its way.").data


def test_a_marked_text_in_parts_fits_with_its_marks(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    cards.can(markup="stars")
    text = "~~**_Your parcel left Milan today and it arrives on Friday._**~~"
    sent(conversation, agent, text)
    assert [one.text for one in box.taken] == ["~*_Your parcel left Milan today and_*~", "~*_it arrives on Friday._*~"]


def test_a_text_that_fits_without_its_marks_is_not_split(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    text = "**Your** **parcel** **left** **Milan** **today**."
    conversation.reply(by=agent, text=text, to=route_to(conversation), is_marked=True)
    assert delivery.deliver(Delivery.objects.get().pk) == "sent"
    assert [one.text for one in box.taken] == ["Your parcel left Milan today."]


def test_an_edit_leaves_with_its_marks_and_a_refused_one_is_put_back(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    entry = sent(conversation, agent, "2*3*4", is_marked=False)
    amending.edit_sent(entry, "**six**", by=agent)
    row = Entry.objects.get(pk=entry.pk)
    assert (row.is_marked, asking.amend(asking.due().get().pk), box.acts[-1][-1]) == (True, "done", "six")
    amending.put_back(row.message.amendments.get())
    assert (Message.objects.get(pk=entry.pk).text, Entry.objects.get(pk=entry.pk).is_marked) == ("2*3*4", False)


def test_a_mail_says_it_in_words_and_as_html(agent: Agent) -> None:
    mailbox = factories.make_channel(kind="email", config={"address": "help@desk.example.test"})
    conversation = factories.make_conversation(channel=mailbox)
    conversation.reply(by=agent, text=MARKED + "\n<b>", to=route_to(conversation), is_marked=True)
    queued = Delivery.objects.get()
    mail = outbounds.outbound_of(queued, list(queued.parts.all()))
    assert mail.text == "Milan here (https://x.test) *a*\n<b>"
    assert '<p><strong>Milan</strong> <a href="https://x.test"' in mail.html and "*a*<br>&lt;b&gt;</p>" in mail.html


def test_an_sms_costs_nothing_for_its_marks(agent: Agent, conversation: Conversation, box: cards.Box) -> None:
    cards.can(text_unit="segments", max_text_characters=1)
    sent(conversation, agent, "**" + "a" * 158 + "** `")
    assert box.taken[0].text == "a" * 158 + " '"


def test_only_our_own_words_are_drawn_with_their_marks(client: Client, agent: Agent) -> None:
    conversation = factories.make_conversation(messages=1)
    Message.objects.update(text="**theirs**")
    client.force_login(agent)
    way = route_to(conversation)
    body = {"text": "**ours** <b>", "way": f"{way.channel_id}-{way.identity_id}"}
    client.post(f"/conversations/{conversation.number}/replies/", body)
    client.post(f"/conversations/{conversation.number}/notes/", {"note": "_mine_ @nobody"})
    page = client.get(f"/customers/{conversation.customer_id}/").content.decode()
    assert "**theirs**" in page and "<strong>ours</strong> &lt;b&gt;" in page and "<em>mine</em> @nobody" in page


def test_the_composer_shows_parts_as_they_will_leave(
    client: Client, agent: Agent, conversation: Conversation, box: cards.Box
) -> None:
    cards.can(markup="stars")
    client.force_login(agent)
    way = route_to(conversation)
    body = {"text": "**Milan today.** It arrives on Friday. Sign.", "way": f"{way.channel_id}-{way.identity_id}"}
    page = client.post(f"/conversations/{conversation.number}/parts/", body).content.decode()
    assert "*Milan today.*" in page and "**" not in page


def test_every_kind_carries_marks_in_a_way_we_know(settings: object) -> None:
    kinds = {
        kind: Channel(kind=kind).capabilities.markup for kind in ("email", "telegram", "whatsapp", "line", "viber")
    }
    assert kinds == {"email": "html", "telegram": "marks", "whatsapp": "stars", "line": "", "viber": ""}
