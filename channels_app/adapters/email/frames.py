"""How worker and child speak: a JSON header with the lengths of the raw blobs that follow it."""

import json
import struct
from typing import Any, BinaryIO

EXIT_MEMORY = 12
HEADER_MAX_BYTES = 64 * 1024 * 1024

_LENGTH = struct.Struct(">I")

Frame = tuple[dict[str, Any], list[bytes]]


class Broken(Exception):
    """The other side went away, or sent what is not a frame."""


def write(stream: BinaryIO, fields: dict[str, Any], blobs: list[bytes]) -> None:
    """Send one frame. Raises OSError when the other side is gone."""
    header = json.dumps({"fields": fields, "blobs": [len(one) for one in blobs]}).encode()
    stream.write(_LENGTH.pack(len(header)) + header)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def read(stream: BinaryIO) -> Frame | None:
    """Receive one frame; None at the end of the stream. Raises Broken in the midst of one."""
    start = stream.read(_LENGTH.size)
    if not start:
        return None
    if len(start) < _LENGTH.size:
        raise Broken
    (length,) = _LENGTH.unpack(start)
    if length > HEADER_MAX_BYTES:
        raise Broken
    header = json.loads(_exactly(stream, length))
    return header["fields"], [_exactly(stream, size) for size in header["blobs"]]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise Broken
    return data
