"""The only outgoing HTTP client: a timeout, a size cap, no private addresses, no credentials elsewhere."""

from dataclasses import dataclass, field

import httpx

from helpdesk.lib.guard import PrivateAddress, assert_public

TIMEOUT_SECONDS = 10.0
REDIRECTS_MAX = 3
USER_AGENT = "Telaio"


class Refused(Exception):
    """The answer cannot be used: a private address, too large, too many redirects, no connection."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is at most the allowed size."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """What to fetch. headers go only to the first host, never over a redirect to another."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    max_bytes: int = 10 * 1024 * 1024
    timeout_seconds: float = TIMEOUT_SECONDS


def fetch(ask: Ask) -> Answer:
    """Send a request and read the answer. Never inside a transaction. Raises Refused."""
    url, headers = httpx.URL(ask.url), {"user-agent": USER_AGENT, **ask.headers}
    for _hop in range(REDIRECTS_MAX + 1):
        answer = _once(ask, url, headers)
        target = answer.headers.get("location", "")
        if answer.status not in {301, 302, 303, 307, 308} or not target:
            return answer
        following = url.join(target)
        if following.host != url.host:
            headers = {"user-agent": USER_AGENT}
        url = following
    raise Refused("Too many redirects.")


def _once(ask: Ask, url: httpx.URL, headers: dict[str, str]) -> Answer:
    if url.scheme not in {"http", "https"} or not url.host:
        raise Refused("Only http and https can be fetched.")
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        address = assert_public(url.host, port)[0]
    except (PrivateAddress, OSError) as error:
        raise Refused(f"{url.host} cannot be reached from here.") from error
    # Connect to the address that was checked: a second look-up may answer differently.
    pinned = url.copy_with(host=address)
    extensions = {"sni_hostname": url.host}
    sent = {**headers, "host": url.netloc.decode()}
    try:
        with (
            httpx.Client(timeout=ask.timeout_seconds, follow_redirects=False, trust_env=False) as client,
            client.stream(ask.method, pinned, headers=sent, content=ask.body, extensions=extensions) as response,
        ):
            return Answer(response.status_code, dict(response.headers), _read(response, ask.max_bytes))
    except httpx.HTTPError as error:
        raise Refused(f"{url.host} did not answer.") from error


def _read(response: httpx.Response, max_bytes: int) -> bytes:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > max_bytes:
            raise Refused("The answer is too large.")
    return body
