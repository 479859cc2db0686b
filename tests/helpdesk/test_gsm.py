"""How many SMS a text becomes."""

import pytest

from helpdesk.lib import gsm


@pytest.mark.parametrize(
    ("text", "segments", "left"),
    [
        ("", 0, 160),
        ("a" * 160, 1, 0),
        ("a" * 161, 2, 145),
        ("a" * 306, 2, 0),
        ("a" * 307, 3, 152),
        ("ș" * 70, 1, 0),
        ("ș" * 71, 2, 63),
        ("ș" * 134, 2, 0),
        ("ș" * 135, 3, 66),
        ("è" * 160, 1, 0),
        ("€" * 80, 1, 0),
        ("€" * 81, 2, 143),
        ("😀" * 35, 1, 0),
        ("😀" * 36, 2, 61),
    ],
)
def test_segments_are_counted_as_providers_bill_them(text: str, segments: int, left: int) -> None:
    found = gsm.size(text)

    assert (found.segments, found.left) == (segments, left)


def test_an_escape_is_not_parted_from_its_sign() -> None:
    # The 153rd unit would be the escape alone, so the euro begins the second SMS.
    assert gsm.size("a" * 152 + "€" + "a" * 151).segments == 2
    assert gsm.size("a" * 152 + "€" + "a" * 152).segments == 3


def test_the_signs_that_cost_are_named_once() -> None:
    assert gsm.size("țară, țăran").because == ("ț", "ă")
    assert gsm.size("perché no").because == ()


def test_typographic_signs_become_those_of_the_alphabet() -> None:
    assert gsm.normalised("\u201cL\u2019ordine\u201d\u00a0\u2013 ok\u2026") == '"L\'ordine" - ok...'


def test_a_letter_and_its_accent_in_two_signs_become_one() -> None:
    assert gsm.normalised("perche\u0301") == "perché"


def test_accents_that_the_alphabet_lacks_are_removed_and_others_stay() -> None:
    assert gsm.without_accents("Știți că „mâine” è già Łódź?") == 'Stiti ca "maine" è già Lodz?'


def test_what_has_no_plain_letter_stays() -> None:
    assert gsm.without_accents("Привет 😀") == "Привет 😀"
    assert not gsm.size(gsm.without_accents("Привет")).is_gsm
