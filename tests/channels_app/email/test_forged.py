"""Forty forged mails: none joins a conversation, speaks as an agent or adds anybody to it."""

import itertools
from typing import Any

import pytest

from agents.models import Agent
from channels_app import intake
from channels_app.models import Channel
from conversations.models import Conversation, Entry, Participant
from helpdesk.lib.inbound import Proof
from tests import factories
from tests.channels_app.email.letters import MAILBOX, letter

pytestmark = pytest.mark.django_db

TRUSTED = "mx.desk.example.test"
PASS = f"{TRUSTED}; dmarc=pass header.from=example.test"
FAIL = f"{TRUSTED}; dmarc=fail (p=reject) header.from=example.test"
SENDERS = ["giulia@example.test", "ana@desk.example.test", "other@example.test", "eve@evil.test"]
TRICKS: list[dict[str, str]] = [
    {"in_reply_to": "<1@mail.example.test>"},
    {"references": "<1@mail.example.test>"},
    {"subject": "Re: My parcel [#{number}]"},
    {"to": "help+{token}@desk.example.test"},
    {"to": "help+{token}.aaaaaaaaaaaaaaaa@desk.example.test"},
    {"in_reply_to": "<{token}.aaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaa@desk.example.test>"},
    {"authentication_results": FAIL},
    {"authentication_results": f"mx.evil.test; none\r\nAuthentication-Results: {PASS}"},
    {"cc": "eve@evil.test", "in_reply_to": "<1@mail.example.test>"},
    {"reply_to": "giulia@example.test", "sender": "giulia@example.test"},
]


@pytest.fixture
def mailbox(db: None) -> Channel:
    config = {"address": MAILBOX}
    return factories.make_channel(kind="email", config=config, trusted_authserv=TRUSTED, join_unproven=False)


@pytest.fixture
def conversation(mailbox: Channel) -> Conversation:
    found = _file(mailbox, letter()).conversation
    assert found
    return found


@pytest.mark.parametrize(("sender", "trick"), list(itertools.product(SENDERS, TRICKS)))
def test_a_forged_mail_stays_outside(
    mailbox: Channel, conversation: Conversation, agent: Agent, sender: str, trick: dict[str, str]
) -> None:
    words = {"number": str(conversation.number), "token": conversation.threads.get().external_id}
    fields = {name: value.format(**words) for name, value in trick.items()}
    before = _people(conversation)
    entry = _file(mailbox, letter("Forged", **{"from": sender, "message_id": "<forged@evil.test>", **fields}))
    assert entry.conversation != conversation
    assert entry.actor == Entry.Actor.CUSTOMER
    assert entry.data["proof"] in {Proof.UNPROVEN, Proof.FAILED}
    assert _people(conversation) == before


def _people(conversation: Conversation) -> list[Any]:
    return list(Participant.objects.filter(conversation=conversation).order_by("pk").values_list("identity", flat=True))


def _file(mailbox: Channel, raw: bytes) -> Entry:
    event = intake.store(mailbox, body=raw, headers={})
    intake.process(event.pk)
    return Entry.objects.filter(raw=event, kind=Entry.Kind.MESSAGE).latest("pk")
