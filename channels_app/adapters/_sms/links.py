"""Links by which a provider fetches the files of a message."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from helpdesk.lib.outbound import Outbound, SendError

if TYPE_CHECKING:
    from channels_app.models import Channel


def public_link(channel: "Channel", outbound: Outbound, place: int) -> str:
    """Return an address by which the provider may fetch a file for a while. Raises SendError."""
    raise SendError("unsupported", _("This channel takes files only as links. Send a link to the file instead."))
