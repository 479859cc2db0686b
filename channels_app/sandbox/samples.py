"""Small files for customers of sandboxes to send, made by code: a picture, a tone, a page, a moving picture."""

import io
import math
import struct
import wave
import zlib
from functools import cache
from urllib.parse import urlsplit

from channels_app.sandbox import film
from helpdesk.lib.events import EventFile
from helpdesk.lib.outbound import Media

# EventFile.type of what is chosen, and the name that the file is asked for by: an adapter asks for the address or for
# an address that ends with the id, and is given the sample.
NAMES = {
    "image": "telaio-sample-photo.png", "voice": "telaio-sample-voice.wav", "audio": "telaio-sample-tone.wav",
    "video": "telaio-sample-video.mp4", "file": "telaio-sample-page.pdf", "sticker": "telaio-sample-sticker.png",
}  # fmt: skip
MIMES = {"png": "image/png", "wav": "audio/wav", "mp4": "video/mp4", "pdf": "application/pdf"}
HOST = "https://files.sandbox.invalid/"
GROUND, FRAME = (244, 241, 235), 96
WOVEN = ((52, 92, 158), (203, 112, 68), (74, 138, 96), (150, 102, 160))
RATE, SECONDS, TONE = 8_000, 1, 440


def file_of(kind: str) -> EventFile:
    """Return a file, place or card of a kind as an event names it. Raises ValueError."""
    if kind == "location":
        return EventFile("location", lat=45.4642, lng=9.19, text="Piazza del Duomo, Milano")
    if kind == "contact":
        return EventFile("contact", name="Ada Example", phones=("+390255501420",), emails=("ada@example.test",))
    if kind not in NAMES:
        raise ValueError("There is no sample of this kind.")
    name = NAMES[kind]
    type_ = "audio" if kind == "voice" else kind
    return EventFile(type_, ref=name, url=HOST + name, mime=_mime(name), name=name, is_voice=kind == "voice",
                     size_bytes=len(_content(name)))  # fmt: skip


def asked_for(url: str) -> Media | None:
    """Return the sample that an address ends with; None for any other address."""
    return by_name(urlsplit(url).path.rpartition("/")[2])


def by_name(name: str) -> Media | None:
    """Return a sample; None for any other name."""
    return Media(_content(name), _mime(name), name) if name in NAMES.values() else None


def _mime(name: str) -> str:
    return MIMES[name.rpartition(".")[2]]


@cache
def _content(name: str) -> bytes:
    if name.endswith("wav"):
        return _tone()
    if name.endswith("pdf"):
        return _page()
    if name.endswith("mp4"):
        return film.mp4([_cloth(FRAME, turn) for turn in range(len(WOVEN))], each=500)
    return _png(_cloth(96 if "sticker" in name else 240, 0))


def _cloth(side: int, turn: int) -> list[bytes]:
    """Draw a basket weave, a line of RGB after the other; turn: which colour it begins with."""
    step = side // 6
    bands = [_band(side, step, row + turn) for row in range(6)]
    bare = bytes(GROUND) * side
    return [bare if line % step < 2 else bands[min(line // step, 5)] for line in range(side)]


def _band(side: int, step: int, place: int) -> bytes:
    dots = (GROUND if dot % step < 2 else WOVEN[(place + dot // step) % len(WOVEN)] for dot in range(side))
    return b"".join(bytes(dot) for dot in dots)


def _png(lines: list[bytes]) -> bytes:
    packed = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    head = struct.pack(">IIBBBBB", len(lines[0]) // 3, len(lines), 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _tone() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        waves = (math.sin(2 * math.pi * TONE * place / RATE) for place in range(RATE * SECONDS))
        file.writeframes(b"".join(struct.pack("<h", round(9_000 * height)) for height in waves))
    return out.getvalue()


def _page() -> bytes:
    """Write a PDF of one page that says what it is."""
    words = b"BT /F1 24 Tf 72 720 Td (A sample page) Tj ET"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(words), words),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        table, len(out),
    )  # fmt: skip
