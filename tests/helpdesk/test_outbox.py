"""The sink of a desk without a mail server."""

import asyncio
import smtplib
import socket
from pathlib import Path

from helpdesk.outbox import open_outbox


def send(folder: Path, *mails: tuple[str, list[str], bytes]) -> None:
    async def life() -> None:
        sock = socket.create_server(("127.0.0.1", 0))
        server = await open_outbox(folder, sock)
        await asyncio.to_thread(post, sock.getsockname()[1])
        server.close()

    def post(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as link:
            for sender, recipients, content in mails:
                link.sendmail(sender, recipients, content)

    asyncio.run(life())


def test_one_file_per_mail_in_order(tmp_path: Path) -> None:
    mails = [
        ("desk@example.test", ["a@example.test"], f"Subject: {number}\r\n\r\nHello\r\n".encode()) for number in range(3)
    ]
    send(tmp_path / "outbox", *mails)
    files = sorted((tmp_path / "outbox").iterdir())
    assert [file.suffix for file in files] == [".eml"] * 3
    assert [f"Subject: {number}\r\n".encode() in file.read_bytes() for number, file in enumerate(files)] == [True] * 3


def test_envelope_stands_on_top_of_the_exact_bytes(tmp_path: Path) -> None:
    content = b"Subject: x\r\n\r\nbytes \xff\r\n"
    send(tmp_path, ("desk@example.test", ["a@example.test", "b@example.test"], content))
    written = next(tmp_path.iterdir()).read_bytes()
    assert written.endswith(content)
    assert written.startswith(
        b"X-Envelope-From: desk@example.test\r\nX-Envelope-To: a@example.test\r\nX-Envelope-To: b@example.test\r\n"
    )
