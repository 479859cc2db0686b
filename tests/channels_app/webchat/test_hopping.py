"""An agent asks somebody over, from whatever channel: once, for one browser, showing nothing of the past."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents.models import Agent
from channels_app import delivery as sender
from channels_app import following, hopping, intake, outbounds
from channels_app.adapters.webchat import hops
from channels_app.models import Channel, RawEvent, VisitorLink
from channels_app.models import Visitor as Row
from conversations import exchanges, replying
from conversations.merging.merge import merge, undo
from conversations.models import Conversation, Delivery, Entry, MergeRecord, Thread
from conversations.views.answers import way_of
from conversations.ways import ways
from customers.models import Identity
from helpdesk.lib.outbound import Route, SendError
from tests import paper
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.factories import make_agent, make_channel, make_conversation, make_customer, make_identity, make_team
from tests.waiting import together

DESK = "https://desk.example.test"
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _known_by_one_address(settings: Any) -> None:
    settings.PUBLIC_URL = DESK


@pytest.fixture
def widget(team: Any) -> Channel:
    return make_widget(team=team)


@pytest.fixture
def conversation(widget: Channel, team: Any, sent: paper.Post, clock: time_machine.Traveller) -> Conversation:
    """Giulia has written by mail."""
    return make_conversation(customer=make_customer(address="giulia@example.test"), team=team)


def hop(conversation: Conversation, agent: Agent) -> Entry:
    """Let an agent ask somebody over; the message leaves."""
    way = ways(conversation.customer, conversation.brand)[0]
    entry = hopping.send(conversation, way, by=agent)
    assert sender.deliver(Delivery.objects.get(message=entry.pk).pk) == "sent"
    entry.refresh_from_db()
    return entry


def link_in(text: str) -> str:
    found = re.search(r"/widget/[0-9a-f]+/hop/([\w-]{43})/", text)
    assert found
    return found[1]


def newest_link() -> str:
    """The link of the letter that left last."""
    return link_in(paper.adapter.post.accepted[-1].text)


def come_over(widget: Channel, token: str) -> Visitor:
    """Begin in a fresh browser."""
    browser = Visitor(widget.public_key, site=DESK)
    answer = browser.post("arrivals/", {"link": token})
    assert answer.status_code == 201
    browser.token = answer.json()["token"]
    return browser


def file() -> Entry:
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        intake.process(event.pk)
    return Entry.objects.filter(kind=Entry.Kind.MESSAGE).latest("pk")


def test_the_link_leaves_and_stands_nowhere_at_the_desk(conversation: Conversation, agent: Agent) -> None:
    entry = hop(conversation, agent)
    token = newest_link()
    assert "[link to the secure chat]" in entry.message.text
    assert "30 minutes" in entry.message.text
    rows = (entry, entry.message, entry.conversation, VisitorLink.objects.get(), Delivery.objects.get(message=entry.pk))
    assert token not in str([vars(row) for row in rows])
    assert entry.data["hop"]["until"]


def test_what_is_written_there_stands_in_the_same_conversation(
    conversation: Conversation, agent: Agent, widget: Channel
) -> None:
    hop(conversation, agent)
    browser = come_over(widget, newest_link())
    browser.say("My card number is on the invoice")
    entry = file()
    assert entry.conversation == conversation
    assert entry.customer == conversation.customer
    best = ways(conversation.customer, conversation.brand)[0]
    assert (best.channel, best.identity) == (widget, entry.message.sender)
    conversation.reply(by=agent, text="Thank you", to=Route(best.channel.pk, best.identity.pk))
    sender.deliver(Delivery.objects.latest("pk").pk)
    page = browser.get("entries/").content.decode()
    assert page.count("<article") == 2
    assert "Where is my parcel" not in page


def test_an_answer_goes_there_first_once_they_have_begun(
    conversation: Conversation, agent: Agent, widget: Channel, clock: time_machine.Traveller
) -> None:
    hop(conversation, agent)
    clock.shift(MINUTE)
    assert ways(conversation.customer, conversation.brand)[0].channel != widget
    come_over(widget, newest_link())
    best = ways(conversation.customer, conversation.brand)[0]
    assert (best.channel, best.reason) == (widget, "because they came over to the secure chat")


def test_nothing_of_the_past_and_of_other_conversations_is_shown(
    conversation: Conversation, agent: Agent, widget: Channel
) -> None:
    hop(conversation, agent)
    browser = come_over(widget, newest_link())
    assert browser.get("entries/").content.decode().strip() == ""
    told = browser.get("state/").json()
    assert (told["address"], told["agent"], told["is_proved"]) == ("", None, False)
    assert Row.objects.get().proved is None


def test_looking_uses_nothing_up_and_the_first_that_begins_has_it(
    conversation: Conversation, agent: Agent, widget: Channel
) -> None:
    hop(conversation, agent)
    token = newest_link()
    place = f"/widget/{widget.public_key}/hop/{token}/"
    assert [Client().get(place).status_code, Client().head(place).status_code] == [200, 405]
    assert "Begin" in Client().get(place).content.decode()
    browser = come_over(widget, token)
    late = Client().get(place)
    assert late.status_code == 410
    assert "This link was used already" in late.content.decode()
    assert Visitor(widget.public_key, site=DESK).post("arrivals/", {"link": token}).status_code == 410
    # Whoever has begun keeps what they were given.
    assert browser.get("entries/").status_code == 200


def test_a_link_that_is_over_made_up_or_of_another_widget_opens_nothing(
    conversation: Conversation, agent: Agent, widget: Channel, clock: time_machine.Traveller
) -> None:
    hop(conversation, agent)
    token = newest_link()
    other = make_widget()
    for key, wrong in ((widget.public_key, token[:-1] + "x"), (other.public_key, token)):
        assert Visitor(key, site=DESK).post("arrivals/", {"link": wrong}).status_code == 410
        assert Client().get(f"/widget/{key}/hop/{wrong}/").status_code == 410
    assert Client().get(f"/widget/{widget.public_key}/back/{token}/").status_code == 410
    clock.shift(MINUTE * 31)
    page = Client().get(f"/widget/{widget.public_key}/hop/{token}/")
    assert page.status_code == 410
    assert "This link is over" in page.content.decode()
    assert Visitor(widget.public_key, site=DESK).post("arrivals/", {"link": token}).status_code == 410
    assert not Row.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_at_once_one_begins(conversation: Conversation, agent: Agent, widget: Channel) -> None:
    hop(conversation, agent)
    link = hops.find(widget, newest_link())
    assert link is not None

    def begin() -> bool:
        try:
            hops.begin(widget, link, language="it")
        except hops.Over:
            return False
        return True

    assert sorted(together(begin, begin)) == [False, True]
    assert Row.objects.count() == 1


def test_sending_again_leaves_one_link_that_works(
    conversation: Conversation, agent: Agent, widget: Channel, sent: paper.Post
) -> None:
    sent.fail, sent.loses = SendError("timeout", "No answer.", maybe_sent=True), True
    way = ways(conversation.customer, conversation.brand)[0]
    entry = hopping.send(conversation, way, by=agent)
    first = Delivery.objects.get(message=entry.pk)
    assert sender.deliver(first.pk) == "unknown"
    old = newest_link()
    sent.fail = None
    assert replying.retry(entry)
    assert sender.deliver(Delivery.objects.filter(message=entry.pk).latest("pk").pk) == "sent"
    assert hops.find(widget, old) is None
    come_over(widget, newest_link())


def test_a_link_that_was_opened_settles_what_nobody_answered(
    conversation: Conversation, agent: Agent, widget: Channel, sent: paper.Post
) -> None:
    sent.fail, sent.loses = SendError("timeout", "No answer.", maybe_sent=True), True
    entry = hopping.send(conversation, ways(conversation.customer, conversation.brand)[0], by=agent)
    sender.deliver(Delivery.objects.get(message=entry.pk).pk)
    come_over(widget, newest_link())
    assert Delivery.objects.get(message=entry.pk).state == "delivered"
    with pytest.raises(SendError):
        hops.make(widget, entry.message)


def test_the_agent_sees_what_became_of_it(
    conversation: Conversation, agent: Agent, widget: Channel, client: Any, clock: time_machine.Traveller
) -> None:
    client.force_login(agent)
    place = f"/customers/{conversation.customer_id}/"
    entry = hop(conversation, agent)
    assert "valid until 10:30, not opened yet" in client.get(place).content.decode()
    seen = Entry.objects.get(pk=entry.pk).touched_seq
    clock.shift(MINUTE * 31)
    assert [hopping.sweep(), hopping.sweep()] == [1, 0]
    assert Entry.objects.get(pk=entry.pk).touched_seq > seen
    page = client.get(place).content.decode()
    assert "over, nobody opened it" in page
    assert "Send a new link" in page
    hop(conversation, agent)
    come_over(widget, newest_link())
    assert "opened 10:31" in client.get(place).content.decode()


def test_a_message_that_was_taken_back_opens_nothing(conversation: Conversation, agent: Agent, widget: Channel) -> None:
    entry = hop(conversation, agent)
    entry.message.deleted_at = following.clock.now()
    entry.message.save()
    assert Visitor(widget.public_key, site=DESK).post("arrivals/", {"link": newest_link()}).status_code == 410


def test_a_merge_and_its_undo_keep_the_exchange(conversation: Conversation, agent: Agent, widget: Channel) -> None:
    hop(conversation, agent)
    other = make_customer(name="Giulia T.")
    browser = come_over(widget, newest_link())
    merge(other, conversation.customer, by=agent)
    browser.say("After the merge")
    entry = file()
    assert (entry.conversation, entry.customer) == (conversation, other)
    undo(MergeRecord.objects.get(), by=agent)
    browser.say("After its undoing")
    assert file().conversation == conversation
    assert browser.get("entries/").content.decode().count("<article") == 2


def test_a_link_leads_where_its_conversation_is_now(conversation: Conversation, agent: Agent, widget: Channel) -> None:
    hop(conversation, agent)
    other = make_customer(name="Giulia T.")
    merge(other, conversation.customer, by=agent)
    browser = come_over(widget, newest_link())
    browser.say("After the merge")
    assert (file().conversation, Identity.objects.get(kind="visitor").customer) == (conversation, other)


def test_what_is_confidential_is_not_mailed(
    conversation: Conversation, agent: Agent, widget: Channel, clock: time_machine.Traveller
) -> None:
    hop(conversation, agent)
    browser = come_over(widget, newest_link())
    browser.say("My card number is 4000")
    identity = file().message.sender
    assert identity is not None
    Identity.objects.filter(kind="email").update(verified_at=following.clock.now())
    conversation.reply(by=agent, text="It was charged twice", to=Route(widget.pk, identity.pk))
    sender.deliver(Delivery.objects.latest("pk").pk)
    clock.shift(MINUTE * 5)
    assert following.sweep() == 1
    mail = Entry.objects.get(data__has_key="follows")
    sender.deliver(Delivery.objects.get(message=mail.pk).pk)
    letter = paper.adapter.post.accepted[-1]
    for text in (letter.text, letter.html, letter.subject, mail.message.text):
        assert "twice" not in text
        assert "4000" not in text
    assert "in the secure chat" in letter.subject
    assert "/back/" in letter.text


def test_a_brand_without_a_chat_offers_none(agent: Agent, team: Any, client: Any, sent: paper.Post) -> None:
    conversation = make_conversation(team=team)
    client.force_login(agent)
    page = f"/customers/{conversation.customer_id}/"
    assert "Move to secure chat</h3>" not in client.get(page).content.decode()
    with pytest.raises(exchanges.NoWay):
        hopping.send(conversation, ways(conversation.customer, conversation.brand)[0], by=agent)
    make_widget()
    assert "Move to secure chat</h3>" in client.get(page).content.decode()


def test_who_is_in_the_chat_is_not_asked_over(widget: Channel, agent: Agent) -> None:
    visitor = Visitor(widget.public_key)
    visitor.arrive()
    visitor.say("Hello")
    row = file().conversation
    assert row is not None
    with pytest.raises(exchanges.NoWay):
        hopping.send(row, ways(row.customer, row.brand)[0], by=agent)


def test_only_who_may_answer_asks_somebody_over(conversation: Conversation, agent: Agent, client: Any) -> None:
    place = f"/conversations/{conversation.number}/hops/"
    way = ways(conversation.customer, conversation.brand)[0].key
    assert conversation.team is not None
    outsider, light = make_agent(teams=(make_team(),)), make_agent(role="light", teams=(conversation.team,))
    for who, status in ((None, 302), (light, 403), (agent, 200)):
        client.logout() if who is None else client.force_login(who)
        answer = client.post(place, {"way": way}, headers={"hx-request": "true"})
        assert answer.status_code == status
        assert Entry.objects.filter(data__has_key="hop").count() == (1 if who == agent else 0)
    assert client.post(place, {"way": "0-0"}, headers={"hx-request": "true"}).status_code == 422
    Conversation.objects.update(team=make_team(is_private=True))
    client.force_login(outsider)
    assert client.post(place, {"way": way}).status_code == 404
    assert Entry.objects.filter(data__has_key="hop").count() == 1
    assert way_of(conversation, way) is not None


def test_the_customer_is_spoken_to_in_their_language(conversation: Conversation, agent: Agent) -> None:
    conversation.customer.language = "it"
    conversation.customer.save()
    entry = hop(conversation, agent)
    assert "[link alla chat sicura]" in entry.message.text


def test_a_provider_of_pieces_is_given_the_link_and_the_desk_is_not(
    widget: Channel, team: Any, agent: Agent, clock: time_machine.Traveller
) -> None:
    phone = make_channel(kind="whatsapp", is_sandbox=True, team=team, config={"phone_number_id": "1"})
    identity = make_identity(address="+40740555012", kind="whatsapp")
    thread = Thread.objects.create(
        channel=phone, identity=identity, external_id="+40740555012", last_in_at=following.clock.now(),
        conversation=Conversation.objects.create(customer=identity.customer, brand=phone.brand, team=team),
    )  # fmt: skip
    row = thread.conversation
    assert row is not None
    entry = hopping.send(row, ways(row.customer, row.brand)[0], by=agent)
    delivery = Delivery.objects.get(message=entry.pk)
    (part,) = delivery.parts.all()
    first, second = (link_in(outbounds.outbound_of_piece(delivery, part).text) for _attempt in range(2))
    assert hops.find(widget, first) is None
    assert hops.find(widget, second) is not None
