"""Delivery reports, with and without the form that the standard wants."""

import pytest

from tests.channels_app.email.letters import letter, part, parts, understood

DAEMON = "Mail Delivery System <mailer-daemon@mx.example.test>"
REPORT = "Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"


def _report(*groups: str, text: bytes = b"It failed.") -> bytes:
    status = "Reporting-MTA: dns; mx.example.test\r\n\r\n" + "\r\n".join(groups)
    original = part(b"Message-ID: <ours@desk.example.test>\r\nSubject: x\r\n\r\nx", "message/rfc822")
    pieces = (part(text), part(status.encode(), "message/delivery-status"), original)
    return letter(**{"from": DAEMON}, subject="Undelivered Mail", multipart=parts(*pieces, kind="report"))


def _group(address: str, action: str = "failed", status: str = "5.1.1") -> str:
    return REPORT.format(address=address, action=action, status=status)


def test_a_standard_report_names_recipient_status_and_mail() -> None:
    bounce = understood(_report(_group("gone@example.test"))).bounce
    assert bounce
    assert bounce.is_permanent
    assert bounce.message_id == "ours@desk.example.test"
    assert [(one.address, one.status, one.action) for one in bounce.recipients] == [
        ("gone@example.test", "5.1.1", "failed")
    ]


def test_the_address_we_wrote_to_is_preferred() -> None:
    group = "Original-Recipient: rfc822;info@example.test\r\n" + _group("ada@intern.example.test")
    bounce = understood(_report(group)).bounce
    assert bounce
    assert bounce.recipients[0].address == "info@example.test"


def test_a_delay_is_not_permanent() -> None:
    bounce = understood(_report(_group("slow@example.test", "delayed", "4.4.1"))).bounce
    assert bounce
    assert not bounce.is_permanent


def test_what_was_delivered_is_no_bounce() -> None:
    assert understood(_report(_group("good@example.test", "delivered", "2.0.0"))).bounce is None


def test_only_those_who_failed_are_named() -> None:
    groups = (_group("good@example.test", "delivered", "2.0.0"), _group("gone@example.test"))
    bounce = understood(_report(*groups)).bounce
    assert bounce
    assert [one.address for one in bounce.recipients] == ["gone@example.test"]


@pytest.mark.parametrize(
    "text",
    [
        "<gone@example.test>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n",
        "  gone@example.test\r\n    SMTP error from remote mail server: 550 5.1.1 User unknown\r\n",
        "The following address failed: gone@example.test\r\n550 5.1.1 unknown user\r\n",
    ],
)
def test_prose_is_understood(text: str) -> None:
    raw = letter(f"Your message could not be delivered.\r\n\r\n{text}", **{"from": DAEMON}, subject="failure notice")
    bounce = understood(raw).bounce
    assert bounce
    assert [(one.address, one.status) for one in bounce.recipients] == [("gone@example.test", "5.1.1")]


def test_a_report_without_a_sender_is_understood() -> None:
    raw = _report(_group("gone@example.test")).replace(f"From: {DAEMON}\r\n".encode(), b"")
    assert understood(raw).bounce


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Delivery failed", "Your courier says that the parcel could not be delivered: the address does not exist."),
        ("Undelivered parcel", "The delivery has failed twice. My mailbox is full of your messages!"),
        ("Returned to sender", "The parcel was returned to you, please send it again to ada@example.test."),
        ("Delayed?", "You said it is delayed. Will you keep trying?"),
    ],
)
def test_a_customer_who_writes_about_parcels_is_no_bounce(subject: str, text: str) -> None:
    assert understood(letter(text, subject=subject)).bounce is None


def test_a_complaint_is_told() -> None:
    report = part(b"Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n", "message/feedback-report")
    mail = understood(letter(multipart=parts(part(b"A complaint"), report, kind="report")))
    assert mail.is_feedback_report
    assert mail.bounce is None
