"""Links by which a provider fetches the files of a message."""

from conversations.files import links
from helpdesk.lib.outbound import OutboundFile


def public_link(file: OutboundFile) -> str:
    """Return an address by which the provider may fetch a file for a while."""
    return links.make(file, by=None)
