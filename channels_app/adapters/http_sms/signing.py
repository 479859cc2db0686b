"""How a gateway's calls are told from others, in the way that was chosen for it."""

import base64
import binascii
import hashlib
import hmac
import ipaddress
from typing import Any

from django.http import HttpRequest

from channels_app.addresses import caller
from helpdesk.lib.inbound import InvalidSignature

ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}


def verify(request: HttpRequest, config: dict[str, Any]) -> None:
    """Raise InvalidSignature unless the call is the gateway's. A list of addresses counts beside every other way."""
    way, networks = str(config.get("auth", "")), str(config.get("auth_networks") or "").split()
    known = [str(one) for name in ("auth_secret", "auth_secret_next") if (one := config.get(name))]
    if networks and not _is_from(request, networks):
        raise InvalidSignature("It comes from another address.")
    if way == "ip" and networks:
        return
    if not known or way not in {"basic", "header", "hmac"}:
        raise InvalidSignature("Nothing tells its calls from others.")
    given = request.headers.get("Authorization" if way == "basic" else str(config.get("auth_header") or ""), "")
    good = [_expected(way, config, one, request) for one in known]
    if not given or not any(hmac.compare_digest(one, _spelled(way, config, given)) for one in good):
        raise InvalidSignature("Its secret or signature does not fit.")


def _expected(way: str, config: dict[str, Any], secret: str, request: HttpRequest) -> bytes:
    if way == "basic":
        return f"{config.get('auth_user', '')}:{secret}".encode()
    if way == "header":
        return secret.encode()
    digest = hmac.new(secret.encode(), request.body, ALGORITHMS[str(config.get("auth_algorithm") or "sha256")]).digest()
    written = base64.b64encode(digest) if config.get("auth_encoding") == "base64" else digest.hex().encode()
    return str(config.get("auth_prefix") or "").encode() + written


def _spelled(way: str, config: dict[str, Any], given: str) -> bytes:
    """Return what was given in the spelling it is compared in. Raises InvalidSignature."""
    if way != "basic":
        return given.encode("utf-8", "replace")
    scheme, _, packed = given.partition(" ")
    try:
        return base64.b64decode(packed.strip(), validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        raise InvalidSignature("Its user and password cannot be read.") from None


def _is_from(request: HttpRequest, networks: list[str]) -> bool:
    """Whether the caller is in one of the networks; proxies of ours before the desk are looked through."""
    try:
        address = ipaddress.ip_address(caller(request))
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in ipaddress.ip_network(one, strict=False) for one in networks)
    except ValueError:
        return False
