"""Small files that played providers give where an adapter asks them by an id: a picture and a page. Pure."""

import struct
import zlib

SIDE, THREAD = 96, 12
COLOURS = (b"\x34\x5c\x9e", b"\xcb\x70\x44", b"\xf4\xf1\xeb")


def picture() -> bytes:
    """Return a PNG of a basket weave."""
    rows = (b"".join(_dot(x, y) for x in range(SIDE)) for y in range(SIDE))
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def page() -> bytes:
    """Return a PDF of one page that says what it is."""
    words = b"BT /F1 24 Tf 72 720 Td (A sample page) Tj ET"
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(words), words),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + tail


def _dot(x: int, y: int) -> bytes:
    return COLOURS[2] if x % THREAD < 2 or y % THREAD < 2 else COLOURS[(x // THREAD + y // THREAD) % 2]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
