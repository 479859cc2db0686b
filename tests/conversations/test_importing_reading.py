"""From the bytes of a file to its rows, whatever wrote it."""

import csv
import io
from collections.abc import Iterator

import pytest

from conversations.importing import reading
from conversations.importing.reading import Pieces, Row, Unreadable
from helpdesk.embedded import PROJECT
from helpdesk.lib import sheets

TEXT = 'Nome;Città\r\n"Ștefan; Țîrcă";"due\r\nrighe"\r\n\r\nBea;Forlì\r\n'
ITALIAN, ROMANIAN = "Nome;Città\nNicolò;Forlì\n", "Nume;Oraș\nȘtefan;Bacău\n".replace("ș", "ş").replace("Ș", "Ş")


def read(content: bytes, encoding: str, delimiter: str = ";", *, size: int = 7) -> list[Row]:
    return list(reading.rows_of(Pieces(cut(content, size)), encoding, delimiter))


def cut(content: bytes, size: int = 7) -> Iterator[bytes]:
    yield from (content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize(
    ("text", "codec", "guessed"),
    [
        (TEXT, "utf-8", "utf-8-sig"), (TEXT, "utf-8-sig", "utf-8-sig"), (TEXT, "utf-16", "utf-16"),
        (ITALIAN, "cp1252", "cp1252"), (ROMANIAN, "cp1250", "cp1250"),
    ],
)  # fmt: skip
def test_the_encoding_is_guessed_and_read(text: str, codec: str, guessed: str) -> None:
    content = text.encode(codec)
    assert reading.guess_encoding(cut(content)) == guessed
    assert read(content, guessed)[0].cells == text.splitlines()[0].split(";")
    assert reading.wrong_line(cut(content), guessed) is None


def test_rows_keep_their_place_through_quotes_and_empty_lines() -> None:
    assert read(TEXT.encode(), "utf-8-sig") == [
        Row(1, 1, ["Nome", "Città"]), Row(2, 3, ["Ștefan; Țîrcă", "due\r\nrighe"]), Row(3, 5, ["Bea", "Forlì"]),
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", reading.DELIMITERS)
def test_the_delimiter_is_guessed(delimiter: str) -> None:
    rows = [["Name", "Mail", "Note"], ["Ada, Countess", "a@b.test", "one; two"], ["Bob", "b@b.test", ""]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    assert reading.guess_delimiter(out.getvalue()) == delimiter


def test_a_wrong_encoding_is_told_with_the_line() -> None:
    content = b"Name\n" + b"Ada\n" * 500 + "Nicolò\n".encode("cp1252")
    assert reading.wrong_line(cut(content, 4096), "utf-8-sig") == 502
    with pytest.raises(Unreadable, match="not UTF-8"):
        read(content, "utf-8-sig")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'Name\n"never closed' + b"x" * 200_000, "Line 2 cannot be read"),
        (b"Name\n" + b"," * 300, "Line 2 has more than 200 columns"),
        (b"N\x00a", "not UTF-16"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_line(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(content, "utf-16" if b"\0" in content else "utf-8-sig", ",")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1"])
def test_no_cell_is_a_formula_and_each_comes_back(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(sheets.line([cell, "plain", None, 'qu"ote']), newline=""))
    assert row == [f"'{cell}", "plain", "", 'qu"ote']
    assert sheets.original(row[0]) == cell
    assert sheets.original("'tis") == "'tis"


def test_csv_is_written_in_one_place_only() -> None:
    writers = {
        path.relative_to(PROJECT).as_posix()
        for room in ("agents", "customers", "conversations", "channels_app", "helpdesk")
        for path in (PROJECT / room).rglob("*.py")
        if "csv.writer(" in path.read_text() or "csv.DictWriter(" in path.read_text()
    }
    assert writers == {"helpdesk/lib/sheets.py"}
