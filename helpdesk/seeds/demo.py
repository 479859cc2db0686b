"""A small shop's desk: invented people, addresses and mails. Loaded once, through the product's own doors."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from django.db import transaction

from agents.models import Agent, ApiToken, Team
from channels_app import intake
from channels_app.models import Channel
from conversations.models import Conversation
from conversations.models.conversation import Topic
from customers.identify import find
from helpdesk.lib import clock
from helpdesk.lib.outbound import Route
from helpdesk.seeds import companies, details, people, playing, story
from helpdesk.seeds.demo_mails import MAILS, NOTES, REPLIES, Mail
from helpdesk.seeds.people import MAILBOX, PASSWORD, PEOPLE
from helpdesk.seeds.stories_en import STORIES as EN
from helpdesk.seeds.stories_it import STORIES as IT
from helpdesk.seeds.stories_ro import STORIES as RO

TOKEN_NAME = "demo"


def load() -> dict[str, Any]:
    """Make what is missing; return what `serve` tells: demo, demo_mailbox, api_token.

    Safe to run at every start: people and mails are made once, the API token is a new one each
    time because its secret cannot be read again. A desk of real people (restored here) is left alone.
    """
    if Agent.objects.exists() and not Agent.objects.filter(email=PEOPLE[0].email).exists():
        return {}
    teams = people.teams()
    channel = people.mailbox(teams["support"])
    people.calendar()
    people.chat(teams["support"])
    people.webform(teams["support"])
    agents = [people.agent(person) for person in PEOPLE]
    if not Conversation.objects.exists():
        _tell(channel, agents, teams)
        _post(channel)
        _work(channel, agents)
        details.tell(agents)
        companies.load(agents[1])
        playing.remember_reading(agents)
    return facts(channel, agents)


def facts(channel: Channel, agents: list[Agent]) -> dict[str, Any]:
    """Return how to get in: the people, the mailbox and the token of the last of the agents."""
    return {
        "demo": [{"email": p.email, "password": PASSWORD, "role": p.role} for p in PEOPLE],
        "demo_mailbox": {"address": MAILBOX, "channel_key": channel.public_key},
        "api_token": _token(agents[-1]),
    }


def _token(agent: Agent) -> str:
    agent.api_tokens.filter(name=TOKEN_NAME).delete()
    return ApiToken.issue(agent, TOKEN_NAME)[1]


def _tell(channel: Channel, agents: list[Agent], teams: dict[str, Team]) -> None:
    """What happened until today, on all channels."""
    with transaction.atomic():
        channels = {"email": channel, **people.sandboxes(teams["support"])}
        stage = playing.Stage(clock.now(), channels, {agent.first_name: agent for agent in agents}, teams)
        playing.play([one for text in (IT, RO, EN, companies.STORIES) for one in story.read(text)], stage)


def _post(channel: Channel) -> None:
    """Let the mails come in by the door that real ones use, oldest first."""
    for mail in sorted(MAILS, key=lambda mail: -mail.minutes_ago):
        body, at = compose(mail), clock.now() - timedelta(minutes=mail.minutes_ago)
        with clock.at(at):
            intake.process(intake.store(channel, body=body, headers={"source": "demo"}).pk)
        topic = Topic.objects.get_or_create(parent=None, name=mail.topic)[0]
        Conversation.objects.filter(pk=_conversation(mail.address).pk).update(topic=topic)


def compose(mail: Mail) -> bytes:
    """Return the mail as a customer's program would send it."""
    message = EmailMessage()
    message["From"] = f"{mail.name} <{mail.address}>"
    message["To"] = f"Passolungo <{MAILBOX}>"
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now() - timedelta(minutes=mail.minutes_ago))
    message["Message-ID"] = make_msgid(domain="example.test")
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    if mail.picture:
        shown = message.get_body(("html",))
        assert isinstance(shown, EmailMessage)
        shown.add_related(mail.picture, "image", "png", cid="<picture>", filename="drawing.png", disposition="inline")
    if mail.file:
        message.add_attachment(mail.file[1], filename=mail.file[0])
    return message.as_bytes()


def _work(channel: Channel, agents: list[Agent]) -> None:
    """What the team did with the mails: some taken, some answered, one away until tomorrow."""
    colleagues = {agent.first_name: agent for agent in agents}
    for address, name, text in NOTES:
        conversation = _conversation(address)
        with clock.at(_soon_after(conversation)):
            conversation.take(by=colleagues[name])
            conversation.note(by=colleagues[name], text=text)
    for address, name, text, then in REPLIES:
        conversation, identity = _conversation(address), find("email", address)
        assert identity is not None
        with clock.at(_soon_after(conversation)):
            conversation.take(by=colleagues[name])
            conversation.reply(by=colleagues[name], text=text, to=Route(channel.pk, identity.pk))
        _then(conversation, then, colleagues[name])


def _soon_after(conversation: Conversation) -> datetime:
    return min(conversation.last_entry_at + timedelta(minutes=35), clock.now())


def _then(conversation: Conversation, then: str, by: Agent) -> None:
    if then == "wait":
        conversation.wait(by=by)
    elif then == "resolve":
        conversation.resolve(by=by)
    elif then == "snooze":
        conversation.snooze(by=by, until=clock.now() + timedelta(hours=20))


def _conversation(address: str) -> Conversation:
    identity = find("email", address)
    assert identity is not None
    return Conversation.objects.filter(customer=identity.customer).latest("pk")
