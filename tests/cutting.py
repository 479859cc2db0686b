"""A line that breaks: stands before a server and cuts what it says after so many bytes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass
class Line:
    """Where to connect to instead of the server. limit: bytes of the server's that pass, per connection."""

    port: int
    limit: int = 1_000_000
    cuts: int = 0


@contextmanager
def cutting(port: int) -> Iterator[Line]:
    """Listen on a loopback port and pass everything on to another one, until the limit."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(server.getsockname()[1])
        threading.Thread(target=_accept, args=(server, line, port), daemon=True).start()
        yield line
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, line: Line, port: int) -> None:
    with suppress(OSError):
        while True:
            near, _ = server.accept()
            far = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=_pass, args=(near, far, None), daemon=True).start()
            threading.Thread(target=_pass, args=(far, near, line), daemon=True).start()


def _pass(source: socket.socket, target: socket.socket, line: Line | None) -> None:
    left = line.limit if line else None
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data if left is None else data[:left])
            if line is None or left is None:
                continue
            left -= len(data)
            if left < 0:
                line.cuts += 1
                break
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
