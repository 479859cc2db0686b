"""What a file is, told by its bytes: never by what its sender, its name or its provider says of it. Pure."""

import re
from pathlib import PurePosixPath

import filetype

from helpdesk.lib.outbound import Capabilities, FileRule

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
# What a browser may show at our own address (with nosniff and a sandbox): nothing of it can hold a script that runs.
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/avif"})
SOUNDS = frozenset({"audio/mpeg", "audio/ogg", "audio/mp4", "audio/aac", "audio/wav", "audio/flac", "audio/webm"})
FILMS = frozenset({"video/mp4", "video/webm", "video/quicktime", "video/3gpp"})
SHOWN = PICTURES | SOUNDS | FILMS
# The usual ending of each type that is told apart; all others keep the name that they came with.
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"), "image/png": (".png",), "image/gif": (".gif",),
    "image/webp": (".webp",), "image/bmp": (".bmp",), "image/avif": (".avif",), "image/heic": (".heic", ".heif"),
    "image/tiff": (".tif", ".tiff"), "audio/mpeg": (".mp3",), "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/mp4": (".m4a", ".mp4"), "audio/aac": (".aac",), "audio/wav": (".wav",), "audio/flac": (".flac",),
    "audio/amr": (".amr",), "audio/midi": (".mid", ".midi"), "video/mp4": (".mp4", ".m4v", ".m4a"),
    "video/webm": (".webm",), "video/quicktime": (".mov", ".qt"), "video/3gpp": (".3gp", ".3gpp"),
    "video/x-matroska": (".mkv", ".webm"), "video/x-msvideo": (".avi",), "video/mpeg": (".mpg", ".mpeg"),
    "application/pdf": (".pdf",), "application/rtf": (".rtf", ".doc"),
    "application/msword": (".doc", ".dot"), "application/vnd.ms-excel": (".xls", ".xlt"),
    "application/vnd.ms-powerpoint": (".ppt", ".pps"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx", ".docm"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx", ".xlsm"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx", ".ppsx"),
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
    "application/vnd.oasis.opendocument.presentation": (".odp",),
    # So much is a zip inside that any ending fits.
    "application/zip": (".zip", ""), TEXT: (".txt", ""), UNKNOWN: ("",),
}  # fmt: skip
# The same by other words.
_SAME = {
    "audio/x-wav": "audio/wav", "audio/x-flac": "audio/flac", "audio/m4a": "audio/mp4", "video/x-m4v": "video/mp4",
    "video/3gpp2": "video/3gpp", "image/apng": "image/png", "image/x-ms-bmp": "image/bmp",
    "image/heif": "image/heic",
}  # fmt: skip
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|[a-z]+[^>]*\son[a-z]+\s*=)", re.I)
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff/\\]+")
_LOOKED_AT = 4096
NAME_MAX = 200


def type_of(content: bytes) -> str:
    """Tell the type by the bytes; UNKNOWN for all that is not told apart, and for all that could run."""
    found = filetype.guess_mime(content) or ""
    found = _SAME.get(found, found)
    if found in ENDINGS:
        return found
    return TEXT if not found and _is_plain_text(content[:_LOOKED_AT]) else UNKNOWN


def kind_of(content_type: str) -> str:
    """Return which kind of a channel's FileRule a type belongs to: image, audio, video or file."""
    first = content_type.partition("/")[0].lower()
    return first if first in {"image", "audio", "video"} else "file"


def name_of(given: str, content_type: str, fallback: str = "file") -> str:
    """Return a name to keep a file under: the one it came with, cleaned, with an ending that fits its type."""
    name = _NOT_IN_NAMES.sub("_", given).strip(" ._") or fallback
    endings = ENDINGS.get(content_type, ("",))
    ending = PurePosixPath(name).suffix
    if ending and (ending.lower() in endings or "" in endings):
        return _shortened(name, ending)
    return _shortened(f"{name}{endings[0]}", endings[0])


def rule_for(content_type: str, size_bytes: int, capabilities: Capabilities) -> FileRule | None:
    """Return the rule by which a channel takes such a file: that of its own kind, or else as any file."""
    kind = kind_of(content_type)
    rules = sorted((rule for rule in capabilities.file_rules if rule.kind in {kind, "file"}), key=_is_any)
    fitting = (rule for rule in rules if size_bytes <= rule.max_bytes and takes(rule, content_type))
    return next(fitting, None)


def takes(rule: FileRule, content_type: str) -> bool:
    """Whether a rule names a type, or all of its kind."""
    return not rule.mimes or content_type in rule.mimes


def _is_any(rule: FileRule) -> bool:
    return rule.kind == "file"


def _shortened(name: str, ending: str) -> str:
    return name if len(name) <= NAME_MAX else name[: NAME_MAX - len(ending)] + ending


def _is_plain_text(start: bytes) -> bool:
    if not start or b"\0" in start or _MARKUP.search(start):
        return False
    try:
        start.decode()
    except UnicodeDecodeError as error:
        # A character may be cut in two at the end of what is looked at.
        return len(start) == _LOOKED_AT and error.start > _LOOKED_AT - 4
    return True
