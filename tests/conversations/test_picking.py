"""What is picked from texts: messages with their facts, and junk."""

import time
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.known.answering import answers
from conversations.known.asking import asks_for
from conversations.known.picking import pick
from conversations.known.saying import asked, done, noted, promise
from helpdesk.lib import clock
from tests.conversations import told_later, told_messages, told_otherwise

PRECISION_MIN, RECALL_MIN = 0.95, 0.9
# Far above what any of them takes (0.1 s for the worst on a loaded machine), far below what an explosion would take.
SECONDS_MAX = 5.0
BAITS = (
    "order ", "ordine n. ", "comanda n ", "1-", "1_A", "1.", "+1 ", "A'", "Aa ", "Via Aa ", "Str. Aa, ", "12 Aa ",
    "tel ", "(", "#1", "RO12 AAAA ", "a@", "product: ", "on ", "I will ", "vă ", "la richiamo ", "in 1 ",
    "\n", "> ", "¤", " ", "oder no ", "order number is 7 7 ", "order the number is ", "T: 0 ", "| ", "The model is Aa ",
    "Flat 9\n", "40 Aa Road\n", "\nAa", "-- forwarded ",
)  # fmt: skip


@pytest.mark.parametrize("told", [told_messages, told_otherwise, told_later])
def test_many_messages_are_read_as_a_person_would(told: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    right = picked = expected = 0
    wrong = []
    for text, facts in (*told.EN, *told.IT, *told.RO):
        found = {(one.what, one.value) for one in pick(text)}
        right, picked, expected = right + len(found & facts), picked + len(found), expected + len(facts)
        wrong += [(text, found ^ facts)] if found != facts else []
    precision, recall = right / picked, right / expected
    with capsys.disabled():
        figures = f"precision {precision:.3f}, recall {recall:.3f}"
        print(f"\nfacts: {figures} ({right} right of {picked} picked, {expected} told)")
    assert len(told.EN) == len(told.IT) == len(told.RO) >= 10
    assert precision >= PRECISION_MIN and recall >= RECALL_MIN, wrong


@pytest.mark.parametrize(
    "text",
    [
        "I do not know my order number but the customer number is 55671",
        "about my order, my account number is 55671",
        "nell'ordine manca la fattura, il suo numero è 44871",
        "la comanda lipseste factura, numarul este 44871",
        "my order of 3 4 5 2 lamps",
        "the order has no 4012 in it",
        "ordine pagato con carta numero 4417",
        "my order was left at house number 4417",
        "In 2025 my order was late",
        "nel 2024, il mio ordine era perfetto",
        "I rang 0800 500 005 from 0114 496 0123",
        "code 1072 455 012 and 347 555 01",
        "order number is 7 7 and 1 4 2 2 pieces",
        "The item is Missing",
        "T: 12345678",
        "P. 42 345 678 12",
        "Dr. T. 0114 496 0123 or so",
        "a comanda. sunati la firma 0211234567 va rog",
        "-----Original Message-----\nYour order 66120",
    ],
)
def test_what_looks_alike_teaches_nothing(text: str) -> None:
    assert pick(text) == []


def test_a_line_that_mail_programs_mark_is_no_quotation() -> None:
    assert [one.value for one in pick(">From work: my order 10432\n> From: us\n> order 99999")] == ["10432"]


def test_of_what_is_passed_on_only_the_numbers_are_theirs() -> None:
    shop = "Order number: 66120\nCall us on +44 20 7946 0958\n12 Foundry Street, Sheffield S3 8AB\nProduct: Lamp"
    found = pick(f"See below, call me on 07700 900123\n\n---------- Forwarded message ---------\n{shop}")
    assert {(one.what, one.value) for one in found} == {("order", "66120"), ("phone", "+44 7700 900123")}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Office 02 5550 0123, tel. 02 5550 0123, Via dei Mille 14", "+39 02 5550 0123"),
        ("Cu stimă, tel. 0268 555 012", "+40 268 555 012"),
        ("T: 0114 496 0123, Sheffield S3 8AB", "+44 114 496 0123"),
        ("tel. 0268 555 012", ""),
        ("Cu stimă e grazie, tel. 0268 555 012", ""),
    ],
)
def test_a_landline_belongs_to_the_country_that_the_text_tells_of(text: str, number: str) -> None:
    assert [one.value for one in pick(text) if one.what == "phone"] == ([number] if number else [])


def read_all(text: str) -> None:
    """Everything that reads a text of strangers."""
    pick(text, lambda: "RO-999999 A9 99999")
    asked(text)
    done(text)
    noted(text)
    promise(text, clock.now())
    asks_for(text)
    answers(text, lambda: "RO-999999 A9 99999")


@given(st.text(max_size=300) | st.lists(st.sampled_from(BAITS), max_size=60).map("".join))
def test_no_text_is_too_strange(text: str) -> None:
    read_all(text)
    assert all(one.value.strip() and len(one.value) <= 160 for one in pick(text))


@pytest.mark.parametrize("bait", BAITS)
def test_a_text_made_to_be_slow_is_read_in_time(bait: str) -> None:
    began = time.process_time()
    read_all(bait * 20_000)
    assert time.process_time() - began < SECONDS_MAX


@pytest.mark.parametrize(
    ("text", "masks", "values"),
    [
        ("Please look at RO-123456.", "RO-999999 99999", ["RO-123456"]),
        ("My order 10432 and invoice 77777", "99999", ["10432"]),
        ("My order 104321 is late", "99999", []),
        ("It is AB12 for certain", "AA99", ["AB12"]),
        ("order (a+)+$", "(a+)+$ .* [", []),
    ],
)
def test_a_workspace_says_how_its_order_numbers_look(text: str, masks: str, values: list[str]) -> None:
    assert [one.value for one in pick(text, lambda: masks) if one.what == "order"] == values


def test_a_wrong_check_digit_is_no_tracking_number() -> None:
    assert pick("1Z999AA10123456785 and RR123456784IT") == []


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("I will call you tomorrow at 10.", "2026-11-24T10:00"),
        ("We'll refund you within 5 days.", "2026-11-28T09:00"),
        ("I'll get back to you by Friday.", "2026-11-27T18:00"),
        ("We will send it on 28 November.", "2026-11-28T18:00"),
        ("La richiamo domani entro le 17.", "2026-11-24T17:00"),
        ("Le confermo tutto entro oggi.", "2026-11-23T18:00"),
        ("Rimborseremo l'importo entro 24 ore.", "2026-11-24T09:00"),
        ("Vă sunăm mâine până la ora 12.", "2026-11-24T12:00"),
        ("Revin cu un răspuns în 24 de ore.", "2026-11-24T09:00"),
        ("Vom trimite coletul până vineri.", "2026-11-27T18:00"),
        ("Will you be home tomorrow?", None),
        ("We will not send it tomorrow.", None),
        ("Non le scriviamo domani.", None),
        ("Nu vă sunăm mâine.", None),
        ("I will let you know.", None),
        ("The courier will call you tomorrow.", None),
        ("Thank you!\n-- \nI will be back tomorrow", None),
        ("Ok.\n> I will call you tomorrow", None),
    ],
)
def test_a_promise_has_a_time(text: str, due: str | None) -> None:
    said_at = clock.now().replace(year=2026, month=11, day=23, hour=9, minute=0, second=0, microsecond=0)
    found = promise(text, said_at)
    assert (found.due_at.strftime("%Y-%m-%dT%H:%M") if found else None) == due


def test_notes_say_what_was_tried_and_what_is_open() -> None:
    note = "Tried: another socket -> no light\nÎncercat: resetare rezultat: la fel\nDa fare: chiamare\nShe is angry."
    assert noted(note) == (["another socket → no light", "resetare → la fel"], ["chiamare"])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Could you send me your order number?", {"order"}),
        ("What is the number of your order?", {"order"}),
        ("Mi può indicare il numero d'ordine, per favore?", {"order"}),
        ("Qual è il numero dell'ordine?", {"order"}),
        ("Îmi puteți trimite numărul comenzii?", {"order"}),
        ("Vă rog să ne comunicați numărul de comandă.", {"order"}),
        ("Please tell me your phone number and the tracking number.", {"phone", "tracking"}),
        ("Ci manda il suo indirizzo di spedizione?", {"address"}),
        ("Please keep your order number 10432 at hand.", set()),
        ("Your order is on its way.", set()),
        ("Il suo ordine 10432 è partito.", set()),
        ("Comanda dumneavoastră a plecat.", set()),
    ],
)
def test_a_text_that_asks_for_something_known_is_noticed(text: str, wanted: set[str]) -> None:
    assert asks_for(text) == wanted


@pytest.mark.parametrize("said", ["Order no. 10432 is late.", "Tel. 07700 900123.", "At 14 Mill Lane, Leeds LS1 4AP."])
def test_what_stands_deep_in_a_long_letter_is_found(said: str) -> None:
    around = "We have waited for the parcel for some time now and nobody could say where it is. " * 30
    alone = pick(said)
    assert len(alone) == 1
    assert pick(f"{around}{said} {around}") == alone
    assert pick(f"{around}It came on 12.10.2026 for 49,90 euro. {around}") == []
