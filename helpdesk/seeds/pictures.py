"""A picture to send along: drawn here, so that nobody's photograph has to be asked for."""

import struct
import zlib
from functools import cache

WIDTH, HEIGHT = 360, 240
GROUND, LEATHER, SOLE, LACE = (226, 221, 210), (146, 88, 48), (52, 48, 46), (196, 52, 46)
# left, top, right, bottom and colour of what is painted, one over the other
SHAPES = (
    (0, 190, 360, 240, (198, 190, 174)),
    (120, 40, 205, 180, LEATHER),
    (120, 120, 290, 180, LEATHER),
    (110, 176, 300, 200, SOLE),
    (120, 40, 205, 54, SOLE),
    *((150 + 8 * n, 64 + 16 * n, 210 + 8 * n, 70 + 16 * n, LACE) for n in range(4)),
)


@cache
def boot() -> bytes:
    """Return a boot in profile as PNG."""
    rows = b"".join(b"\0" + b"".join(bytes(_colour(x, y)) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, data) for name, data in parts)


def _colour(x: int, y: int) -> tuple[int, int, int]:
    found = [colour for left, top, right, bottom, colour in SHAPES if left <= x < right and top <= y < bottom]
    return found[-1] if found else GROUND


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
