"""The film of sandboxes: an MP4 whose tables say where its pictures stand."""

import struct

import pytest

from channels_app.sandbox import film, samples
from helpdesk.lib import files

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}


@pytest.fixture(scope="module")
def content() -> bytes:
    found = samples.by_name(samples.NAMES["video"])
    assert found is not None
    return found.content


def boxes(content: bytes, start: int = 0) -> dict[bytes, tuple[int, bytes]]:
    """Each box by its name: where its content begins, and what it is. Raises where the lengths do not fit."""
    found, place = {}, 0
    while place < len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        inner = content[place + 8 : place + length]
        assert len(inner) == length - 8
        found[name] = (start + place + 8, inner)
        if name in CONTAINERS:
            found |= boxes(inner, start + place + 8)
        place += length
    return found


def numbers(box: bytes, skip: int = 4) -> list[int]:
    return [one for (one,) in struct.iter_unpack(">I", box[skip:])]


def test_it_is_what_providers_take_and_browsers_play(content: bytes) -> None:
    assert files.type_of(content) == "video/mp4" == samples.file_of("video").mime
    assert list(boxes(content))[:2] == [b"ftyp", b"moov"]
    assert len(content) < 100_000


def test_every_picture_stands_where_the_table_says(content: bytes) -> None:
    found = boxes(content)
    _one, count, *sizes = [0, *numbers(found[b"stsz"][1], 8)]
    (start,) = numbers(found[b"stco"][1], 8)
    assert (start, count, len(sizes)) == (found[b"mdat"][0], len(sizes), 4)
    for size in sizes:
        (length,) = struct.unpack_from(">I", content, start)
        unit = content[start + 4 : start + size]
        assert (length, unit[0]) == (size - 4, 0x65)
        # What looks like the start of another unit would end this one.
        assert not any(mark in unit for mark in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
        start += size
    assert start == len(content)
    assert numbers(found[b"stts"][1]) == [1, 4, 500]


def test_dark_pictures_hold_no_start_of_another_unit() -> None:
    bits = film._Bits()
    bits.out += b"\0\0\0\0\0\1\0\0\3"
    assert bits.unit(b"\x65") == b"\x65\0\0\3\0\0\3\0\1\0\0\3\3\x80"


def test_colours_are_those_of_films() -> None:
    white = [b"\xff\xff\xff" * film.BLOCK] * film.BLOCK
    assert film._block(white, 0, 0) == b"\xeb" * 256 + b"\x80" * 128
