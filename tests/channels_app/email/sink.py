"""A mail server for tests that answers what it is told to, one answer per command."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Sink:
    """`answers` by the first word of a command ("rcpt nobody@x" for one address; "." for the end).

    "drop" closes the line instead of answering, "hang" never answers.
    """

    answers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens, as an SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"


@contextmanager
def running(**answers: str) -> Iterator[Sink]:
    """Run a sink on a loopback port. Keywords: helo, mail, rcpt, data, end, connect, noop."""
    spelled = {"." if word == "end" else word: answer for word, answer in answers.items()}
    sink = Sink(answers=spelled)
    with socket.create_server(("127.0.0.1", 0)) as server:
        sink.port = server.getsockname()[1]
        threading.Thread(target=_accept, args=(server, sink), daemon=True).start()
        yield sink
        sink.closing.set()
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, sink: Sink) -> None:
    while True:
        try:
            line, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(line, sink), daemon=True).start()


def _talk(line: socket.socket, sink: Sink) -> None:
    with line, line.makefile("rwb") as stream:
        try:
            if not _say(stream, sink, "connect", "220 sink"):
                return
            while words := stream.readline().decode().strip():
                sink.commands.append(words)
                if words.lower() == "data" and not _take(stream, sink):
                    return
                if words.lower() != "data" and not _say(stream, sink, _name(words, sink), "250 fine"):
                    return
        except (OSError, ValueError):
            return


def _name(words: str, sink: Sink) -> str:
    verb = words.partition(" ")[0].lower()
    exact = next((key for key in sink.answers if " " in key and key.split()[1] in words and key.startswith(verb)), verb)
    return {"ehlo": "helo"}.get(exact, exact)


def _take(stream: object, sink: Sink) -> bool:
    if not _say(stream, sink, "data", "354 go on") or not sink.answers.get("data", "354").startswith("354"):
        return "data" in sink.answers and sink.answers["data"] != "drop"
    lines = []
    while (line := stream.readline()) and line != b".\r\n":  # type: ignore[attr-defined]
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    sink.mails.append(b"".join(lines))
    return _say(stream, sink, ".", "250 taken")


def _say(stream: object, sink: Sink, name: str, usual: str) -> bool:
    answer = sink.answers.get(name, usual)
    if answer == "hang":
        sink.closing.wait(30)
        return False
    if answer == "drop":
        return False
    stream.write(f"{answer}\r\n".encode())  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]
    return True
