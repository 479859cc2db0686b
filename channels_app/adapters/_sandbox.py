"""What a kind of channel must know to be played by the desk itself: its provider's bodies, signatures and answers.

adapters/<kind>/sandbox.py has `simulator`, an instance of a class derived from Simulator. channels_app/sandbox/ keeps
what was sent, lets time pass and posts the webhooks; here is only what differs from provider to provider.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpdesk.lib.events import Event
from helpdesk.lib.http import Answer, Ask

if TYPE_CHECKING:
    from channels_app.models import Channel


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request as the provider would make it. path: what follows the channel's own address ('' mostly)."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    path: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class PlayedMessage:
    """Something the channel sent to a customer. details: files, template, buttons; plain JSON."""

    external_id: str
    recipient: str
    text: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Played:
    """The provider's answer, and what reached a customer by it."""

    answer: Answer
    sent: tuple[PlayedMessage, ...] = ()


def typed_name(channel: "Channel", person: str) -> str:
    """Return the name that was typed for a played customer; '' where none was."""
    names = channel.play.get("names")
    return str(names.get(person, "")) if isinstance(names, dict) else ""


class Simulator:
    """Plays one kind's provider. Written apart from the adapter: it reads what is sent as the provider would.

    kinds: which events a customer can cause (EventKind values), in the order they are offered.
    faults: which troubles can be asked for; generic words: throttled, window_closed, opted_out, credentials,
    rejected_recipient, provider_error. files: which a customer can send, as EventFile.type has them, and voice.
    statuses: the words for `webhook` of delivered and read, if there are any; '' for one that is not told.
    """

    kinds: tuple[str, ...] = ("message",)
    faults: tuple[str, ...] = ("throttled", "provider_error", "credentials", "rejected_recipient")
    statuses: tuple[str, ...] = ()
    files: tuple[str, ...] = ("image", "voice", "video", "file", "sticker", "location", "contact")

    def webhook(self, channel: "Channel", event: Event) -> Webhook:
        """Write an event as the provider's request, signed with the channel's secret. Raises ValueError."""
        raise NotImplementedError

    def answer(self, channel: "Channel", ask: Ask, fault: str = "") -> Played:
        """Answer a request of the adapter's as the provider would; with the provider's own error for a fault."""
        raise NotImplementedError
