"""Whom we believe: only the topmost word of our own mail server, and only for the From domain."""

import pytest

from channels_app.adapters.email import auth
from helpdesk.lib.inbound import Proof

OURS = "mx.desk.example.test"
PROVEN, FAILED, UNPROVEN = Proof.PROVEN, Proof.FAILED, Proof.UNPROVEN


@pytest.mark.parametrize(
    ("results", "proof"),
    [
        ("dmarc=pass (p=reject) header.from=example.test", PROVEN),
        ("dmarc=pass header.from=evil.test", UNPROVEN),
        ("dmarc=fail (p=reject dis=none) header.from=example.test", FAILED),
        ("dmarc=fail (p=QUARANTINE sp=NONE) header.from=example.test", FAILED),
        ("dmarc=fail (p=none) header.from=example.test", UNPROVEN),
        ("dmarc=fail header.from=example.test", FAILED),
        ("dkim=pass header.d=example.test header.s=s1", PROVEN),
        ("dkim=pass header.i=@example.test", PROVEN),
        ("dkim=pass header.d=evil.test", UNPROVEN),
        ("dkim=pass header.d=sub.example.test", UNPROVEN),
        ("dkim=pass header.d=test", UNPROVEN),
        ("dkim=fail header.d=example.test", UNPROVEN),
        ("spf=pass smtp.mailfrom=bounce@example.test", PROVEN),
        ("spf=pass smtp.mailfrom=evil.test", UNPROVEN),
        ("spf=softfail smtp.mailfrom=example.test", UNPROVEN),
        ("dkim=pass header.d=example.test; dmarc=fail (p=reject)", FAILED),
        ("none", UNPROVEN),
    ],
)
def test_each_result_proves_as_much_as_it_may(results: str, proof: Proof) -> None:
    assert auth.judge((f"{OURS}; {results}",), "giulia@example.test", OURS)[0] is proof


def test_a_parent_domain_speaks_for_its_children() -> None:
    field = f"{OURS}; dkim=pass header.d=example.test"
    assert auth.judge((field,), "giulia@mail.example.test", OURS)[0] is PROVEN


def test_nobody_is_believed_where_no_server_is_trusted() -> None:
    assert auth.judge((f"{OURS}; dmarc=pass",), "giulia@example.test", "")[0] is UNPROVEN


def test_another_servers_word_proves_nothing() -> None:
    assert auth.judge(("mx.evil.test; dmarc=pass",), "giulia@example.test", OURS)[0] is UNPROVEN


def test_a_forged_word_below_our_servers_own_is_not_read() -> None:
    fields = (f"{OURS}; dmarc=fail (p=reject)", f"{OURS}; dmarc=pass header.from=example.test")
    assert auth.judge(fields, "giulia@example.test", OURS)[0] is FAILED


def test_a_forged_word_below_a_strangers_is_not_believed() -> None:
    fields = ("mx.evil.test; none", f"{OURS}; dmarc=pass header.from=example.test")
    assert auth.judge(fields, "giulia@example.test", OURS)[0] is UNPROVEN


@pytest.mark.parametrize(
    "field",
    [
        "mx.evil.test (mx.desk.example.test); dmarc=pass header.from=example.test",
        "mx.desk.example.test.evil.test; dmarc=pass header.from=example.test",
        "(x) mx.evil.test; mx.desk.example.test; dmarc=pass",
    ],
)
def test_a_name_that_only_looks_like_our_servers_is_not_it(field: str) -> None:
    assert auth.judge((field,), "giulia@example.test", OURS)[0] is UNPROVEN


def test_a_result_inside_a_comment_does_not_count() -> None:
    field = f"{OURS}; spf=fail (dmarc=pass header.from=example.test) smtp.mailfrom=x.test"
    assert auth.judge((field,), "giulia@example.test", OURS)[0] is UNPROVEN
