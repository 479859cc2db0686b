"""Codes that prove a mail address in a chat: six digits, mailed, that count once, for one browser, for ten minutes.

Whoever asks is told the same whether anybody here has that address or not, and as fast: a worker writes the mail.
A code is made when it is mailed; before and after there is no more of it than a keyed hash. What limits guessing is
counted in the database: it holds while Redis is away.
"""

import hmac
import logging
import secrets
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from agents.models import Workspace
from channels_app import following
from channels_app.models import Channel, Visitor, VisitorCode
from customers.identify import find
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundRecipient, SendError
from helpdesk.lib.queue import ring

log = logging.getLogger(__name__)

MAIL = "channels_app.mail_code"
DIGITS = 6
MINUTES = 10
TRIES = 5
PER_VISITOR, PER_ADDRESS, PER_ADDRESS_DAY = 3, 5, 10
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# A doorbell that nobody heard so long was lost.
LOST = timedelta(seconds=15)
AT_ONCE = 100
NO_DIGEST = "-" * 64


class TooMany(Exception):
    """Enough were asked for by this browser, or for this address."""


class Wrong(Exception):
    """Not the code; `left`: how often one may still try."""

    def __init__(self, left: int) -> None:
        super().__init__("This is not the code.")
        self.left = left


class Over(Exception):
    """There is no code that counts: too old, used, tried too often, or none was asked for."""


def ask(visitor: Visitor, address: str) -> None:
    """Have a code mailed to an address as it is spelled here, if somebody has it. Raises TooMany.

    A code of before counts no more. What is done here is the same for any address.
    """
    with transaction.atomic():
        # One after the other for each browser; two browsers at the same moment may both be the last for an address.
        Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk)
        now = clock.real()
        mine = VisitorCode.objects.filter(visitor=visitor)
        theirs = VisitorCode.objects.filter(address=address)
        spent = (
            mine.filter(made_at__gt=now - HOUR).count() >= PER_VISITOR,
            theirs.filter(made_at__gt=now - HOUR).count() >= PER_ADDRESS,
            theirs.filter(made_at__gt=now - DAY).count() >= PER_ADDRESS_DAY,
        )
        if any(spent):
            raise TooMany
        mine.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
        row = VisitorCode.objects.create(visitor=visitor, address=address, expires_at=now + timedelta(minutes=MINUTES))
        ring(MAIL, row.pk)


def mail(pk: int) -> bool:
    """Make a code and mail it, once; return whether it left. Nothing goes to an address that nobody here has."""
    row = VisitorCode.objects.select_related("visitor__channel__brand").get(pk=pk)
    mailbox = _mailbox(row)
    if mailbox is None:
        return False
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    rows = VisitorCode.objects.filter(pk=pk, mailed_at=None, used_at=None, expires_at__gt=clock.real())
    if not rows.update(mailed_at=clock.real(), digest=digest(row.visitor, pk, code)):
        return False
    try:
        mailbox.adapter.send(mailbox, _letter(row, mailbox, code))
    except SendError as error:
        log.warning("A code could not be mailed", extra={"code": error.code, "channel": mailbox.pk})
        if error.retryable and not error.maybe_sent:
            VisitorCode.objects.filter(pk=pk).update(mailed_at=None, digest="")
        return False
    return True


def sweep() -> int:
    """Mail what a lost doorbell left behind, and what could not leave a moment ago; return how much left."""
    now = clock.real()
    waiting = VisitorCode.objects.filter(mailed_at=None, used_at=None, expires_at__gt=now, made_at__lt=now - LOST)
    return sum(mail(pk) for pk in waiting.order_by("expires_at").values_list("pk", flat=True)[:AT_ONCE])


def take(visitor: Visitor, given: str) -> str:
    """Return the address that a code proves; from now on it counts no more. Raises Wrong, Over.

    Each try is counted before it is looked at, in one statement, so that a hundred at once are still a hundred.
    """
    now = clock.real()
    row = VisitorCode.objects.filter(visitor=visitor).order_by("-pk").first()
    if row is None or row.tries >= TRIES:
        raise Over
    rows = VisitorCode.objects.filter(pk=row.pk, used_at=None, expires_at__gt=now)
    if not rows.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        raise Over
    row.refresh_from_db()
    if not hmac.compare_digest(row.digest or NO_DIGEST, digest(visitor, row.pk, given)):
        raise Wrong(max(0, TRIES - row.tries))
    if not rows.update(used_at=now):
        raise Over
    return row.address


def digest(visitor: Visitor, pk: int, code: str) -> str:
    """Return what is kept of a code: of use to nobody without the desk's secret, nor in another browser."""
    return salted_hmac(f"widget code {visitor.key} {pk}", code, algorithm="sha256").hexdigest()


def _mailbox(row: VisitorCode) -> Channel | None:
    """Return the mailbox that mails a code; None where nothing is to be mailed."""
    identity = find(Identity.Kind.EMAIL, row.address)
    if identity is None or identity.opted_out_at is not None or Workspace.held().exists():
        return None
    mailbox = following.by_brand().get(row.visitor.channel.brand_id)
    return Channel.objects.get(pk=mailbox.pk) if mailbox is not None else None


def _letter(row: VisitorCode, mailbox: Channel, code: str) -> Outbound:
    visitor = row.visitor
    language = visitor.language if translation.check_for_language(visitor.language or "-") else None
    with translation.override(language or visitor.channel.brand.language):
        context = {"code": code, "minutes": MINUTES, "brand": visitor.channel.brand.name}
        subject = _("%(code)s is your code for the chat with %(brand)s") % context
        text = render_to_string("channels_app/_code.txt", context).strip()
        html = render_to_string("channels_app/_code.html", context)
    party = Party(kind=Identity.Kind.EMAIL, value=row.address)
    return Outbound(
        idempotency_key=str(uuid.uuid4()), thread_key=mailbox.adapter.new_thread_key() or row.address,
        recipients=(OutboundRecipient("to", party, 0),), text=text, html=html, subject=subject,
        language=visitor.language, written_by_person=False,
    )  # fmt: skip
