"""Outgoing connections do not lead into private networks."""

import socket
from typing import Any

import pytest

from helpdesk.lib import guard


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
     "fe80::1", "fc00::1", "224.0.0.1", "255.255.255.255", "64:ff9b::7f00:1", "2002:7f00:1::", "100.64.0.1", "::"],
)  # fmt: skip
def test_private_addresses_are_known(address: str) -> None:
    assert not guard.is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_addresses_are_known(address: str) -> None:
    assert guard.is_public(address)


def test_one_private_address_of_a_name_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = []
    _resolve(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(guard.PrivateAddress):
        guard.assert_public("mail.example.test", 25)


def test_a_listed_host_may_be_private_on_its_port_alone(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = ["mail.example.test:25"]
    _resolve(monkeypatch, "127.0.0.1")
    assert guard.assert_public("mail.example.test", 25) == ["127.0.0.1"]
    with pytest.raises(guard.PrivateAddress):
        guard.assert_public("mail.example.test", 587)


def _resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 25)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **named: found)
