"""A small shop's desk: invented people, addresses and mails. Loaded once, through the product's own doors."""

from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from agents.models import Agent, ApiToken, Brand, Membership, Role, Team, Workspace
from channels_app import intake
from channels_app.models import Channel
from conversations.models import Conversation
from customers.identify import find
from helpdesk.lib import clock
from helpdesk.lib.inbound import Route
from helpdesk.seeds.demo_mails import MAILS, NOTES, REPLIES, Mail

PASSWORD = "passolungo-demo"
MAILBOX = "help@example.test"
TOKEN_NAME = "demo"


@dataclass(frozen=True, slots=True)
class Person:
    """An agent of the demonstration."""

    email: str
    name: str
    role: str
    language: str = "en"
    teams: tuple[str, ...] = ("support",)


PEOPLE = (
    Person("ana@example.test", "Ana Vieru", "agent", "ro"),
    Person("luca@example.test", "Luca Ferrante", "agent"),
    Person("sara@example.test", "Sara Contarini", "agent", "it", ("support", "billing")),
    Person("sam@example.test", "Sam Marchetti", "supervisor"),
    Person("ada@example.test", "Ada Keller", "admin"),
)


def load() -> dict[str, Any]:
    """Make what is missing; return what `serve` tells: demo, demo_mailbox, api_token.

    Safe to run at every start: people and mails are made once, the API token is a new one each
    time because its secret cannot be read again.
    """
    is_first = not Channel.objects.filter(address=MAILBOX).exists()
    channel = _channel(_teams())
    agents = [_agent(person) for person in PEOPLE]
    if is_first:
        _post(channel)
        _work(channel, agents)
    return {
        "demo": [{"email": p.email, "password": PASSWORD, "role": p.role} for p in PEOPLE],
        "demo_mailbox": {"address": MAILBOX, "channel_key": channel.public_key},
        "api_token": _token(agents[-1]),
    }


def _teams() -> dict[str, Team]:
    rows = (("support", "Support", False), ("billing", "Billing", True))
    return {
        slug: Team.objects.get_or_create(slug=slug, defaults={"name": name, "is_private": is_private})[0]
        for slug, name, is_private in rows
    }


def _channel(teams: dict[str, Team]) -> Channel:
    Workspace.objects.filter(pk=1, name="Telaio").update(name="Passolungo")
    brand = Brand.objects.get(is_default=True)
    found = Channel.objects.filter(address=MAILBOX).first()
    if found is not None:
        return found
    channel = Channel(kind="email", name="Passolungo", brand=brand, default_team=teams["support"])
    channel.config = {"address": MAILBOX, "name": "Passolungo"}
    # The demonstration has no mail server that proves senders; in production this stays off.
    channel.join_unproven = True
    channel.save()
    return channel


def _agent(person: Person) -> Agent:
    found = Agent.objects.filter(email=person.email).first()
    if found is not None:
        return found
    agent = Agent.objects.create_user(
        person.email,
        PASSWORD,
        name=person.name,
        role=Role.objects.get(slug=person.role),
        language=person.language,
        time_zone="Europe/Rome",
    )
    for slug in person.teams:
        Membership.objects.create(agent=agent, team=Team.objects.get(slug=slug))
    return agent


def _token(agent: Agent) -> str:
    agent.api_tokens.filter(name=TOKEN_NAME).delete()
    return ApiToken.issue(agent, TOKEN_NAME)[1]


def _post(channel: Channel) -> None:
    """Let the mails come in by the door that real ones use, oldest first."""
    for mail in sorted(MAILS, key=lambda mail: -mail.minutes_ago):
        event = intake.store(channel, body=compose(mail), headers={"source": "demo"})
        intake.process(event.pk)


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
    if mail.file:
        message.add_attachment(mail.file[1], filename=mail.file[0])
    return message.as_bytes()


def _work(channel: Channel, agents: list[Agent]) -> None:
    """What the team did since: some taken, some answered, one away until tomorrow."""
    people = {agent.first_name: agent for agent in agents}
    for address, name, text in NOTES:
        conversation = _conversation(address)
        conversation.take(by=people[name])
        conversation.note(by=people[name], text=text)
    for address, name, text, then in REPLIES:
        conversation, identity = _conversation(address), find("email", address)
        assert identity is not None
        conversation.take(by=people[name])
        conversation.reply(by=people[name], text=text, to=Route(channel.pk, identity.pk))
        _then(conversation, then, people[name])


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
