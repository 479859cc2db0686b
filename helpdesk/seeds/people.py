"""Who works at the shop, on which channels, and how they sign in."""

import secrets
from dataclasses import dataclass
from datetime import date

from agents.hours import keeping, writing
from agents.models import Agent, Brand, Calendar, Membership, Role, Team, Workspace
from channels_app.models import Channel, MessageTemplate
from helpdesk.lib import clock

PASSWORD = "passolungo-demo"
SHOP_CHAT = "Shop chat"
SHOP_FORM = "Shop contact form"
MAILBOX = "help@example.test"
HOURS = "Shop hours"
# Answers are due after this long, so that a fresh desk has something of everything for some hours.
REPLY_TARGET_MINUTES = 240
# looks_like and name of the channels that the demonstration has besides its mailbox
SANDBOXES = (
    ("chat", "Passolungo website"),
    ("whatsapp", "Passolungo WhatsApp"),
    ("messenger", "Passolungo on Messenger"),
    ("instagram", "@passolungo"),
    ("telegram", "@passolungo_bot"),
    ("sms", "+39 055 555 0100"),
)
# What the shop had approved for the times when nobody may write freely: name, language, category, text.
TEMPLATES = (
    ("parcel_on_its_way", "en", "utility", "Hello {{1}}, your order {{2}} has left us. Tracking: {{3}}"),
    ("parcel_on_its_way", "it", "utility", "Ciao {{1}}, il tuo ordine {{2}} è partito. Spedizione: {{3}}"),
    ("parcel_on_its_way", "ro", "utility", "Bună {{1}}, comanda {{2}} a plecat de la noi. AWB: {{3}}"),
    ("answer_to_your_question", "en", "utility", "Hello {{1}}, we have an answer for you. Write back to read it."),
    ("answer_to_your_question", "it", "utility", "Ciao {{1}}, abbiamo una risposta per te. Scrivici per leggerla."),
    ("answer_to_your_question", "ro", "utility", "Bună {{1}}, avem un răspuns pentru tine. Scrie-ne ca să îl citești."),
    ("new_season", "it", "marketing", "Ciao {{1}}, gli scarponi della nuova stagione sono in negozio."),
)


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
    Person("tudor@example.test", "Tudor Rus", "trainee", "ro"),
    Person("ada@example.test", "Ada Keller", "admin"),
)
# A role beside the built-in ones: sees their own alone, and of a customer nothing that others wrote.
TRAINEE = {"name": "Trainee", "sight": Role.Sight.OWN, "reads_whole_timelines": False}


def teams() -> dict[str, Team]:
    """Find or make the teams, by slug."""
    rows = (("support", "Support", False), ("billing", "Billing", True))
    return {
        slug: Team.objects.get_or_create(slug=slug, defaults={"name": name, "is_private": is_private})[0]
        for slug, name, is_private in rows
    }


def agent(person: Person) -> Agent:
    """Find or make an agent, and the role that did not come with the desk."""
    found = Agent.objects.filter(email=person.email).first()
    if found is not None:
        return found
    if person.role == "trainee":
        Role.objects.get_or_create(slug=person.role, defaults=TRAINEE)
    made = Agent.objects.create_user(
        person.email,
        PASSWORD,
        name=person.name,
        role=Role.objects.get(slug=person.role),
        language=person.language,
        time_zone="Europe/Rome",
    )
    for slug in person.teams:
        Membership.objects.create(agent=made, team=Team.objects.get(slug=slug))
    return made


def calendar() -> Calendar:
    """Find or make the shop's hours; the desk counts by them from then on, until somebody chooses otherwise."""
    found = Calendar.objects.filter(name=HOURS).first()
    if found is None:
        found = keeping.add(_hours_of_the_shop(), by=None)
        keeping.choose(found, {}, by=None)
    return found


def mailbox(team: Team) -> Channel:
    """Find or make the shop's mailbox."""
    fresh = Workspace.objects.filter(pk=1, name="Telaio")
    fresh.update(name="Passolungo", reply_target_minutes=REPLY_TARGET_MINUTES)
    Brand.objects.filter(is_default=True, name="Telaio").update(name="Passolungo")
    found = Channel.objects.filter(address=MAILBOX).first()
    if found is not None:
        return found
    channel = Channel(kind="email", name="Passolungo", brand=Brand.objects.get(is_default=True), default_team=team)
    channel.config = {"address": MAILBOX, "name": "Passolungo"}
    # The demonstration has no mail server that proves senders; in production this stays off.
    channel.join_unproven = True
    channel.save()
    return channel


def sandboxes(team: Team) -> dict[str, Channel]:
    """Make the other channels; nothing that is written on them leaves the house."""
    brand = Brand.objects.get(is_default=True)
    made = {}
    for look, name in SANDBOXES:
        made[look] = Channel(kind="sandbox", name=name, brand=brand, default_team=team)
        made[look].config = {"looks_like": look}
        made[look].save()
    _approve(made["whatsapp"])
    return made


def chat(team: Team) -> Channel:
    """Find or make the widget of the shop that the desk shows itself (helpdesk/demo_shop.py)."""
    found = Channel.objects.filter(name=SHOP_CHAT).first()
    if found is not None:
        return found
    channel = Channel(kind="webchat", name=SHOP_CHAT, brand=Brand.objects.get(is_default=True), default_team=team)
    channel.config = {
        "accent": "#1f4d3a", "corner": "end", "follow_up_minutes": 2, "secret": secrets.token_hex(32),
        "topics": "Returns",
    }  # fmt: skip
    channel.save()
    return channel


def webform(team: Team) -> Channel:
    """Find or make the shop's contact page (/help/<language>/contact/)."""
    found = Channel.objects.filter(name=SHOP_FORM).first()
    if found is not None:
        return found
    channel = Channel(kind="webform", name=SHOP_FORM, brand=Brand.objects.get(is_default=True), default_team=team)
    channel.config = {"takes_files": True}
    channel.save()
    return channel


def _hours_of_the_shop() -> keeping.Wanted:
    weekdays, saturday, eve = writing.read("9-18"), writing.read("10-14"), writing.read("9-12")
    today = clock.now().date()
    year = today.year if today <= date(today.year, 12, 24) else today.year + 1
    own = keeping.OwnDay(date(year, 12, 24), "Christmas Eve", eve)
    return keeping.Wanted(HOURS, "Europe/Rome", (weekdays,) * 5 + (saturday, ()), country="IT", own=(own,))


def _approve(channel: Channel) -> None:
    """Give a channel the texts that its provider would have approved."""
    for name, language, category, body in TEMPLATES:
        said = {"body": body, "category": category, "footer": "Passolungo"}
        MessageTemplate.objects.create(channel=channel, name=name, language=language, **said)
