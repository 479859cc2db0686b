"""What a person wrote now, apart from what the mail repeats."""

import time

import pytest

from channels_app.adapters.email import quote

WROTE = [
    "On Sun, 22 Nov 2026 at 10:00, Ana <ana@desk.example.test> wrote:",
    "On Sun, 22 Nov 2026 at 10:00, Ana Ionescu\n<ana@desk.example.test> wrote:",
    "Il giorno dom 22 nov 2026 alle ore 10:00 Ana <ana@desk.example.test> ha scritto:",
    "În data de dum., 22 nov. 2026 la 10:00, Ana <ana@desk.example.test> a scris:",
    "Am 22.11.2026 um 10:00 schrieb Ana <ana@desk.example.test>:",
    "Le dim. 22 nov. 2026 à 10:00, Ana <ana@desk.example.test> a écrit :",
    "El dom, 22 nov 2026 a las 10:00, Ana (<ana@desk.example.test>) escribió:",
]
BLOCKS = [
    "-----Original Message-----\nFrom: Ana\nSent: Sunday\nTo: Giulia\nSubject: Parcel",
    "________________________________\nDa: Ana\nInviato: domenica\nA: Giulia\nOggetto: Pacco",
    "De la: Ana\nTrimis: duminică\nCătre: Giulia\nSubiect: Colet",
    "Von: Ana\nGesendet: Sonntag\nAn: Giulia\nBetreff: Paket",
    "De : Ana\nEnvoyé : dimanche\nÀ : Giulia\nObjet : Colis",
    "*From:* Ana\n*Sent:* Sunday\n*To:* Giulia\n*Subject:* Parcel",
]


@pytest.mark.parametrize("wrote", WROTE)
def test_what_follows_a_wrote_line_is_quoted(wrote: str) -> None:
    found = quote.split(f"It is late.\n\n{wrote}\n\n> Your parcel\n> is here.\n")
    assert found.new == "It is late."
    assert "Your parcel" in found.quoted


@pytest.mark.parametrize("block", BLOCKS)
def test_what_follows_a_header_block_is_quoted(block: str) -> None:
    found = quote.split(f"It is late.\n\n{block}\n\nYour parcel is here.\n")
    assert found.new == "It is late."
    assert "Your parcel" in found.quoted


def test_an_answer_below_the_quote_is_kept() -> None:
    found = quote.split(f"{WROTE[0]}\n> Your parcel is here.\n\nNo, it is not.\n")
    assert found.new == "No, it is not."


def test_answers_between_quotes_keep_their_context() -> None:
    found = quote.split("Hello\n\n> first?\n\nyes\n\n> second?\n\nno\n")
    assert found.new == "Hello\n\n> first?\n\nyes\n\n> second?\n\nno"


@pytest.mark.parametrize(
    "ending", ["-- \nGiulia\nVia Roma 1", "Sent from my iPhone", "Inviato da iPhone", "Trimis de pe telefonul meu"]
)
def test_signatures_are_set_aside(ending: str) -> None:
    assert quote.split(f"It is late.\n\n{ending}\n").new == "It is late."


def test_a_mail_that_only_quotes_stays_whole() -> None:
    assert quote.split("> only this\n").new == "> only this"


def test_ordinary_sentences_are_not_cut() -> None:
    text = "On Monday I wrote to you.\n\nSubject: nothing in particular.\n\nFrom: me\n\nRegards,\nGiulia"
    assert quote.split(text).new == text


def test_code_is_left_alone() -> None:
    text = "See:\n\n```\n--\nselect 1\n> 2\n```\n\nThanks"
    assert quote.split(text).new == text


@pytest.mark.parametrize(
    "line",
    ["On 1 ", "On 1 wrote: ", "> " * 40, "From: a\n", "a@b.c <a@b.c> ", "wrote " * 30, "----", "Sent from my ", "\n"],
)
def test_time_grows_with_the_length_alone(line: str) -> None:
    def seconds(count: int) -> float:
        began = time.process_time()
        quote.split((line + "\n") * count)
        return time.process_time() - began

    seconds(100)
    assert seconds(8_000) < 4 * max(seconds(4_000), 0.02)


def test_one_endless_line_is_quick() -> None:
    began = time.process_time()
    quote.split("On 1 wrote " * 100_000)
    assert time.process_time() - began < 0.5
