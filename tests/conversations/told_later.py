"""Thirty more messages, written after the patterns were mended by the second sixty, and before they were read.

The figure they began with stands in docs/performance.md. Each is (text, {(what, value), …}).
"""

from tests.conversations.told_messages import Case

EN: list[Case] = [
    ("Morning! Any news on 10432? That's my order, placed Tuesday.", {("order", "10432")}),
    ("I've got two orders with you, #88120 and #88121, please combine them.", {("order", "88120"), ("order", "88121")}),
    ("Invoice INV-20394 is wrong, the VAT is missing.", set()),
    ("You can get hold of me on 07700 900311 or at work 020 7946 0991.", {("phone", "+44 7700 900311")}),
    (
        "Could you leave it with my neighbour at 16 Station Road, Ely CB7 4BS?",
        {("address", "16 Station Road, Ely CB7 4BS")},
    ),
    ("DPD sent me 15501234567890 as tracking, it doesn't work", {("tracking", "15501234567890")}),
    ("Gift card 4417 1234 9876 5510 isn't accepted at checkout", set()),
    ("I'm returning the Nordic Pine Shelf from order NP-44120.", {("order", "NP-44120")}),
    ("on 3 March you promised me a refund of 58 pounds within 14 days", set()),
    ("order placed 2026-11-02 under the name Harper, sorry I deleted the email with the number", set()),
]

IT: list[Case] = [
    ("Salve, ordine fatto ieri numero 48990, posso cambiare la taglia?", {("order", "48990")}),
    ("vi scrivo per il 48991, il mio ordine di sabato", {("order", "48991")}),
    ("Fattura 203/2026 mai ricevuta", set()),
    ("mi trovate allo 06 5550 4321 o al 340 555 0133", {("phone", "+39 340 555 0133")}),
    ("Potete consegnare in Via Cavour 7/B, 00184 Roma?", {("address", "Via Cavour 7/B, 00184 Roma")}),
    ("LDV GLS M1 123456789 risulta consegnato ma non è vero", {("tracking", "123456789")}),
    ("Il buono sconto AUTUNNO2026 non funziona", set()),
    ("Il modello è Sentiero Pro 3, misura 42", {("product", "Sentiero Pro 3")}),
    ("CF RSSMRA80A01H501U, mi serve la fattura dell'ordine 48992", {("order", "48992")}),
    ("ho speso 2500 euro da voi in tre anni, ordine dopo ordine", set()),
]

RO: list[Case] = [
    ("Buna, comanda facuta ieri cu nr 48993 se mai poate anula?", {("order", "48993")}),
    ("48994 e comanda mea, cand ajunge?", {("order", "48994")}),
    ("Factura FCT 20394 e gresita", set()),
    ("ma gasiti la 0723 555 041 pana la 18", {("phone", "+40 723 555 041")}),
    ("Adresa corecta: Str. Mihai Eminescu nr. 20, Iași", {("address", "Str. Mihai Eminescu nr. 20, Iași")}),
    ("awb sameday 1ONB24001234567 blocat in depozit", {("tracking", "1ONB24001234567")}),
    ("Codul de reducere TOAMNA26 nu merge", set()),
    ("Modelul este Sentiero Pro 3 marimea 42", {("product", "Sentiero Pro 3")}),
    ("CNP-ul nu vi-l dau, aveti numarul comenzii: 48995", {("order", "48995")}),
    ("am cheltuit 2500 lei pe an la voi si comand din 2019", set()),
]
