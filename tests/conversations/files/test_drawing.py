"""Small pictures: upright, without what the camera wrote, and never of what would take too much."""

import io
import subprocess
from typing import Any

import pytest
from PIL import Image

from conversations.files import drawing, sounds
from tests.conversations.files.pictures import bomb, picture


def opened(drawn: drawing.Drawn | None) -> Any:
    assert drawn is not None
    return Image.open(io.BytesIO(drawn.thumbnail))


def test_a_photo_is_drawn_upright_and_says_nothing_of_its_camera() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Secret camera", {1: "N"}
    drawn = drawing.draw(picture("JPEG", (2000, 1000), exif=exif), "image/jpeg")
    small = opened(drawn)
    assert drawn is not None and drawn.seen == {"width": 1000, "height": 2000}
    assert small.size == (320, 640) and small.format == "WEBP"
    # What was left is above now.
    assert small.getpixel((160, 100))[0] > 200 and small.getpixel((160, 540))[2] > 200
    assert not small.getexif() and b"Secret" not in drawn.thumbnail


def test_what_shows_through_still_does_and_what_moves_stands_still() -> None:
    clear = opened(drawing.draw(picture(is_clear=True), "image/png"))
    assert clear.mode == "RGBA" and clear.size == (40, 20)
    moving = picture("WEBP", save_all=True, append_images=[Image.new("RGB", (40, 20), "green")])
    still = opened(drawing.draw(moving, "image/webp"))
    assert getattr(still, "n_frames", 1) == 1 and still.getpixel((5, 5))[0] > 200


@pytest.mark.parametrize("content", [bomb(), b"\x89PNG\r\n\x1a\n broken", picture()[:60]])
def test_of_what_is_broken_or_too_large_nothing_is_drawn(content: bytes) -> None:
    assert drawing.draw(content, "image/png") is None


def test_only_pictures_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *args, **named: pytest.fail("No child for this."))
    assert drawing.draw(b"%PDF", "application/pdf") is None


def test_who_draws_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 0.001)
    assert drawing.draw(picture(), "image/png") is None


@pytest.mark.parametrize(
    ("samples", "seconds"), [(48_000 * 7 + 312, 7), (0, 0), (-1, 0), (2**62, 0)]
)  # fmt: skip
def test_a_voice_notes_length_is_read(samples: int, seconds: int) -> None:
    page = b"OggS\0\4" + samples.to_bytes(8, "little", signed=True) + b"\0" * 14
    note = b"OggS\0\2" + b"\0" * 22 + b"OpusHead\1\1" + (312).to_bytes(2, "little") + b"\0" * 7 + page
    assert sounds.seconds_of(note, "audio/ogg") == seconds
    assert sounds.seconds_of(note[:20], "audio/ogg") == 0
