"""Sixty messages as customers write them, twenty in each language, with what they tell. Written for these tests.

Each is (text, {(what, value), …}). Half of the difficulty is in what is no fact: dates, prices, IBANs, amounts.
"""

Case = tuple[str, set[tuple[str, str]]]

EN: list[Case] = [
    ("Hello, my order 10432 has not arrived yet. Can you check?", {("order", "10432")}),
    ("Hi! Order number: 20981. The lamp came broken.", {("order", "20981")}),
    ("I'd like to return order #30077, it is too small.", {("order", "30077")}),
    ("10588 is my order number, as you asked.", {("order", "10588")}),
    ("Where are orders 10432, 10433 and 10434?", {("order", "10432"), ("order", "10433"), ("order", "10434")}),
    ("Can I order 66 euros of candles for next week?", set()),
    ("I want to order 1200 pieces. What would be the price for 1200 pieces?", set()),
    ("My order from 12/11/2026 cost £45.90 and I paid by card.", set()),
    ("In order to help you: I bought it in 2024 and it lasted two years.", set()),
    ("Please refund me to GB29 NWBK 6016 1331 9268 19, order no. 10777.", {("order", "10777")}),
    ("UPS says 1Z999AA10123456784 was delivered, but nothing is here.", {("tracking", "1Z999AA10123456784")}),
    ("The tracking number is RR123456785GB and it has been stuck since Monday.", {("tracking", "RR123456785GB")}),
    ("JD014600003012342215 is lost. Order WEB-77120.", {("tracking", "JD014600003012342215"), ("order", "WEB-77120")}),
    ("Call me on 07700 900123 after 5 pm, please.", {("phone", "+44 7700 900123")}),
    ("You can reach me at +44 20 7946 0958. Thank you.", {("phone", "+44 20 7946 0958")}),
    ("Please send it to 14 Mill Lane, Leeds LS1 4AP instead.", {("address", "14 Mill Lane, Leeds LS1 4AP")}),
    ("To: Flat 2, 221 Harbour Road, Bristol BS1 5TR", {("address", "Flat 2, 221 Harbour Road, Bristol BS1 5TR")}),
    ("Product: Aurora floor lamp\nIt flickers when it is warm.", {("product", "Aurora floor lamp")}),
    ("> Your order 99999 was sent\nThat was not mine, I never ordered this.", set()),
    ("Thanks, all good now!\n\nOn Monday 9 November 2026 the shop wrote:\nYour order 55555 is on its way.", set()),
]  # fmt: skip

IT: list[Case] = [
    ("Buongiorno, il mio ordine 10432 non è ancora arrivato.", {("order", "10432")}),
    ("Ordine n. 20981 del 12/11/2026, importo 45,90 €: manca un pezzo.", {("order", "20981")}),
    ("Il numero d'ordine è 30077. Grazie mille!", {("order", "30077")}),
    ("10588 è il numero dell'ordine che mi avete chiesto.", {("order", "10588")}),
    ("Ordini 10432 e 10433 arrivati, il 10434 no.", {("order", "10432"), ("order", "10433"), ("order", "10434")}),
    ("Vorrei fare un ordine di 1500 pezzi, mi fate un preventivo?", set()),
    ("Ho pagato 1.250,00 euro il 03.11.2026 e l'ordine non si vede.", set()),
    ("Il mio IBAN è IT60 X054 2811 1010 0000 0123 456 per il rimborso.", set()),
    ("L'ordine del 2025 era perfetto, questo no.", set()),
    ("Ordine numero IT-2026-00123, potete cambiarne il colore?", {("order", "IT-2026-00123")}),
    ("Numero di spedizione BRT 123456789012, il corriere non è passato.", {("tracking", "123456789012")}),
    ("Il pacco RR123456785IT risulta fermo a Milano da giorni.", {("tracking", "RR123456785IT")}),
    ("Codice di tracking: 1Z999AA10123456784 (UPS). Dov'è?", {("tracking", "1Z999AA10123456784")}),
    ("Mi chiami al cellulare 333 555 0101 dopo le 18.", {("phone", "+39 333 555 0101")}),
    ("Il mio numero è +39 055 555 0102, sono in ufficio fino alle 17:30.", {("phone", "+39 055 555 0102")}),
    ("Spedite in Via Roma 12, 50122 Firenze (FI), grazie.", {("address", "Via Roma 12, 50122 Firenze (FI)")}),
    ("Nuovo indirizzo: Viale dei Mille 47/B, 20129 Milano", {("address", "Viale dei Mille 47/B, 20129 Milano")}),
    ("Prodotto: Lampada Aurora 40\nNon si accende più.", {("product", "Lampada Aurora 40")}),
    ("Il prodotto è «Tavolo Quercia» è rotto. Ordine: 40512", {("product", "Tavolo Quercia"), ("order", "40512")}),
    ("Grazie!\n\nIl giorno lun 9 nov 2026 alle ore 10:12 Negozio ha scritto:\nIl suo ordine 55555 è partito.", set()),
]  # fmt: skip

RO: list[Case] = [
    ("Bună ziua, comanda mea 10432 nu a ajuns încă.", {("order", "10432")}),
    ("Comanda nr. 20981 din 12.11.2026, 245,90 lei, este incompletă.", {("order", "20981")}),
    ("Numărul comenzii este 30077. Mulțumesc!", {("order", "30077")}),
    ("10588 este numărul comenzii mele.", {("order", "10588")}),
    ("Comenzile 10432 și 10433 au venit, dar lipsește factura.", {("order", "10432"), ("order", "10433")}),
    ("Vreau să comand 1500 bucăți, ce preț îmi faceți?", set()),
    ("Am plătit 1250 lei pe 03.11.2026 și comanda nu apare în cont.", set()),
    ("IBAN-ul meu este RO49 AAAA 1B31 0075 9384 0000 pentru rambursare.", set()),
    ("Comanda de 66 euro a fost anulată din greșeală.", set()),
    ("Referitor la comandă: RO-55120, aș vrea altă culoare.", {("order", "RO-55120")}),
    ("AWB 2034567890123, FAN Courier, coletul este blocat.", {("tracking", "2034567890123")}),
    ("AWB-ul este 1ONB22334455667 de la Sameday.", {("tracking", "1ONB22334455667")}),
    ("Coletul RR123456785RO a fost trimis înapoi din greșeală.", {("tracking", "RR123456785RO")}),
    ("Sunați-mă la 0722 555 010 după ora 16.", {("phone", "+40 722 555 010")}),
    ("Telefon: +40 21 555 0103, întrebați de Mihai.", {("phone", "+40 21 555 0103")}),
    ("Livrați la Str. Lungă nr. 5, bl. A2, ap. 14, Brașov", {("address", "Str. Lungă nr. 5, bl. A2, ap. 14, Brașov")}),
    ("Bulevardul Unirii nr. 22, sector 3, București", {("address", "Bulevardul Unirii nr. 22, sector 3, București")}),
    ("Produs: Lampă Aurora 40\nNu se mai aprinde.", {("product", "Lampă Aurora 40")}),
    ("Comanda 0722555010? Nu, acesta e numărul altcuiva.", set()),
    ("Mulțumesc!\n\nÎn lun., 9 nov. 2026 la 10:12, Magazin a scris:\nComanda 55555 a plecat.", set()),
]  # fmt: skip
