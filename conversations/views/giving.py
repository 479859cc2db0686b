"""Answers that are a file's bytes: no browser runs them, and a part of them can be asked for."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from conversations.models.attachment import Blob
from helpdesk.lib import sql

NO_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
# A player that asks for "all from here" is given so much, and asks again: nobody holds a whole film in memory.
PART_MAX_BYTES = 2 * 1024 * 1024
SIZE = "SELECT size_bytes FROM conversations_blob WHERE sha256 = %(pk)s AND scan_state <> %(infected)s"
PART = "SELECT substring(content FROM %(first)s::int FOR %(count)s::int) FROM conversations_blob WHERE sha256 = %(pk)s"


def give_blob(
    request: HttpRequest, sha256: str | None, filename: str, content_type: str = "application/octet-stream",
    *, is_download: bool = True,
) -> HttpResponse:  # fmt: skip
    """Answer what is stored under a hash, or the part of it that was asked for. 404 for none and for harmful ones."""
    found = sql.run(SIZE, {"pk": sha256, "infected": Blob.Scan.INFECTED}).fetchone()
    if found is None:
        raise Http404
    size = found[0]
    span = _span(request.headers.get("Range", ""), size)
    first, last = span or (0, size - 1)
    count = last - first + 1
    part = sql.run(PART, {"pk": sha256, "first": first + 1, "count": max(0, count)}).fetchone()
    response = give_bytes(bytes(part[0]) if part else b"", content_type, filename, is_download=is_download)
    response.headers["Accept-Ranges"] = "bytes"
    if span and count > 0:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    elif span:
        response.status_code = 416
        response.headers["Content-Range"] = f"bytes */{size}"
    return response


def give_bytes(content: bytes, content_type: str, filename: str, *, is_download: bool) -> HttpResponse:
    """Answer bytes so that no browser runs them: RFC 6266 name, no sniffing, a sandbox of their own."""
    response = HttpResponse(content, content_type=content_type)
    name = NO_CONTROLS.sub("", filename).replace("/", "_").replace("\\", "_")[:200] or "file"
    response.headers["Content-Disposition"] = content_disposition_header(is_download, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "private, max-age=86400" if not is_download else "no-store"
    return response


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Read one range of bytes: its first and its last, (0, -1) for one outside. None: all of it is wanted."""
    found = ONE_RANGE.fullmatch(asked.strip())
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:
        count = min(int(found[2]), size)
        return (size - count, size - 1) if count else (0, -1)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else min(first + PART_MAX_BYTES, size) - 1
    if found[2] and int(found[2]) < first:
        return None
    return (first, last) if first < size else (0, -1)
