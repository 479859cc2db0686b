"""All the world's odd mails through the real listener: each is filed or in quarantine, none is lost.

The corpus lies beside the checkout (shared/corpora/email); without it these tests are skipped.
"""

import smtplib
import time
from collections import Counter
from pathlib import Path

import pytest

from channels_app import intake
from channels_app.models import Channel, RawEvent
from conversations.models import Entry
from tests.channels_app.email.conftest import Listener
from tests.channels_app.email.letters import MAILBOX, letter

FOLDERS = [parent / "shared" / "corpora" / "email" for parent in Path(__file__).resolve().parents[3].parents]
CORPUS = next((folder for folder in FOLDERS if folder.is_dir()), None)
SECONDS_MAX = 5
SETTLED = {"filed", "duplicate", "ignored", "quarantined"}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CORPUS is None, reason="no shared/corpora/email beside the checkout"),
]


def _mails(every: int) -> list[bytes]:
    assert CORPUS is not None
    files = sorted(path for path in CORPUS.glob("*/data/**/*") if path.is_file())
    return [path.read_bytes() for path in files[::every]]


def _deliver(port: int, mails: list[bytes]) -> int:
    accepted = 0
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for raw in mails:
            accepted += not client.sendmail("giulia@example.test", [MAILBOX], raw)
    return accepted


def _settle() -> Counter[str]:
    found: Counter[str] = Counter()
    for pk in RawEvent.objects.filter(state="new").order_by("pk").values_list("pk", flat=True):
        began = time.monotonic()
        found[intake.process(pk)] += 1
        assert time.monotonic() - began < SECONDS_MAX, pk
    return found


@pytest.mark.parametrize("every", [40, pytest.param(1, marks=pytest.mark.slow)])
def test_every_mail_of_the_corpus_is_settled_and_the_next_is_filed(
    mailbox: Channel, listener: Listener, every: int
) -> None:
    mails = _mails(every)
    assert _deliver(listener.smtp, mails) == len(mails)
    found = _settle()
    assert set(found) <= SETTLED, found
    assert found["filed"] >= 0.8 * sum(found.values()), found
    _deliver(listener.smtp, [letter("The next one", message_id="<next@mail.example.test>")])
    assert _settle() == {"filed": 1}
    assert Entry.objects.latest("pk").message.text == "The next one"


BOMBS = {
    "nested": b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (at, at) for at in range(2_000)),
    "many parts": b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * 50_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?abcdef?= " * 40_000 + b"\n\nx",
    "addresses": b"To: " + b"a@example.test, " * 50_000 + b"\n\nx",
    "brackets": b"To: " + b"(" * 100_000 + b"\n\nx",
    "header lines": b"X-A: b\n" * 100_000 + b"\nx",
    "nul": b"\n" + b"\0" * 1_000_000,
    "quotes": b"\n" + b"> " * 500_000,
    "deep html": b"Content-Type: text/html\n\n" + b"<div>" * 100_000,
    "long line": b"\n" + b"a" * 3_000_000,
    "entities": b"Content-Type: text/html\n\n" + b"&" * 1_500_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_settled_and_the_next_mail_is_filed(mailbox: Channel, listener: Listener, bomb: str) -> None:
    head = b"From: eve@example.test\nTo: help@desk.example.test\nMessage-ID: <b@example.test>\n"
    _deliver(listener.smtp, [head + BOMBS[bomb]])
    assert set(_settle()) <= SETTLED
    _deliver(listener.smtp, [letter("The next one")])
    assert _settle() == {"filed": 1}
