"""Addresses of files that a browser fetches by itself: good for one visitor, one file and an hour at most.

A picture's address cannot carry the visitor's token, which never stands in an address; so each is signed.
"""

import hmac
from dataclasses import dataclass

from django.urls import reverse
from django.utils.crypto import salted_hmac

from channels_app.models import Channel, Visitor
from helpdesk.lib import clock

SALT = "widget.files"
# Two halves of an hour at most: within one half an address stays the same, so that a browser need not fetch it anew.
STEP_SECONDS = 1_800
SMALL, SHOWN, SAVED = "small", "shown", "saved"
WAYS = (SMALL, SHOWN, SAVED)
LEAVE_MAX = 120
NUMBER_MAX = 18


@dataclass(frozen=True, slots=True)
class Leave:
    """What an address allows: to whom, how (small, shown, saved), and whether that is over."""

    visitor: int
    way: str
    is_over: bool


def ends() -> int:
    """Return until when an address made now is good, in seconds since 1970."""
    return (int(clock.real().timestamp()) // STEP_SECONDS + 2) * STEP_SECONDS


def address(channel: Channel, visitor: Visitor, file: int, way: str) -> str:
    """Make the address by which this visitor's browser fetches a file."""
    until = ends()
    leave = f"{way}-{visitor.pk}-{until}-{_sign(channel, visitor.pk, file, way, until)}"
    return reverse("widget_file", args=[channel.public_key, file, leave])


def read(channel: Channel, file: int, leave: str) -> Leave | None:
    """Return what an address allows; None where it was not made here, or for something else."""
    parts = leave.split("-") if len(leave) <= LEAVE_MAX else []
    if len(parts) != 4 or parts[0] not in WAYS or not all(map(_is_number, parts[1:3])):
        return None
    visitor, until = int(parts[1]), int(parts[2])
    if not hmac.compare_digest(_sign(channel, visitor, file, parts[0], until).encode(), parts[3].encode()):
        return None
    return Leave(visitor, parts[0], is_over=clock.real().timestamp() >= until)


def _sign(channel: Channel, visitor: int, file: int, way: str, until: int) -> str:
    said = f"{channel.pk}.{visitor}.{file}.{way}.{until}"
    return salted_hmac(SALT, said, algorithm="sha256").hexdigest()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= NUMBER_MAX
