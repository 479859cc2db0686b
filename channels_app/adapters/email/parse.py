"""Bytes in, ParsedMail out. Pure; runs in the limited child (child.py)."""

import re
from collections.abc import Iterable
from typing import Any

from channels_app.adapters.email import addresses, bounce, headers, mime, quote, robots
from channels_app.adapters.email.addresses import Mailbox
from channels_app.adapters.email.body import collect
from channels_app.adapters.email.headers import Headers
from channels_app.adapters.email.limits import Limits
from channels_app.adapters.email.parsed import ParsedMail
from helpdesk.lib.html import QUOTE_END, QUOTE_START, clean, is_too_much

SUBJECT_MAX_CHARACTERS = 998
REFERENCES_MAX = 50

_MARKS = re.compile(rf"[ \t]*[{QUOTE_START}{QUOTE_END}][ \t]*\n?")
_ARRIVED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "apparently-to")


def parse(raw: bytes, limits: Limits) -> ParsedMail:
    """Understand one mail. What is over a limit is left out and named in `warnings`."""
    root, warnings = mime.read(raw[: limits.size_bytes], limits)
    head = root.head
    subject = headers.one_line(head.get("subject"))[:SUBJECT_MAX_CHARACTERS]
    body = collect(root, limits)
    cleaned = clean(body.html)
    if body.html and not cleaned.html and is_too_much(body.html):
        warnings.append("html_left_out")
    if body.is_text_cut:
        warnings.append("text_cut")
    parts = quote.split(body.text)
    text = _without_marks(body.text).strip()
    return ParsedMail(
        **_people(head, limits, warnings),
        **_origin(head),
        subject=subject,
        text=text,
        new_text=parts.new,
        quoted=parts.quoted,
        html=cleaned.html,
        remote_images=cleaned.remote,
        files=tuple(body.files),
        is_auto_reply=robots.is_auto_reply(head, subject),
        is_bulk=robots.is_bulk(head),
        is_list=robots.is_list(head),
        is_forward=parts.is_forward,
        is_feedback_report=bounce.is_feedback_report(root),
        bounce=bounce.read(root, subject, text, limits),
        warnings=tuple(warnings),
    )


def _without_marks(text: str) -> str:
    return _MARKS.sub("", text) if QUOTE_START in text or QUOTE_END in text else text


def _origin(head: Headers) -> dict[str, Any]:
    """Read when, after what and by which way the mail came."""
    at = headers.date(head.get("date"))
    references = headers.message_ids(" ".join(head.all("references")))
    return {
        "message_id": next(iter(headers.message_ids(head.get("message-id"))), ""),
        "in_reply_to": headers.message_ids(head.get("in-reply-to"))[:REFERENCES_MAX],
        "references": references[-REFERENCES_MAX:],
        "date": at.isoformat() if at else "",
        "authentication": tuple(head.all("authentication-results")[:20]),
        "list_posts": f"{head.get('list-post')} {head.get('list-id')}"[:500].strip(),
    }


def _people(head: Headers, limits: Limits, warnings: list[str]) -> dict[str, Any]:
    found: dict[str, tuple[Mailbox, ...]] = {}
    for name in ("from", "reply-to", "to", "cc"):
        listed, is_cut = addresses.read(", ".join(head.all(name)), most=limits.addresses)
        found[name] = tuple(listed)
        if is_cut:
            warnings.append("addresses_cut")
    return {
        "senders": found["from"],
        "sender_doubt": _doubt(head.all("from"), found["from"]),
        "reply_to": found["reply-to"],
        "to": found["to"],
        "cc": found["cc"],
        "arrived_for": tuple(_arrived_for(head)),
    }


def _doubt(fields: list[str], senders: tuple[Mailbox, ...]) -> str:
    """Say why it is not clear who sent it, '' when it is."""
    if not fields or not senders:
        return "missing"
    if len(fields) > 1 or len(senders) > 1:
        return "doubled"
    if not senders[0].address:
        return "unreadable"
    return "ambiguous" if senders[0].is_doubtful else ""


def _arrived_for(head: Headers) -> Iterable[str]:
    for name in _ARRIVED:
        for value in head.all(name)[:10]:
            yield value.strip().strip("<>")[:320]
