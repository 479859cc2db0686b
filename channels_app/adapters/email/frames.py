"""How worker and child speak: a JSON header with the lengths of the raw blobs that follow it."""

import json
import socket
import struct
import time
from typing import Any

EXIT_MEMORY = 12
HEADER_MAX_BYTES = 64 * 1024 * 1024
# So much is received at once; a frame below it is sent in one piece, which wakes the other side once.
PIECE_BYTES = 256 * 1024

_LENGTH = struct.Struct(">I")

Frame = tuple[dict[str, Any], list[bytes]]


class Broken(Exception):
    """The other side went away, or sent what is not a frame."""


class Line:
    """One end of the socket between the two. Raises TimeoutError after the moment that `until` set."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._deadline: float | None = None
        self._waiting = bytearray()

    def until(self, seconds: float) -> None:
        """Give everything that is read and written from now on so many seconds altogether."""
        self._deadline = time.monotonic() + seconds

    def read(self, size: int) -> bytes:
        """Receive exactly so many bytes, fewer only when the other side has closed."""
        while len(self._waiting) < size:
            self._hurry()
            missing = size - len(self._waiting)
            piece = self._sock.recv(max(PIECE_BYTES, min(missing, 4 * PIECE_BYTES)))
            if not piece:
                break
            self._waiting += piece
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data

    def write(self, data: bytes) -> None:
        """Send all of it."""
        self._hurry()
        self._sock.sendall(data)

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def _hurry(self) -> None:
        if self._deadline is not None:
            # Zero would mean "do not wait at all" and raise something else.
            self._sock.settimeout(max(self._deadline - time.monotonic(), 0.000_001))


def write(line: Line, fields: dict[str, Any], blobs: list[bytes]) -> None:
    """Send one frame. Raises OSError when the other side is gone."""
    header = json.dumps({"fields": fields, "blobs": [len(one) for one in blobs]}).encode()
    start = _LENGTH.pack(len(header)) + header
    if sum(map(len, blobs)) < PIECE_BYTES:
        line.write(start + b"".join(blobs))
        return
    for piece in (start, *blobs):
        line.write(piece)


def read(line: Line) -> Frame | None:
    """Receive one frame; None at the end of the stream. Raises Broken in the midst of one."""
    start = line.read(_LENGTH.size)
    if not start:
        return None
    if len(start) < _LENGTH.size:
        raise Broken
    (length,) = _LENGTH.unpack(start)
    if length > HEADER_MAX_BYTES:
        raise Broken
    header = json.loads(_exactly(line, length))
    return header["fields"], [_exactly(line, size) for size in header["blobs"]]


def _exactly(line: Line, size: int) -> bytes:
    data = line.read(size)
    if len(data) < size:
        raise Broken
    return data
