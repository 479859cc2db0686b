"""From raw bytes to what conversations are told, through the child."""

from datetime import UTC, datetime

import pytest

from channels_app import adapters
from channels_app.adapters.email import reply
from channels_app.adapters.email.adapter import adapter
from helpdesk.lib.inbound import Ignored, InboundMessage, Malformed, Proof, RawInput, Robot
from tests.channels_app.email.letters import MAILBOX, letter

OURS = "mx.desk.example.test"
TOKEN = "abcdefghijklmnopqrstuvwxy2"


@pytest.fixture(autouse=True)
def secret(settings: object) -> str:
    settings.SECRET_KEY = "a secret for tests"  # type: ignore[attr-defined]
    return "a secret for tests"


def _parse(body: bytes, *, trusted: str = "", **headers: str) -> InboundMessage:
    config: dict[str, object] = {"address": MAILBOX, "trusted_authserv": trusted}
    raw = RawInput(body=body, received_at=datetime(2026, 11, 22, tzinfo=UTC), headers=headers, config=config)
    (found,) = adapter.parse(raw)
    assert isinstance(found, InboundMessage)
    return found


def test_the_registry_finds_the_adapter_by_its_folder() -> None:
    assert adapters.get("email") is adapter


def test_a_plain_mail_is_a_message_of_its_sender() -> None:
    found = _parse(letter(reply_to="Office <office@example.test>", cc="Ada <ada@example.test>"))
    assert (found.sender.value, found.sender.name) == ("giulia@example.test", "Giulia Tedesco")
    assert found.external_id == "<1@mail.example.test>"
    assert found.occurred_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert [(one.role, one.party.value) for one in found.recipients] == [
        ("cc", "ada@example.test"),
        ("reply_to", "office@example.test"),
    ]
    assert (found.proof, found.robot, found.thread_key) == (Proof.UNPROVEN, Robot.NONE, "")


@pytest.mark.parametrize("place", ["to", "delivered_to", "rcpt_to"])
def test_a_signed_address_is_a_token_wherever_it_stands(secret: str, place: str) -> None:
    address = reply.reply_address(MAILBOX, TOKEN, secret)
    found = _parse(letter(), rcpt_to=address) if place == "rcpt_to" else _parse(letter(**{place: address}))
    assert (found.thread_key, found.proof) == (TOKEN, Proof.TOKEN)
    assert found.recipients == () or place != "to"


@pytest.mark.parametrize("field", ["in_reply_to", "references"])
def test_a_signed_message_id_is_a_token(secret: str, field: str) -> None:
    identifier = reply.message_id(MAILBOX, TOKEN, "key", secret)
    found = _parse(letter(**{field: f"<old@example.test> <{identifier}>"}))
    assert (found.thread_key, found.proof) == (TOKEN, Proof.TOKEN)


@pytest.mark.parametrize(
    "headers",
    [
        {"in_reply_to": f"<{TOKEN}.aaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaa@desk.example.test>"},
        {"to": f"help+{TOKEN}.aaaaaaaaaaaaaaaa@desk.example.test"},
        {"to": f"help+{TOKEN}@desk.example.test"},
        {"subject": f"Re: [#12] {TOKEN}"},
    ],
)
def test_a_guessed_mark_is_no_token(headers: dict[str, str]) -> None:
    found = _parse(letter(**headers))
    assert (found.thread_key, found.proof) == ("", Proof.UNPROVEN)


def test_a_failed_check_outweighs_a_token(secret: str) -> None:
    address = reply.reply_address(MAILBOX, TOKEN, secret)
    results = f"{OURS}; dmarc=fail (p=reject) header.from=example.test"
    found = _parse(letter(to=address, authentication_results=results), trusted=OURS)
    assert found.proof is Proof.FAILED


def test_a_passed_check_is_proof() -> None:
    results = f"{OURS}; dmarc=pass header.from=example.test"
    assert _parse(letter(authentication_results=results), trusted=OURS).proof is Proof.PROVEN


@pytest.mark.parametrize("sender", ["", "a@example.test, b@example.test", "nobody"])
def test_a_doubtful_sender_has_failed(sender: str) -> None:
    found = _parse(letter(**{"from": sender}))
    assert found.proof is Proof.FAILED
    assert found.proof_detail
    assert found.sender.value


def test_a_mail_without_an_id_gets_one_from_its_bytes() -> None:
    one, same, other = (_parse(letter(text, message_id="")) for text in ("a", "a", "b"))
    assert one.external_id == same.external_id != other.external_id
    assert one.external_id.endswith("@no-message-id.invalid>")


def test_the_fingerprint_tells_copies_from_other_mails() -> None:
    one = _parse(letter("Hello there"))
    copy = _parse(letter("Hello \r\nthere", received="by another.example.test"))
    other = _parse(letter("Good bye"))
    assert one.fingerprint == copy.fingerprint != other.fingerprint


def test_our_own_mail_that_comes_back_is_ignored(secret: str) -> None:
    identifier = reply.message_id(MAILBOX, TOKEN, "key", secret)
    raw = letter(**{"from": MAILBOX, "message_id": f"<{identifier}>"})
    given = RawInput(body=raw, received_at=datetime(2026, 11, 22, tzinfo=UTC), config={"address": MAILBOX})
    assert adapter.parse(given) == [Ignored("Our own mail came back to us.")]


def test_a_bounce_names_our_mail(secret: str) -> None:
    identifier = reply.message_id(MAILBOX, TOKEN, "key", secret)
    found = _parse(_bounce(identifier))
    assert found.robot is Robot.BOUNCE
    assert found.bounce
    assert found.bounce.message_id == f"<{identifier}>"
    assert [(one.address, one.status) for one in found.bounce.recipients] == [("gone@example.test", "5.1.1")]
    assert found.thread_key == TOKEN


@pytest.mark.parametrize(
    ("headers", "robot"),
    [
        ({"auto_submitted": "auto-replied"}, Robot.AUTO_REPLY),
        ({"list_id": "<news.example.test>"}, Robot.MAILING_LIST),
        ({"precedence": "list", "list_id": "<help.desk.example.test>"}, Robot.NONE),
        ({}, Robot.NONE),
    ],
)
def test_robots_are_told_from_people(headers: dict[str, str], robot: Robot) -> None:
    assert _parse(letter(**headers)).robot is robot


def test_too_large_a_mail_is_malformed(settings: object) -> None:
    settings.INBOUND_BODY_MAX_BYTES = 1024 * 1024  # type: ignore[attr-defined]
    with pytest.raises(Malformed):
        _parse(b"x" * (1024 * 1024 + 1))


def _bounce(identifier: str) -> bytes:
    report = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.test\r\n\r\n"
        "Final-Recipient: rfc822; gone@example.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    original = f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{identifier}>\r\nSubject: Hello\r\n"
    head = (
        "From: Mail Delivery System <mailer-daemon@mx.example.test>\r\nTo: help@desk.example.test\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <b1@mx.example.test>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="e"\r\n\r\n'
    )
    pieces = ["Content-Type: text/plain\r\n\r\nIt could not be delivered.", report, original]
    return (head + "".join(f"--e\r\n{piece}\r\n" for piece in pieces) + "--e--\r\n").encode()
