"""The listener: "250" means stored and committed, and nothing else does."""

import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from channels_app import intake
from channels_app.models import Channel, RawEvent
from tests import factories
from tests.channels_app.email.conftest import Listener
from tests.channels_app.email.letters import MAILBOX, letter

pytestmark = pytest.mark.django_db(transaction=True)


def _client(port: int) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", port, timeout=20)


def _send(port: int, raw: bytes, *to: str) -> None:
    with _client(port) as client:
        client.sendmail("giulia@example.test", to or (MAILBOX,), raw)


def test_a_mail_is_stored_before_it_is_accepted(mailbox: Channel, listener: Listener) -> None:
    _send(listener.smtp, letter())
    event = RawEvent.objects.get()
    assert event.channel == mailbox
    assert bytes(event.body or b"").rstrip() == letter()
    assert event.headers["rcpt_to"] == MAILBOX
    assert event.headers["mail_from"] == "giulia@example.test"


def test_a_plus_mark_belongs_to_the_mailbox(mailbox: Channel, listener: Listener) -> None:
    _send(listener.smtp, letter(), "Help+Anything.Else@desk.example.test")
    assert RawEvent.objects.get().channel == mailbox


def test_an_unknown_recipient_is_refused(mailbox: Channel, listener: Listener) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        _send(listener.smtp, letter(), "nobody@desk.example.test")
    assert refused.value.recipients["nobody@desk.example.test"][0] == 550
    assert not RawEvent.objects.exists()


def test_one_mail_to_two_mailboxes_is_stored_for_each(mailbox: Channel, listener: Listener) -> None:
    other = factories.make_channel(name="Sales", kind="email", config={"address": "sales@desk.example.test"})
    _send(listener.smtp, letter(), MAILBOX, "help+x@desk.example.test", other.address)
    assert sorted(RawEvent.objects.values_list("channel", flat=True)) == sorted([mailbox.pk, other.pk])


def test_the_same_mail_again_is_counted_once(mailbox: Channel, listener: Listener) -> None:
    _send(listener.smtp, letter())
    _send(listener.smtp, letter())
    assert RawEvent.objects.get().copies_count == 1


def test_without_a_database_the_sender_tries_again(
    mailbox: Channel, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*values: object, **named: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(intake, "store", fail)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        _send(listener.smtp, letter())
    assert refused.value.smtp_code == 451


def test_too_large_a_mail_is_refused(mailbox: Channel, listener: Listener, settings: object) -> None:
    settings.INBOUND_BODY_MAX_BYTES = 10_000  # type: ignore[attr-defined]
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        _send(listener.smtp, letter("x\r\n" * 10_000))
    assert refused.value.smtp_code == 552
    assert not RawEvent.objects.exists()


def test_very_long_lines_are_taken(mailbox: Channel, listener: Listener) -> None:
    _send(listener.smtp, letter("x" * 200_000))
    assert RawEvent.objects.get().body_bytes > 200_000


def test_lmtp_answers_for_each_recipient(mailbox: Channel, listener: Listener) -> None:
    other = factories.make_channel(name="Sales", kind="email", config={"address": "sales@desk.example.test"})
    lines = ["LHLO x", "MAIL FROM:<a@example.test>", f"RCPT TO:<{MAILBOX}>", f"RCPT TO:<{other.address}>", "DATA"]
    with socket.create_connection(("127.0.0.1", listener.lmtp), 20) as line:
        stream = line.makefile("rwb")
        assert stream.readline().startswith(b"220")
        for words in lines:
            stream.write(f"{words}\r\n".encode())
            stream.flush()
            answer = stream.readline()
            while answer[3:4] == b"-":
                answer = stream.readline()
            assert answer[:1] in (b"2", b"3")
        stream.write(letter() + b"\r\n.\r\n")
        stream.flush()
        assert [stream.readline()[:3] for _ in range(2)] == [b"250", b"250"]
    assert RawEvent.objects.count() == 2


def test_many_senders_at_once_are_all_heard(mailbox: Channel, listener: Listener) -> None:
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda number: _send(listener.smtp, letter(f"mail {number}")), range(40)))
    assert RawEvent.objects.count() == 40


@pytest.mark.parametrize(
    "ending", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\n.\r", b"\0\r\n.\n"]
)
def test_one_smuggled_ending_does_not_make_two_mails(mailbox: Channel, listener: Listener, ending: bytes) -> None:
    inner = b"MAIL FROM:<eve@evil.test>\r\nRCPT TO:<" + MAILBOX.encode() + b">\r\nDATA\r\nSubject: second\r\n\r\nx"
    raw = b"Subject: first\r\n\r\nbody" + ending + inner + b"\r\n.\r\n"
    with _client(listener.smtp) as client:
        client.ehlo()
        client.mail("a@example.test")
        client.rcpt(MAILBOX)
        client.docmd("DATA")
        client.send(raw)
        client.getreply()
    assert RawEvent.objects.count() <= 1


def test_null_senders_are_heard(mailbox: Channel, listener: Listener) -> None:
    with _client(listener.smtp) as client:
        client.sendmail("", [MAILBOX], letter())
    assert RawEvent.objects.get().headers["mail_from"] == ""
