"""What the invented customers of the demonstration wrote, and what was done about it."""

from dataclasses import dataclass

from helpdesk.seeds.pictures import boot


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; minutes_ago: before the seed runs. file: (name, text); picture: the HTML's `cid:picture`."""

    name: str
    address: str
    subject: str
    text: str
    minutes_ago: int
    html: str = ""
    file: tuple[str, str] | None = None
    picture: bytes = b""
    topic: str = "Orders"


MAILS = (
    Mail(
        "Giulia Tassinari", "giulia.t@example.test", "Ordine 10432",
        "Buongiorno,\n\nho ordinato gli scarponi Alpe 2 (ordine 10432) giovedì scorso e non ho ancora ricevuto la"
        " conferma di spedizione. Mi servono per sabato. A che punto siete?\n\nGrazie\nGiulia Tassinari",
        170,
        topic="Delivery",
    ),
    Mail(
        "Giulia Tassinari", "giulia.t@example.test", "Re: Ordine 10432",
        "Dimenticavo: se il corriere è in ritardo posso ritirare al negozio di Lucca.\n\nGiulia",
        52,
        topic="Delivery",
    ),
    Mail(
        "Mihai Păun", "mihai.paun@example.test", "Retur comanda 9981",
        "Bună ziua,\n\nvreau să returnez rucsacul din comanda 9981. Eticheta de retur nu se deschide pe telefon, apare"
        " doar o pagină albă. Mi-o puteți trimite din nou?\n\nMulțumesc,\nMihai",
        64,
        topic="Returns",
    ),
    Mail(
        "Ioana Țurcanu", "ioana.turcanu@example.test", "Schimb mărime",
        "Bocancii sunt prea mici, aș vrea 39 în loc de 38. Cum procedăm? I-am purtat doar în casă.",
        38,
        topic="Sizes",
    ),
    Mail(
        "Harriet Colefax", "harriet@example.test", "Which size for thick socks?",
        "Hello,\n\nI am between a 41 and a 42 and usually wear thick socks. Which Alpe 2 should I get?\n\nHarriet",
        31,
        html="<p>Hello,</p><p>I am between a <b>41</b> and a <b>42</b> and usually wear thick socks."
        " Which <i>Alpe 2</i> should I get?</p><p>Harriet</p>",
        topic="Sizes",
    ),
    Mail(
        "Pietro Bellandi", "pietro.bellandi@example.test", "Fattura ordine 10377",
        "Salve, mi serve la fattura dell'ordine 10377 intestata alla ditta. Allego i dati.\n\nPietro Bellandi",
        24,
        file=("dati-fattura.txt", "Bellandi Montagna Srl\nVia delle Selle 4\nPartita IVA: 00000000000\n"),
        topic="Invoices",
    ),
    Mail(
        "Owen Fairleigh", "owen.fairleigh@example.test", "Spare tent pole",
        "Any news on the replacement tent pole? The trip is in nine days.\n\nOwen",
        2_980,
        topic="Repairs",
    ),
    Mail(
        "Elena Doriguzzi", "elena.d@example.test", "Risuolatura",
        "Buongiorno, fate ancora la risuolatura degli scarponi Alpe? Quanto costa e quanto ci vuole?\n\nElena",
        410,
        topic="Repairs",
    ),
    Mail(
        "Răzvan Șerbănescu", "razvan@example.test", "Unde este coletul?",
        "Bună, coletul trebuia să ajungă ieri. Puteți verifica?\n\nRăzvan",
        1_320,
        topic="Delivery",
    ),
    Mail(
        "Marguerite Hollis", "marguerite.hollis@example.test", "Are these the right pair?",
        "Dear all,\n\nmy grandson wants “the brown ones with red laces” and drew them for me. Would that be the Alpe 2?"
        " He takes a 36.\n\nMarguerite Hollis",
        72,
        html="<p>Dear all,</p><p>my grandson wants <i>“the brown ones with red laces”</i> and drew them for me:</p>"
        '<p><img src="cid:picture" alt="A brown boot with red laces" width="240"></p>'
        "<p>Would that be the <b>Alpe 2</b>? He takes a 36.</p><p>Marguerite Hollis</p>",
        picture=boot(),
        topic="Sizes",
    ),
    Mail(
        "Kiri Aoake", "kiri.aoake@example.test", "Wholesale for a mountain school",
        "Kia ora,\n\nwe run a mountain school and would like a price list for twelve pairs of boots and crampons,"
        " delivered in spring.\n\nNgā mihi,\nKiri Aoake",
        11,
    ),
)  # fmt: skip

# (whose conversation, who wrote it, what)
NOTES = (
    (
        "giulia.t@example.test",
        "Luca",
        "Courier says Friday evening. If it slips, offer pickup in Lucca: two pairs in 39.",
    ),
    ("owen.fairleigh@example.test", "Luca", "Pole is on order with the maker, due Thursday."),
)

# (whose conversation, who answered, what, and then)
REPLIES = (
    (
        "razvan@example.test", "Ana",
        "Bună, Răzvan,\n\ncurierul îl aduce mâine între 10 și 14. Vă scriu dacă se schimbă ceva.\n\nAna", "wait",
    ),
    (
        "elena.d@example.test", "Sara",
        "Buongiorno Elena,\n\nsì: la risuolatura costa 68 € e richiede due settimane. Può lasciarli in negozio a"
        " Lucca.\n\nSara", "resolve",
    ),
    (
        "owen.fairleigh@example.test", "Luca",
        "Hi Owen,\n\nthe pole reaches us on Thursday and leaves the same day. I will send the tracking link"
        " then.\n\nLuca",
        "snooze",
    ),
)  # fmt: skip
