"""Mails to measure with, made by us: 16 KB on average, a third answers, two fifths with a file.

The same seed gives the same mails. Half of those that are not answers come from people we know, and half
carry a proof of their sender. A third tells something of the customer, a third only dates and prices.
"""

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap

MAILBOX = "desk@bench.example.test"
TRUSTED = "mx.bench.example.test"
_WORDS = (
    "parcel boots size order blue invoice refund courier address morning lace sole tent pole strap waterproof "
    "exchange voucher delivery please thank you receipt number Tuesday warehouse colour smaller larger return label "
    "arrived broken missing two days ago answer soon shop window price jacket sleeve zip mountain path rain walk"
).split()
# What a third of them tells; and what a third tells that is none of these.
_TELLING = (
    "My order number is {number}.", "It is about order {number}, call me on +44 7700 900{three}.",
    "Order #{number}, please send it to {one} Mill Lane, Leeds LS1 4AP.", "You can ring me: tel. 07700 900{three}.",
    "The tracking number is RR123456785IT.", "Ho ordinato con ordine n. {number}.",
)  # fmt: skip
_IDLE = "I paid {one},90 euro on 1{two}.10.2026, and it was to come at 14:3{two}."


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who wrote before, and the Message-ID of our answer to them."""

    address: str
    answered: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it travels; html and file: what is in it, for those who measure parts."""

    raw: bytes
    html: str
    file: bytes


def letters(count: int, seed: str, known: list[Known], own_id: Callable[[Known], str]) -> list[Letter]:
    """Make mails. own_id: the signed Message-ID of a mail of ours that this person answers."""
    dice = random.Random(seed)  # noqa: S311 - made-up mails, nothing secret
    return [_letter(dice, f"{seed}.{place}", known, own_id) for place in range(count)]


def _letter(dice: random.Random, name: str, known: list[Known], own_id: Callable[[Known], str]) -> Letter:
    is_reply = bool(known) and dice.random() < 1 / 3
    is_known = bool(known) and (is_reply or dice.random() < 0.5)
    person = dice.choice(known) if is_known else Known(f"{name}@people.example.test", "")
    paragraphs = [_sentences(dice) for _ in range(dice.randint(2, 12))]
    paragraphs[0] += _told(dice)
    page = _page(dice, paragraphs)
    file = dice.randbytes(int(min(dice.lognormvariate(9.1, 1.0), 200_000))) if dice.random() < 0.4 else b""
    head = _head(name, person.address, is_proven=dice.random() < 0.5)
    if is_reply:
        answered = own_id(person)
        head += [f"In-Reply-To: <{answered}>", f"References: <{name}.first@people.example.test> <{answered}>"]
    return Letter(_mail(head, "\n\n".join(paragraphs), page, file), page, file)


def _head(name: str, address: str, *, is_proven: bool) -> list[str]:
    proof = [f"Authentication-Results: {TRUSTED}; dkim=pass header.d=people.example.test; "
             "dmarc=pass header.from=people.example.test"] if is_proven else []  # fmt: skip
    return [
        *proof,
        "Received: from out.people.example.test by mx.bench.example.test; Mon, 23 Nov 2026 08:00:00 +0000",
        f"From: Somebody Invented <{address}>",
        f"To: The Desk <{MAILBOX}>",
        f"Subject: About my order {name}",
        f"Message-ID: <{name}@people.example.test>",
        "Date: Mon, 23 Nov 2026 08:00:00 +0000",
        "MIME-Version: 1.0",
    ]


def _sentences(dice: random.Random) -> str:
    return " ".join(" ".join(dice.choices(_WORDS, k=12)).capitalize() + "." for _ in range(dice.randint(1, 5)))


def _told(dice: random.Random) -> str:
    fate, values = dice.random() * 3, {"number": dice.randint(10_000, 999_999), "three": dice.randint(100, 999)}
    if fate >= 2:
        return ""
    sentence = dice.choice(_TELLING) if fate < 1 else _IDLE
    return " " + sentence.format(**values, one=dice.randint(10, 99), two=dice.randint(0, 9))


def _page(dice: random.Random, paragraphs: list[str]) -> str:
    """The same words as a mail program writes them, with its styles around each."""
    style = "margin:0 0 12px 0;font-family:Arial,sans-serif;font-size:14px;color:#222222"
    rows = "".join(f'<p class="MsoNormal" style="{style}"><span lang="en">{one}</span></p>\n' for one in paragraphs)
    sign = '<table cellpadding="4"><tr><td><b>Invented</b></td><td><a href="https://example.test/">site</a></td></tr>'
    picture = '<img src="https://pictures.example.test/logo.png" width="80" alt="">' if dice.random() < 0.3 else ""
    return f"<html><head><style>p {{ margin: 0 }}</style></head><body>{rows}{sign}</table>{picture}</body></html>"


def _mail(head: list[str], text: str, page: str, file: bytes) -> bytes:
    inner = [
        'Content-Type: multipart/alternative; boundary="inner"', "",
        "--inner", "Content-Type: text/plain; charset=utf-8", "", *text.splitlines(),
        "--inner", "Content-Type: text/html; charset=utf-8", "", *page.splitlines(), "--inner--", "",
    ]  # fmt: skip
    if not file:
        return "\r\n".join([*head, *inner]).encode()
    attached = [
        "--outer", 'Content-Type: application/pdf; name="receipt.pdf"', "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="receipt.pdf"', "", *wrap(base64.b64encode(file).decode(), 76),
    ]  # fmt: skip
    outer = ['Content-Type: multipart/mixed; boundary="outer"', "", "--outer", *inner, *attached, "--outer--", ""]
    return "\r\n".join([*head, *outer]).encode()
