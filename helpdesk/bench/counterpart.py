"""The provider of `bench send`, in a process of its own: it answers every POST after a time that its path names."""

import asyncio
import contextlib
import json
import socket
import threading
import uuid
from multiprocessing.connection import Connection

LOOPBACK = "127.0.0.1"


def serve(pipe: Connection) -> None:
    """Answer requests until the pipe is told to end; `open` returns the port."""
    held = socket.create_server((LOOPBACK, 0), backlog=512)
    threading.Thread(target=lambda: asyncio.run(_listen(held)), daemon=True).start()
    while True:
        verb, _values = pipe.recv()
        if verb != "open":
            return
        pipe.send(held.getsockname()[1])


async def _listen(held: socket.socket) -> None:
    server = await asyncio.start_server(_answer, sock=held)
    async with server:
        await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read one request whose path is /<milliseconds>/, wait, answer and close."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.lower().split("\r\n")
        length = next((int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")), 0)
        await reader.readexactly(length)
        await asyncio.sleep(int(head.split(" ")[1].strip("/")) / 1_000)
        body = json.dumps({"id": uuid.uuid4().hex}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n")
        writer.write(f"content-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
    writer.close()
