"""From the bytes of a file to its rows: which encoding, which delimiter, and where a row cannot be read.

Nothing here holds more of a file than a piece and a row.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
}
DELIMITERS = (",", ";", "\t")
CELL_MAX, COLUMNS_MAX = 10_000, 200
SAMPLE_BYTES, SAMPLE_ROWS = 64 * 1024, 20
# Letters with marks as the two code pages of Windows write them: Romanian in 1250, Italian in 1252.
OF_1250, OF_1252 = frozenset(b"\xe3\xc3\xba\xaa\xfe\xde\x9a\x9e\x8a\x8e"), frozenset(b"\xe0\xe8\xec\xf2\xf9\xc0\xc8")


class Unreadable(ValueError):
    """The file cannot be read; the text says where and why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. number: the header is 1; line: the last line of the file that it stands on."""

    number: int
    line: int
    cells: list[str]


class Pieces(io.RawIOBase):
    """The pieces of a file as one stream of bytes; `passed` says how many went by."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = memoryview(b"")
        self.passed = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, as far as the piece at hand goes."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        self.passed += size
        return size


def guess_encoding(pieces: Iterable[bytes]) -> str:
    """Return how a file is most likely encoded. Reads it to its end."""
    decoder, is_utf8, first = codecs.getincrementaldecoder("utf-8")(), True, b""
    romanian = italian = zeros = 0
    for piece in pieces:
        if not first and piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        first = first or piece[:1]
        if is_utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                is_utf8 = False
        zeros += piece.count(0)
        if not is_utf8:
            romanian += sum(piece.count(sign) for sign in OF_1250)
            italian += sum(piece.count(sign) for sign in OF_1252)
    if zeros:
        return "utf-16"
    return "utf-8-sig" if is_utf8 else "cp1250" if romanian > italian else "cp1252"


def guess_delimiter(text: str) -> str:
    """Return what most likely stands between the cells: what gives the same number of columns most often."""

    def fit(delimiter: str) -> tuple[int, int]:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[:SAMPLE_ROWS]
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows) if width > 1 else 0), width

    return max(DELIMITERS, key=fit)


def rows_of(stream: Pieces, encoding: str, delimiter: str) -> Iterator[Row]:
    """Read all rows, the header first; empty lines are passed over. Raises Unreadable."""
    wrapper = io.TextIOWrapper(io.BufferedReader(stream, SAMPLE_BYTES), encoding=_codec(encoding, stream), newline="")
    reader = csv.reader(wrapper, delimiter=delimiter)
    number = before = 0
    try:
        for cells in reader:
            if len(cells) > COLUMNS_MAX:
                raise Unreadable(_("Line %(line)d has more than %(n)d columns.") % {
                    "line": reader.line_num, "n": COLUMNS_MAX})  # fmt: skip
            before = reader.line_num
            if any(cell.strip() for cell in cells):
                number += 1
                yield Row(number, reader.line_num, cells)
    except UnicodeError:
        raise Unreadable(_("The file is not %(encoding)s: it cannot be read behind line %(line)d.") % {
            "encoding": ENCODINGS.get(encoding, encoding), "line": reader.line_num}) from None  # fmt: skip
    except csv.Error:
        words = _("Line %(line)d cannot be read: perhaps a quotation mark is never closed.")
        raise Unreadable(words % {"line": before + 1}) from None


def wrong_line(pieces: Iterable[bytes], encoding: str) -> int | None:
    """Return the first line that cannot be read in an encoding, None when all can."""
    decoder, lines = codecs.getincrementaldecoder(_plain(encoding))(), 1
    for piece in pieces:
        # Small steps find the line; a large piece would only say that it is somewhere within.
        for start in range(0, len(piece), 256):
            try:
                lines += decoder.decode(piece[start : start + 256]).count("\n")
            except UnicodeError as error:
                good = getattr(error, "object", b"")[: getattr(error, "start", 0)]
                return lines + good.decode(_plain(encoding), "ignore").count("\n")
    return None


def _codec(encoding: str, stream: Pieces) -> str:
    if encoding not in ENCODINGS:
        raise Unreadable(_("Choose how the file is encoded."))
    return encoding


def _plain(encoding: str) -> str:
    return encoding if encoding in ENCODINGS else "utf-8-sig"
