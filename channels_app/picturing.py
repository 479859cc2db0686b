"""Fetching the picture that a provider tells of somebody: through the door that files have, and only drawn small."""

from django.db import transaction

from agents.models import Workspace
from channels_app.models import Channel
from conversations import live
from conversations.files import bytes_of, drawing
from conversations.locks import lock_customer_row
from conversations.models import Blob, Picture
from customers.models import Identity
from helpdesk.lib import clock
from helpdesk.lib import files as kinds
from helpdesk.lib.events import EventFile
from helpdesk.lib.outbound import MediaGone, ProviderProfile, SendError

# Twice as many dots as are shown, for sharp screens.
SIDE = 96
MAX_BYTES = 5 * 1024 * 1024


def is_wanted(channel: Channel) -> bool:
    """Whether this channel's provider tells pictures and the workspace wants them."""
    return channel.adapter.tells_pictures and Workspace.get().fetches_pictures


def fetch(channel: Channel, identity: Identity, found: ProviderProfile) -> bool:
    """Fetch a picture and keep it small; return whether it is here. Never in a transaction, once and no more."""
    if not (found.picture_url or found.picture_ref):
        return False
    try:
        asked = EventFile(type="image", ref=found.picture_ref, url=found.picture_url)
        content = channel.adapter.fetch_media(channel, asked).content
    except (MediaGone, SendError):
        # What was asked stands in the channel's log. A picture is no reason to trouble anybody.
        return False
    drawn = drawing.draw(content, kinds.type_of(content), square=SIDE) if len(content) <= MAX_BYTES else None
    return drawn is not None and _keep(identity, drawn.thumbnail)


def _keep(identity: Identity, small: bytes) -> bool:
    with transaction.atomic():
        customer = lock_customer_row(identity.customer_id)
        # An address that was taken away meanwhile gets no picture.
        if not Identity.objects.select_for_update(no_key=True).filter(pk=identity.pk).exists():
            return False
        before = list(Picture.objects.filter(identity=identity).values_list("blob_id", flat=True))
        fields = {"blob_id": Blob.keep(small), "fetched_at": clock.real()}
        Picture.objects.update_or_create(identity_id=identity.pk, defaults=fields)
        bytes_of.forget_unused(before)
        live.moved(customer.pk)
    return True
