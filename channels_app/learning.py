"""What is asked of providers about others: who somebody is, and which texts they approved. Never in a transaction."""

from django.db import transaction

from channels_app import picturing
from channels_app.adapters._base import Adapter
from channels_app.models import Channel, MessageTemplate
from conversations import live
from conversations.models import Message
from customers.identify import Profile, find, identify
from customers.models import Customer, Identity
from helpdesk.lib import clock
from helpdesk.lib.events import Event
from helpdesk.lib.inbound import Party
from helpdesk.lib.names import clean_name
from helpdesk.lib.outbound import ProviderProfile, ProviderTemplate, SendError
from helpdesk.lib.queue import ring

FETCH_PROFILE = "channels_app.fetch_profile"
DISPLAY_MAX = 320


def ask_for_name(channel: Channel, event: Event, outcome: str) -> None:
    """Let a worker ask the provider, after commit, for somebody whose message came without a name, or a picture."""
    if outcome != "filed" or event.direction != "in":
        return
    if channel.adapter.tells_pictures or (not event.sender_name and tells_names(channel.adapter)):
        party = channel.adapter.party_of(event, channel)
        ring(FETCH_PROFILE, channel.pk, party.kind, party.value, party.realm)


def tells_names(adapter: Adapter) -> bool:
    """Whether this kind's provider can be asked who somebody is."""
    return type(adapter).profile is not Adapter.profile


def fetch_profile(channel: Channel, party: Party) -> bool:
    """Ask who somebody is after their first message, if nobody knows; return whether something was learnt.

    Asked once: a provider that does not tell at the first message does not tell at the second.
    """
    identity = find(party.kind, party.value, realm=party.realm)
    if identity is None or _has_written_more(identity):
        return False
    is_shown = picturing.is_wanted(channel)
    if identity.customer.name and not is_shown:
        return False
    try:
        found = channel.adapter.profile(channel, party)
    except SendError:
        # What was asked stands in the channel's log. A name is no reason to trouble anybody.
        return False
    if found is None:
        return False
    is_learnt = _fill_gaps(party, found)
    return (is_shown and picturing.fetch(channel, identity, found)) or is_learnt


def sync_templates(channel: Channel) -> int:
    """Take over the provider's approved texts; one that it has no more can be used no more. Raises SendError."""
    found = {(one.name, one.language): one for one in channel.adapter.templates(channel)}
    now = clock.real()
    with transaction.atomic():
        # One at a time: two answers must not be mixed.
        Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
        for one in found.values():
            MessageTemplate.objects.update_or_create(
                channel=channel, name=one.name[:512], language=one.language[:16],
                defaults={**_fields(one), "synced_at": now},
            )  # fmt: skip
        gone = MessageTemplate.objects.filter(channel=channel, synced_at__lt=now)
        gone.update(status=MessageTemplate.Status.DISABLED)
    return len(found)


def _has_written_more(identity: Identity) -> bool:
    return Message.objects.filter(sender=identity)[:2].count() > 1


def _fill_gaps(party: Party, found: ProviderProfile) -> bool:
    with transaction.atomic():
        identity, _is_new = identify(party.kind, party.value, Profile(name=found.name), realm=party.realm)
        Customer.objects.filter(pk=identity.customer_id, language="").update(language=found.language[:8])
        shown = clean_name(found.username, DISPLAY_MAX)
        Identity.objects.filter(pk=identity.pk, display="").update(display=shown)
        live.moved(identity.customer_id, conversations=identity.customer.conversations.all())
    return bool(found.name or found.username)


def _fields(one: ProviderTemplate) -> dict[str, object]:
    status = one.status if one.status in MessageTemplate.Status.values else MessageTemplate.Status.DISABLED
    return {
        "external_id": one.external_id[:120], "body": one.body, "status": status, "category": one.category[:20],
        "header": one.header[:10], "header_text": one.header_text[:200], "footer": one.footer[:200],
        "buttons": list(one.buttons), "reason": one.reason[:500],
    }  # fmt: skip
