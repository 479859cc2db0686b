"""Hands one mail to an SMTP server and says exactly what became of it, recipient by recipient.

Before the final dot nothing was sent and a repetition is safe; behind it only the server knows.
"""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from channels_app.adapters.email import reply
from channels_app.adapters.email.compose import compose
from channels_app.adapters.email.config import BadServer, SmtpServer, smtp_server
from helpdesk.lib.emails import domain_of, one_line, spell_address
from helpdesk.lib.guard import PrivateAddress, assert_public
from helpdesk.lib.outbound import Outbound, OutboundRecipient, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

CONNECT_SECONDS = 15
CHUNK_BYTES = 64 * 1024

Refusal = tuple[int, bytes]


def send(channel: "Channel", outbound: Outbound, *, seconds: float) -> Sent:
    """Send one mail within `seconds`. Raises SendError; maybe_sent only behind the final dot."""
    config = channel.config
    mailbox, secret = str(config["address"]), settings.SECRET_KEY
    server = _server(config)
    identifier = reply.message_id(mailbox, outbound.thread_key, outbound.idempotency_key, secret)
    return_address = reply.reply_address(mailbox, outbound.thread_key, secret)
    name = _sender_name(outbound.sender_name, str(config.get("name") or channel.name))
    body = compose(outbound, sender=(name, mailbox), reply_to=return_address, message_id=identifier)
    readable = [one for one in outbound.recipients if spell_address(one.party.value)]
    if not readable:
        raise SendError("rejected_recipient", _("There is no address that mail can be sent to."))
    with _session(server, domain_of(mailbox), seconds) as smtp:
        refused = _deliver(smtp, return_address, readable, body)
    return _sent(f"<{identifier}>", outbound.recipients, readable, refused)


def check(channel: "Channel") -> None:
    """Log in to the outgoing server and leave again. Raises SendError."""
    config = channel.config
    with _session(_server(config), domain_of(str(config["address"])), CONNECT_SECONDS) as smtp:
        smtp.noop()


def _server(config: dict[str, object]) -> SmtpServer:
    url = str(config.get("smtp_url") or settings.SMTP_URL or "")
    if not url:
        raise SendError("not_configured", _("This mailbox has no outgoing mail server."), our_fault=True)
    try:
        return smtp_server(url)
    except BadServer:
        raise SendError(
            "not_configured", _("The address of the outgoing mail server cannot be understood."), our_fault=True
        ) from None


def _sender_name(agent: str, mailbox: str) -> str:
    return f"{agent} ({mailbox})" if agent and mailbox and agent != mailbox else agent or mailbox


@contextmanager
def _session(server: SmtpServer, own_host: str, seconds: float) -> Iterator[smtplib.SMTP]:
    """Connect, log in, and cut the line when the time is over, however slowly the server drips."""
    deadline = time.monotonic() + seconds
    smtp = _connect(server, own_host)
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)
    watchdog = threading.Timer(max(0.1, deadline - time.monotonic()), _cut, (smtp,))
    watchdog.daemon = True
    watchdog.start()
    try:
        _greet(smtp, server)
        yield smtp
        _leave(smtp)
    except SendError:
        raise
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError, OSError) as error:
        raise _broken(error, time.monotonic() >= deadline) from None
    except (smtplib.SMTPException, ValueError, UnicodeError):
        raise SendError("provider_error", _("The mail server answered something we do not understand.")) from None
    finally:
        watchdog.cancel()
        smtp.close()


def _connect(server: SmtpServer, own_host: str) -> smtplib.SMTP:
    """Open the connection to the address that was checked, so that no second look-up can differ."""
    try:
        addresses = assert_public(server.host, server.port)
        smtp: smtplib.SMTP = _GuardedSMTP(server, addresses, local_hostname=own_host or "localhost")
        code, text = smtp.connect(server.host, server.port)
    except PrivateAddress:
        raise SendError(
            "not_configured",
            _("The outgoing mail server stands in a private network, which this desk does not allow."),
            our_fault=True,
        ) from None
    except ssl.SSLError:
        raise _untrusted() from None
    except (OSError, smtplib.SMTPException):
        raise SendError("connection", _("The outgoing mail server does not answer."), retryable=True) from None
    if code != 220:
        raise _refusal((code, text), "connection")
    return smtp


class _GuardedSMTP(smtplib.SMTP):
    """smtplib's client, connected only to addresses that passed the guard."""

    def __init__(self, server: SmtpServer, addresses: list[str], *, local_hostname: str) -> None:
        super().__init__(local_hostname=local_hostname, timeout=CONNECT_SECONDS)
        self._server, self._addresses = server, addresses
        self._host = server.host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = _first_that_answers(self._addresses, port, timeout)
        if self._server.tls:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        return sock


def _first_that_answers(addresses: list[str], port: int, timeout: float) -> socket.socket:
    for address in addresses[:2]:
        try:
            return socket.create_connection((address, port), timeout / 2)
        except OSError:
            continue
    raise ConnectionError("no address answers")


def _greet(smtp: smtplib.SMTP, server: SmtpServer) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.starttls:
        try:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        except ssl.SSLError:
            raise _untrusted() from None
        except smtplib.SMTPNotSupportedError:
            raise SendError(
                "not_configured", _("The outgoing mail server offers no encryption (STARTTLS)."), our_fault=True
            ) from None
    if server.user:
        _refuse_open_password(server)
        _log_in(smtp, server)


def _refuse_open_password(server: SmtpServer) -> None:
    is_local = f"{server.host}:{server.port}" in settings.PRIVATE_HOSTS_ALLOWED
    if not (server.tls or server.starttls or is_local):
        sentence = _("A password must not travel unencrypted: use smtps:// or smtp+starttls://.")
        raise SendError("not_configured", sentence, our_fault=True)


def _log_in(smtp: smtplib.SMTP, server: SmtpServer) -> None:
    try:
        smtp.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        is_passing = 400 <= error.smtp_code < 500
        raise SendError(
            "connection" if is_passing else "credentials",
            _("The outgoing mail server did not accept the user name and password."),
            retryable=is_passing,
            our_fault=True,
            provider_code=str(error.smtp_code),
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise SendError(
            "not_configured", _("The outgoing mail server offers no way to log in."), our_fault=True
        ) from None


def _deliver(smtp: smtplib.SMTP, sender: str, recipients: list[OutboundRecipient], body: bytes) -> dict[int, Refusal]:
    """Say the envelope and the mail; return the refusals by position. Raises SendError."""
    options = [f"size={len(body)}"] if smtp.has_extn("size") else []
    if not all(one.party.value.isascii() for one in recipients):
        options += ["SMTPUTF8"] if smtp.has_extn("smtputf8") else []
        smtp.command_encoding = "utf-8"
    answer = smtp.mail(sender, options)
    if answer[0] != 250:
        raise _refusal(answer, "rejected_content")
    refused: dict[int, Refusal] = {}
    for one in recipients:
        answer = smtp.rcpt(spell_address(one.party.value))
        if answer[0] not in (250, 251):
            refused[one.position] = answer
    if len(refused) == len(recipients):
        raise _refusal(next(iter(refused.values())), "rejected_recipient")
    _data(smtp, body)
    return refused


def _data(smtp: smtplib.SMTP, body: bytes) -> None:
    """Send the mail; from the final dot on, silence means that nobody knows."""
    smtp.putcmd("data")
    answer = smtp.getreply()
    if answer[0] != 354:
        raise _refusal(answer, "rejected_content")
    body = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in body.split(b"\r\n"))
    for start in range(0, len(body), CHUNK_BYTES):
        smtp.send(body[start : start + CHUNK_BYTES])
    try:
        smtp.send(b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")
        answer = smtp.getreply()
    except (smtplib.SMTPException, OSError):
        raise SendError(
            "timeout", _("The mail went out, but the mail server did not confirm it."), maybe_sent=True
        ) from None
    if answer[0] != 250:
        raise _refusal(answer, "rejected_content")


def _sent(
    identifier: str, everyone: tuple[OutboundRecipient, ...], readable: list[OutboundRecipient],
    refused: dict[int, Refusal],
) -> Sent:  # fmt: skip
    good = {one.position for one in readable}
    parts = []
    for one in everyone:
        if one.position not in good:
            problem = _("This is not a mail address.")
            parts.append(SentPart(one.position, identifier, "failed", "rejected_recipient", problem))
        elif answer := refused.get(one.position):
            parts.append(SentPart(one.position, identifier, "failed", "rejected_recipient", _said(answer)))
        else:
            parts.append(SentPart(one.position, identifier))
    return Sent(identifier, tuple(parts))


def _refusal(answer: Refusal, code: str) -> SendError:
    """Turn an SMTP answer into our words: 4xx may be tried again, 5xx not."""
    number = answer[0]
    if number == -1 or number == 421:
        return SendError("connection", _("The mail server closed the connection."), retryable=True)
    if number in (530, 535, 534, 538):
        sentence = _("The outgoing mail server wants a user name and password.")
        return SendError("credentials", sentence, our_fault=True, provider_code=str(number))
    if number == 552 or b"5.3.4" in answer[1][:20]:
        return SendError("too_large", _("The mail is too large for the mail server."), provider_code=str(number))
    is_passing = 400 <= number < 500
    code = "throttled" if is_passing and code != "rejected_recipient" else code
    return SendError(code, _said(answer), retryable=is_passing, provider_code=str(number))


def _said(answer: Refusal) -> str:
    text = one_line(answer[1].decode("utf-8", "replace"))[:300]
    return _("The mail server refused: %(code)s %(text)s") % {"code": answer[0], "text": text}


def _broken(error: OSError, is_late: bool) -> SendError:
    """The line broke before the final dot: nothing was sent."""
    code = "timeout" if is_late or isinstance(error, TimeoutError) else "connection"
    return SendError(code, _("The connection to the mail server broke off."), retryable=True)


def _untrusted() -> SendError:
    return SendError(
        "connection", _("The certificate of the outgoing mail server cannot be trusted."),
        retryable=True, our_fault=True,
    )  # fmt: skip


def _leave(smtp: smtplib.SMTP) -> None:
    """Say goodbye; whatever happens now changes nothing."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        return


def _cut(smtp: smtplib.SMTP) -> None:
    sock = smtp.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
