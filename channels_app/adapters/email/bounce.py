"""Delivery reports: who could not be reached, why, and which mail of ours it was.

RFC 3464 parts first; else the prose of mail systems that write none. Never raises.
"""

import re

from channels_app.adapters.email import bounce_words as words
from channels_app.adapters.email import charsets, headers
from channels_app.adapters.email.limits import Limits
from channels_app.adapters.email.mime import Part
from helpdesk.lib.emails import spell_address
from helpdesk.lib.inbound import Bounce, BounceRecipient

PROSE_MAX_CHARACTERS = 60_000
RECIPIENTS_MAX = 50

_REPORT_TYPES = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers",
                   "message/global-headers", "text/rfc822")  # fmt: skip


def read(root: Part, subject: str, text: str, limits: Limits) -> Bounce | None:
    """Return what a delivery report says, None when the mail is none."""
    groups = _report_groups(root)
    if not groups and not _looks_like_report(root, subject, text):
        return None
    prose = text[:PROSE_MAX_CHARACTERS]
    found = [one for group in groups if (one := _of_group(group))]
    if groups and found and all(one.action in words.GOOD_ACTIONS for one in found):
        return None
    own = _own_addresses(root)
    found = _failed(found) or _of_headers(root) or _of_prose(prose, own)
    found = _with_status(_distinct(found)[:RECIPIENTS_MAX], prose)
    return Bounce(
        is_permanent=_is_permanent(found, f"{subject}\n{prose}"),
        message_id=_original_id(root, prose, limits),
        recipients=tuple(found),
    )


def is_feedback_report(root: Part) -> bool:
    """Say whether it is a complaint (RFC 5965): somebody pressed "this is spam"."""
    return any(part.content_type == "message/feedback-report" for part in root.walk())


def _looks_like_report(root: Part, subject: str, text: str) -> bool:
    head = root.head
    if head.get("x-failed-recipients") or "report-type=delivery-status" in _flat(head.get("content-type")):
        return True
    if words.VACATION_SUBJECT.match(subject):
        return False
    sender = head.get("from")[:500].lower()
    is_daemon = bool(words.DAEMON.search(sender))
    is_subject = bool(words.SUBJECT.search(subject[:300]))
    # The prose is looked through last: in an ordinary mail nothing else points to a report.
    if not is_daemon and not is_subject:
        return False
    if is_daemon and is_subject:
        return True
    says_so = bool(words.PROSE.search(text[:6_000]))
    return says_so and (is_daemon or _is_by_machine(root, text))


def _is_by_machine(root: Part, text: str) -> bool:
    """Say whether more than words tell a report: people too write "delivery failed" about parcels."""
    head = root.head
    has_original = any(part.content_type in _ORIGINAL_TYPES for part in root.walk())
    is_marked = head.get("auto-submitted").strip().lower() not in ("", "no") or bool(head.get("x-loop"))
    is_marked |= head.get("return-path").strip() == "<>"
    return has_original or is_marked or bool(words.MACHINE.search(text[:PROSE_MAX_CHARACTERS]))


def _report_groups(root: Part) -> list[dict[str, str]]:
    """Return the field groups of all status parts; prose that holds such fields counts too."""
    texts = []
    for part in root.walk():
        kind = part.content_type
        if kind in _REPORT_TYPES or (kind == "text/plain" and b"inal-Recipient:" in part.raw[:200_000]):
            texts.append(charsets.decode(part.data[:200_000], part.parameters.get("charset", "")))
    groups = []
    for block in re.split(r"\n[ \t]*(?:\n[ \t]*)+", "\n".join(texts).replace("\r\n", "\n"))[:400]:
        fields = {name.lower(): value for name, value in words.REPORT_FIELD.findall(block[:8_000])}
        if fields:
            groups.append(fields)
    return groups


def _of_group(fields: dict[str, str]) -> BounceRecipient | None:
    written = [fields.get(name, "") for name in ("original-recipient", "final-recipient", "x-actual-recipient")]
    addresses = [one for one in map(_recipient, written) if one]
    if not addresses:
        return None
    status = words.STATUS.search(fields.get("status", ""))
    diagnostic = words.STATUS.search(fields.get("diagnostic-code", ""))
    chosen = status[0] if status else ""
    if diagnostic and chosen[2:] in ("0.0", ""):
        chosen = diagnostic[0]
    action = fields.get("action", "").strip().lower().partition(" ")[0]
    return BounceRecipient(addresses[0], chosen, re.sub(r"[^a-z]", "", action))


def _recipient(value: str) -> str:
    """Read `rfc822; name@host`, also with brackets, quotes or no type."""
    value = value.rpartition(";")[2]
    found = words.ADDRESS.search(value)
    return spell_address(found[0].strip("<>'\"")) if found else ""


def _failed(found: list[BounceRecipient]) -> list[BounceRecipient]:
    return [one for one in found if one.action not in words.GOOD_ACTIONS]


def _of_headers(root: Part) -> list[BounceRecipient]:
    value = ",".join(root.head.all("x-failed-recipients"))[:5_000]
    found = [spell_address(one) for one in words.ADDRESS.findall(value)]
    return [BounceRecipient(one) for one in found if one]


def _of_prose(prose: str, own: set[str]) -> list[BounceRecipient]:
    """Find the failed addresses of a report that only talks."""
    cut = words.ORIGINAL_BEGINS.search(prose)
    prose = prose[: cut.start()] if cut and cut.start() > 40 else prose
    for pattern in (words.NAMED_ADDRESS, words.LINE_ADDRESS, words.ADDRESS):
        addresses = []
        for found in pattern.finditer(prose[:20_000]):
            address = spell_address(found[found.lastindex or 0].strip("<>'\".,;:()"))
            if address and address not in own and not words.DAEMON.search(address):
                addresses.append(address)
        if addresses:
            limit = 1 if pattern is words.ADDRESS else RECIPIENTS_MAX
            return [BounceRecipient(one) for one in dict.fromkeys(addresses)][:limit]
    return []


def _with_status(found: list[BounceRecipient], prose: str) -> list[BounceRecipient]:
    """Fill in what only the prose states: the code nearest behind the address, else the first."""
    return [BounceRecipient(one.address, _status(one, prose), one.action) for one in found]


def _status(one: BounceRecipient, prose: str) -> str:
    if one.status and not one.status.endswith(".0.0"):
        return one.status
    place = prose.find(one.address)
    near = words.STATUS_IN_PROSE.search(prose, place, place + 500) if place >= 0 else None
    said = near or words.STATUS_IN_PROSE.search(prose)
    if said and (not one.status or said[1][0] == one.status[0]):
        return said[1]
    code = words.REPLY_CODE.search(prose)
    return one.status or (f"{code[1][0]}.0.0" if code else "")


def _is_permanent(found: list[BounceRecipient], prose: str) -> bool:
    actions = {one.action for one in found if one.action}
    if actions == {"delayed"}:
        return False
    statuses = [one.status for one in found if one.status]
    if statuses:
        return any(status.startswith("5") for status in statuses) or "failed" in actions
    return "failed" in actions or not words.TEMPORARY.search(prose[:4_000])


def _original_id(root: Part, prose: str, limits: Limits) -> str:
    """Return the Message-ID of the mail that bounced, '' when the report does not hold it."""
    for part in root.walk():
        if part.content_type in _ORIGINAL_TYPES:
            head, _ = headers.split(part.data[:200_000].lstrip(b"\r\n"), limits)
            if found := headers.message_ids(head.get("message-id")):
                return found[0]
    stated = words.MESSAGE_ID.search(prose)
    if stated:
        return stated[1]
    return next(iter(headers.message_ids(root.head.get("in-reply-to"))), "")


def _own_addresses(root: Part) -> set[str]:
    values = [root.head.get(name) for name in ("from", "to", "delivered-to", "return-path", "reply-to")]
    return {spell_address(one) for value in values for one in words.ADDRESS.findall(value[:5_000])}


def _distinct(found: list[BounceRecipient]) -> list[BounceRecipient]:
    return list({one.address: one for one in reversed(found)}.values())[::-1]


def _flat(value: str) -> str:
    return re.sub(r"[\s\"']", "", value[:2_000]).lower()
