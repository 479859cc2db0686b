"""What every kind of channel offers. Generic code speaks only to this."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._sandbox import Simulator
from helpdesk.lib.events import Event, EventFile
from helpdesk.lib.inbound import Inbound, Party, RawInput
from helpdesk.lib.markup import Rendered
from helpdesk.lib.outbound import (
    Capabilities,
    Hop,
    Media,
    MediaGone,
    Outbound,
    ProviderProfile,
    ProviderTemplate,
    Sent,
)
from helpdesk.lib.whereabouts import Whereabouts

if TYPE_CHECKING:
    from channels_app.models import Channel, RawEvent
    from conversations.models import Message
    from customers.models import Identity


class Adapter:
    """One kind of channel. Subclasses live in adapters/<kind>/adapter.py as `adapter = …()`.

    kind: the folder's name; label: shown to people; icon: a glyph of the sprite and a dye of
    tokens.css (`data-ch`); identity_kind: the kind of Identity its messages come from. A kind of
    several faces answers these three per channel (`look_in`, `label_of`, `identity_kind_of`).
    """

    kind: ClassVar[str]
    label: ClassVar["str | Promise"]
    icon: ClassVar[str]
    identity_kind: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    ConfigForm: ClassVar[type[forms.Form]]
    # What an administrator does at the provider, in order; sentences. Where one ends with a colon and {webhook} or
    # {verify_token}, the value is shown there to be copied; {webhook}more is an address below ours.
    setup_steps: ClassVar[tuple["str | Promise", ...]] = ()
    # Whether anybody outside calls an address of this kind's channels.
    has_webhook: ClassVar[bool] = True
    # Where that is done.
    setup_place: ClassVar["str | Promise"] = _("At the provider")
    # Whether the provider asks for a token of our choice when it calls for the first time.
    has_verify_token: ClassVar[bool] = False
    # One sentence for whoever chooses a kind: what it is and what is needed.
    about: ClassVar["str | Promise"] = ""
    # Whether a sender may be somebody else than the message says: then it is asked what to do with them.
    may_be_unproven: ClassVar[bool] = False
    # Whether set-up can be done by calling `connect`.
    connects_itself: ClassVar[bool] = False
    # Whether `profile` tells a picture too: asked then of whoever writes first, whether or not the message names them.
    tells_pictures: ClassVar[bool] = False

    def snippet_of(self, channel: "Channel") -> str:
        """Return what is pasted into somebody's pages ({snippet} of the steps); '' where nothing is."""
        return ""

    def look_in(self, config: dict[str, Any]) -> str:
        """Name the face that a configuration chose (a glyph); Channel.look keeps it. '': there is only one."""
        return ""

    def label_of(self, channel: "Channel") -> "str | Promise":
        """Return the word of a channel's face."""
        return self.label

    def identity_kind_of(self, channel: "Channel") -> str:
        """Return which kind of Identity writes to this channel."""
        return self.identity_kind

    def capabilities_of(self, channel: "Channel") -> Capabilities:
        """Return what one channel can do, where its configuration decides."""
        return self.capabilities

    def realm_of(self, config: dict[str, Any]) -> str:
        """Name the account within which ids of people mean something; '' where they mean the same everywhere."""
        return ""

    def realms_of(self, config: dict[str, Any]) -> tuple[str, ...]:
        """Name the realms of the people whom a channel can write to; mostly its own alone."""
        return (self.realm_of(config),)

    def party_of(self, event: Event, channel: "Channel") -> Party:
        """Say who the customer of an event is."""
        return Party(
            kind=self.identity_kind_of(channel),
            value=event.customer_id,
            realm=self.realm_of(channel.config),
            name=event.sender_name if event.direction == "in" else "",
        )

    def name_of(self, event: Event, external_id: str) -> str:
        """Spell a message id of an event so that it is unique within the channel.

        For providers that count messages within a chat; SentPart.external_id is spelled so too.
        """
        return external_id

    def handshake(self, request: HttpRequest, channel: "Channel") -> HttpResponse | None:
        """Answer a provider that asks whether we are there, before anything is signed; None: it does not ask."""
        return None

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Raise InvalidSignature unless the provider signed these bytes.

        Read `request.body` first, never `request.POST`; compare in constant time; where the address is signed, use
        `channels_app.addresses.called(request, channel)`, never the Host header. Two secrets may be valid at once.
        """
        raise NotImplementedError

    def answer(self, request: HttpRequest, channel: "Channel") -> HttpResponse | None:
        """Answer a signed request that is nothing to keep; None: keep it."""
        return None

    def taken(self) -> HttpResponse:
        """Return what the provider wants to hear when a delivery was stored."""
        return HttpResponse(status=200)

    def stored(self, channel: "Channel", event: "RawEvent", request: HttpRequest) -> HttpResponse:
        """Return what the caller wants to hear of a stored delivery, where that depends on the channel or the delivery.

        event: the first of its name, so that a repeated delivery is answered as the first one was.
        """
        return self.taken()

    def dedupe_key(self, raw: RawInput) -> str:
        """Name the delivery so that a repeated one gets the same name (at most 200 characters)."""
        raise NotImplementedError

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Understand the bytes. Pure. Raises Malformed."""
        raise NotImplementedError

    def complete(self, channel: "Channel", event: Event) -> Event:
        """Ask the provider for what a webhook left out; called by the worker after `parse`, before anything is locked.

        Raises SendError: one that may pass lets the delivery be tried again.
        """
        return event

    def new_thread_key(self) -> str:
        """Return a fresh key for a thread that begins here; '' where the provider names threads."""
        return ""

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Hand one message to the provider. Raises SendError. Never inside a transaction."""
        raise NotImplementedError

    def fetch(self, channel: "Channel") -> int:
        """Collect what waits at the provider through intake.store; return how many."""
        return 0

    def check(self, channel: "Channel") -> None:
        """Raise SendError when the account does not work."""

    def fetch_media(self, channel: "Channel", file: EventFile) -> Media:
        """Fetch what came with a message. Raises MediaGone, SendError (retryable or not). Never in a transaction."""
        raise MediaGone("This channel has no files to fetch.")

    def profile(self, channel: "Channel", party: Party) -> ProviderProfile | None:
        """Ask the provider who somebody is; None where it does not say. Raises SendError."""
        return None

    def templates(self, channel: "Channel") -> list[ProviderTemplate]:
        """Return all approved texts. Raises SendError."""
        return []

    def connect(self, channel: "Channel") -> None:
        """Tell the provider to call us. Raises SendError."""

    def disconnect(self, channel: "Channel") -> None:
        """Tell the provider to call us no more. Raises SendError."""

    def refresh(self, channel: "Channel") -> None:
        """Renew a token that expires, if its time has come; saves the channel. Raises SendError."""

    def react(self, channel: "Channel", party: Party, external_id: str, emoji: str) -> None:
        """Put a sign on a message, or take it away (''). Raises SendError."""
        raise NotImplementedError

    def edit(self, channel: "Channel", party: Party, external_id: str, text: str) -> None:
        """Change a message that was sent. Raises SendError."""
        raise NotImplementedError

    def edit_marked(self, channel: "Channel", party: Party, external_id: str, said: Rendered) -> None:
        """Change a message, with what is bold, a link, … in it where that goes beside the text. Raises SendError."""
        self.edit(channel, party, external_id, said.text)

    def withdraw(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Delete a message that was sent, on the other side too. Raises SendError."""
        raise NotImplementedError

    def hide(self, channel: "Channel", external_id: str, *, is_hidden: bool) -> None:
        """Hide a public comment, or show it again. Raises SendError."""
        raise NotImplementedError

    def typing(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Show that somebody types. external_id: their newest message. Raises SendError."""

    def mark_read(self, channel: "Channel", party: Party, external_id: str) -> None:
        """Say that a message of theirs was seen. Raises SendError."""

    def acknowledge(self, channel: "Channel", event_id: str) -> None:
        """Say that a press of a button came, so that whoever pressed it waits no longer. Raises SendError.

        event_id: the press's own, Event.message_id. Told once and perhaps never: nothing may depend on it.
        """

    def follow_up_after(self, channel: "Channel") -> timedelta:
        """Return how long an answer waits for a reader who has left before it goes by mail (`follows_up`)."""
        raise NotImplementedError

    def left_at(self, channel: "Channel", party: Party) -> datetime | None:
        """Return when a reader left, by the workspace's clock; None while they are here."""
        raise NotImplementedError

    def address_of(self, channel: "Channel", party: Party) -> str:
        """Return the mail address that a reader gave, spelled as identities are; '' when they gave none."""
        raise NotImplementedError

    def whereabouts(self, channel: "Channel", parties: Sequence[Party]) -> dict[str, Whereabouts]:
        """Return where readers are, by the value of their party; nothing of those of whom it is not known.

        Asked for all addresses of a customer at one go when an agent looks: one statement, however many they are.
        """
        return {}

    def readers_here(self, channel: "Channel") -> set[str]:
        """Return the values of all readers who are here now, as far as it is known without asking for each."""
        return set()

    def way_back(self, channel: "Channel", party: Party, to: "Identity", *, upto: int) -> str:
        """Return a link for a mail to `to` that leads its reader back to an entry. Opened, it proves the address."""
        raise NotImplementedError

    def hop_minutes(self, channel: "Channel") -> int:
        """Return for how many minutes a link that asks somebody over can be opened (`hosts_hop`)."""
        raise NotImplementedError

    def hop_link(self, channel: "Channel", message: "Message") -> Hop:
        """Make the one link of a message that leaves now; an earlier one of that message opens nothing any more.

        Raises SendError where that one was opened: the message has arrived.
        """
        raise NotImplementedError

    def is_confidential(self, channel: "Channel", party: Party) -> bool:
        """Whether what is said to this reader must not go by mail (`follows_up`)."""
        return False

    @property
    def simulator(self) -> Simulator | None:
        """What plays this kind's provider; None where nothing does."""
        try:
            found: Simulator = import_module(f"{type(self).__module__.rpartition('.')[0]}.sandbox").simulator
        except ModuleNotFoundError:
            return None
        return found
