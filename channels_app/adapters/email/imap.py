"""Collects mail from an IMAP mailbox without changing it there; the mark moves after the commit.

The mark (UIDVALIDITY and last UID) is kept in Channel.poll_state["imap"].
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from channels_app import intake
from helpdesk.lib import failpoints
from helpdesk.lib.guard import PrivateAddress, assert_public
from helpdesk.lib.outbound import SendError

if TYPE_CHECKING:
    from channels_app.models import Channel

AT_A_TIME = 200
TIMEOUT_SECONDS = 30


def fetch(channel: "Channel") -> int:
    """Store what is new, oldest first, at most 200 at a time; return how many. Raises SendError.

    Each mail is committed before the mark passes it, so a crash repeats at most one (told by
    its bytes). A new UIDVALIDITY starts over. Not safe at the same time for one channel.
    """
    config = channel.config
    if not config.get("imap_host"):
        return 0
    with _mailbox(config) as client:
        validity = _select(client, config)
        mark = channel.poll_state.get("imap", {})
        last = int(mark.get("last_uid", 0)) if mark.get("uidvalidity") == validity else 0
        count = 0
        for uid in _new_uids(client, last)[:AT_A_TIME]:
            count += _take(client, channel, uid)
            failpoints.reach("imap.after_commit_before_mark")
            _move_mark(channel, validity, uid)
    return count


def check(channel: "Channel") -> None:
    """Log in and open the folder. Raises SendError."""
    config = channel.config
    if config.get("imap_host"):
        with _mailbox(config) as client:
            _select(client, config)


@contextmanager
def _mailbox(config: dict[str, Any]) -> Iterator[IMAPClient]:
    """Open and close a logged-in connection; every failure becomes a SendError."""
    host, port = str(config["imap_host"]), int(config.get("imap_port") or 993)
    try:
        addresses = assert_public(host, port)
        client = IMAPClient(host, port=port, ssl=bool(config.get("imap_ssl", True)), timeout=TIMEOUT_SECONDS)
    except PrivateAddress:
        sentence = _("The IMAP server stands in a private network, which this desk does not allow.")
        raise SendError("not_configured", sentence, our_fault=True) from None
    except (OSError, IMAPClientError):
        raise SendError("connection", _("The IMAP server does not answer."), retryable=True) from None
    try:
        if client.socket().getpeername()[0] not in addresses:
            raise SendError("connection", _("The IMAP server changed its address."), retryable=True)
        client.login(str(config.get("imap_user", "")), str(config.get("imap_password", "")))
        yield client
    except LoginError as error:
        # The library says so of a line that was cut while logging in, too.
        if isinstance(error.__context__, IMAPClientAbortError):
            raise _broke_off() from None
        sentence = _("The IMAP server did not accept the user name and password.")
        raise SendError("credentials", sentence, our_fault=True) from None
    except (IMAPClientAbortError, OSError):
        raise _broke_off() from None
    except IMAPClientError:
        raise SendError("provider_error", _("The IMAP server refused a command."), retryable=True) from None
    finally:
        _leave(client)


def _broke_off() -> SendError:
    return SendError("connection", _("The connection to the IMAP server broke off."), retryable=True)


def _select(client: IMAPClient, config: dict[str, Any]) -> int:
    """Open the folder read-only and return its UIDVALIDITY."""
    found = client.select_folder(str(config.get("imap_folder") or "INBOX"), readonly=True)
    return int(found.get(b"UIDVALIDITY", 0))


def _new_uids(client: IMAPClient, last: int) -> list[int]:
    """Return the UIDs above the mark; `n:*` always names at least the newest mail."""
    return sorted(uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last)


def _take(client: IMAPClient, channel: "Channel", uid: int) -> int:
    """Store one mail; of one over the limit only as much as the limit allows. 0: it is gone."""
    size = client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE", 0)
    most = settings.INBOUND_BODY_MAX_BYTES
    item = "BODY.PEEK[]" if size <= most else f"BODY.PEEK[]<0.{most}>"
    answer = client.fetch([uid], [item]).get(uid, {})
    body = answer.get(b"BODY[]") or answer.get(b"BODY[]<0>")
    if body is None:
        return 0
    failpoints.reach("imap.after_fetch")
    headers = {"via": "imap", "uid": str(uid)}
    if len(body) > most or size > most:
        body, headers = body[:most], {**headers, "cut_from_bytes": str(size)}
    intake.store(channel, body=body, headers=headers)
    return 1


def _move_mark(channel: "Channel", validity: int, uid: int) -> None:
    channel.poll_state = {**channel.poll_state, "imap": {"uidvalidity": validity, "last_uid": uid}}
    channel.save(update_fields=["poll_state"])


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except (IMAPClientError, OSError):
        client.shutdown()
