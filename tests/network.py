"""Refuses connections to the outside, so that a test that needs one fails at once and everywhere."""

import ipaddress
import socket
from typing import Any

LOCAL_NAMES = {"localhost", "testserver", "", None}
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


class OutsideRefused(OSError):
    """A test tried to reach beyond this machine."""


def refuse_outside() -> None:
    """Let this process reach unix sockets and loopback addresses only."""
    socket.socket.connect = _guarded(_connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = _guarded(_connect_ex)  # type: ignore[method-assign]
    socket.getaddrinfo = _resolve


def _guarded(connect: Any) -> Any:
    def attempt(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(address[0]):
            raise OutsideRefused(f"a test tried to reach {address[0]}: tests have no outside network")
        return connect(self, address)

    return attempt


def _resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if not _is_here(name):
        raise OutsideRefused(f"a test tried to look up {name}: tests have no outside network")
    return _getaddrinfo(host, *args, **kwargs)


def _is_here(host: Any) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
