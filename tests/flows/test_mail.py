"""A mail's whole journey: in by SMTP, seen live, answered, and the customer's answer joins."""

import asyncio
import email
import smtplib
from email import policy
from email.message import EmailMessage

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from agents.models import Agent
from channels_app import delivery, intake
from channels_app.models import Channel, RawEvent
from conversations.models import Conversation, Delivery, Entry, Message
from customers.models import Customer
from tests.channels_app.email.conftest import Listener
from tests.channels_app.email.letters import MAILBOX, letter
from tests.channels_app.email.sink import Sink
from tests.factories import make_agent, route_to
from tests.sockets import Sockets, play

pytestmark = pytest.mark.django_db(transaction=True)


def post(port: int, raw: bytes, to: str = MAILBOX) -> None:
    """Send a mail as the customer's mail program does."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail("giulia@example.test", [to], raw)


def work() -> None:
    """Do what the workers do when they are rung."""
    for pk in RawEvent.objects.filter(state="new").values_list("pk", flat=True):
        intake.process(pk)
    for pk in Delivery.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True):
        delivery.deliver(pk)


def arrive(channel: Channel, raw: bytes) -> Entry:
    event = intake.store(channel, body=raw, headers={})
    assert intake.process(event.pk) == "filed", event
    return Entry.objects.get(raw=event)


def answered(mailbox: Channel, sink: Sink, agent: Agent) -> tuple[Conversation, EmailMessage]:
    """Let Giulia write and an agent answer; return the conversation and the mail she gets."""
    conversation = arrive(mailbox, letter()).conversation
    assert conversation is not None
    conversation.reply(by=agent, text="It left on Monday.", to=route_to(conversation))
    work()
    mail = email.message_from_bytes(sink.mails[-1], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return conversation, mail


@pytest.fixture
def agent(mailbox: Channel) -> Agent:
    assert mailbox.default_team is not None
    return make_agent(name="Ana Ionescu", teams=(mailbox.default_team,))


def test_a_mail_appears_while_an_agent_looks(mailbox: Channel, listener: Listener, agent: Agent) -> None:
    browser = Client()
    browser.force_login(agent)

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await asyncio.to_thread(post, listener.smtp, letter())
        await sync_to_async(work)()
        hint = await socket.next("hint")
        await socket.watch(hint["customer"])
        page = await sync_to_async(browser.get)(f"/customers/{hint['customer']}/entries/?after=0")
        assert b"Where is my parcel?" in page.content
        assert f'id="m-{hint["entry"]}"'.encode() in page.content
        assert int(page.headers["X-Cursor"]) == hint["touched_seq"]

    play(scene)


def test_what_comes_while_reading_is_fetched_after_the_cursor(
    mailbox: Channel, listener: Listener, agent: Agent
) -> None:
    first = arrive(mailbox, letter())
    Channel.objects.filter(pk=mailbox.pk).update(join_unproven=True)
    browser = Client()
    browser.force_login(agent)

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        await socket.watch(first.customer_id)
        await asyncio.to_thread(post, listener.smtp, letter("It came!", message_id="<2@mail.example.test>"))
        await sync_to_async(work)()
        hint = await socket.next("hint")
        url = f"/customers/{first.customer_id}/entries/?after={first.touched_seq}"
        page = await sync_to_async(browser.get)(url)
        assert hint["conversation"] == first.conversation_id
        assert (b"It came!" in page.content, b"Where is my parcel?" in page.content) == (True, False)

    play(scene)


def test_the_answer_is_a_proper_mail(mailbox: Channel, sink: Sink, agent: Agent) -> None:
    _, mail = answered(mailbox, sink, agent)
    assert (mail["From"], mail["To"]) == (
        f'"Ana Ionescu (Help desk)" <{MAILBOX}>',
        "Giulia Tedesco <giulia@example.test>",
    )
    assert (mail["Subject"], mail["In-Reply-To"]) == ("Re: My parcel", "<1@mail.example.test>")
    assert mail["References"].split() == ["<1@mail.example.test>"]
    assert mail["Reply-To"].startswith("help+") or "help+" in mail["Reply-To"]
    assert mail["Message-ID"] == Message.objects.get(direction="out").external_id
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "It left on Monday." in body.get_content()


def test_the_states_of_an_answer_are_seen(mailbox: Channel, sink: Sink, agent: Agent) -> None:
    conversation, _ = answered(mailbox, sink, agent)
    entry = conversation.entries.latest("seq")
    assert Delivery.objects.get().state == "sent"
    assert entry.touched_seq > entry.seq


@pytest.mark.parametrize("keeps", ["reply-to", "message-id", "both"])
def test_the_customers_answer_joins_the_same_conversation(
    mailbox: Channel, sink: Sink, agent: Agent, keeps: str
) -> None:
    conversation, mail = answered(mailbox, sink, agent)
    conversation.resolve(by=agent)
    headers = {"message_id": "<2@mail.example.test>", "subject": "something else"}
    if keeps != "message-id":
        headers["to"] = mail["Reply-To"]
    if keeps != "reply-to":
        headers |= {"in_reply_to": mail["Message-ID"], "references": f"<1@mail.example.test> {mail['Message-ID']}"}
    entry = arrive(mailbox, letter("Thank you, it came.", **headers))
    conversation.refresh_from_db()
    assert (entry.conversation, conversation.status) == (conversation, "open")
    assert (Customer.objects.count(), Conversation.objects.count()) == (1, 1)


def test_a_conversation_back_and_forth_is_one_timeline(mailbox: Channel, sink: Sink, agent: Agent) -> None:
    conversation, mail = answered(mailbox, sink, agent)
    arrive(mailbox, letter("And when?", to=mail["Reply-To"], message_id="<2@mail.example.test>"))
    conversation.reply(by=agent, text="Tomorrow.", to=route_to(conversation))
    work()
    second = email.message_from_bytes(sink.mails[-1], policy=policy.default)
    assert second["In-Reply-To"] == "<2@mail.example.test>"
    assert second["References"].split() == [
        "<1@mail.example.test>",
        mail["Message-ID"],
        "<2@mail.example.test>",
    ]
    texts = conversation.entries.exclude(message=None).order_by("seq").values_list("message__text", flat=True)
    assert [text.strip() for text in texts] == ["Where is my parcel?", "It left on Monday.", "And when?", "Tomorrow."]


def test_our_own_mail_that_comes_back_is_no_message(mailbox: Channel, sink: Sink, agent: Agent) -> None:
    answered(mailbox, sink, agent)
    event = intake.store(mailbox, body=sink.mails[-1], headers={})
    assert intake.process(event.pk) == "ignored"


def test_a_bounce_fails_the_answer_and_wakes_nobody(mailbox: Channel, sink: Sink, agent: Agent) -> None:
    conversation, mail = answered(mailbox, sink, agent)
    conversation.resolve(by=agent)
    report = bounce_of(mail)
    event = intake.store(mailbox, body=report, headers={"mail_from": ""})
    intake.process(event.pk)
    conversation.refresh_from_db()
    assert (Delivery.objects.get().state, conversation.status) == ("failed", "resolved")
    assert (Conversation.objects.count(), Customer.objects.count()) == (1, 1)


def bounce_of(mail: EmailMessage) -> bytes:
    """Write the report that a mail server sends when an address does not exist."""
    lines = [
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.test>",
        f"To: {mail['Reply-To']}",
        "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <bounce-1@mx.example.test>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"',
        "",
        "--edge",
        "Content-Type: text/plain",
        "",
        "The address does not exist.",
        "--edge",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.test",
        "",
        "Final-Recipient: rfc822; giulia@example.test",
        "Action: failed",
        "Status: 5.1.1",
        "",
        "--edge",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {mail['Message-ID']}",
        "Subject: Re: My parcel",
        "",
        "--edge--",
        "",
    ]
    return "\r\n".join(lines).encode()
