"""Names of strangers: in one line, and nothing hidden in them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.lib.names import MARKS_MAX, NAME_MAX, clean_name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Giulia  Tassinari ", "Giulia Tassinari"),
        ("Ioana Țurcanu", "Ioana Țurcanu"),
        ("Jose\u0301", "José"),
        ("\u202eailuiG\u202c", "ailuiG"),
        ("Anna\u2066 \u2069Riva", "Anna Riva"),
        ("An\u200bna\ufeff", "Anna"),
        ("\u200f\u0645\u062d\u0645\u062f", "\u0645\u062d\u0645\u062f"),
        ("\u0645\u06cc\u200c\u0646\u0627", "\u0645\u06cc\u200c\u0646\u0627"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("\u200dAnna\u200d", "Anna"),
        ("Anna\0\r\nBcc: x", "Anna Bcc: x"),
        ("A\ud800nna", "Anna"),
        ("", ""),
        ("\u200b\u200b", ""),
        ("\u200b \u2060\ufeff", ""),
        ("\u3164\u2800\u115f", ""),
        ("\u0301\u0301", ""),
        ("x" * 10_000, "x" * NAME_MAX),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(written: str, kept: str) -> None:
    assert clean_name(written) == kept


def test_heaps_of_marks_are_cut() -> None:
    assert len(clean_name("Z" + "\u0335\u0336" * 200 + "algo")) <= len("Zalgo") + MARKS_MAX


@given(st.text(st.characters(exclude_categories=[])))
def test_no_name_is_too_strange(text: str) -> None:
    name = clean_name(text)
    assert clean_name(name) == name and len(name) <= NAME_MAX
    assert name.encode() is not None and not {"Cc", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, name))
