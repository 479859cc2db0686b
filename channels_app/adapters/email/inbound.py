"""Turns a ParsedMail into the InboundMessage that conversations understand. Pure."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from channels_app.adapters.email import auth, reply
from channels_app.adapters.email.addresses import Mailbox
from channels_app.adapters.email.parsed import ParsedMail
from helpdesk.lib.emails import domain_of, spell_address
from helpdesk.lib.inbound import Bounce, InboundMessage, InboundRecipient, Party, Proof, RawInput, Robot

KIND = "email"
REFERENCES_READ_MAX = 50
NO_ID_DOMAIN = "no-message-id.invalid"

_DOUBTS = {
    "missing": "The mail names no sender.",
    "doubled": "The mail names more than one sender.",
    "unreadable": "The sender's address cannot be read.",
    "ambiguous": "The sender's address can be read in two ways.",
}


def to_inbound(mail: ParsedMail, raw: RawInput, secret: str) -> InboundMessage:
    """Say who wrote what, how sure that is and which thread of ours it carries."""
    mailbox = str(raw.config.get("address", ""))
    identifier = mail.message_id or f"{hashlib.sha256(raw.body).hexdigest()[:40]}@{NO_ID_DOMAIN}"
    token = _token(mail, raw, mailbox, secret)
    proof, detail = _proof(mail, raw, bool(token))
    return InboundMessage(
        sender=_sender(mail),
        external_id=f"<{identifier}>",
        text=mail.new_text,
        html=mail.html,
        quoted=mail.quoted,
        subject=mail.subject,
        thread_key=token,
        occurred_at=datetime.fromisoformat(mail.date) if mail.date else None,
        recipients=tuple(_recipients(mail, mailbox)),
        files=mail.files,
        proof=proof,
        proof_detail=detail,
        robot=_robot(mail, mailbox),
        bounce=_bounce(mail),
        in_reply_to=next((f"<{one}>" for one in mail.in_reply_to), ""),
        references=tuple(f"<{one}>" for one in mail.references),
        fingerprint=_fingerprint(identifier, mail),
        has_remote_images=bool(mail.remote_images),
        warnings=(*mail.warnings, *(["mail_cut"] if raw.headers.get("cut_from_bytes") else [])),
    )


def _sender(mail: ParsedMail) -> Party:
    """Return the first readable From; an unreadable one is kept under an address nobody has."""
    chosen = next((one for one in mail.senders if one.address), None)
    if chosen:
        return _party(chosen)
    written = next((one.as_written or one.name for one in mail.senders), "")
    name = next((one.name for one in mail.senders), "")
    mark = hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()[:16]
    return Party(KIND, f"unknown-{mark}@sender.invalid", name=name, as_written=written)


def _proof(mail: ParsedMail, raw: RawInput, has_token: bool) -> tuple[Proof, str]:
    """Take the first that fits: failed, token, proven, unproven."""
    if mail.sender_doubt:
        return Proof.FAILED, _DOUBTS[mail.sender_doubt]
    trusted = str(raw.config.get("trusted_authserv", ""))
    proof, detail = auth.judge(mail.authentication, mail.senders[0].address, trusted)
    if has_token and proof is not Proof.FAILED:
        return Proof.TOKEN, "The mail carries our signed mark."
    return proof, detail


def _token(mail: ParsedMail, raw: RawInput, mailbox: str, secret: str) -> str:
    """Find our token: in the envelope or an address first, then in the mails it answers."""
    for address in _addressed_to(mail, raw):
        if token := reply.read_reply_address(address, mailbox, secret):
            return token
    bounced = (mail.bounce.message_id,) if mail.bounce and mail.bounce.message_id else ()
    answered = (*bounced, *mail.in_reply_to, *reversed(mail.references))[:REFERENCES_READ_MAX]
    for identifier in answered:
        if token := reply.read_message_id(identifier, mailbox, secret):
            return token
    return ""


def _addressed_to(mail: ParsedMail, raw: RawInput) -> Iterator[str]:
    yield from re.split(r"[,\s]+", raw.headers.get("rcpt_to", ""))
    yield from mail.arrived_for
    for one in (*mail.to, *mail.cc):
        yield "".join(one.as_written.split())


def _recipients(mail: ParsedMail, mailbox: str) -> Iterator[InboundRecipient]:
    """Yield everybody else it went to; our own mailbox, also with a plus mark, is left out."""
    seen: set[str] = set()
    for role, listed in (("to", mail.to), ("cc", mail.cc), ("reply_to", mail.reply_to)):
        for one in listed:
            key = one.address if role != "reply_to" else f"reply_to {one.address}"
            if one.address and key not in seen and not is_own(one.address, mailbox):
                seen.add(key)
                yield InboundRecipient(role, _party(one))


def is_own(address: str, mailbox: str) -> bool:
    """Say whether an address is the mailbox itself, with or without a plus mark."""
    local, _, domain = spell_address(address).rpartition("@")
    own_local, _, own_domain = spell_address(mailbox).rpartition("@")
    return bool(own_local) and domain == own_domain and (local == own_local or local.startswith(f"{own_local}+"))


def _robot(mail: ParsedMail, mailbox: str) -> Robot:
    if mail.bounce or mail.is_feedback_report:
        return Robot.BOUNCE
    if mail.is_auto_reply:
        return Robot.AUTO_REPLY
    if mail.is_list and not _is_own_list(mail, mailbox):
        return Robot.MAILING_LIST
    return Robot.NONE


def _bounce(mail: ParsedMail) -> Bounce | None:
    """Name the bounced mail as `external_id` names mails: in brackets."""
    if mail.bounce is None or not mail.bounce.message_id:
        return mail.bounce
    return replace(mail.bounce, message_id=f"<{mail.bounce.message_id}>")


def _is_own_list(mail: ParsedMail, mailbox: str) -> bool:
    """Say whether the list is our own mailbox: people write to a group, and the group to us."""
    domain = domain_of(mailbox)
    return bool(domain) and bool(re.search(rf"[@.]{re.escape(domain)}\b", mail.list_posts.lower()))


def _fingerprint(identifier: str, mail: ParsedMail) -> str:
    """Return what two copies of one mail share, whichever of our mailboxes they came to."""
    body = " ".join(mail.text.split())
    return hashlib.sha256(f"{identifier}\n{body}".encode()).hexdigest()


def _party(one: Mailbox) -> Party:
    return Party(KIND, one.address, name=one.name[:200], as_written=one.as_written[:320])
