"""Sending: what the mail looks like on the wire, and what each answer of the server means."""

import dataclasses
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from channels_app.adapters.email import reply, send
from channels_app.adapters.email.adapter import adapter
from channels_app.models import Channel
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, SendError
from tests.channels_app.email import sink
from tests.channels_app.email.letters import MAILBOX

TOKEN = "abcdefghijklmnopqrstuvwxy2"


def _channel(url: str, **config: str) -> Channel:
    channel = Channel(kind="email", name="Help")
    channel.config = {"address": MAILBOX, "name": "Help desk", "smtp_url": url, **config}
    return channel


def _recipient(address: str, position: int = 0, role: str = "to", name: str = "") -> OutboundRecipient:
    return OutboundRecipient(role, Party("email", address, name=name), position)


OUTBOUND = Outbound(
    idempotency_key="key-1",
    thread_key=TOKEN,
    recipients=(_recipient("giulia@example.test", name="Giulia Tedesco"),),
    text="It is on its way.\n.\nFrom here\n",
    html="<p>It is on its way.</p>",
    subject="Re: My parcel",
    sender_name="Ana Ionescu",
    in_reply_to="<1@mail.example.test>",
    references=("<0@mail.example.test>", "<1@mail.example.test>"),
)


@pytest.fixture(autouse=True)
def _open(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Everywhere(list[str]):
        def __contains__(self, item: object) -> bool:
            return str(item).startswith("127.0.0.1:")

    settings.PRIVATE_HOSTS_ALLOWED = Everywhere()
    settings.SECRET_KEY = "a secret for tests"


def _sent(**changes: Any) -> EmailMessage:
    with sink.running() as server:
        adapter.send(_channel(server.url), dataclasses.replace(OUTBOUND, **changes))
    found = message_from_bytes(server.mails[0], policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _refused(seconds: float = 20, **answers: str) -> SendError:
    with sink.running(**answers) as server, pytest.raises(SendError) as error:
        send.send(_channel(server.url), OUTBOUND, seconds=seconds)
    return error.value


def test_the_mail_carries_names_marks_and_both_forms() -> None:
    mail = _sent()
    assert mail["From"] == f'"Ana Ionescu (Help desk)" <{MAILBOX}>'
    assert mail["To"] == "Giulia Tedesco <giulia@example.test>"
    assert mail["Subject"] == "Re: My parcel"
    assert mail["In-Reply-To"] == "<1@mail.example.test>"
    assert mail["References"].split() == ["<0@mail.example.test>", "<1@mail.example.test>"]
    assert "Auto-Submitted" not in mail
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().splitlines() == OUTBOUND.text.splitlines()
    assert rich.get_content().strip() == OUTBOUND.html


def test_answers_find_their_thread_by_address_and_by_id() -> None:
    mail = _sent()
    address = mail["Reply-To"].addresses[0].addr_spec
    assert reply.read_reply_address(address, MAILBOX, "a secret for tests") == TOKEN
    assert reply.read_message_id(mail["Message-ID"], MAILBOX, "a secret for tests") == TOKEN


def test_the_same_key_gives_the_same_message_id() -> None:
    with sink.running() as server:
        first, again = (adapter.send(_channel(server.url), OUTBOUND) for _ in range(2))
    assert first.external_id == again.external_id
    assert first.external_id.encode() in server.mails[0]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_line_end_in_a_field_makes_no_header(end: str) -> None:
    evil = f"x{end}Bcc: eve@evil.test"
    file = OutboundFile(f"a{end}b.txt", f"text/plain{end}X-Evil: 1", b"x")
    mail = _sent(
        subject=evil,
        sender_name=evil,
        recipients=(_recipient("giulia@example.test", name=evil),),
        in_reply_to=f"<a@b>{end}X-Evil: 1",
        references=(f"<a{end}b@c>", evil),
        language=f"it{end}X-Evil: 1",
        files=(file,),
    )
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert all(part["X-Evil"] is None for part in mail.walk())


def test_letters_of_all_languages_survive() -> None:
    text = "Perché? È già Ștefan – 你好 🙂\n" + "lungă " * 300
    mail = _sent(text=text, html="", subject="Perché? 你好 " * 8, sender_name="Ștefan")
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().split() == text.split()
    assert mail["Subject"] == ("Perché? 你好 " * 8).strip()
    assert mail["From"].addresses[0].display_name == "Ștefan (Help desk)"


def test_files_are_sent_with_their_names() -> None:
    files = (OutboundFile("città.pdf", "application/pdf", b"%PDF"), OutboundFile("a/b.png", "image/png", b"\x89"))
    found = list(_sent(files=files).iter_attachments())
    assert [(one.get_filename(), one.get_content_type()) for one in found] == [
        ("città.pdf", "application/pdf"),
        ("a_b.png", "image/png"),
    ]
    assert found[0].get_content() == b"%PDF"


def test_blind_copies_stay_blind() -> None:
    people = (
        _recipient("a@example.test"),
        _recipient("b@example.test", 1, "cc"),
        _recipient("c@example.test", 2, "bcc"),
    )
    with sink.running() as server:
        sent = adapter.send(_channel(server.url), dataclasses.replace(OUTBOUND, recipients=people))
    assert [part.state for part in sent.parts] == ["sent"] * 3
    assert b"c@example.test" not in server.mails[0]
    assert any("c@example.test" in command for command in server.commands)


def test_each_recipient_has_an_answer_of_their_own() -> None:
    people = (_recipient("good@example.test"), _recipient("bad@example.test", 1), _recipient("no address", 2))
    with sink.running(**{"rcpt bad@example.test": "550 5.1.1 nobody"}) as server:
        sent = adapter.send(_channel(server.url), dataclasses.replace(OUTBOUND, recipients=people))
    assert [(part.position, part.state, part.error_code) for part in sent.parts] == [
        (0, "sent", ""),
        (1, "failed", "rejected_recipient"),
        (2, "failed", "rejected_recipient"),
    ]


@pytest.mark.parametrize(
    ("answers", "code", "retryable"),
    [
        ({"rcpt": "550 5.1.1 nobody"}, "rejected_recipient", False),
        ({"rcpt": "451 4.2.1 busy"}, "rejected_recipient", True),
        ({"mail": "550 5.7.1 spam"}, "rejected_content", False),
        ({"mail": "451 slow down"}, "throttled", True),
        ({"data": "554 no"}, "rejected_content", False),
        ({"end": "554 5.7.1 spam"}, "rejected_content", False),
        ({"end": "451 4.7.1 greylisted"}, "throttled", True),
        ({"end": "552 5.3.4 too large"}, "too_large", False),
        ({"mail": "530 5.7.0 log in first"}, "credentials", False),
        ({"connect": "554 go away"}, "connection", False),
        ({"connect": "421 busy"}, "connection", True),
        ({"connect": "drop"}, "connection", True),
        ({"helo": "drop"}, "connection", True),
        ({"rcpt": "drop"}, "connection", True),
        ({"data": "drop"}, "connection", True),
    ],
)
def test_each_refusal_has_its_meaning(answers: dict[str, str], code: str, retryable: bool) -> None:
    error = _refused(**answers)
    assert (error.code, error.retryable, error.maybe_sent) == (code, retryable, False)
    assert error.message


@pytest.mark.parametrize("end", ["drop", "hang"])
def test_silence_behind_the_final_dot_is_unknown(end: str) -> None:
    error = _refused(seconds=0.5, end=end)
    assert error.maybe_sent
    assert error.code == "timeout"


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    began = time.monotonic()
    error = _refused(seconds=0.5, mail="hang")
    assert time.monotonic() - began < 5
    assert (error.code, error.retryable, error.maybe_sent) == ("timeout", True, False)


def test_nobody_listening_is_tried_again() -> None:
    with sink.running() as server:
        url = server.url
    with pytest.raises(SendError) as error:
        adapter.send(_channel(url), OUTBOUND)
    assert (error.value.code, error.value.retryable) == ("connection", True)


@pytest.mark.parametrize("url", ["", "http://mail.example.test", "smtp://", "smtp://x:notaport"])
def test_a_mailbox_without_a_server_says_so(url: str, settings: Any) -> None:
    settings.SMTP_URL = ""
    with pytest.raises(SendError) as error:
        adapter.send(_channel(url), OUTBOUND)
    assert (error.value.code, error.value.retryable) == ("not_configured", False)


def test_a_private_server_is_refused_unless_listed(settings: Any) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = []
    with sink.running() as server, pytest.raises(SendError) as error:
        adapter.send(_channel(server.url), OUTBOUND)
    assert error.value.code == "not_configured"
    assert server.commands == []


def test_a_password_does_not_travel_in_clear(settings: Any) -> None:
    class Nowhere(list[str]):
        asked = 0

        def __contains__(self, item: object) -> bool:
            self.asked += 1
            return self.asked == 1

    settings.PRIVATE_HOSTS_ALLOWED = Nowhere()
    with sink.running() as server, pytest.raises(SendError) as error:
        adapter.send(_channel(server.url.replace("//", "//user:hunter2@")), OUTBOUND)
    assert error.value.code == "not_configured"
    assert not any("AUTH" in command for command in server.commands)


def test_a_wrong_password_is_a_matter_of_credentials() -> None:
    with (
        sink.running(helo="250-sink\r\n250 AUTH PLAIN", auth="535 5.7.8 no") as server,
        pytest.raises(SendError) as error,
    ):
        adapter.send(_channel(server.url.replace("//", "//user:hunter2@")), OUTBOUND)
    assert (error.value.code, error.value.our_fault) == ("credentials", True)
    assert "hunter2" not in error.value.message


def test_a_server_without_encryption_is_refused_where_it_is_demanded() -> None:
    with sink.running() as server, pytest.raises(SendError) as error:
        adapter.send(_channel(server.url.replace("smtp:", "smtp+starttls:")), OUTBOUND)
    assert error.value.code == "not_configured"
    assert server.mails == []


def test_the_whole_check_of_an_account_sends_nothing() -> None:
    with sink.running() as server:
        adapter.check(_channel(server.url))
    assert server.mails == []
