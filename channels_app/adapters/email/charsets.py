"""Bytes that claim a charset become text. Never raises; the claim is only a hint."""

import codecs
import re

_READ_AS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso-2022-jp-ext",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "utf8": "utf-8",
    "x-unicode-2-0-utf-7": "utf-7",
    "big5": "big5hkscs",
    "tis-620": "cp874",
    "windows-874": "cp874",
}
# Charsets in which bytes under 128 are ASCII: most headers and bodies need no more than that.
_ASCII_ALIKE = {"", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"}
_UNWANTED = re.compile("[\x00\ud800-\udfff\ufeff]")


def decode(data: bytes, claimed: str = "") -> str:
    """Turn bytes into text by the claimed charset, UTF-8, a guess or cp1252, the first that fits."""
    claimed = claimed.strip().strip("\"'").lower()
    if claimed in _ASCII_ALIKE and data.isascii():
        return data.decode("ascii").replace("\0", "")
    for name in dict.fromkeys((*_marked(data), _READ_AS.get(claimed, claimed), "utf-8")):
        text = _decode_strictly(data, name)
        if text is not None:
            return clean(text)
    return clean(_decode_loosely(data, _READ_AS.get(claimed, claimed)))


def encode(text: str, claimed: str) -> bytes:
    """Turn text back into bytes of the claimed charset, UTF-8 when it is unknown."""
    name = _READ_AS.get(claimed, claimed)
    return text.encode(name if not text.isascii() and _is_text_codec(name) else "utf-8", "replace")


def clean(text: str) -> str:
    """Remove what PostgreSQL refuses (NUL, lone surrogates) and byte order marks."""
    return _UNWANTED.sub("", text)


def _marked(data: bytes) -> tuple[str, ...]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8-sig",) if data.startswith(codecs.BOM_UTF8) else ()


def _decode_strictly(data: bytes, name: str) -> str | None:
    if not _is_text_codec(name):
        return None
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        return None


def _decode_loosely(data: bytes, name: str) -> str:
    """Keep what can be read: few broken characters in the claimed charset, else cp1252."""
    if _is_text_codec(name) and name != "ascii":
        text = data.decode(name, "replace")
        if text.count("\ufffd") * 20 <= max(len(text), 20):
            return text
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 50 <= len(text):
        return text
    return data.decode("cp1252", "replace")


def _is_text_codec(name: str) -> bool:
    try:
        return bool(name) and codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False
