"""The same small desk every time, for tests that drive a browser. Loading it again starts over."""

from dataclasses import replace
from typing import Any

from django.core.management import CommandError
from django.db import connection, transaction

from agents.models import Agent, Workspace
from conversations import companies
from conversations import people as employing
from conversations.lists import segmenting
from customers.models import Customer, Segment
from customers.segments import ALL, Condition, Row
from helpdesk.lib import clock
from helpdesk.seeds import demo, people, playing, story

WORKSPACE = "Telaio e2e"
# What hangs on customers and channels goes with them.
EMPTY = (
    "TRUNCATE customers_customer, customers_company, customers_segment, channels_app_channel, conversations_topic"
    " RESTART IDENTITY CASCADE"
)
FROM_ONE = "ALTER SEQUENCE conversation_number RESTART"
STORIES = """
@ Giulia T. | it | email g@example.test * | instagram giulia.t * | whatsapp +39 055 555 0118
= 40d | Exchange 38 for 39 | Sizes | Sara | resolve
email: Posso cambiare il 38 con il 39?
> Certo, ecco l'etichetta.
= 61m | Order 10432 | Delivery | - | open
instagram: Ciao, ordine 10432, non ho ricevuto la conferma di spedizione

@ Mihai P. | ro | email m@example.test *
= 64m | Retur comanda 9981 | Returns | Luca | open
email: Bună ziua, eticheta de retur nu se deschide pe telefon.

@ Ioana C. | ro | whatsapp +40 700 555 0131 *
= 39m | Schimb mărime | Sizes | Ana | open
whatsapp: Bocancii sunt prea mici, aș vrea 39 în loc de 38.
> Sigur, vi-i schimb.
whatsapp: Cum procedăm?

@ Harriet C. | en | chat visitor-1 | email h@example.test
= 9m | Which size | Sizes | - | open
chat: I am between a 41 and a 42. Which Alpe 2?

@ Owen F. | en | email o@example.test *
= 3d | Spare tent pole | Repairs | Luca | wait
email: Any news on the tent pole?
> It reaches us on Thursday.
# On order with the maker.

@ Elena D. | it | telegram elena.d *
= 26h | Risuolatura | Repairs | Ana | snooze 20h
telegram: Quanto costa la risuolatura?
> 68 €, due settimane.

@ Pietro B. | it | email p@example.test *
= 24m | Fattura ordine 10377 | Invoices | Sara | open
email: Mi serve la fattura intestata alla ditta.
"""


def load() -> dict[str, Any]:
    """Start over with the same people. Refuses a database that holds anybody else's data."""
    Workspace.get()
    is_ours = Workspace.objects.filter(pk=1, name=WORKSPACE).exists()
    if not is_ours and Customer.objects.exists():
        raise CommandError("This database has customers; e2e would remove them. Use an empty one.")
    with transaction.atomic():
        # A table with checks still to come cannot be emptied.
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute(EMPTY)
            cursor.execute(FROM_ONE)
        Workspace.objects.filter(pk=1).update(name=WORKSPACE, reply_target_minutes=60, clock_offset_seconds=0)
        channel, agents = _desk()
        return demo.facts(channel, agents)


def _desk() -> tuple[Any, list[Agent]]:
    teams = people.teams()
    agents = [people.agent(replace(person, language="en")) for person in people.PEOPLE]
    channel = people.mailbox(teams["support"])
    people.calendar()
    channels = {"email": channel, **people.sandboxes(teams["support"])}
    names = {agent.first_name: agent for agent in agents}
    playing.play(story.read(STORIES), playing.Stage(clock.now(), channels, names, teams))
    _company(agents[1])
    return channel, agents


def _company(by: Agent) -> None:
    """One company with somebody in it and somebody who writes from its domain, and a segment."""
    company = companies.make(companies.About("Passi srl", ("passi.example.test",)), by=by)
    people_of_it = Customer.objects.filter(name="Elena D.")
    employing.employ(company, people_of_it, by=by)
    segmenting.keep(Segment(), "Romanian", Condition(ALL, (Row("language", "is", "ro"),)), by=by)
