"""One spelling per address and kind."""

import pytest

from customers.normalise import normalise, spellings


@pytest.mark.parametrize(
    ("kind", "written", "spelled"),
    [
        ("email", "Giulia@Example.TEST", "giulia@example.test"),
        ("email", "  giulia@example.test\n", "giulia@example.test"),
        ("email", "giu\u200blia@example.test", "giulia@example.test"),
        ("email", "\u202egiulia\u2066@example.test\u2069", "giulia@example.test"),
        ("phone", "+39 055 555 0101", "+390555550101"),
        ("whatsapp", "+1 (202) 555-0101", "+12025550101"),
        ("whatsapp", "+55 11 8765 4321", "+5511987654321"),
        ("phone", "+55 11 98765-4321", "+5511987654321"),
        ("phone", "+55 11 3765-4321", "+551137654321"),
        ("whatsapp", "+52 1 55 1234 5678", "+525512345678"),
        ("telegram", "12345", "12345"),
    ],
)
def test_an_address_has_one_spelling(kind: str, written: str, spelled: str) -> None:
    assert normalise(kind, written) == spelled


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("email", ""),
        ("email", " \u200b"),
        ("email", "\0"),
        ("phone", "call me"),
        ("phone", "555 0101"),
        ("phone", "+39 1"),
        ("phone", "+390555550101234567890"),
        ("phone", "+266696687"),
        ("phone", "anonymous"),
        ("phone", "Passolungo"),
        ("phone", "4711"),
        ("phone", "+" + "1" * 10_000),
        ("phone", "+39 055 555 0101 o forse 055 555 0102"),
        ("phone", "\ud800"),
        ("phone", "+\u202e"),
        ("whatsapp", "tel:"),
    ],
)
def test_what_is_no_address_is_refused(kind: str, written: str) -> None:
    with pytest.raises(ValueError):
        normalise(kind, written)


def test_a_national_number_is_read_with_a_region() -> None:
    assert normalise("phone", "055 555 0101", region="IT") == "+390555550101"


def test_a_composed_and_a_decomposed_letter_are_one_address() -> None:
    assert normalise("other", "cafe\u0301") == normalise("other", "caf\u00e9")


@pytest.mark.parametrize(
    ("number", "known_as"),
    [
        ("+5491123456789", ("+541123456789", "+5491123456789")),
        ("+541123456789", ("+541123456789", "+5491123456789")),
        ("+390555550101", ("+390555550101",)),
        ("+54912345678", ("+54912345678",)),
    ],
)
def test_a_mobile_of_argentina_is_looked_for_in_both_spellings(number: str, known_as: tuple[str, ...]) -> None:
    assert spellings(number) == known_as


def test_arabic_digits_are_digits() -> None:
    assert normalise("phone", "+\u0663\u0669 055 555 0101") == "+390555550101"


def test_an_address_that_composing_makes_too_long_is_refused() -> None:
    # One letter that becomes three when it is composed.
    with pytest.raises(ValueError, match="too long"):
        normalise("other", "\u0958" * 300)
