"""What is fetched from outside: never from a private network, within time and size, however it is asked for."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from helpdesk.lib import clock, guard, http
from tests import network
from tests.receiver import Receiver, receiving

# Names that a hostile name server answers with an address of ours.
NAMES = {
    "inner.example.test": ["127.0.0.1"],
    "both.example.test": ["93.184.216.34", "127.0.0.1"],
    "six.example.test": ["::1"],
    "mapped.example.test": ["::ffff:127.0.0.1"],
    "cloud.example.test": ["169.254.169.254"],
    "nat64.example.test": ["64:ff9b::7f00:1"],
    "sixtofour.example.test": ["2002:7f00:1::"],
    "router.example.test": ["192.168.1.1"],
    "localhost.example.test": ["0.0.0.0"],
    "127.0.0.1.nip.example.test": ["127.0.0.1"],
    "xn--bcher-kva.example.test": ["127.0.0.1"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "LOCALHOST": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "broadcasthost": ["255.255.255.255"],
}
HOSTS = (
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "127.000.000.001", "0.0.0.0", "0", "00", "0x0",
    "2130706433", "017700000001", "0177.0.0.1", "0177.0.0.01", "0177.0x0.1", "0x7f000001", "0x7f.0.0.1", "0x7f.1",
    "0X7F.0.0.1", "127.0.0.0x1", "10.0.0.1", "10.1", "167772161", "172.16.0.1", "172.31.255.255", "192.168.0.1",
    "192.168.257", "3232235521", "100.64.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166", "169.254.43518",
    "198.18.0.1", "192.0.2.1", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]",
    "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]",
    "good@127.0.0.1", "93.184.216.34@127.0.0.1", "user:word@127.0.0.1", "93.184.216.34%40127.0.0.1",
    "127\N{IDEOGRAPHIC FULL STOP}0\N{IDEOGRAPHIC FULL STOP}0\N{IDEOGRAPHIC FULL STOP}1",
    "127\N{FULLWIDTH FULL STOP}0\N{FULLWIDTH FULL STOP}0\N{FULLWIDTH FULL STOP}1",
    "\N{CIRCLED DIGIT ONE}\N{CIRCLED DIGIT TWO}\N{CIRCLED DIGIT SEVEN}.0.0.1",
    "127.0.0.1\N{SOFT HYPHEN}", "b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example.test",
    *NAMES,
)  # fmt: skip
OTHERS = (
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "ftp://127.0.0.1:{port}/", "unix:///run/x.sock",
    "dict://127.0.0.1:{port}/d", "//127.0.0.1:{port}/", "http:127.0.0.1:{port}", "http:///127.0.0.1:{port}",
    "http://127.0.0.1:{port}\\@93.184.216.34/", "http://127.0.0.1:{port}#@93.184.216.34/", "", "http://",
    "http://93.184.216.34:99999/", "http://[::1", "http://\n127.0.0.1:{port}/", "jar:http://127.0.0.1:{port}!/",
)  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A name server that answers with NAMES; numbers in any spelling are read as the machine reads them."""
    asked: list[str] = []

    def look_up(host: Any, port: Any, *args: Any, **named: Any) -> Any:
        asked.append(host)
        found = NAMES.get(host)
        if found is None:
            return network._getaddrinfo(host, port, *args, **named | {"flags": socket.AI_NUMERICHOST})
        return [row for name in found for row in network._getaddrinfo(name, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("where", [*(f"http://{host}:{{port}}/" for host in HOSTS), *OTHERS])
def test_nothing_of_ours_is_reached(receiver: Receiver, names: list[str], settings: Any, where: str) -> None:
    # Not even what a channel's own host may be.
    settings.PRIVATE_HOSTS_ALLOWED = [f"{host}:{receiver.port}" for host in (*NAMES, "127.0.0.1", "::1")]
    with pytest.raises(http.Refused):
        http.fetch(http.Ask(where.format(port=receiver.port)))
    assert receiver.connects == 0


def test_there_are_enough_of_them() -> None:
    assert len({*HOSTS, *OTHERS}) >= 80


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "inner.example.test", "a:b@127.0.0.1"])
def test_without_the_guard_they_would_be(
    receiver: Receiver, names: list[str], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    assert http.fetch(http.Ask(f"http://{host}:{receiver.port}/")).status == 200
    assert receiver.connects == 1


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{port}/", "http://2130706433:{port}/", "file:///etc/passwd", "http://["]
)
def test_a_redirect_leads_nowhere_private(
    receiver: Receiver, names: list[str], monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    is_public = guard.is_public
    answers = iter([True])
    monkeypatch.setattr(guard, "is_public", lambda address: next(answers, None) or is_public(address))
    receiver.status, receiver.headers = 302, {"location": target.format(port=receiver.port)}
    with pytest.raises(http.Refused):
        http.fetch(http.Ask(receiver.url))
    assert receiver.connects == 1


def test_a_redirect_can_be_the_answer(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    receiver.status, receiver.headers = 302, {"location": receiver.url}
    assert http.fetch(http.Ask(receiver.url, redirects_max=0)).status == 302
    assert receiver.connects == 1


def test_a_name_is_looked_up_once_and_its_address_is_kept_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, *args, **named: [
            row for name in (next(answers) if "test" in str(host) else [host])
            for row in network._getaddrinfo(name, port, type=socket.SOCK_STREAM)
        ],
    )  # fmt: skip
    with pytest.raises(http.Refused):
        http.fetch(http.Ask(f"http://rebinding.example.test:{receiver.port}/", timeout_seconds=2))
    assert receiver.connects == 0
    assert next(answers) == ["127.0.0.1"]


def test_what_is_too_large_is_refused_or_cut(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    receiver.answer = b"x" * 5_000
    with pytest.raises(http.Refused) as refused:
        http.fetch(http.Ask(receiver.url, max_bytes=1_000))
    assert refused.value.code == "too_large"
    assert http.fetch(http.Ask(receiver.url, max_bytes=1_000, is_cut=True)).body == b"x" * 1_000


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", b""])
def test_who_answers_a_byte_at_a_time_is_left_at_the_deadline(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip, args=(server, said), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(http.Refused) as refused:
            http.fetch(http.Ask(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout_seconds=0.3))
        assert refused.value.code == "timeout"
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("flaw", ["unknown", "old", "other name", ""])
def test_a_certificate_must_be_good(
    tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch, flaw: str
) -> None:
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    name = "other.example.test" if flaw == "other name" else "inner.example.test"
    file = _certificate(tmp_path, name, timedelta(days=-1 if flaw == "old" else 1))
    if flaw != "unknown":
        trusted = ssl.create_default_context(cafile=str(file))
        monkeypatch.setattr(http, "_trusted", lambda: trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with receiving(context) as receiver:
        ask = http.Ask(f"https://inner.example.test:{receiver.port}/", "POST", body=b"secret")
        if flaw:
            with pytest.raises(http.Refused):
                http.fetch(ask)
        else:
            assert http.fetch(ask).status == 200
        assert [body for _, body in receiver.came] == ([] if flaw else [b"secret"])


def _certificate(folder: Path, name: str, lasts: timedelta) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    who, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), clock.real()
    made = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=2)).not_valid_after(now + lasts)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM) + key.private_bytes(*plain))
    return file


def _drip(server: socket.socket, said: bytes) -> None:
    link, _where = server.accept()
    try:
        link.sendall(said)
        while said:
            link.sendall(b"x")
            threading.Event().wait(0.05)
        link.recv(1)
        threading.Event().wait(1)
    except OSError:
        link.close()
