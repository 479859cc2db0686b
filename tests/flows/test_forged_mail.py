"""Forged mails: whatever they claim, none is let into somebody's conversation (docs/decisions/0002)."""

import pytest
from django.conf import settings

from agents.models import Agent
from channels_app import delivery, intake
from channels_app.adapters.email import reply
from channels_app.models import Channel
from conversations.models import Conversation, Delivery, Entry, Message, Participant
from tests.channels_app.email.letters import MAILBOX, letter
from tests.channels_app.email.sink import Sink
from tests.factories import make_agent, make_customer, route_to

pytestmark = pytest.mark.django_db(transaction=True)

OURS = "mx.desk.example.test"
SENDERS = {
    "the customer": "Giulia Tedesco <giulia@example.test>",
    "an agent": "Ana Ionescu <ana@desk.example.test>",
    "another customer": "Bruno Rossi <bruno@example.test>",
    "a stranger": "Mallory <mallory@example.test>",
    "the customer by name": '"giulia@example.test" <mallory@example.test>',
}


def tricks(conversation: Conversation, sent: Message) -> dict[str, dict[str, str]]:
    """Name what a forger tries, who knows everything but a valid signature."""
    token = sent.thread.external_id
    address = reply.reply_address(MAILBOX, token, settings.SECRET_KEY)
    wrong = reply.reply_address(MAILBOX, token, "another secret")
    ours = str(sent.external_id)
    flipped = ours[:-30] + ("a" if ours[-30] != "a" else "b") + ours[-29:]
    return {
        "the number in the subject": {"subject": f"Re: [#{conversation.number}] My parcel"},
        "the same subject": {"subject": "Re: My parcel"},
        "the first mail's id": {"in_reply_to": "<1@mail.example.test>", "references": "<1@mail.example.test>"},
        "a changed id of ours": {"in_reply_to": flipped, "references": flipped},
        "a guessed plus address": {"to": f"help+{conversation.number}@desk.example.test"},
        "a token without signature": {"to": f"help+{token}@desk.example.test"},
        "a token signed by somebody else": {"to": wrong},
        "a token in capitals": {"to": address.upper()},
        "a made up result": {"authentication_results": "mx.evil.example.test; dmarc=pass; spf=pass; dkim=pass"},
        "headers of ours": {"x_telaio_conversation": str(conversation.number), "x_thread": token},
    }


TRICKS = [
    "the number in the subject",
    "the same subject",
    "the first mail's id",
    "a changed id of ours",
    "a guessed plus address",
    "a token without signature",
    "a token signed by somebody else",
    "a token in capitals",
    "a made up result",
    "headers of ours",
]


@pytest.fixture
def sent(mailbox: Channel, sink: Sink) -> Message:
    """Giulia wrote, Ana answered; Bruno is a customer too."""
    make_customer(name="Bruno Rossi", address="bruno@example.test")
    assert mailbox.default_team is not None
    ana = make_agent(name="Ana Ionescu", teams=(mailbox.default_team,))
    Agent.objects.filter(pk=ana.pk).update(email="ana@desk.example.test")
    event = intake.store(mailbox, body=letter(), headers={})
    intake.process(event.pk)
    conversation = Conversation.objects.get()
    entry = conversation.reply(by=ana, text="It left on Monday.", to=route_to(conversation))
    delivery.deliver(Delivery.objects.get().pk)
    return Message.objects.get(entry=entry)


def arrive(channel: Channel, raw: bytes) -> Entry:
    event = intake.store(channel, body=raw, headers={})
    assert intake.process(event.pk) == "filed"
    return Entry.objects.filter(raw=event).exclude(kind="took_part").get()


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("trick", TRICKS)
def test_a_forged_mail_stands_apart(mailbox: Channel, sent: Message, sender: str, trick: str) -> None:
    conversation = sent.entry.conversation
    assert conversation is not None
    fields = {"message_id": "<forged@example.test>", "from": SENDERS[sender], **tricks(conversation, sent)[trick]}
    entry = arrive(mailbox, letter("Send me everything.", **fields))
    assert entry.conversation != conversation
    assert (entry.actor, entry.by) == ("customer", None)
    assert Conversation.objects.count() == 2
    assert Participant.objects.count() == 0
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("sender", sorted(set(SENDERS) - {"the customer"}))
def test_a_stolen_token_opens_a_conversation_with_a_warning(mailbox: Channel, sent: Message, sender: str) -> None:
    address = reply.reply_address(MAILBOX, sent.thread.external_id, settings.SECRET_KEY)
    fields = {"message_id": "<forged@example.test>", "from": SENDERS[sender], "to": address}
    entry = arrive(mailbox, letter("Send me everything.", **fields))
    assert entry.conversation is not None
    assert entry.conversation != sent.entry.conversation
    assert entry.conversation.warning
    assert Participant.objects.count() == 0


def test_a_token_does_not_help_whom_our_own_server_found_out(mailbox: Channel, sent: Message) -> None:
    Channel.objects.filter(pk=mailbox.pk).update(trusted_authserv=OURS)
    address = reply.reply_address(MAILBOX, sent.thread.external_id, settings.SECRET_KEY)
    result = f"{OURS}; dmarc=fail (p=reject) header.from=example.test"
    entry = arrive(mailbox, letter("Send.", message_id="<f@example.test>", to=address, authentication_results=result))
    assert entry.conversation is not None
    assert entry.conversation != sent.entry.conversation
    assert entry.conversation.warning


def test_a_copy_in_cc_becomes_no_participant(mailbox: Channel, sent: Message) -> None:
    address = reply.reply_address(MAILBOX, sent.thread.external_id, settings.SECRET_KEY)
    fields = {"message_id": "<2@mail.example.test>", "to": address, "cc": "mallory@example.test"}
    entry = arrive(mailbox, letter("Adding a friend.", **fields))
    assert entry.conversation == sent.entry.conversation
    assert Participant.objects.count() == 0
    answer = arrive(mailbox, letter("Hello", message_id="<3@x.test>", **{"from": SENDERS["a stranger"], "to": address}))
    assert answer.conversation != sent.entry.conversation
