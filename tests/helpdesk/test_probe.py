"""The health checks of containers."""

import socket
import threading
from typing import Any

import pytest

from helpdesk import probe


@pytest.fixture
def listener() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def answer(server: socket.socket, body: str) -> None:
    def serve() -> None:
        link, _ = server.accept()
        with link:
            link.recv(1000)
            link.sendall(f"HTTP/1.1 503 Service Unavailable\r\n\r\n{body}".encode())

    threading.Thread(target=serve, daemon=True).start()


def test_listening_port_is_healthy(listener: socket.socket) -> None:
    place = "{}:{}".format(*listener.getsockname())
    assert probe.main(["tcp", place])
    listener.close()
    assert not probe.main(["tcp", place])


def test_running_process_is_found_by_its_words() -> None:
    assert probe.main(["process", "pytest"])
    assert not probe.main(["process", "no-such-process-anywhere"])


@pytest.mark.parametrize(
    ("reason", "is_well"), [("worker: has not reported", False), ("sender: has not reported", True)]
)
def test_worker_is_judged_by_its_own_reason(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, reason: str, is_well: bool
) -> None:
    answer(listener, f'{{"reasons": ["{reason}"]}}')
    monkeypatch.setattr(probe, "WEB", "{}:{}".format(*listener.getsockname()))
    assert probe.main(["worker"]) is is_well


def test_worker_is_not_blamed_for_the_web_server(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    place = "{}:{}".format(*listener.getsockname())
    listener.close()
    monkeypatch.setattr(probe, "WEB", place)
    assert probe.main(["worker"])
