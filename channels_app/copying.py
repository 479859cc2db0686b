"""A copy of a chat for whoever had it: as words for a file, or as a mail that can be answered.

What may stand in it the caller says (conversations/visiting.py). A mail is an answer of the conversation like others.
"""

import zoneinfo
from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.models import Channel
from conversations import timeline
from conversations.locks import lock_customer
from conversations.models import Conversation, Entry, Message, Participant
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib.outbound import Route

# Of a longer chat the newest; a copy says how much that is.
MOST = 500


def zone_of(name: object) -> str:
    """Return a time zone's name if it is one; else the desk's own."""
    is_one = isinstance(name, str) and name in zoneinfo.available_timezones()
    return str(name) if is_one else timezone.get_default_timezone_name()


def as_text(entries: Sequence[Entry], brand: str, zone: str) -> str:
    """Return a chat as words, oldest first, in the language that is spoken."""
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        return render_to_string("channels_app/_copy.txt", _context(entries, brand, zone)).strip() + "\n"


def mail(conversation: Conversation, mailbox: Channel, entries: Sequence[Entry], to: Identity, zone: str) -> Entry:
    """Put the mail on the timeline: who asked, where it goes and of how much. Raises NoWay. Takes the customer's lock.

    An address that is somebody else's takes part from then on, so that the mail can be answered; nobody becomes one
    person by it. The words themselves are written when it leaves: what was deleted until then is not in them.
    """
    brand, n = conversation.brand.name, len(entries)
    with lock_customer(conversation) as (customer, locked):
        if to.customer_id != customer.pk:
            Participant.objects.get_or_create(conversation=locked, identity=to)
        words = ngettext(
            "A copy of the chat for %(address)s, as you asked there: %(n)d message.",
            "A copy of the chat for %(address)s, as you asked there: %(n)d messages.",
            n,
        )
        route = Route(
            channel_id=mailbox.pk, identity_id=to.pk, subject=_("Your chat with %(brand)s") % {"brand": brand}
        )
        text = words % {"address": to.value, "n": n}
        entry = locked.reply(by=None, text=text, to=route, follows=tuple(one.pk for one in entries))
        how = {"zone": zone, "language": translation.get_language()}
        timeline.touch(entry, data={**entry.data, "copy": how})
    return entry


def words_of(mail: Message) -> tuple[str, str]:
    """Return the mail as it leaves, in words and as HTML, in the language in which it was asked for."""
    data, conversation = mail.entry.data, mail.entry.conversation
    rows = Entry.objects.filter(pk__in=data["follows"]).select_related("by", "message").prefetch_related("attachments")
    entries = list(rows.order_by("occurred_at", "pk"))
    if not entries or conversation is None:
        return mail.text, ""
    zone = zone_of(data["copy"].get("zone"))
    with translation.override(data["copy"].get("language")), timezone.override(zoneinfo.ZoneInfo(zone)):
        context = {**_context(entries, conversation.brand.name, zone), "is_mail": True}
        text = render_to_string("channels_app/_copy.txt", context).strip()
        return text, render_to_string("channels_app/_copy.html", context)


def _context(entries: Sequence[Entry], brand: str, zone: str) -> dict[str, object]:
    lines = [(entry, entry.message, entry.read(entry.message.text)) for entry in entries]
    return {"lines": lines, "brand": brand, "zone": zone, "at": clock.now(), "is_cut": len(entries) >= MOST}
