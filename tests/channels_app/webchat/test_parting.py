"""What a visitor asks for when they leave: a copy, an end, a word on how it was, to be forgotten."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from agents.models import Agent
from channels_app import delivery as sender
from channels_app import intake, outbounds
from channels_app.models import Channel, RawEvent, VisitorLink
from channels_app.models import Visitor as Row
from conversations import ending, rating
from conversations.merging.merge import merge, undo
from conversations.models import Conversation, Delivery, Entry, Task
from conversations.reading.telling import tell
from customers.models import Identity
from helpdesk.lib.inbound import Proof
from helpdesk.lib.outbound import Route
from tests import paper
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.factories import make_channel, make_customer, make_inbound, receive
from tests.waiting import together

pytestmark = pytest.mark.django_db
ADDRESS = "v@example.test"
DAY = timedelta(days=1)


@pytest.fixture
def mailbox(team: Any, sent: paper.Post) -> Channel:
    return make_channel(name="Help", team=team)


@pytest.fixture
def visitor(mailbox: Channel, team: Any, clock: time_machine.Traveller) -> Visitor:
    """Somebody who asked and gave an address."""
    visitor = Visitor(make_widget(team=team).public_key)
    visitor.arrive(language="en")
    visitor.post("addresses/", {"address": ADDRESS})
    _ask(visitor, "Do you ship to Cluj?")
    return visitor


def _ask(visitor: Visitor, text: str) -> Entry:
    visitor.say(text)
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        intake.process(event.pk)
    return Entry.objects.filter(kind=Entry.Kind.MESSAGE).latest("pk")


def _answer(agent: Agent, text: str = "In two days.") -> Entry:
    conversation = Conversation.objects.latest("pk")
    thread = conversation.threads.filter(channel__kind="webchat").get()
    entry = conversation.reply(by=agent, text=text, to=Route(thread.channel_id, thread.identity_id))
    sender.deliver(Delivery.objects.get(message=entry.pk).pk)
    return entry


def _told(visitor: Visitor) -> dict[str, Any]:
    found: dict[str, Any] = visitor.get("state/").json()
    return found


def _copy() -> Entry:
    return Entry.objects.get(data__has_key="copy")


def _other(visitor: Visitor) -> Visitor:
    """Somebody else, who talks through the same widget."""
    other = Visitor(visitor.key)
    other.arrive()
    return other


def _words(entry: Entry, agent: Agent) -> str:
    (told,) = tell([entry], agent)
    return told.words


NOUNS = {"copies/": {}, "endings/": {}, "ratings/": {"score": 4}, "erasures/": {}}


@pytest.mark.parametrize("noun", NOUNS)
def test_nobody_does_it_for_somebody_else(visitor: Visitor, agent: Agent, noun: str) -> None:
    _answer(agent)
    ending.end(Conversation.objects.get())
    before = Entry.objects.count()
    nobody = Visitor(visitor.key)
    assert nobody.post(noun, NOUNS[noun]).status_code == 401
    nobody.client.force_login(agent)
    assert nobody.post(noun, NOUNS[noun]).status_code == 401
    assert Visitor(visitor.key, site="https://evil.example.test").post(noun, NOUNS[noun]).status_code == 403
    assert _other(visitor).post(noun, {**NOUNS[noun], "address": ADDRESS}).status_code in {200, 409}
    assert Entry.objects.count() == before
    assert Row.objects.filter(address=ADDRESS).exists()


def test_a_copy_goes_to_the_address_and_its_answer_lands_in_the_same_conversation(
    visitor: Visitor, agent: Agent, mailbox: Channel
) -> None:
    entry = _answer(agent, "In **two** days.")
    answered = visitor.post("copies/", {"zone": "Europe/Rome"})
    assert (answered.status_code, answered.json()) == (202, {"address": ADDRESS})
    copy = _copy()
    assert (copy.conversation, copy.actor) == (entry.conversation, "system")
    assert copy.message.text == f"A copy of the chat for {ADDRESS}, as you asked there: 2 messages."
    queued = Delivery.objects.get(message=copy.pk)
    mail = outbounds.outbound_of(queued, list(queued.parts.all()))
    for words in ("Do you ship to Cluj?", "In **two** days.", agent.first_name, "Europe/Rome"):
        assert words in mail.text
        assert words in mail.html
    assert agent.name not in mail.text
    assert visitor.get("entries/").content.decode().count("<article") == 2
    inbound = make_inbound(
        address=ADDRESS, text="Thank you!", thread_key=copy.message.thread.external_id, proof=Proof.TOKEN
    )
    assert receive(channel=mailbox, inbound=inbound).conversation == entry.conversation


def test_a_copy_is_in_the_visitors_language(visitor: Visitor, agent: Agent) -> None:
    visitor.post("language/", {"language": "it"})
    _answer(agent)
    visitor.post("copies/", {"address": "new@example.test"})
    copy = _copy()
    assert copy.message.subject.startswith("La tua chat con ")
    assert copy.message.recipients.get().address == "new@example.test"
    assert _told(visitor)["address"] == "new@example.test"
    queued = Delivery.objects.get(message=copy.pk)
    assert "Hai chiesto questa copia nella chat." in outbounds.outbound_of(queued, list(queued.parts.all())).text


def test_a_copy_carries_only_what_was_said_through_this_browser(visitor: Visitor, agent: Agent) -> None:
    entry = _answer(agent)
    maria = make_customer(name="Maria", address="maria@example.test")
    merge(maria, entry.customer, by=agent)
    other = _other(visitor)
    theirs = _ask(other, "marker-other")
    merge(maria, theirs.customer, by=agent)
    assert visitor.post("copies/", {"address": "maria@example.test"}).status_code == 202
    assert "marker" not in visitor.get("copies/file/").content.decode()
    queued = Delivery.objects.get(message=_copy().pk)
    assert "marker" not in outbounds.outbound_of(queued, list(queued.parts.all())).text


def test_nothing_is_mailed_before_somebody_answered(visitor: Visitor) -> None:
    refused = visitor.post("copies/", {"address": "victim@example.test"})
    assert (refused.status_code, refused.json()["error"]) == (409, "unanswered")
    assert not Identity.objects.filter(value="victim@example.test").exists()


def test_where_no_copy_can_go_is_said(visitor: Visitor, agent: Agent, mailbox: Channel) -> None:
    _answer(agent)
    assert visitor.post("copies/", {"address": "x@"}).status_code == 400
    assert visitor.post("copies/", b"[]").status_code == 400
    Channel.objects.filter(pk=mailbox.pk).update(state=Channel.State.PAUSED)
    assert visitor.post("copies/", {}).json()["error"] == "mailbox"
    assert _told(visitor)["mails"] is False


def test_who_wants_no_mail_gets_no_copy(visitor: Visitor, agent: Agent) -> None:
    _answer(agent)
    Identity.objects.filter(value=ADDRESS).update(opted_out_at=rating.clock.now())
    refused = visitor.post("copies/", {})
    assert (refused.status_code, refused.json()["error"]) == (409, "unwanted")
    assert not Entry.objects.filter(data__has_key="follows").exists()


def test_copies_are_few(visitor: Visitor, agent: Agent) -> None:
    _answer(agent)
    assert [visitor.post("copies/", {}).status_code for _ in range(4)] == [202, 202, 202, 429]


def test_an_address_gets_few_copies_from_all_browsers(visitor: Visitor, agent: Agent, team: Any) -> None:
    _answer(agent)
    codes = []
    for _ in range(3):
        other = _other(visitor)
        _ask(other, "Me, too")
        _answer(agent)
        codes += [other.post("copies/", {"address": ADDRESS}).status_code for _ in range(2)]
    assert codes == [202] * 5 + [429]


def test_a_file_has_what_the_browser_reads(visitor: Visitor, agent: Agent) -> None:
    entry = _answer(agent)
    entry.conversation.note(by=agent, text="marker-note")
    given = visitor.get("copies/file/?zone=Asia/Tokyo")
    text = given.content.decode("utf-8-sig")
    assert "Do you ship to Cluj?" in text
    assert "In two days." in text
    assert "Asia/Tokyo" in text
    assert "marker" not in text
    assert "Asia" not in visitor.get("copies/file/?zone=../../etc/passwd").content.decode()
    assert Visitor(visitor.key).get("copies/file/").status_code == 401
    assert "Cluj" not in _other(visitor).get("copies/file/").content.decode()


def test_who_ends_an_answered_chat_resolves_it(visitor: Visitor, agent: Agent) -> None:
    _answer(agent)
    assert [visitor.post("endings/", {}).status_code for _ in range(2)] == [204, 204]
    row = Conversation.objects.get()
    assert row.is_resolved
    entry = Entry.objects.get(kind=Entry.Kind.STATUS)
    assert (entry.actor, _words(entry, agent)) == ("customer", "ended the chat")
    assert _told(visitor)["end"] == {"by": "", "is_yours": True, "is_open": False}


def test_an_unanswered_question_stays_open(visitor: Visitor, agent: Agent) -> None:
    visitor.post("endings/", {})
    row = Conversation.objects.get()
    assert (row.status, row.unanswered_count) == ("open", 1)
    entry = Entry.objects.get(kind=Entry.Kind.STATUS)
    assert _words(entry, agent) == "ended the chat; what is unanswered stays open"
    told = _told(visitor)
    assert told["end"] == {"by": "", "is_yours": True, "is_open": True}
    assert told["rating"]["is_open"] is False
    _answer(agent)
    assert _told(visitor)["end"] is None


def test_writing_again_goes_on(visitor: Visitor, agent: Agent) -> None:
    _answer(agent)
    visitor.post("endings/", {})
    _ask(visitor, "One thing more")
    row = Conversation.objects.get()
    assert (row.status, row.reopened_count) == ("open", 1)
    assert _told(visitor)["end"] is None


def test_a_chat_that_an_agent_closed_says_who(visitor: Visitor, agent: Agent) -> None:
    _answer(agent)
    Conversation.objects.get().resolve(by=agent)
    assert _told(visitor)["end"] == {"by": agent.first_name, "is_yours": False, "is_open": False}


def test_nothing_ends_where_nothing_was_said(visitor: Visitor) -> None:
    assert _other(visitor).post("endings/", {}).status_code == 409


def test_a_rating_is_one_and_its_change_knows_the_earlier_one(visitor: Visitor, agent: Agent) -> None:
    _answer(agent)
    assert visitor.post("ratings/", {"score": 4}).status_code == 409
    visitor.post("endings/", {})
    assert visitor.post("ratings/", {"score": 2, "comment": "Slow\0 \ud800"}).status_code == 204
    assert visitor.post("ratings/", {"score": 2, "comment": "Slow"}).status_code == 204
    assert visitor.post("ratings/", {"score": 4, "comment": "Slow, but kind"}).status_code == 204
    first, second = Entry.objects.filter(kind=Entry.Kind.SURVEY).order_by("pk")
    assert _words(first, agent) == "rated our help 2 of 5: Bad"
    (told,) = tell([second], agent)
    assert (told.words, told.remark, told.glyph) == (
        "changed the rating from 2 to 4 of 5: Good", "Slow, but kind", "star",
    )  # fmt: skip
    assert second.data["before"] == {"score": 2, "comment": "Slow"}
    assert _told(visitor)["rating"] == {"score": 4, "comment": "Slow, but kind", "is_open": True}


def test_a_rating_is_closed_after_a_week(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    _answer(agent)
    visitor.post("endings/", {})
    clock.shift(DAY * 6)
    assert visitor.post("ratings/", {"score": 5}).status_code == 204
    clock.shift(DAY * 6.9)
    assert visitor.post("ratings/", {"score": 1}).status_code == 204
    clock.shift(DAY)
    assert visitor.post("ratings/", {"score": 3}).status_code == 409
    assert _told(visitor)["rating"] == {"score": 1, "comment": "", "is_open": False}


@pytest.mark.parametrize("score", [0, 6, -1, True, "4", 4.0, None, [4]])
def test_what_is_no_rating_is_refused(visitor: Visitor, agent: Agent, score: Any) -> None:
    _answer(agent)
    visitor.post("endings/", {})
    assert visitor.post("ratings/", {"score": score}).status_code == 400
    assert visitor.post("ratings/", {"score": 4, "comment": "x" * 2_001}).status_code == 400
    assert not Entry.objects.filter(kind=Entry.Kind.SURVEY).exists()


def test_nobody_is_asked_about_help_they_never_had(visitor: Visitor, agent: Agent) -> None:
    Conversation.objects.get().resolve(by=agent)
    assert _told(visitor)["rating"]["is_open"] is False
    assert visitor.post("ratings/", {"score": 1}).status_code == 409


def test_a_rating_survives_a_merge_and_its_undoing(visitor: Visitor, agent: Agent) -> None:
    entry = _answer(agent)
    visitor.post("endings/", {})
    visitor.post("ratings/", {"score": 5})
    maria = make_customer(name="Maria")
    record = merge(maria, entry.customer, by=agent)
    assert Entry.objects.get(kind=Entry.Kind.SURVEY).customer == maria
    assert _told(visitor)["rating"]["score"] == 5
    undo(record, by=agent)
    assert Entry.objects.get(kind=Entry.Kind.SURVEY).customer == entry.customer
    assert _told(visitor)["rating"]["score"] == 5


def test_whoever_takes_it_over_is_named_by_first_name(visitor: Visitor, agent: Agent, supervisor: Agent) -> None:
    entry = _answer(agent)
    assert _told(visitor)["next"] == ""
    entry.conversation.assign(by=agent, agent=supervisor)
    assert _told(visitor)["next"] == supervisor.first_name
    _answer(supervisor)
    assert _told(visitor)["next"] == ""


def test_who_wants_to_be_forgotten_is_at_once_and_the_team_has_a_task(visitor: Visitor, agent: Agent) -> None:
    _answer(agent)
    visitor.post("endings/", {})
    row = Row.objects.get()
    VisitorLink.objects.create(
        channel=row.channel,
        key=row.key,
        token_sha256="x",
        expires_at=rating.clock.now() + DAY,
    )
    reference = visitor.post("erasures/", {}).json()["reference"]
    assert visitor.get("entries/").status_code == 401
    assert not Row.objects.exists()
    assert not VisitorLink.objects.exists()
    entry = Entry.objects.get(kind=Entry.Kind.TASK)
    assert reference in _words(entry, agent)
    assert "through this browser" in _words(entry, agent)
    assert reference in Task.objects.get().text
    conversation = Conversation.objects.get()
    assert (conversation.status, conversation.waiting_since) == ("open", entry.occurred_at)


def test_a_typed_address_is_forgotten_with_its_browser(visitor: Visitor) -> None:
    make_customer(name="Maria", address="maria@example.test")
    visitor.post("addresses/", {"address": "maria@example.test"})
    assert Identity.objects.get(kind="visitor").display == "maria@example.test"
    visitor.post("erasures/", {})
    assert Identity.objects.get(kind="visitor").display.startswith("Visitor ")
    assert Identity.objects.filter(value="maria@example.test").exists()


def test_who_said_nothing_leaves_nothing(visitor: Visitor) -> None:
    other = _other(visitor)
    assert other.post("erasures/", {}).json() == {"reference": ""}
    assert Row.objects.count() == 1
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_ends_and_two_ratings_at_once_are_one(visitor: Visitor, agent: Agent) -> None:
    _answer(agent)
    row = Conversation.objects.get()
    ends = together(*2 * [lambda: ending.end(row)])
    assert [end is None for end in ends].count(True) == 1
    rated = together(*2 * [lambda: rating.rate(row, 4, "")])
    assert [one is None for one in rated].count(True) == 1
