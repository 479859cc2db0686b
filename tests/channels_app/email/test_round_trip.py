"""From the customer's mail to our answer on the wire and back into the same conversation."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from agents.models import Agent
from channels_app import delivery, intake
from channels_app.models import Channel, RawEvent
from conversations.models import Conversation, Delivery, Entry
from tests import factories
from tests.channels_app.email import sink
from tests.channels_app.email.letters import MAILBOX, letter
from tests.channels_app.email.sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Any:
    with sink.running() as running:
        settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{running.port}"]
        settings.SMTP_URL = running.url
        yield running


@pytest.fixture
def mailbox(db: None) -> Channel:
    return factories.make_channel(name="Help", kind="email", config={"address": MAILBOX, "name": "Help desk"})


def _file(mailbox: Channel, raw: bytes) -> Entry:
    event = intake.store(mailbox, body=raw, headers={})
    assert intake.process(event.pk) == RawEvent.State.FILED
    return Entry.objects.filter(raw=event).latest("pk")


def _answer(conversation: Conversation, by: Agent, server: Sink) -> EmailMessage:
    entry = conversation.reply(by=by, text="It is on its way.", to=factories.route_to(conversation))
    sent = Delivery.objects.get(message__entry=entry)
    assert delivery.deliver(sent.pk) == Delivery.State.SENT
    mail = message_from_bytes(server.mails[-1], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_the_answer_answers_the_customers_mail(mailbox: Channel, agent: Agent, server: Sink) -> None:
    conversation = _file(mailbox, letter()).conversation
    assert conversation
    mail = _answer(conversation, agent, server)
    assert mail["In-Reply-To"] == "<1@mail.example.test>"
    assert mail["To"] == "Giulia Tedesco <giulia@example.test>"
    assert mail["From"].addresses[0].addr_spec == MAILBOX


@pytest.mark.parametrize("by_what", ["address", "id"])
def test_the_customers_answer_joins_by_either_mark(mailbox: Channel, agent: Agent, server: Sink, by_what: str) -> None:
    conversation = _file(mailbox, letter()).conversation
    assert conversation
    mail = _answer(conversation, agent, server)
    mark = {"to": str(mail["Reply-To"])} if by_what == "address" else {"in_reply_to": str(mail["Message-ID"])}
    entry = _file(mailbox, letter("Thank you", message_id="<2@mail.example.test>", **mark))
    assert entry.conversation == conversation


def test_a_strangers_mail_with_our_mark_stays_outside(mailbox: Channel, agent: Agent, server: Sink) -> None:
    conversation = _file(mailbox, letter()).conversation
    assert conversation
    mail = _answer(conversation, agent, server)
    forged = letter(**{"from": "eve@evil.test"}, message_id="<9@evil.test>", to=str(mail["Reply-To"]))
    assert _file(mailbox, forged).conversation != conversation


def test_a_bounce_of_the_answer_is_filed_with_it(mailbox: Channel, agent: Agent, server: Sink) -> None:
    conversation = _file(mailbox, letter()).conversation
    assert conversation
    identifier = str(_answer(conversation, agent, server)["Message-ID"])
    report = (
        "From: mailer-daemon@mx.example.test\r\nTo: help@desk.example.test\r\nSubject: Undelivered Mail\r\n"
        'Message-ID: <b1@mx.example.test>\r\nContent-Type: multipart/report; boundary="e"\r\n\r\n'
        "--e\r\n\r\nFailed.\r\n--e\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Final-Recipient: rfc822; giulia@example.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--e\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {identifier}\r\n--e--\r\n"
    )
    assert _file(mailbox, report.encode()).conversation == conversation


def test_the_same_mail_by_two_ways_is_one_entry(mailbox: Channel) -> None:
    _file(mailbox, letter())
    again = intake.store(mailbox, body=b"Received: by mx.example.test\r\n" + letter(), headers={})
    assert intake.process(again.pk) == RawEvent.State.DUPLICATE
    assert Entry.objects.filter(kind=Entry.Kind.MESSAGE).count() == 1
