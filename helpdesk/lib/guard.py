"""Keeps outgoing connections away from private networks."""

import ipaddress
import socket

from django.conf import settings


class PrivateAddress(Exception):
    """The host leads into a private network and is not on PRIVATE_HOSTS_ALLOWED."""


def assert_public(host: str, port: int, *, is_ours: bool = True) -> list[str]:
    """Return the IP addresses of host; raise PrivateAddress if one of them is not public.

    is_ours: an administrator named it as a channel's own host, so PRIVATE_HOSTS_ALLOWED counts. What came in a
    message or is a webhook's target is never ours.
    Connect to a returned address, not to the name, or a second look-up may answer differently.
    Raises OSError when the name does not resolve. Looks the name up: not inside a transaction.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        # A label that is empty or too long for a name is no name.
        raise OSError(f"{host!r} is no name of a host.") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if is_ours and f"{host}:{port}" in settings.PRIVATE_HOSTS_ALLOWED:
        return addresses
    if not all(is_public(address) for address in addresses):
        raise PrivateAddress(f"{host}:{port}")
    return addresses


def is_public(address: str) -> bool:
    """Say whether an IP address is a global unicast one, also when wrapped in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1]) or _nat64(ip)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip not in ipaddress.ip_network("64:ff9b::/96"):
        return None
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
