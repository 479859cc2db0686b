"""What agents see of a visitor: where they are, what they looked at, and what becomes of an answer they do not read."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from agents.models import Agent
from channels_app import delivery as sender
from channels_app import following, intake
from channels_app.adapters.webchat import presence, visitors, wandering
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from conversations import people, whereabouts
from conversations.models import Conversation, Delivery, Entry
from conversations.views.writing import composer_for
from conversations.ways import reach_of
from customers import quiet
from customers.models import Consent, Identity
from helpdesk.lib import clock as desk_clock
from helpdesk.lib.outbound import Route
from tests import paper
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.factories import make_agent, make_channel, make_customer, make_inbound, make_team, receive

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
RETURNS = {"url": "https://shop.example.test/returns?from=mail", "title": "Returns – Passolungo"}


@pytest.fixture
def mailbox(team: Any, sent: paper.Post) -> Channel:
    """The desk's mailbox; what leaves through it is caught."""
    return make_channel(name="Help", team=team)


@pytest.fixture
def visitor(mailbox: Channel, team: Any, clock: time_machine.Traveller) -> Visitor:
    """Somebody who asked something on the page about returns and is still there."""
    return _talk(Visitor(make_widget(team=team).public_key))


def _talk(visitor: Visitor) -> Visitor:
    visitor.arrive(page=RETURNS)
    visitor.say("May I send them back?", page=RETURNS)
    intake.process(RawEvent.objects.latest("pk").pk)
    presence.stay(Row.objects.latest("pk").key)
    return visitor


def _leave() -> None:
    for row in Row.objects.all():
        visitors.leave_each([(row.pk, row.key, "")])


def _answer(agent: Agent, text: str = "Yes.") -> Entry:
    row = Conversation.objects.get()
    thread = row.threads.filter(channel__kind="webchat").earliest("pk")
    entry = row.reply(by=agent, text=text, to=Route(thread.channel_id, thread.identity_id))
    assert sender.deliver(Delivery.objects.get(message=entry.pk).pk) == "sent"
    return entry


def _signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def _words(agent: Agent) -> str:
    """What stands in the line, in one line."""
    number = Conversation.objects.get().number
    page = _signed_in(agent).get(f"/conversations/{number}/whereabouts/").content.decode()
    line = page.partition('<section id="pages-seen"')[0]
    return " ".join(strip_tags(re.sub(r' data-action="[^"]*"', "", line)).split())


def _promise(agent: Agent) -> str:
    """What the composer says becomes of an answer by chat."""
    composer = composer_for(agent, Conversation.objects.get(), [])
    return next(place.after for place in composer.places if place.key == composer.way)


def test_the_page_they_are_on_is_a_link_that_tells_the_shop_nothing(visitor: Visitor, agent: Agent) -> None:
    assert _words(agent) == "On the page Returns – Passolungo (new tab)"
    sheet = _signed_in(agent).get(f"/customers/{Conversation.objects.get().customer_id}/").content.decode()
    address = RETURNS["url"]
    assert (
        f'<a href="{address}" title="{address}" dir="auto" target="_blank" rel="noopener noreferrer nofollow"' in sheet
    )
    assert "Pages seen: 1" in sheet


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://shop.example.test/", ""]
)
def test_what_is_no_web_address_is_never_a_link(visitor: Visitor, agent: Agent, url: str) -> None:
    visitors.see(Row.objects.get(), {"url": url, "title": "Free money"})
    Row.objects.update(pages=[{"url": url, "title": "Free money", "at": "2026-11-29T12:00:00+00:00"}])
    number = Conversation.objects.get().number
    page = _signed_in(agent).get(f"/conversations/{number}/whereabouts/").content.decode()
    assert "Free money" not in page
    assert "href" not in page


def test_a_title_is_text(visitor: Visitor, agent: Agent) -> None:
    Row.objects.update(pages=[{"url": 'https://shop.example.test/"><script>', "title": "<b>x</b>"}])
    page = _signed_in(agent).get(f"/conversations/{Conversation.objects.get().number}/whereabouts/").content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<script>" not in page


def test_who_leaves_is_gone_after_a_moment(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    _leave()
    # From one page to the next nobody is there for a moment.
    assert _words(agent).startswith("On the page")
    clock.shift(timedelta(seconds=30))
    assert _words(agent).startswith("Left just now")
    clock.shift(MINUTE * 2.6)
    assert _words(agent) == "Left 3 min ago No address: can only be reached when they come back"
    clock.shift(timedelta(hours=2))
    assert _words(agent).startswith("Left: ")


def test_what_is_unread_is_mailed_as_was_said(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    visitor.post("addresses/", {"address": "v@example.test"})
    assert _promise(agent) == "If it is unread 2 minutes after they leave, it goes by email to v@example.test."
    _answer(agent)
    _leave()
    clock.shift(MINUTE)
    assert _words(agent) == "Left 1 min ago Unread: goes by email to v@example.test in 1 min"
    clock.shift(MINUTE * 1.1)
    assert _words(agent) == "Left 2 min ago Unread: goes by email to v@example.test any moment"
    assert following.sweep() == 1
    assert _words(agent) == "Left 2 min ago On its way by email to v@example.test"
    mail = Entry.objects.get(data__has_key="follows")
    assert sender.deliver(Delivery.objects.get(message=mail.pk).pk) == "sent"
    assert re.fullmatch(r"Left 2 min ago Mailed \d\d:\d\d to v@example\.test", _words(agent))
    Delivery.objects.filter(message=mail.pk).update(state=Delivery.State.FAILED)
    assert _words(agent) == "Left 2 min ago The mail to v@example.test did not go"
    visitor.post("sightings/", {"upto": mail.message.entry.data["follows"][0], "seen": True})
    _leave()
    clock.shift(MINUTE)
    assert _words(agent) == "Left 1 min ago"


def _typed(visitor: Visitor, address: str = "v@example.test") -> None:
    assert visitor.post("addresses/", {"address": address}).status_code == 200


def _typed_somebodys(visitor: Visitor) -> None:
    make_customer(name="Maria", address="maria@example.test")
    _typed(visitor, "maria@example.test")


def _wants_no_mail(visitor: Visitor) -> None:
    _typed(visitor)
    Identity.objects.filter(kind="email").update(opted_out_at=desk_clock.now())


def _wants_nothing_automatic(visitor: Visitor) -> None:
    _typed(visitor)
    row = Identity.objects.get(kind="email")
    Consent.objects.create(
        identity=row, purpose=Consent.Purpose.AUTOMATIC, state=Consent.State.REFUSED, source="said so",
        at=desk_clock.now(),
    )  # fmt: skip


def _proved(visitor: Visitor) -> None:
    people.add_identity(Conversation.objects.get().customer, "email", "proved@example.test", by=None)
    Identity.objects.filter(kind="email").update(verified_at=desk_clock.now())


def _only_known(visitor: Visitor) -> None:
    people.add_identity(Conversation.objects.get().customer, "email", "known@example.test", by=None)


def _typed_elsewhere_proved(visitor: Visitor) -> None:
    _proved(visitor)
    _wants_no_mail_on(visitor, "other@example.test")


def _wants_no_mail_on(visitor: Visitor, address: str) -> None:
    _typed(visitor, address)
    Identity.objects.filter(value=address).update(opted_out_at=desk_clock.now())


def _taken_away(visitor: Visitor) -> None:
    _typed(visitor)
    Identity.objects.filter(kind="email").delete()


def _without_mailbox(visitor: Visitor) -> None:
    _typed(visitor)
    Channel.objects.filter(kind="paper").update(state=Channel.State.PAUSED)


@pytest.mark.parametrize(
    ("given", "to"),
    [
        (_typed, "v@example.test"), (_typed_somebodys, "maria@example.test"), (_proved, "proved@example.test"),
        (lambda _visitor: None, ""), (_only_known, ""), (_wants_no_mail, ""), (_wants_nothing_automatic, ""),
        (_typed_elsewhere_proved, ""), (_taken_away, ""), (_without_mailbox, ""),
    ],
)  # fmt: skip
def test_nothing_is_promised_that_is_not_done(
    visitor: Visitor, agent: Agent, clock: time_machine.Traveller, given: Any, to: str
) -> None:
    given(visitor)
    promised = re.search(r"by email to (\S+)\.", _promise(agent))
    _answer(agent)
    _leave()
    clock.shift(MINUTE)
    in_line = re.search(r"by email to (\S+) in", _words(agent))
    clock.shift(MINUTE * 2)
    mailed = following.sweep()
    done = [row.message.recipients.get().address for row in Entry.objects.filter(data__has_key="follows")]
    assert (mailed, done) == ((1, [to]) if to else (0, []))
    assert (promised[1] if promised else "", in_line[1] if in_line else "") == (to, to)
    if not to:
        assert "they read it when they come back" in _promise(agent)
        assert "can only be reached when they come back" in _words(agent)


def test_a_paused_chat_promises_nothing(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    _typed(visitor)
    Channel.objects.filter(kind="webchat").update(state=Channel.State.PAUSED)
    _leave()
    clock.shift(MINUTE)
    assert _words(agent) == "Left 1 min ago This channel is paused: nothing goes by email"


def test_quiet_hours_are_waited_for(visitor: Visitor, agent: Agent, clock: time_machine.Traveller) -> None:
    _typed(visitor)
    _answer(agent)
    row = Conversation.objects.get()
    now = quiet.there(row.customer, desk_clock.now())
    row.customer.quiet_from, row.customer.quiet_until = (now - MINUTE).time(), (now + MINUTE * 300).time()
    row.customer.save(update_fields=["quiet_from", "quiet_until"])
    assert _promise(agent).endswith("It waits for the end of their quiet hours.")
    _leave()
    clock.shift(MINUTE)
    assert re.search(r"goes by email to v@example.test at \S*", _words(agent))


def test_who_may_not_see_the_conversation_sees_nothing_of_it(
    mailbox: Channel, agent: Agent, clock: time_machine.Traveller
) -> None:
    private = make_team(name="Private", is_private=True)
    insider = make_agent(name="Ines Inside", teams=(private,))
    _talk(Visitor(make_widget(team=private).public_key))
    row = Conversation.objects.get()
    people.add_identity(row.customer, "email", "giulia@example.test", by=None)
    receive(channel=mailbox, inbound=make_inbound(address="giulia@example.test", text="By mail"))
    other = Conversation.objects.exclude(pk=row.pk).get()
    assert other.customer == row.customer
    pages = [f"/conversations/{row.number}/whereabouts/", f"/customers/{row.customer_id}/?c={row.number}"]
    assert [_signed_in(agent).get(url).status_code for url in pages] == [404, 200]
    mine = [f"/customers/{row.customer_id}/", f"/customers/{row.customer_id}/panel/?c={other.number}",
            f"/conversations/{other.number}/whereabouts/", pages[1]]  # fmt: skip
    for url in mine:
        assert b"Returns" not in _signed_in(agent).get(url).content, url
    seen = [_signed_in(insider).get(url) for url in pages]
    assert all(b"Returns \xe2\x80\x93 Passolungo" in page.content for page in seen)


def test_it_costs_as_much_for_many_browsers_as_for_one(visitor: Visitor, agent: Agent) -> None:
    row = Conversation.objects.select_related("customer").get()
    with CaptureQueriesContext(connection) as one:
        found = whereabouts.outlook(row, reach_of(row.customer))
    assert found.seen is not None
    for number in range(4):
        other = Visitor(visitor.key)
        other.arrive()
        made = Row.objects.latest("pk")
        Row.objects.filter(pk=made.pk).update(address=f"v{number}@example.test")
        people.add_identity(row.customer, "visitor", made.key, by=None)
        people.add_identity(row.customer, "email", f"v{number}@example.test", by=None)
    with CaptureQueriesContext(connection) as many:
        assert len(whereabouts.outlook(row, reach_of(row.customer)).plans) == 5
    assert len(many) == len(one) + 1  # whether anybody refuses what is automatic


def test_customers_without_a_chat_cost_nothing(
    visitor: Visitor, agent: Agent, mailbox: Channel, django_assert_num_queries: Any
) -> None:
    row = receive(channel=mailbox, inbound=make_inbound(address="giulia@example.test")).conversation
    assert row is not None
    reach = reach_of(row.customer)
    with django_assert_num_queries(0):
        assert whereabouts.outlook(row, reach) == whereabouts.Outlook()


def test_five_pages_are_kept_the_newest_first_each_once() -> None:
    pages: list[dict[str, str]] = []
    for number in (1, 2, 3, 4, 5, 6, 3):
        pages = wandering.with_page(pages, {"url": f"https://shop.example.test/{number}", "title": str(number)})
    assert [page["title"] for page in pages] == ["3", "6", "5", "4", "2"]


def test_pages_are_written_every_fifteen_seconds_at_most(visitor: Visitor, clock: time_machine.Traveller) -> None:
    row = Row.objects.get()
    assert not visitors.see(row, {"url": "https://shop.example.test/a"})
    assert Row.objects.get().page["url"] == RETURNS["url"]
    clock.shift(timedelta(seconds=16))
    assert visitors.see(row, {"url": "https://shop.example.test/b"})
    kept = Row.objects.get()
    assert (kept.page["url"], [page["url"] for page in kept.pages]) == (
        "https://shop.example.test/b", ["https://shop.example.test/b", "https://shop.example.test/a", RETURNS["url"]],
    )  # fmt: skip
    # A page without a title does not get the one before it.
    assert "title" not in kept.page


def test_one_tab_of_two_may_go() -> None:
    assert (presence.stay("v", "a"), presence.stay("v", "b")) == (True, False)
    assert (presence.leave("v", "a"), presence.everybody()) == (False, {"v"})
    assert (presence.leave("v", "b"), presence.is_here("v"), presence.everybody()) == (True, False, set())
