"""What files are is told by their bytes, whatever they are called."""

import io
import zipfile

import pytest

from helpdesk.lib import files
from helpdesk.lib.outbound import Capabilities, FileRule

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n" + b"\0" * 20, b"\xff\xd8\xff\xe0" + b"\0" * 20, b"GIF89a" + b"\0" * 20
PDF, OGG = b"%PDF-1.7\n", b"OggS\0\2" + b"\0" * 22 + b"OpusHead"
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif"), (PDF, "application/pdf"), (OGG, "audio/ogg"),
        (MP4, "video/mp4"), (zipped("a.txt"), "application/zip"),
        (b"#!AMR\n" + b"\0" * 20, "audio/amr"), ("Città, ș".encode(), "text/plain"),
        # What could run, or is told apart by nothing.
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", files.UNKNOWN), (b"<!DOCTYPE html><p>", files.UNKNOWN),
        (b"hello <script>alert(1)</script>", files.UNKNOWN), (b"<img src=x onerror=alert(1)>", files.UNKNOWN),
        (b"<?xml version='1.0'?><svg/>", files.UNKNOWN), (b"MZ\x90\0" + b"\0" * 60, files.UNKNOWN),
        (b"\x7fELF\2\1\1" + b"\0" * 60, files.UNKNOWN), (b"\0asm\1\0\0\0", files.UNKNOWN),
        (b"\xff\xfe<\0s\0v\0g\0", files.UNKNOWN), (b"", files.UNKNOWN), (b"\0", files.UNKNOWN),
    ],
)  # fmt: skip
def test_the_bytes_say_what_it_is(content: bytes, expected: str) -> None:
    assert files.type_of(content) == expected


@pytest.mark.parametrize(
    ("given", "content_type", "expected"),
    [
        ("Fattura città.pdf", "application/pdf", "Fattura città.pdf"), ("", "image/jpeg", "photo.jpg"),
        ("a.JPEG", "image/jpeg", "a.JPEG"), ("invoice.exe", "application/pdf", "invoice.exe.pdf"),
        ("book.docx", "application/zip", "book.docx"), ("book", "application/zip", "book.zip"),
        ("data.csv", "text/plain", "data.csv"), ("x.html", files.UNKNOWN, "x.html"), ("x", files.UNKNOWN, "x"),
        ("../../etc/passwd", "text/plain", "etc_passwd.txt"), (".\u200bhtaccess", files.UNKNOWN, "htaccess"),
        ("gpj.\u202eexe", files.UNKNOWN, "gpj._exe"), ("a\0\r\nb.png", "image/png", "a_b.png"),
        ("\ud800.png", "image/png", "png.png"), ("ș" * 300, "image/png", "ș" * 196 + ".png"),
    ],
)  # fmt: skip
def test_a_name_fits_what_it_names(given: str, content_type: str, expected: str) -> None:
    assert files.name_of(given, content_type, "photo") == expected


def test_a_file_goes_by_the_rule_of_its_kind_or_as_any_file() -> None:
    rules = (FileRule("file", 900), FileRule("image", 100, ("image/jpeg", "image/png")), FileRule("audio", 50))
    able = Capabilities(max_text_characters=1, max_files_bytes=1, file_rules=rules)
    assert files.rule_for("image/png", 100, able) == rules[1]
    # Too large, or of the wrong type for a picture: as a document.
    assert files.rule_for("image/png", 101, able) == rules[0]
    assert files.rule_for("image/webp", 1, able) == rules[0]
    assert files.rule_for("video/mp4", 1, able) == rules[0]
    assert files.rule_for("application/pdf", 901, able) is None
