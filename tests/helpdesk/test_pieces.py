"""What of a message goes in which of the provider's."""

from dataclasses import dataclass

import pytest

from helpdesk.lib import pieces
from helpdesk.lib.outbound import Capabilities, FileRule
from helpdesk.lib.pieces import Piece

FAMILY = "👨‍👩‍👧‍👦"


@dataclass(frozen=True)
class Picture:
    """A file as far as cutting looks at it."""

    content_type: str = "image/jpeg"


def able(
    most: int = 40, *, unit: str = "characters", caption: int = 20, rules: tuple[FileRule, ...] = ()
) -> Capabilities:
    return Capabilities(
        max_text_characters=most, max_files_bytes=0, text_unit=unit, max_caption_characters=caption, file_rules=rules
    )


def parts(text: str, capabilities: Capabilities) -> list[str]:
    return [text[slice(*piece.text)] for piece in pieces.cut(text, [], capabilities) if piece.text]


def test_a_short_text_is_one_piece_without_the_space_around_it() -> None:
    assert pieces.cut("  Hello Giulia \n", [], able()) == [Piece(text=(2, 14))]


def test_nothing_makes_no_piece() -> None:
    assert pieces.cut(" \n ", [], able()) == []


def test_a_short_text_is_the_caption_of_a_single_picture() -> None:
    assert pieces.cut("Here it is", [Picture()], able()) == [Piece(text=(0, 10), file=0)]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("Longer than a caption may be", [Picture()]),
        ("Here it is", [Picture("audio/ogg")]),
        ("Here they are", [Picture(), Picture()]),
    ],
)
def test_otherwise_files_go_first_and_the_text_after_them(text: str, files: list[Picture]) -> None:
    found = pieces.cut(text, files, able())

    assert found == [*(Piece(file=place) for place in range(len(files))), Piece(text=(0, len(text)))]


def test_a_text_is_cut_between_paragraphs_first() -> None:
    text = "One sentence. And another one.\n\nA new paragraph that is longer."

    assert parts(text, able(45)) == ["One sentence. And another one.", "A new paragraph that is longer."]


def test_then_between_sentences() -> None:
    assert parts("This is one. This is the second. Third here.", able(36)) == [
        "This is one. This is the second.", "Third here.",
    ]  # fmt: skip


def test_then_between_words() -> None:
    assert parts("one two three four five six", able(13)) == ["one two three", "four five six"]


def test_a_cut_far_ahead_of_the_limit_is_not_taken() -> None:
    assert parts("No.\n\nseven words that follow are more than this", able(30)) == [
        "No.\n\nseven words that follow", "are more than this",
    ]  # fmt: skip


def test_a_sign_that_people_see_as_one_is_never_cut() -> None:
    assert parts(FAMILY * 3, able(13)) == [FAMILY, FAMILY, FAMILY]


def test_a_sign_larger_than_the_limit_stays_whole() -> None:
    assert parts(f"ab{FAMILY}cd", able(3)) == ["ab", FAMILY, "cd"]


@pytest.mark.parametrize(("unit", "most"), [("bytes", 7), ("utf16", 4), ("characters", 3)])
def test_the_limit_counts_in_the_channels_unit(unit: str, most: int) -> None:
    capabilities = able(most, unit=unit)

    assert pieces.measure("è😀b", capabilities) == most
    assert pieces.fits("è😀b", capabilities)
    assert not pieces.fits("è😀bc", capabilities)
    assert len(parts("è😀bc", capabilities)) == 2


def test_segments_are_counted_after_quotes_were_made_plain() -> None:
    capabilities = able(1, unit="segments")

    assert pieces.measure("“" + "a" * 158 + "”", capabilities) == 1
    assert [len(part) for part in parts("word " * 60, capabilities)] == [159, 139]


def test_nothing_but_white_space_is_lost() -> None:
    text = "Bună ziua!  Comanda dvs. 10432\r\n\r\na plecat azi…  🇮🇹🇷🇴 " * 40
    for most in (7, 40, 333):
        found = parts(text, able(most, unit="bytes"))

        assert "".join("".join(found).split()) == "".join(text.split())


def test_a_file_goes_by_the_rule_of_its_kind_or_as_a_plain_file() -> None:
    rules = (FileRule("image", 10, ("image/jpeg",)), FileRule("file", 100))
    capabilities = able(rules=rules)

    assert pieces.rule_for("image/jpeg", 10, capabilities) == rules[0]
    assert pieces.rule_for("image/jpeg", 11, capabilities) == rules[1]
    assert pieces.rule_for("image/heic; a=b", 5, capabilities) == rules[1]
    assert pieces.rule_for("application/pdf", 101, capabilities) is None
    assert pieces.max_bytes_for("image/jpeg", capabilities) == 100
    assert pieces.max_bytes_for("image/jpeg", able()) == 0
