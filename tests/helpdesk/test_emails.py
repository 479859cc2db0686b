"""One spelling for each mail address, and nobody mistaken for somebody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.lib import emails


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("Giulia.Tedesco@Example.Test", "giulia.tedesco@example.test"),
        (" giulia+tag@example.test ", "giulia+tag@example.test"),
        ("giulia@Bücher.test", "giulia@xn--bcher-kva.test"),
        ("ștefan@example.test", "ștefan@example.test"),
        ("s\u0326tefan@example.test", "ștefan@example.test"),
        ('"giulia"@example.test', "giulia@example.test"),
        ("giulia@example.test.", "giulia@example.test"),
        ("giulia@[192.0.2.1]", "giulia@[192.0.2.1]"),
        ("Straße@example.test", "straße@example.test"),
    ],
)
def test_an_address_has_one_spelling(written: str, spelled: str) -> None:
    assert emails.normalise_address(written) == spelled


@pytest.mark.parametrize(
    "written",
    ["", "@", "giulia", "giulia@", "@example.test", "a b@example.test", "a@b@", "a@-x.test", "a@x..test", "a<b@x.test",
     "a\0b@x.test", "\u212aob@x.test", "\ud800@x.test", "a@" + "x" * 300 + ".test",
     "a" * 200 + "@x.test", "a\nb@x.test"],
)  # fmt: skip
def test_what_is_no_address_is_refused(written: str) -> None:
    assert emails.spell_address(written) == ""
    with pytest.raises(ValueError, match="not a mail address"):
        emails.normalise_address(written)


@pytest.mark.parametrize("alike", ["\u0430dmin@example.test", "admin@ex\u0430mple.test", "\uff41dmin@example.test"])
def test_look_alikes_stay_apart(alike: str) -> None:
    assert emails.spell_address(alike) != "admin@example.test"


@given(st.text(max_size=80))
def test_spelling_twice_changes_nothing(text: str) -> None:
    once = emails.spell_address(text)
    assert once == "" or emails.spell_address(once) == once


@given(st.text(max_size=200))
def test_one_line_is_one_line(text: str) -> None:
    assert len(emails.one_line(text).splitlines()) <= 1
