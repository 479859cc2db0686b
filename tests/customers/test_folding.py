"""Which names are one name."""

import pytest

from customers.folding import fold, tidy


@pytest.mark.parametrize("name", ["Acme srl", " acme  SRL ", "ACME\u00a0Srl", "Ac\u200bme srl", "acme\tsrl"])
def test_case_spaces_and_invisible_marks_make_no_other_name(name: str) -> None:
    assert fold(name) == "acme srl"


def test_a_letter_that_looks_alike_makes_another_name() -> None:
    assert fold("\u0410cme") != fold("Acme")


def test_composed_and_decomposed_letters_are_one() -> None:
    assert fold("Caffe\u0300 Roma") == fold("CAFF\u00c8 ROMA")


@pytest.mark.parametrize("name", ["", "  ", "\u200b\u200f", "\0", "\n"])
def test_a_name_that_nobody_sees_is_none(name: str) -> None:
    assert fold(name) == ""


def test_a_name_is_kept_as_it_was_written() -> None:
    assert tidy("  De\0  Santis & Figli ") == "De Santis & Figli"
