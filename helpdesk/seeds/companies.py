"""Companies of the demonstration, their people, and the segments that the shop uses. Invented, like everybody else."""

from datetime import timedelta

from agents.models import Agent
from conversations import companies, people
from conversations.companies import About
from conversations.lists import segmenting
from customers.identify import find
from customers.models import Company, Segment
from customers.segments import ALL, ANY, Condition, Row
from helpdesk.lib import clock

STORIES = """
@ Marta Ghilardi | it | email marta@valbruna.example.test * | phone +39 055 555 0171
= 86d | Corde per il corso base | Orders | Sara | resolve
email: Buongiorno, ci servono sei corde intere da 50 m per il corso base di aprile. Fate un prezzo per le scuole?
> Buongiorno Marta, sì: 10 % da cinque pezzi. Le preparo il preventivo oggi. / Sara
email: Perfetto, confermiamo.
= 7h | Imbraghi per i ragazzi | Orders | Sara | open
email: Ci servirebbero anche otto imbraghi da ragazzo, taglia unica. Sono disponibili prima del 12?

@ Paolo Zanardi | it | email paolo@valbruna.example.test
= 18d | Fattura delle corde | Orders | Sara | resolve
email: Mi può rimandare la conferma d’ordine delle corde? Serve alla nostra amministrazione.
> Ecco in allegato, buona giornata. / Sara

@ Beatrice Lorenzi | it | email beatrice@valbruna.example.test
= 26h | Ritiro in negozio | Delivery | Sara | open
email: Passo io sabato a ritirare per la scuola, basta il numero d’ordine?

@ Tom Ashdown | en | email tom@ridgeguides.example.test * | whatsapp +44 20 7555 0172
= 47d | Helmets for a group | Orders | Luca | resolve
email: We need ten adjustable helmets for a guides' course. Do you keep that many?
> Hi Tom, twelve on the shelf. I put ten aside until Friday. / Luca
whatsapp: Brilliant, our van comes on Thursday.
= 5h | Two helmets with loose dials | Returns | Luca | wait
whatsapp+photo: Two of the ten helmets have a dial that slips. Photo attached.
> Thanks Tom, both are covered. New dials leave today.

@ Beth Ashdown | en | email beth@ridgeguides.example.test
= 3d | Account for our guides | Other | Luca | resolve
email: Could all our guides order on one account?
> Hi Beth, gladly: send me their names and I set it up. / Luca
"""
# name, domains, and who belongs to it; who else writes from there is offered on its page.
COMPANIES = (
    (About("Scuola di montagna Valbruna", ("valbruna.example.test",)), ("marta@valbruna.example.test",)),
    (
        About("Ridge Guides", ("ridgeguides.example.test",), allows_parallel_conversations=True),
        ("tom@ridgeguides.example.test", "beth@ridgeguides.example.test"),
    ),
)  # fmt: skip
SEGMENTS = (
    ("Quiet for a month", Condition(ALL, (Row("last_contact", "not_within", 30),))),
    ("Business customers", Condition(ALL, (Row("company", "any"),))),
    ("Waiting in Romanian", Condition(ALL, (Row("language", "is", "ro"), Row("open", "yes")))),
    ("Reached by chat apps", Condition(ANY, (Row("channel", "has", "whatsapp"), Row("channel", "has", "telegram")))),
)  # fmt: skip


def load(by: Agent) -> None:
    """Make the companies an hour after their first person came, and the segments."""
    for about, addresses in COMPANIES:
        found = [identity.customer for identity in (find("email", one) for one in addresses) if identity is not None]
        for customer in found:
            with clock.at(min(customer.first_seen_at + timedelta(hours=1), clock.now())):
                people.employ(_company(about, by), [customer], by=by)
    for name, condition in SEGMENTS:
        segmenting.keep(Segment(), name, condition, by=by)


def _company(about: About, by: Agent) -> Company:
    return Company.objects.filter(name=about.name).first() or companies.make(about, by=by)
