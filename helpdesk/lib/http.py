"""The only outgoing HTTP client: a deadline, a size cap, no private addresses, no credentials elsewhere."""

import asyncio
import ssl
from dataclasses import dataclass, field
from functools import cache

import httpx

from helpdesk.lib.guard import PrivateAddress, assert_public

TIMEOUT_SECONDS = 10.0
REDIRECTS_MAX = 3
USER_AGENT = "Telaio"


class Refused(Exception):
    """The answer cannot be used: a private address, too large, too many redirects, no connection.

    code: unreachable, timeout, too_large or redirects. was_sent: the request may have reached the other side.
    is_forbidden: the address is one that we never ask, so that trying again is of no use.
    """

    def __init__(
        self, words: str, code: str = "unreachable", *, was_sent: bool = False, is_forbidden: bool = False
    ) -> None:
        super().__init__(words)
        self.code = code
        self.was_sent = was_sent
        self.is_forbidden = is_forbidden


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is at most the allowed size."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """What to fetch. headers go only to the first host and port, never over a redirect to others.

    redirects_max: 0 returns a redirect as the answer. is_cut: a body that is too large is cut off as it comes, packed
    or not, and not refused.
    timeout_seconds: for each hop from the connection to the last byte, however slowly the bytes come; looking the
    name up is not in it. is_ours: an administrator named the host as a channel's own, so PRIVATE_HOSTS_ALLOWED
    counts for it, and for nothing it redirects to.
    """

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    max_bytes: int = 10 * 1024 * 1024
    timeout_seconds: float = TIMEOUT_SECONDS
    redirects_max: int = REDIRECTS_MAX
    is_cut: bool = False
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Whom an address leads to. port: None where it is the scheme's own."""

    scheme: str = ""
    host: str = ""
    port: int | None = None


def place_of(url: str) -> Place:
    """Read of an address whom it leads to; nobody where it is none."""
    try:
        read = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        return Place()
    return Place(read.scheme, read.host, read.port)


def fetch(ask: Ask) -> Answer:
    """Send a request and read the answer. Never inside a transaction, nor inside an event loop. Raises Refused.

    Private addresses are refused whatever PRIVATE_HOSTS_ALLOWED says, unless the host is ours: most of what is
    fetched here was named by a message or is a webhook's target.
    """
    try:
        url, headers = httpx.URL(ask.url), {"user-agent": USER_AGENT, **ask.headers}
        for hop in range(ask.redirects_max + 1):
            answer = _once(ask, url, headers, is_ours=ask.is_ours and not hop)
            target = answer.headers.get("location", "")
            if answer.status not in {301, 302, 303, 307, 308} or not target or not ask.redirects_max:
                return answer
            following = url.join(target)
            if place_of(str(following)) != place_of(str(url)):
                headers = {"user-agent": USER_AGENT}
            url = following
    except httpx.InvalidURL as error:
        raise Refused("This is no address.", is_forbidden=True) from error
    raise Refused("Too many redirects.", "redirects")


def _once(ask: Ask, url: httpx.URL, headers: dict[str, str], *, is_ours: bool) -> Answer:
    if url.scheme not in {"http", "https"} or not url.host:
        raise Refused("Only http and https can be fetched.", is_forbidden=True)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        address = assert_public(url.host, port, is_ours=is_ours)[0]
    except (PrivateAddress, OSError) as error:
        is_private = isinstance(error, PrivateAddress)
        raise Refused(f"{url.host} cannot be reached from here.", is_forbidden=is_private) from error
    # Connect to the address that was checked: a second look-up may answer differently.
    pinned = url.copy_with(host=address)
    sent = {**headers, "host": url.netloc.decode()}
    try:
        return asyncio.run(_within_time(ask, pinned, sent, url.host))
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        code = "timeout" if isinstance(error, httpx.ConnectTimeout) else "unreachable"
        raise Refused(f"{url.host} did not answer.", code) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise Refused(f"{url.host} took too long.", "timeout", was_sent=True) from error
    except httpx.HTTPError as error:
        raise Refused(f"{url.host} did not answer.", was_sent=True) from error


async def _within_time(ask: Ask, pinned: httpx.URL, headers: dict[str, str], name: str) -> Answer:
    """Ask and read until the deadline: a server that sends a byte a second never misses a timeout of reading."""
    client = httpx.AsyncClient(
        timeout=ask.timeout_seconds, verify=_trusted(), follow_redirects=False, trust_env=False
    )  # fmt: skip
    async with (
        asyncio.timeout(ask.timeout_seconds),
        client,
        client.stream(
            ask.method, pinned, headers=headers, content=ask.body, extensions={"sni_hostname": name}
        ) as response,
    ):  # fmt: skip
        return Answer(response.status_code, dict(response.headers), await _read(response, ask))


async def _read(response: httpx.Response, ask: Ask) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw() if ask.is_cut else response.aiter_bytes():
        body += piece
        if len(body) > ask.max_bytes and ask.is_cut:
            return bytes(body[: ask.max_bytes])
        if len(body) > ask.max_bytes:
            raise Refused("The answer is too large.", "too_large", was_sent=True)
    return bytes(body)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust; to read it anew for every request costs more than the request."""
    return httpx.create_ssl_context(trust_env=False)
