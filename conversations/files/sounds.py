"""How long a voice note is, read from its container where that is plain to see. Pure."""

import struct

# Opus always counts 48,000 a second (RFC 7845, section 4).
OPUS_PER_SECOND = 48_000
LAST_PAGE_WITHIN = 65_536 + 282
HOURS_MAX = 24


def seconds_of(content: bytes, content_type: str) -> int:
    """Return the whole seconds of a sound; 0 where they are not known."""
    if content_type == "audio/ogg" and content[28:36] == b"OpusHead":
        return _plausible(_opus(content))
    return 0


def _opus(content: bytes) -> int:
    """Return the time of the last page of an Ogg stream (RFC 3533, section 6)."""
    at = content.rfind(b"OggS", max(0, len(content) - LAST_PAGE_WITHIN))
    if at < 0 or len(content) < at + 14:
        return 0
    samples: int = struct.unpack_from("<q", content, at + 6)[0]
    skipped: int = struct.unpack_from("<H", content, 38)[0] if len(content) >= 40 else 0
    return round((samples - skipped) / OPUS_PER_SECOND)


def _plausible(seconds: int) -> int:
    return seconds if 0 < seconds <= HOURS_MAX * 3600 else 0
