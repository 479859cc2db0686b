"""Believes a sender only as far as our own mail server vouches for the From domain (RFC 8601)."""

import re
from dataclasses import dataclass

from helpdesk.lib.emails import domain_of, normalise_domain
from helpdesk.lib.inbound import Proof

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([a-z0-9-]{1,40})\s*=\s*([a-z]{1,40})", re.I)
_PROPERTY = re.compile(
    r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom|policy\.[a-z.-]{1,40}|action)\s*=\s*([^\s;]{1,300})", re.I
)
_POLICY = re.compile(r"\b(?:p|policy|policy\.dmarc|action)\s*=\s*\"?(reject|quarantine|oreject|none)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Result:
    method: str
    verdict: str
    properties: dict[str, str]
    policy: str


def judge(fields: tuple[str, ...], sender: str, trusted: str) -> tuple[Proof, str]:
    """Return the proof of a From address and a sentence saying why.

    `fields`: all Authentication-Results, topmost first. A sender can write any of them below
    our server's own, so only the topmost may prove; a trusted one anywhere may condemn.
    """
    trusted = trusted.strip().lower()
    if not trusted:
        return Proof.UNPROVEN, "The channel names no server whose word on senders it trusts."
    ours = [field for field in fields if _server(field) == trusted]
    if not ours:
        return Proof.UNPROVEN, "The trusted mail server did not say who sent it."
    domain = domain_of(sender)
    results = _results(ours[0])
    for result in results:
        if result.method == "dmarc" and result.verdict == "fail" and result.policy != "none":
            return Proof.FAILED, f"DMARC failed for {domain}."
    if _server(fields[0]) != trusted:
        return Proof.UNPROVEN, "The topmost word on the sender is not the trusted server's."
    if any(one.method == "dmarc" and one.verdict == "fail" for one in results):
        return Proof.UNPROVEN, f"DMARC failed for {domain}, whose policy asks for nothing."
    proved = next((one.method for one in results if _proves(one, domain)), "")
    if proved:
        return Proof.PROVEN, f"{proved.upper()} passed for {domain}."
    return Proof.UNPROVEN, "The trusted mail server found no proof of the sender."


def _server(field: str) -> str:
    """Return the authserv-id: the first word, without comments or version."""
    words = _COMMENT.sub(" ", field.partition(";")[0]).split()
    return words[0].strip('"').lower() if words else ""


def _results(field: str) -> list[_Result]:
    found = []
    for piece in field.partition(";")[2].split(";")[:50]:
        bare = _COMMENT.sub(" ", piece)
        result = _RESULT.match(bare)
        if not result:
            continue
        properties = {name.lower(): value.strip("\"'<>") for name, value in _PROPERTY.findall(bare)}
        policy = _POLICY.search(piece)
        found.append(_Result(result[1].lower(), result[2].lower(), properties, policy[1].lower() if policy else ""))
    return found


def _proves(result: _Result, domain: str) -> bool:
    """Say whether a passing result speaks for exactly this From domain."""
    if result.verdict != "pass" or not domain:
        return False
    values = result.properties
    if result.method == "dmarc":
        return normalise_domain(values.get("header.from", domain).rpartition("@")[2]) == domain
    if result.method == "dkim":
        return _is_aligned(values.get("header.d") or values.get("header.i", ""), domain)
    if result.method == "spf":
        return _is_aligned(values.get("smtp.mailfrom", ""), domain)
    return False


def _is_aligned(value: str, domain: str) -> bool:
    """Say whether the proved domain is the From domain or a parent of it (never a sibling)."""
    proved = normalise_domain(value.rpartition("@")[2])
    return bool(proved) and "." in proved and (domain == proved or domain.endswith(f".{proved}"))
