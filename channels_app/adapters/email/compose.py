"""Builds an outgoing mail from our own clean fields; never from a header somebody sent."""

import re
from email import policy
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, formataddr

from django.utils.html import linebreaks, urlize

from channels_app.adapters.email.inbound import NO_ID_DOMAIN
from helpdesk.lib import clock, markup
from helpdesk.lib.emails import one_line
from helpdesk.lib.outbound import Outbound, OutboundFile

REFERENCES_MAX_CHARACTERS = 2_000

_ID = re.compile(r"<[^<>\s]{1,500}>")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}\Z")
_FOLDED_ID = re.compile(rb"^((?:Message-ID|In-Reply-To):)[ \t]*\r\n[ \t]+(?=<)", re.IGNORECASE | re.MULTILINE)
_WIRE = policy.compat32.clone(linesep="\r\n", mangle_from_=False)
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP


def compose(outbound: Outbound, *, sender: tuple[str, str], reply_to: str, message_id: str) -> bytes:
    """Return the mail as bytes with CRLF line ends. `sender`: name and address."""
    mail = _body(outbound)
    mail["Message-ID"] = f"<{message_id}>"
    mail["Date"] = format_datetime(clock.real())
    mail["From"] = _mailbox(*sender)
    mail["Reply-To"] = _mailbox(sender[0], reply_to)
    for role in ("to", "cc"):
        listed = [_mailbox(one.party.name, one.party.value) for one in outbound.recipients if one.role == role]
        if listed:
            mail[role.capitalize()] = ", ".join(listed)
    if not (mail["To"] or mail["Cc"]):
        mail["To"] = "undisclosed-recipients:;"
    mail["Subject"] = _text(outbound.subject)
    answered = _ids(outbound.in_reply_to)[:1]
    if answered:
        mail["In-Reply-To"] = answered[0]
    if references := _references((*outbound.references, *answered)):
        mail["References"] = references
    if outbound.language:
        mail["Content-Language"] = one_line(outbound.language)
    return _unfold_ids(mail.as_bytes(policy=_WIRE))


def as_html(text: str, language: str) -> str:
    """Return plain text as a small HTML page: paragraphs, line breaks, links; everything escaped."""
    return markup.page(linebreaks(urlize(text.replace("\0", ""), autoescape=True)), language)


def _unfold_ids(raw: bytes) -> bytes:
    """Put an id back on the line of its name: folding is allowed there, but not every program reads it."""
    head, gap, rest = raw.partition(b"\r\n\r\n")
    return _FOLDED_ID.sub(rb"\1 ", head) + gap + rest


def _body(outbound: Outbound) -> Message:
    html = outbound.html or as_html(outbound.text, outbound.language)
    body: Message = MIMEMultipart("alternative", None, [_part("plain", outbound.text), _part("html", html)])
    if not outbound.files:
        return body
    return MIMEMultipart("mixed", None, [body, *map(_file, outbound.files)])


def _part(subtype: str, text: str) -> Message:
    part = MIMENonMultipart("text", subtype)
    part.set_payload(text.replace("\r\n", "\n").replace("\0", ""), _UTF8)
    return part


def _file(file: OutboundFile) -> Message:
    kind = file.content_type.lower()
    main, _, subtype = (kind if _TYPE.match(kind) else "application/octet-stream").partition("/")
    part = MIMEApplication(file.data, subtype)
    if main not in ("multipart", "message", "application"):
        part.replace_header("Content-Type", f"{main}/{subtype}")
    elif main != "application":
        part.replace_header("Content-Type", "application/octet-stream")
    name = one_line(file.filename).replace("/", "_").replace("\\", "_") or "file"
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    return part


def _mailbox(name: str, address: str) -> str:
    return formataddr((one_line(name)[:200], one_line(address)))


def _text(value: str) -> str:
    line = one_line(value)
    return line if line.isascii() and len(line) < 60 else Header(line, "utf-8", header_name="Subject").encode()


def _references(values: tuple[str, ...]) -> str:
    """Join ids oldest first; of too many the first and the newest stay (RFC 5322 3.6.4)."""
    ids = list(dict.fromkeys(one for value in values for one in _ids(value)))
    while len(ids) > 2 and len(" ".join(ids)) > REFERENCES_MAX_CHARACTERS:
        del ids[1]
    return " ".join(ids)


def _ids(text: str) -> list[str]:
    """Find Message-IDs; those that we made up for mails without one mean nothing to anybody else."""
    return [one for one in _ID.findall(text) if not one.endswith(f"@{NO_ID_DOMAIN}>")]
