"""Where a page of a list begins: a time and a primary key, written so that it fits into an address."""

import base64
import binascii
from datetime import datetime


def pack(at: datetime | None, pk: int) -> str:
    """Name a place. at: None for rows that have no time."""
    return base64.urlsafe_b64encode(f"{at.isoformat() if at else ''}|{pk}".encode()).decode().rstrip("=")


def unpack(cursor: str) -> tuple[datetime | None, int] | None:
    """Return the sort key and primary key of a cursor; None for none or for nonsense."""
    try:
        at, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        return (datetime.fromisoformat(at) if at else None), int(pk)
    except (ValueError, binascii.Error):
        return None
