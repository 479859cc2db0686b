"""What a visitor may ask of the widget, and what becomes of it."""

import json
import secrets
import string
import uuid
from typing import Any

import pytest
from django.db import DatabaseError

from agents.models import Agent, Team
from channels_app import delivery as sender
from channels_app import intake
from channels_app.adapters.webchat import visitors
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from conversations.models import Conversation, Delivery, Entry, Message
from conversations.models.conversation import Topic
from helpdesk.lib.outbound import Route
from tests.channels_app.webchat.talking import SITE, Visitor, make_widget
from tests.factories import make_inbound, make_team, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def widget(team: Any) -> Channel:
    return make_widget(team=team)


@pytest.fixture
def visitor(widget: Channel) -> Visitor:
    visitor = Visitor(widget.public_key)
    assert visitor.arrive(language="it", page={"url": f"{SITE}/alpe-2", "title": "Alpe 2"}).status_code == 201
    return visitor


def filed() -> list[Entry]:
    """File what waits, as a worker does; return all messages in their order."""
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        intake.process(event.pk)
    return list(Entry.objects.filter(kind=Entry.Kind.MESSAGE).order_by("pk"))


def answer(conversation: Conversation, text: str, *, by: Agent, is_sent: bool = True) -> Entry:
    """Answer through the widget."""
    thread = conversation.threads.get()
    entry = conversation.reply(by=by, text=text, to=Route(thread.channel_id, thread.identity_id))
    if is_sent:
        sender.deliver(Delivery.objects.get(message=entry.pk).pk)
    return entry


def test_what_a_visitor_writes_is_on_the_timeline_with_the_page(visitor: Visitor, team: Any) -> None:
    assert visitor.say("Do you ship to Cluj?").status_code == 202
    (entry,) = filed()
    assert (entry.message.text, entry.actor, entry.conversation.team) == ("Do you ship to Cluj?", "customer", team)
    assert entry.data["details"]["page"] == {"url": f"{SITE}/alpe-2", "title": "Alpe 2"}
    assert entry.customer.language == "it"
    assert entry.message.sender.display.startswith("Visitor ")


def test_a_page_is_told_once_and_a_product_each_time(visitor: Visitor) -> None:
    product = {"id": "alpe-2", "name": "Alpe 2", "price": "129,90 €", "url": f"{SITE}/alpe-2", "evil": "x"}
    here, there = {"url": f"{SITE}/alpe-2", "title": "Alpe 2"}, {"url": f"{SITE}/returns", "title": "Returns"}
    for page in ({**here, "product": product}, here, there):
        visitor.say("Hello", page=page)
    first, second, third = (entry.data.get("details", {}) for entry in filed())
    assert first["page"] == here
    assert first["product"] == {name: value for name, value in product.items() if name != "evil"}
    assert second == {}
    assert third == {"page": there}


@pytest.mark.parametrize(
    ("said", "topic", "is_moved"),
    [("returns", "Returns", True), ("Cart", "Cart", False), ("Refunds", None, False), (["Returns"], None, False)],
)
def test_what_a_page_is_about_opens_the_conversation_if_it_is_listed(
    said: Any, topic: str | None, is_moved: bool, team: Team
) -> None:
    warehouse = make_team(name="Warehouse")
    widget = make_widget(team=team, config={"topics": "Returns > Warehouse\nCart"})
    guest = Visitor(widget.public_key)
    guest.arrive()
    assert guest.say("My parcel", page={"url": f"{SITE}/x", "topic": said}).status_code == 202
    intake.process(RawEvent.objects.get().pk)
    opened = Conversation.objects.get()
    assert opened.team == (warehouse if is_moved else team)
    assert (opened.topic.name if opened.topic else None) == topic
    assert Topic.objects.count() == bool(topic)


@pytest.mark.parametrize(
    "page", [None, 7, [], "x", {"url": "javascript:alert(1)"}, {"url": 7}, {"url": f"{SITE}/x", "product": []}]
)
def test_a_page_that_is_none_costs_no_message(visitor: Visitor, page: Any) -> None:
    assert visitor.say("Hello", page=page).status_code == 202
    assert len(filed()) == 1


def test_a_message_sent_twice_is_one(visitor: Visitor) -> None:
    name = str(uuid.uuid4())
    assert [visitor.say("Hello", id=name).status_code for _ in range(3)] == [202, 202, 202]
    assert len(filed()) == 1
    assert RawEvent.objects.get().copies_count == 2


def test_the_same_name_in_another_browser_is_another_message(visitor: Visitor, widget: Channel) -> None:
    other, name = Visitor(widget.public_key), str(uuid.uuid4())
    other.arrive()
    visitor.say("Mine", id=name)
    other.say("Theirs", id=name)
    assert len(filed()) == 2
    assert len({entry.customer_id for entry in filed()}) == 2


def test_a_visitor_reads_what_they_wrote_and_were_told(visitor: Visitor, agent: Agent) -> None:
    visitor.say("Do you ship to Cluj?")
    (entry,) = filed()
    answer(entry.conversation, "In two days.", by=agent)
    page = visitor.get("entries/").content.decode()
    assert "Do you ship to Cluj?" in page
    assert "In two days." in page
    assert agent.first_name in page
    assert agent.name not in page


def test_what_has_not_left_yet_is_not_shown(visitor: Visitor, agent: Agent) -> None:
    visitor.say("Hello")
    (entry,) = filed()
    answer(entry.conversation, "Held back", by=agent, is_sent=False)
    assert "Held back" not in visitor.get("entries/").content.decode()


def test_notes_and_other_channels_are_not_a_visitors(visitor: Visitor, agent: Agent, channel: Channel) -> None:
    visitor.say("Hello")
    (entry,) = filed()
    entry.conversation.note(by=agent, text="marker-note")
    mail = receive(channel=channel, inbound=make_inbound(address="v@example.test", text="marker-mail"))
    Entry.objects.filter(pk=mail.pk).update(customer=entry.customer, conversation=entry.conversation, seq=90)
    Message.objects.filter(pk=mail.pk).update(customer=entry.customer)
    page = visitor.get("entries/").content.decode()
    assert "Hello" in page
    assert "marker" not in page


def test_a_cursor_brings_only_what_is_new(visitor: Visitor, agent: Agent) -> None:
    visitor.say("First")
    (entry,) = filed()
    first = visitor.get("entries/")
    assert first.headers["X-Whole"] == "1"
    answer(entry.conversation, "Second", by=agent)
    second = visitor.get(f"entries/?after={first.headers['X-Cursor']}")
    assert second.headers["X-Whole"] == "0"
    assert "Second" in second.content.decode()
    assert "First" not in second.content.decode()


@pytest.mark.parametrize("cursor", ["x", "1", "1.2.3", "9" * 40, "1.-1", "٣.٣", "1.2_", "%00"])
def test_a_cursor_that_is_none_brings_everything(visitor: Visitor, cursor: str) -> None:
    visitor.say("First")
    filed()
    answered = visitor.get(f"entries/?after={cursor}")
    assert (answered.status_code, answered.headers["X-Whole"]) == (200, "1")
    assert "First" in answered.content.decode()


def test_older_messages_come_in_stretches(visitor: Visitor) -> None:
    for number in range(52):
        visitor.say(f"Message {number}.")
        if number % 25 == 24:
            # More than thirty in a minute are too many for one browser.
            filed()
    entries = filed()
    page = visitor.get("entries/")
    assert page.headers["X-More"] == str(int(len(entries) > 50))
    older = visitor.get(f"entries/?before={entries[-1].pk}")
    assert older.content.decode().count("<article") == min(50, len(entries) - 1)
    assert visitor.get("entries/?before=999999999").content.decode().strip() == ""


def test_what_was_shown_is_delivered_and_what_was_looked_at_is_read(visitor: Visitor, agent: Agent) -> None:
    visitor.say("Hello")
    (entry,) = filed()
    told = answer(entry.conversation, "Good morning", by=agent)
    assert _states() == ["sent"]
    visitor.get("entries/")
    assert _states() == ["sent"]
    assert visitor.post("sightings/", {"upto": told.pk, "seen": False}).status_code == 204
    assert _states() == ["delivered"]
    visitor.post("sightings/", {"upto": told.pk, "seen": True})
    assert _states() == ["read"]
    visitor.post("sightings/", {"upto": told.pk, "seen": False})
    assert _states() == ["read"]


def _states() -> list[str]:
    return list(Delivery.objects.values_list("state", flat=True))


def test_nobody_reads_for_somebody_else(visitor: Visitor, widget: Channel, agent: Agent) -> None:
    visitor.say("Hello")
    (entry,) = filed()
    told = answer(entry.conversation, "Good morning", by=agent)
    other = Visitor(widget.public_key)
    other.arrive()
    assert other.post("sightings/", {"upto": told.pk, "seen": True}).status_code == 204
    assert Delivery.objects.get().state == "sent"
    assert other.get("entries/").content.decode().strip() == ""


def test_an_agents_log_in_opens_no_widget(visitor: Visitor, supervisor: Agent) -> None:
    stranger = Visitor(visitor.key)
    stranger.client.force_login(supervisor)
    assert stranger.get("entries/").status_code == 401
    assert stranger.say("Hello").status_code == 401
    assert not RawEvent.objects.exists()


@pytest.mark.parametrize(
    "site", ["", "null", "https://evil.example.test", f"{SITE}.evil.test", f"{SITE}/", SITE.upper()]
)
def test_another_site_is_refused(visitor: Visitor, site: str) -> None:
    visitor.site = site
    assert [visitor.say("Hello").status_code, visitor.get("entries/").status_code] == [403, 403]
    assert Visitor(visitor.key, site=site).arrive().status_code == 403
    assert not RawEvent.objects.exists()


def test_a_token_is_good_for_its_widget_and_site_alone(visitor: Visitor, widget: Channel) -> None:
    other = make_widget(config={"sites": f"{SITE}\nhttps://two.example.test"})
    assert Visitor(other.public_key, token=visitor.token).get("entries/").status_code == 401
    widget.config = {**widget.config, "sites": f"{SITE}\nhttps://two.example.test"}
    widget.save()
    elsewhere = Visitor(widget.public_key, site="https://two.example.test", token=visitor.token)
    assert elsewhere.get("entries/").status_code == 401


@pytest.mark.parametrize(
    "token", ["x", "x" * 43, "", "0", "null", "true", "[]", "１" * 43, "x" * 5_000, "%00" * 10, "Bearer", "' OR 1=1 --"]
)
def test_a_token_that_nobody_was_given_opens_nothing(visitor: Visitor, token: str) -> None:
    visitor.say("Hello")
    filed()
    guesser = Visitor(visitor.key, token=token.encode("ascii", "replace").decode())
    assert guesser.get("entries/").status_code == 401
    assert guesser.say("I am you").status_code == 401
    assert RawEvent.objects.count() == 1


def test_many_guesses_from_one_address_are_answered_no_more(visitor: Visitor) -> None:
    guesser = Visitor(visitor.key)
    found = []
    for number in range(62):
        guesser.token = f"{number:043d}"
        found.append(guesser.get("entries/").status_code)
    assert (found[0], found[-1]) == (401, 429)


def test_only_the_hash_of_a_token_is_kept(visitor: Visitor) -> None:
    row = Row.objects.get()
    assert visitor.token not in json.dumps({key: str(value) for key, value in vars(row).items()})
    assert len(visitor.token) == 43


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 400), (b"null", 400), (b"\xff", 400), (b"[" * 10_000, 400),
        ({"id": "1", "text": "Hello"}, 400), ({"text": "Hello"}, 400), ({"id": 7, "text": "Hello"}, 400),
        ({"id": str(uuid.UUID(int=1)), "text": ""}, 400), ({"id": str(uuid.UUID(int=1)), "text": "  \n"}, 400),
        ({"id": str(uuid.UUID(int=1)), "text": ["Hello"]}, 400), ({"id": str(uuid.UUID(int=1)), "text": None}, 400),
        ({"id": str(uuid.UUID(int=1)), "text": "x" * 100_001}, 413), (b" " * 600_000, 400),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_and_leaves_nothing(visitor: Visitor, given: Any, status: int) -> None:
    assert visitor.post("messages/", given).status_code == status
    assert not RawEvent.objects.exists()


@pytest.mark.parametrize(
    "text", ["ăâîșț " * 16_000, "a\0b", "\ud800", "🧵" * 20_000, "‮abc", "<script>alert(1)</script>"]
)
def test_odd_words_arrive(visitor: Visitor, text: str) -> None:
    assert visitor.say(text).status_code == 202
    (entry,) = filed()
    assert RawEvent.objects.get().state == "filed"
    page = visitor.get("entries/").content.decode()
    assert "<script>" not in page
    assert f"m-{entry.pk}" in page


@pytest.mark.parametrize(
    "given",
    [
        {}, {"upto": "7", "seen": True}, {"upto": True, "seen": True}, {"upto": -1, "seen": True},
        {"upto": 2**70, "seen": True}, {"upto": 1, "seen": "yes"}, b"[]", b"x",
    ],
)  # fmt: skip
def test_a_sighting_that_is_none_is_refused(visitor: Visitor, given: Any) -> None:
    assert visitor.post("sightings/", given).status_code == 400


def test_a_row_that_could_not_be_written_is_said(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(intake, "store", away)
    assert visitor.say("Hello").status_code == 503


def test_more_than_a_person_writes_is_refused(visitor: Visitor) -> None:
    found = {visitor.say(f"{number}").status_code for number in range(31)}
    assert found == {202, 429}


def test_a_widget_that_is_paused_or_gone_is_not_there(visitor: Visitor, widget: Channel) -> None:
    assert Visitor("0" * 32).arrive().status_code == 404
    Channel.objects.filter(pk=widget.pk).update(state=Channel.State.PAUSED)
    assert [visitor.say("Hello").status_code, visitor.get("entries/").status_code] == [404, 404]


def test_nothing_sets_a_cookie(visitor: Visitor) -> None:
    answers = [visitor.say("Hello"), visitor.get("entries/"), visitor.client.get(f"/widget/{visitor.key}/?lang=ro")]
    assert [dict(answer.cookies) for answer in answers] == [{}, {}, {}]


def test_a_visitor_is_spoken_to_in_their_language(visitor: Visitor) -> None:
    assert visitor.post("language/", {"language": "ro"}).status_code == 204
    assert Row.objects.get().language == "ro"
    assert visitor.post("language/", {"language": 7}).status_code == 400


def test_no_door_of_providers_leads_in(widget: Channel, visitor: Visitor) -> None:
    body = json.dumps({"kind": "message", "visitor": Row.objects.get().key, "id": "x", "text": "I am you"})
    answered = visitor.client.post(f"/webhooks/webchat/{widget.public_key}/", body, content_type="application/json")
    assert answered.status_code == 401
    assert not RawEvent.objects.exists()


@pytest.mark.slow
def test_a_hundred_thousand_guesses_find_nobody(visitor: Visitor, widget: Channel) -> None:
    row = Row.objects.get()
    guesses = (secrets.token_urlsafe(visitors.TOKEN_BYTES) for _ in range(100_000))
    assert not any(visitors.find(widget, guess, SITE) for guess in guesses)
    near = [visitor.token[:-1] + letter for letter in string.ascii_letters if letter != visitor.token[-1]]
    assert not any(visitors.find(widget, guess, SITE) for guess in near)
    assert visitors.find(widget, visitor.token, SITE) == row
    for kind in (
        None,
        0,
        1,
        True,
        [visitor.token],
        {"$ne": ""},
        b"x" * 43,
        visitor.token.encode(),
        f" {visitor.token}",
    ):
        assert visitors.find(widget, kind, SITE) is None
