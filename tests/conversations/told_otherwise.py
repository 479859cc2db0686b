"""Sixty more messages, twenty in each language: hasty, dictated, forwarded, signed, pasted from tables.

Written before anybody looked at what the picker makes of them; the figure it began with stands in
docs/performance.md. Each is (text, {(what, value), …}), as a colleague who reads the message would note it down.
"""

from tests.conversations.told_messages import Case

EN: list[Case] = [
    ("hiya wheres my oder 48213 its been 2 wks now!!!", {("order", "48213")}),
    (
        "hi there so basically i bought two of the lamps on the third of may order number is 7 7 1 4 2 and nothing came"
        " can you ring me on oh seven seven hundred thanks",
        {("order", "77142")},
    ),
    ("Ordr #58831 😡😡 box arrived EMPTY. paid £129.99 on 03/11/26", {("order", "58831")}),
    ("It's the same problem as ticket 884213 at your courier, they closed it. Nothing else to add.", set()),
    (
        "Please see below.\n\n---------- Forwarded message ---------\nFrom: Nord & Pine <shop@nordpine.example.test>\n"
        "Date: Tue, 3 Nov 2026 at 09:12\nSubject: Your order is confirmed\nTo: <ann@example.test>\n\n"
        "Thank you, Ann!\nOrder number: 66120\nTotal: £45.00\nVAT no. GB123456789",
        {("order", "66120")},
    ),
    (
        "The parcel never came. Could you look into it?\n\n--\nTom Baker\nHead of Facilities | Brick & Co. Ltd\n"
        "12 Foundry Street, Sheffield S3 8AB\nT: 0114 496 0123 | M: 07700 900456\nCompany no. 08123456",
        {
            ("phone", "+44 114 496 0123"),
            ("phone", "+44 7700 900456"),
            ("address", "12 Foundry Street, Sheffield S3 8AB"),
        },
    ),
    ("Item | Qty | Price\nOak shelf | 2 | 89.00\nBracket | 4 | 12.50\nOrder | 90417 | paid", {("order", "90417")}),
    ("my number is 07700900789 if u need to txt", {("phone", "+44 7700 900789")}),
    ("Refund to sort code 20-00-00 account 55779911 please, thats my bank", set()),
    ("We moved!! new adress is 3 Rowan Close, Stirling FK8 1QZ", {("address", "3 Rowan Close, Stirling FK8 1QZ")}),
    (
        "the trackng no is JD0002217709331845 and it says out for delivery since monday",
        {("tracking", "JD0002217709331845")},
    ),
    ("order conf. no: NP-30981\nordered: 14.10.2026\ndelivery: 3-5 days\nprice: 240,00", {("order", "NP-30981")}),
    ("I ordered 3 chairs and 1 table for 1450 quid back in 2025 and never again", set()),
    ("Hi, about PO 4471 / your order 71180: can the invoice say Brick & Co.?", {("order", "71180")}),
    ("Call +1 (212) 555-0147 any time before noon EST.", {("phone", "+1 212-555-0147")}),
    ("The model is the Aurora Mini 2 and the switch is dead. Bought 02/02/2026.", {("product", "Aurora Mini 2")}),
    ("I rang 0800 500 005 and waited 40 minutes. Disgraceful.", set()),
    (
        "Deliver to:\nMrs J Patel\nFlat 9\n40 Kingsmead Road\nLondon\nSW2 3JD\nthank you x",
        {("address", "Flat 9, 40 Kingsmead Road, London, SW2 3JD")},
    ),
    ("ok so the order no I have on the receipt says 0094417, is that enough?", {("order", "0094417")}),
    ("Royal Mail left a card: ref CP409382719GB. When will you send it again?", {("tracking", "CP409382719GB")}),
]  # fmt: skip

IT: list[Case] = [
    ("buonasera nn mi e ancora arrivato niente!! ordine 48213 fatto il 2/11", {("order", "48213")}),
    (
        "Ciao volevo sapere dell'ordine settantasette non so bene comunque il numero è 77142 ce l'ho scritto sulla mail"
        " e il mio telefono è 333 555 0144 grazie mille",
        {("order", "77142"), ("phone", "+39 333 555 0144")},
    ),
    ("n° ordine: 58831 😤 pacco vuoto, pagati 129,99€", {("order", "58831")}),
    ("Ho aperto la segnalazione 884213 con il corriere e non rispondono più.", set()),
    (
        "Vi inoltro la conferma.\n\n---------- Messaggio inoltrato ---------\n"
        "Da: Bottega Nord <shop@nord.example.test>\nDate: mar 3 nov 2026 alle ore 09:12\nOggetto: Conferma ordine\n\n"
        "Gentile cliente,\n"
        "Numero ordine: 66120\nTotale: 45,00 €\nP.IVA 01234567890",
        {("order", "66120")},
    ),
    (
        "Il pacco non è mai arrivato, potete verificare?\n\nCordiali saluti\nGeom. Luca Ferri\nStudio Ferri s.r.l.\n"
        "Via dei Mille 14, 20129 Milano\nTel. 02 5550 0123 - Cell. 347 555 0112\nP.IVA 09876543210",
        {
            ("phone", "+39 02 5550 0123"),
            ("phone", "+39 347 555 0112"),
            ("address", "Via dei Mille 14, 20129 Milano"),
        },
    ),
    ("Articolo; Qta; Prezzo\nMensola; 2; 89,00\nStaffa; 4; 12,50\nOrdine: 90417", {("order", "90417")}),
    ("il mio num e 3475550178 scrivetemi su whatsapp", {("phone", "+39 347 555 0178")}),
    ("Bonifico fatto, CRO 12345678901, IBAN IT60X0542811101000000123456, importo 240 euro", set()),
    (
        "Abbiamo traslocato: il nuovo indirizzo e Corso Garibaldi 88, 10122 Torino",
        {("address", "Corso Garibaldi 88, 10122 Torino")},
    ),
    ("il codice del traking e 1Z999AA10123456784 ma sul sito ups dice errore", {("tracking", "1Z999AA10123456784")}),
    ("Rif. ordine BN-30981 del 14/10/2026 consegna prevista 3-5 gg", {("order", "BN-30981")}),
    ("nel 2024 ho ordinato 3 sedie da 1450 euro, mai piu", set()),
    ("Ticket #71180 di Fastweb, non vostro: scusate ho sbagliato indirizzo mail", set()),
    ("Mi chiami al +39 06 5550 1234 in orario ufficio 9-18", {("phone", "+39 06 5550 1234")}),
    ("modello: Aurora Mini 2\nseriale: SN20260044817\ndifetto: non si accende", {("product", "Aurora Mini 2")}),
    ("Ho telefonato al numero verde 800 555 012 tre volte, 40 minuti di attesa.", set()),
    (
        "Spedite qui per favore:\nAnna Riva\nPiazza Verdi 3\n40126 Bologna BO",
        {("address", "Piazza Verdi 3, 40126 Bologna BO")},
    ),
    ("Ordine numero quarantotto... anzi glielo copio: ORD/2026/4417", {("order", "ORD/2026/4417")}),
    ("Alle poste dicono che RA864201355IT è in giacenza fino al 30/11.", {("tracking", "RA864201355IT")}),
]  # fmt: skip

RO: list[Case] = [
    ("buna ziua nu a ajuns comanda 48213 de 2 saptamani!!", {("order", "48213")}),
    (
        "Salut deci am comandat doua lampi pe trei mai si nu mi-a venit nimic numarul comenzii este 77142 puteti sa ma"
        " sunati la 0721 555 014 multumesc",
        {("order", "77142"), ("phone", "+40 721 555 014")},
    ),
    ("nr comanda 58831 😡 cutie GOALA, am platit 129,99 lei", {("order", "58831")}),
    ("Am deschis sesizarea 884213 la curier si au inchis-o fara raspuns.", set()),
    (
        "Va trimit mai jos confirmarea.\n\n---------- Forwarded message ---------\nDe la: Magazin Nord"
        " <shop@nord.example.test>\nDate: mar., 3 nov. 2026 la 09:12\nSubject: Comanda confirmata\n\n"
        "Bună Ana,\nNumăr comandă: 66120\nTotal: 45,00 lei\nCUI RO12345678",
        {("order", "66120")},
    ),
    (
        "Coletul nu a ajuns, puteți verifica?\n\nCu stimă,\nIng. Mihai Pop\nSC Atelier Pop SRL\n"
        "Str. Lungă nr. 14, Brașov 500035\nTel: 0268 555 012 / Mobil: 0722 555 019\nCUI RO98765432",
        {
            ("phone", "+40 268 555 012"),
            ("phone", "+40 722 555 019"),
            ("address", "Str. Lungă nr. 14, Brașov 500035"),
        },
    ),
    ("Produs | Buc | Pret\nRaft | 2 | 89,00\nSuport | 4 | 12,50\nComanda | 90417 | achitat", {("order", "90417")}),
    ("tel meu 0722555078 dati mesaj pe whatsapp", {("phone", "+40 722 555 078")}),
    ("Banii va rog in contul RO49AAAA1B31007593840000, suma de 240 lei, OP nr 4471", set()),
    (
        "Ne-am mutat, adresa noua este Strada Florilor nr. 8, bl. C2, ap. 14, Cluj-Napoca",
        {("address", "Strada Florilor nr. 8, bl. C2, ap. 14, Cluj-Napoca")},
    ),
    ("AWB 2150041234567 la FAN zice livrat dar eu nu am primit nimic", {("tracking", "2150041234567")}),
    ("Ref comanda MN-30981 din 14.10.2026, livrare 3-5 zile", {("order", "MN-30981")}),
    ("in 2024 am comandat 3 scaune de 1450 lei si s-au stricat", set()),
    ("Factura 71180 e emisa pe firma gresita, CUI corect RO11223344", set()),
    ("Sunati-ma la +40 744 555 033 dupa ora 17:30", {("phone", "+40 744 555 033")}),
    ("Produsul este Aurora Mini 2, cumparat pe 02.02.2026, nu mai porneste", {("product", "Aurora Mini 2")}),
    ("Am sunat la 0800 555 012 si am asteptat 40 de minute.", set()),
    (
        "Livrati va rog la:\nAna Rusu\nBd. Unirii nr. 22, sc. A, ap. 5\nBucuresti, sector 3\n030833",
        {("address", "Bd. Unirii nr. 22, sc. A, ap. 5, Bucuresti, sector 3, 030833")},
    ),
    ("comenzile 90418 si 90422 le anulez, restul raman", {("order", "90418"), ("order", "90422")}),
    ("Posta zice ca RR123456785RO e la vama.", {("tracking", "RR123456785RO")}),
]  # fmt: skip
