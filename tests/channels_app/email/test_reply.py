"""Our marks on mails: whoever changes one bit of them has lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.adapters.email import reply
from tests.channels_app.email.letters import MAILBOX, SECRET

TOKEN = "abcdefghijklmnopqrstuvwxy2"


def test_a_token_is_26_letters_and_never_the_same() -> None:
    tokens = {reply.new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 26 and token == token.lower() for token in tokens)


def test_an_address_brings_its_token_back() -> None:
    address = reply.reply_address(MAILBOX, TOKEN, SECRET)
    assert address.startswith(f"help+{TOKEN}.")
    assert reply.read_reply_address(address, MAILBOX, SECRET) == TOKEN


def test_a_message_id_brings_its_token_back() -> None:
    identifier = reply.message_id(MAILBOX, TOKEN, "key-1", SECRET)
    assert identifier == reply.message_id(MAILBOX, TOKEN, "key-1", SECRET)
    assert identifier != reply.message_id(MAILBOX, TOKEN, "key-2", SECRET)
    assert reply.read_message_id(f"<{identifier}>", MAILBOX, SECRET) == TOKEN


@pytest.mark.parametrize("length", range(1, 65))
def test_the_local_part_never_exceeds_64_characters(length: int) -> None:
    mailbox = f"{'m' * length}@desk.example.test"
    address = reply.reply_address(mailbox, TOKEN, SECRET)
    assert len(address.partition("@")[0]) <= 64
    assert reply.read_reply_address(address, mailbox, SECRET) == (TOKEN if length <= 23 else "")


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_changed_bit_of_an_address_is_refused(data: st.DataObject) -> None:
    local = reply.reply_address(MAILBOX, TOKEN, SECRET).partition("@")[0]
    changed = _flip(local.encode(), data.draw(st.integers(5 * 8, len(local) * 8 - 1)))
    address = f"{changed.decode('latin-1')}@{MAILBOX.partition('@')[2]}"
    assert reply.read_reply_address(address, MAILBOX, SECRET) == ""


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_changed_bit_of_a_message_id_is_refused(data: st.DataObject) -> None:
    left = reply.message_id(MAILBOX, TOKEN, "key", SECRET).partition("@")[0]
    changed = _flip(left.encode(), data.draw(st.integers(0, len(left) * 8 - 1)))
    identifier = f"{changed.decode('latin-1')}@{MAILBOX.partition('@')[2]}"
    assert reply.read_message_id(identifier, MAILBOX, SECRET) == ""


@pytest.mark.parametrize("mailbox", ["other@desk.example.test", "help@evil.example.test"])
def test_a_mark_of_another_mailbox_is_refused(mailbox: str) -> None:
    assert reply.read_reply_address(reply.reply_address(MAILBOX, TOKEN, SECRET), mailbox, SECRET) == ""
    assert reply.read_message_id(reply.message_id(MAILBOX, TOKEN, "k", SECRET), mailbox, SECRET) == ""


def test_a_mark_made_with_another_secret_is_refused() -> None:
    assert reply.read_reply_address(reply.reply_address(MAILBOX, TOKEN, "other"), MAILBOX, SECRET) == ""


def test_the_signature_of_an_address_is_no_signature_of_a_message_id() -> None:
    signature = reply.reply_address(MAILBOX, TOKEN, SECRET).partition("@")[0].rpartition(".")[2]
    forged = f"{TOKEN}.{signature}.{signature}@desk.example.test"
    assert reply.read_message_id(forged, MAILBOX, SECRET) == ""


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_nothing_crashes_the_readers(text: str) -> None:
    assert reply.read_reply_address(text, MAILBOX, SECRET) == ""
    assert reply.read_message_id(text, MAILBOX, SECRET) == ""


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)
