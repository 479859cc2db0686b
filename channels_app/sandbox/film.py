"""A film made by code: H.264 in an MP4, every point of every picture written as it is (I_PCM). Pure.

ITU-T H.264 (08/2021), 7.3 and 7.4; ISO/IEC 14496-12 and 14496-15. What every player shows, and what providers take.
"""

import struct
from collections.abc import Iterable

# Width of a block of the picture; sides are multiples of it.
BLOCK = 16
PROFILE, COMPATIBLE, LEVEL = 66, 0xC0, 30
# Thousandths of a second.
SCALE = 1_000
MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
I_PCM, ALL_I, SPS, PPS, PICTURE = 25, 7, b"\x67", b"\x68", b"\x65"


def mp4(frames: list[list[bytes]], *, each: int) -> bytes:
    """Write square pictures (lines of RGB, a multiple of BLOCK) as a film; each: thousandths of a second of one."""
    side = len(frames[0])
    pictures = [_picture(lines, number) for number, lines in enumerate(frames)]
    samples = [struct.pack(">I", len(one)) + one for one in pictures]
    head = _box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    # Where the pictures begin does not change how long the table is that says so.
    length = len(head) + len(_moov(side, samples, each, 0)) + 8
    return head + _moov(side, samples, each, length) + _box(b"mdat", b"".join(samples))


class _Bits:
    """Bits in the order they are written; numbers as the standard spells them."""

    def __init__(self) -> None:
        self.out, self.value, self.count = bytearray(), 0, 0

    def put(self, value: int, width: int) -> None:
        self.value, self.count = self.value << width | value, self.count + width
        while self.count >= 8:
            self.count -= 8
            self.out.append(self.value >> self.count)
            self.value &= (1 << self.count) - 1

    def numbers(self, *values: int) -> None:
        """Write unsigned Exp-Golomb codes, ue(v)."""
        for value in values:
            self.put(value + 1, 2 * (value + 1).bit_length() - 1)

    def align(self) -> None:
        self.put(0, -self.count % 8)

    def unit(self, kind: bytes) -> bytes:
        """End it and return it as a NAL unit, in which no start of another can be seen."""
        self.put(1, 1)
        self.align()
        found, zeros = bytearray(kind), 0
        for one in self.out:
            if zeros == 2 and one <= 3:
                found.append(3)
                zeros = 0
            found.append(one)
            zeros = zeros + 1 if one == 0 else 0
        return bytes(found)


def _sequence(side: int) -> bytes:
    bits = _Bits()
    for value in (PROFILE, COMPATIBLE, LEVEL):
        bits.put(value, 8)
    # Its number, numbers of 4 bits for pictures, shown in the order they come, one reference.
    bits.numbers(0, 0, 2, 1)
    bits.put(0, 1)
    bits.numbers(side // BLOCK - 1, side // BLOCK - 1)
    # Whole frames; nothing is cut off, and nothing said of how it is shown.
    bits.put(0b1100, 4)
    return bits.unit(SPS)


def _parameters() -> bytes:
    bits = _Bits()
    bits.numbers(0, 0)
    bits.put(0b00, 2)
    bits.numbers(0, 0, 0)
    bits.put(0b000, 3)
    bits.numbers(0, 0, 0)
    # Pictures say themselves whether their blocks are smoothed.
    bits.put(0b100, 3)
    return bits.unit(PPS)


def _picture(lines: list[bytes], number: int) -> bytes:
    bits = _Bits()
    bits.numbers(0, ALL_I, 0)
    bits.put(0, 4)
    # Two that follow each other are told apart.
    bits.numbers(number % 2)
    bits.put(0b00, 2)
    # As coarse as it was said, and not smoothed.
    bits.numbers(0, 1)
    side = len(lines)
    for top in range(0, side, BLOCK):
        for left in range(0, side, BLOCK):
            bits.numbers(I_PCM)
            bits.align()
            bits.out += _block(lines, top, left)
    return bits.unit(PICTURE)


def _block(lines: list[bytes], top: int, left: int) -> bytes:
    """Return a block's brightness, point by point, and its two colours for each four."""
    dots = [[tuple(lines[top + y][3 * (left + x) : 3 * (left + x) + 3]) for x in range(BLOCK)] for y in range(BLOCK)]
    light = bytes(_mixed(16, (66, 129, 25), dot) for row in dots for dot in row)
    fourth = [dot for row in dots[::2] for dot in row[::2]]
    blue, red = ((-38, -74, 112), (112, -94, -18))
    return light + bytes(_mixed(128, blue, dot) for dot in fourth) + bytes(_mixed(128, red, dot) for dot in fourth)


def _mixed(ground: int, shares: Iterable[int], dot: Iterable[int]) -> int:
    """Return one part of a colour as films spell it (ITU-R BT.601)."""
    return ground + (sum(share * part for share, part in zip(shares, dot, strict=True)) + 128 >> 8)


def _moov(side: int, samples: list[bytes], each: int, start: int) -> bytes:
    length = each * len(samples)
    times = struct.pack(">4I", 0, 0, SCALE, length)
    film = _full(b"mvhd", times + struct.pack(">IH10x", 0x10000, 0x100) + MATRIX + bytes(24) + struct.pack(">I", 2))
    shown = struct.pack(">5I8x4H", 0, 0, 1, 0, length, 0, 0, 0, 0) + MATRIX + struct.pack(">2I", side << 16, side << 16)
    media = (
        _full(b"mdhd", times + struct.pack(">2H", 0x55C4, 0)),
        _full(b"hdlr", b"\0\0\0\0vide" + bytes(12) + b"\0"),
        _box(b"minf", _full(b"vmhd", bytes(8), 1), _box(b"dinf", _list(b"dref", _full(b"url ", b"", 1))),
             _table(side, samples, each, start)),
    )  # fmt: skip
    return _box(b"moov", film, _box(b"trak", _full(b"tkhd", shown, 3), _box(b"mdia", *media)))


def _table(side: int, samples: list[bytes], each: int, start: int) -> bytes:
    """Say what the pictures are, how long each lasts and where it stands."""
    sets = [_sequence(side), _parameters()]
    told = bytes((1, PROFILE, COMPATIBLE, LEVEL, 0xFF, 0xE1)) + struct.pack(">H", len(sets[0])) + sets[0]
    told += b"\1" + struct.pack(">H", len(sets[1])) + sets[1]
    entry = bytes(6) + struct.pack(">H16x2H2I4xH32x2H", 1, side, side, 0x480000, 0x480000, 1, 24, 0xFFFF)
    return _box(
        b"stbl",
        _list(b"stsd", _box(b"avc1", entry, _box(b"avcC", told))),
        _full(b"stts", struct.pack(">3I", 1, len(samples), each)),
        _full(b"stsc", struct.pack(">4I", 1, 1, len(samples), 1)),
        _full(b"stsz", struct.pack(">2I", 0, len(samples)) + b"".join(struct.pack(">I", len(one)) for one in samples)),
        _full(b"stco", struct.pack(">2I", 1, start)),
    )


def _list(kind: bytes, *boxes: bytes) -> bytes:
    return _full(kind, struct.pack(">I", len(boxes)) + b"".join(boxes))


def _full(kind: bytes, content: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), content)


def _box(kind: bytes, *content: bytes) -> bytes:
    inner = b"".join(content)
    return struct.pack(">I", len(inner) + 8) + kind + inner
