"""A mailed code proves an address: once, in one browser, and nobody learns from asking who is known here."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from channels_app import codes, intake
from channels_app import delivery as sender
from channels_app.models import Channel, RawEvent, VisitorCode
from channels_app.models import Visitor as Row
from conversations.models import Delivery, Entry, MergeRecord, Suggestion
from customers.models import Customer, Identity
from helpdesk.lib import clock as time
from helpdesk.lib.outbound import Route, SendError
from tests import paper
from tests.channels_app.webchat.talking import Visitor, make_widget
from tests.factories import make_channel, make_conversation, make_customer
from tests.waiting import together

pytestmark = pytest.mark.django_db
MARIA = "maria@example.test"


@pytest.fixture
def widget(team: Any) -> Channel:
    return make_widget(team=team)


@pytest.fixture
def maria(team: Any, sent: paper.Post, clock: time_machine.Traveller) -> Customer:
    """Somebody who has written by mail; the same mailbox mails codes."""
    customer = make_customer(name="Maria", address=MARIA)
    make_conversation(customer=customer, channel=make_channel(name="Help", team=team))
    return customer


@pytest.fixture
def browser(widget: Channel, maria: Customer) -> Visitor:
    visitor = Visitor(widget.public_key)
    visitor.arrive(language="it")
    return visitor


def ask(browser: Visitor, address: str = MARIA) -> str:
    """Ask for a code and let it be mailed; return it, '' where none went."""
    before = len(paper.adapter.post.accepted)
    assert browser.post("codes/", {"address": address}).status_code == 202
    codes.mail(VisitorCode.objects.latest("pk").pk)
    letters = paper.adapter.post.accepted[before:]
    return re.findall(r"\b\d{6}\b", letters[0].text)[0] if letters else ""


def file() -> Entry:
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        intake.process(event.pk)
    return Entry.objects.filter(kind=Entry.Kind.MESSAGE).latest("pk")


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_code_shows_what_the_address_may_read(browser: Visitor, maria: Customer) -> None:
    code = ask(browser)
    letter = paper.adapter.post.accepted[-1]
    assert (letter.to.value, letter.written_by_person) == (MARIA, False)
    assert letter.subject.startswith(f"{code} è il tuo codice")
    assert "parcel" not in letter.text + letter.html
    assert "Where is my parcel" not in browser.get("entries/").content.decode()
    answer = browser.post("proofs/", {"code": f" {code[:3]} {code[3:]} "})
    assert (answer.status_code, answer.json()["address"]) == (200, MARIA)
    assert "Where is my parcel" in browser.get("entries/").content.decode()
    assert browser.get("state/").json()["is_proved"] is True
    identity = Identity.objects.get(kind="email")
    assert (identity.is_verified, identity.verified_by) == (True, "code")


def test_the_code_stands_nowhere_and_is_no_good_elsewhere(browser: Visitor, widget: Channel) -> None:
    code = ask(browser)
    row = VisitorCode.objects.get()
    assert code not in str(vars(row)).replace(str(row.made_at), "")
    assert not Entry.objects.filter(message__text__contains=code).exists()
    other = Visitor(widget.public_key)
    other.arrive()
    assert other.post("proofs/", {"code": code}).status_code == 410
    ask(other)
    assert other.post("proofs/", {"code": code}).status_code == 403


def test_a_code_counts_once(browser: Visitor) -> None:
    code = ask(browser)
    assert browser.post("proofs/", {"code": code}).status_code == 200
    assert browser.post("proofs/", {"code": code}).status_code == 409
    assert browser.post("codes/", {"address": "other@example.test"}).status_code == 409


def test_five_tries_and_no_more(browser: Visitor) -> None:
    code = ask(browser)
    tried = [browser.post("proofs/", {"code": another(code)}) for _ in range(5)]
    assert [(answer.status_code, answer.json()["left"]) for answer in tried] == [(403, n) for n in (4, 3, 2, 1, 0)]
    assert browser.post("proofs/", {"code": code}).status_code == 410
    assert Row.objects.get().proved is None


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_counted_all_the_same(browser: Visitor) -> None:
    code, row = ask(browser), Row.objects.get()

    def guess() -> str:
        try:
            return codes.take(row, another(code))
        except (codes.Wrong, codes.Over) as no:
            return type(no).__name__

    assert sorted(together(*[guess] * 7)) == ["Over"] * 2 + ["Wrong"] * 5


@pytest.mark.django_db(transaction=True)
def test_of_two_right_ones_at_once_one_counts(browser: Visitor) -> None:
    code, row = ask(browser), Row.objects.get()

    def show() -> str:
        try:
            return codes.take(row, code)
        except codes.Over:
            return ""

    assert sorted(together(show, show)) == ["", MARIA]


def test_a_code_is_over_after_ten_minutes_and_when_a_new_one_was_asked_for(
    browser: Visitor, clock: time_machine.Traveller
) -> None:
    first = ask(browser)
    second = ask(browser)
    if first != second:
        assert browser.post("proofs/", {"code": first}).status_code == 403
    clock.shift(timedelta(minutes=11))
    assert browser.post("proofs/", {"code": second}).status_code == 410


def test_nobody_learns_who_is_known_here(browser: Visitor, widget: Channel) -> None:
    stranger = Visitor(widget.public_key)
    stranger.arrive()
    asked = []
    for visitor, address in ((browser, MARIA), (stranger, "nobody@example.test")):
        with CaptureQueriesContext(connection) as statements:
            answer = visitor.post("codes/", {"address": address})
        asked.append((answer.status_code, answer.content, len(statements)))
    assert asked[0] == asked[1]
    before = len(paper.adapter.post.accepted)
    assert [codes.mail(pk) for pk in VisitorCode.objects.order_by("pk").values_list("pk", flat=True)] == [True, False]
    assert len(paper.adapter.post.accepted) == before + 1
    tried = [visitor.post("proofs/", {"code": "x"}) for visitor in (browser, stranger)]
    assert tried[0].content == tried[1].content
    assert not Identity.objects.filter(value="nobody@example.test").exists()


def test_who_wants_no_mail_gets_none(browser: Visitor) -> None:
    Identity.objects.filter(value=MARIA).update(opted_out_at=time.now())
    assert ask(browser) == ""


def test_how_often_is_limited_by_browser_and_by_address(browser: Visitor, widget: Channel) -> None:
    for _ in range(3):
        ask(browser)
    assert browser.post("codes/", {"address": "x@example.test"}).status_code == 429
    others = [Visitor(widget.public_key) for _ in range(3)]
    for other in others:
        other.arrive()
    found = [other.post("codes/", {"address": MARIA}).status_code for other in others]
    assert found == [202, 202, 429]


@pytest.mark.parametrize(
    ("noun", "given", "status"),
    [
        ("codes/", {}, 400), ("codes/", {"address": 7}, 400), ("codes/", {"address": "x"}, 400), ("codes/", b"[]", 400),
        ("codes/", {"address": "\ud800@example.test"}, 400), ("codes/", {"address": "a\0@example.test"}, 400),
        ("proofs/", {}, 400), ("proofs/", {"code": 123456}, 400), ("proofs/", {"code": ["1"]}, 400),
        ("proofs/", {"code": "\ud800"}, 400), ("proofs/", {"code": "١٢٣٤٥٦"}, 400),
        ("proofs/", {"code": "1" * 30}, 400),
        ("proofs/", {"code": "123456"}, 410), ("proofs/", {"code": ""}, 410),
    ],
)  # fmt: skip
def test_what_is_no_address_and_no_code_is_refused(browser: Visitor, noun: str, given: Any, status: int) -> None:
    assert browser.post(noun, given).status_code == status
    assert not VisitorCode.objects.exists()


def test_only_a_browser_that_is_known_asks(widget: Channel, maria: Customer) -> None:
    nobody, elsewhere = Visitor(widget.public_key), Visitor(widget.public_key, site="https://evil.example.test")
    for noun, given in (("codes/", {"address": MARIA}), ("proofs/", {"code": "123456"})):
        assert [one.post(noun, given).status_code for one in (nobody, elsewhere)] == [401, 403]
        assert nobody.get(noun).status_code in {401, 405}
    assert not VisitorCode.objects.exists()


def test_a_browser_that_has_said_nothing_writes_as_the_customer(browser: Visitor, maria: Customer) -> None:
    browser.post("proofs/", {"code": ask(browser)})
    browser.say("I am on another device")
    entry = file()
    assert entry.customer == maria
    assert entry.conversation == maria.conversations.get()


def test_a_browser_that_has_spoken_stays_who_it_is_and_is_suggested(
    browser: Visitor, maria: Customer, agent: Agent
) -> None:
    browser.say("Who is there?")
    own = file().customer
    browser.post("proofs/", {"code": ask(browser)})
    page = browser.get("entries/").content.decode()
    assert "Who is there?" in page
    assert "Where is my parcel" in page
    assert file().customer == own
    assert own != maria
    assert not MergeRecord.objects.exists()
    found = Suggestion.objects.get()
    assert {found.one, found.two} == {own, maria}


def test_an_address_that_was_typed_here_can_be_proved(browser: Visitor) -> None:
    browser.say("Hello")
    file()
    browser.post("addresses/", {"address": "new@example.test"})
    assert browser.post("proofs/", {"code": ask(browser, "new@example.test")}).status_code == 200
    assert Identity.objects.get(value="new@example.test").is_verified


def test_another_device_shows_the_chat_in_which_the_address_was_typed(
    browser: Visitor, widget: Channel, agent: Agent
) -> None:
    browser.say("Do you ship to Cluj?")
    row = file().conversation
    browser.post("addresses/", {"address": "new@example.test"})
    assert row is not None
    thread = row.threads.get()
    told = row.reply(by=agent, text="In two days.", to=Route(thread.channel_id, thread.identity_id))
    sender.deliver(Delivery.objects.get(message=told.pk).pk)
    phone = Visitor(widget.public_key)
    phone.arrive()
    answer = phone.post("proofs/", {"code": ask(phone, "new@example.test")})
    assert answer.json()["upto"] == told.pk
    page = phone.get("entries/").content.decode()
    assert "ship to Cluj" in page
    assert "In two days" in page
    phone.say("Thank you, on the train")
    assert file().conversation == row
    # The first device has proved nothing.
    assert "on the train" not in browser.get("entries/").content.decode()


def test_whoever_types_somebodys_address_puts_no_words_into_their_chat(browser: Visitor, widget: Channel) -> None:
    liar = Visitor(widget.public_key)
    liar.arrive()
    liar.say("Send it to another house")
    file()
    liar.post("addresses/", {"address": MARIA})
    browser.post("proofs/", {"code": ask(browser)})
    assert "another house" not in browser.get("entries/").content.decode()


def test_what_could_not_leave_leaves_a_moment_later(
    browser: Visitor, sent: paper.Post, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("connection", "Away.", retryable=True)
    assert ask(browser) == ""
    assert VisitorCode.objects.get().digest == ""
    sent.fail = None
    assert codes.sweep() == 0
    clock.shift(timedelta(seconds=20))
    assert [codes.sweep(), codes.sweep()] == [1, 0]


@pytest.mark.slow
def test_a_hundred_thousand_guesses_prove_nothing(browser: Visitor) -> None:
    code, row = ask(browser), Row.objects.get()
    found = 0
    for number in range(100_000):
        guess = f"{number:06d}"
        try:
            found += guess != code and bool(codes.take(row, guess))
        except (codes.Wrong, codes.Over):
            continue
    assert found == 0
    with pytest.raises(codes.Over):
        codes.take(row, code)
