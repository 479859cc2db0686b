"""What an administrator tries on a channel: whether its account works, and a message to themselves. Never in a
transaction: each waits for a provider."""

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agents import audit
from agents.models import Agent, Workspace
from channels_app.keeping import THING
from channels_app.models import Channel
from customers.models import Identity
from customers.normalise import normalise
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Outbound, OutboundRecipient, SendError


class NotSent(Exception):
    """It was not even tried; a sentence for people."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. words: the provider's refusal as a sentence, '' when it took it; code: in its own words."""

    words: str = ""
    code: str = ""
    external_id: str = ""
    may_have_arrived: bool = False


def check(channel: Channel) -> Tried:
    """Ask whether the account works; one that was down is in use again when it does."""
    try:
        channel.adapter.check(channel)
    except SendError as error:
        return _refused(error)
    Channel.objects.filter(pk=channel.pk, state=Channel.State.DOWN).update(
        state=Channel.State.ACTIVE, down_since=None, down_reason=""
    )
    return Tried()


def connect(channel: Channel, *, is_on: bool, by: Agent) -> Tried:
    """Let the provider call us, or call us no more."""
    act = channel.adapter.connect if is_on else channel.adapter.disconnect
    try:
        act(channel)
    except SendError as error:
        return _refused(error)
    audit.changed(by, THING, {"channel": channel.name}, {"act": "connected" if is_on else "disconnected"})
    return Tried()


def send(channel: Channel, to: str, text: str, *, by: Agent) -> Tried:
    """Send a message of one piece straight away, past all timelines. Raises NotSent."""
    party = _party(channel, to)
    key = str(uuid.uuid4())
    outbound = Outbound(
        idempotency_key=key, thread_key=channel.adapter.new_thread_key() or party.value,
        recipients=(OutboundRecipient("to", party, 0),), text=text, subject=_("Test message"), sender_name=by.name,
        language=by.language, piece_key=key, window="open",
    )  # fmt: skip
    audit.changed(by, THING, {"channel": channel.name}, {"act": "tried"})
    try:
        sent = channel.adapter.send(channel, outbound)
    except SendError as error:
        return _refused(error)
    failed = next((part for part in sent.parts if part.state == "failed"), None)
    if failed is not None:
        return Tried(_(failed.error) if failed.error else _("The provider does not take it."), failed.error_code)
    return Tried(external_id=sent.external_id)


def _party(channel: Channel, to: str) -> Party:
    if Workspace.held().exists():
        raise NotSent(_("This desk was restored from a backup and its outbox is held."))
    kind, realm = channel.identity_kind, channel.adapter.realm_of(channel.config)
    try:
        value = normalise(kind, to)
    except ValueError as error:
        raise NotSent(str(error)) from error
    if Identity.objects.filter(kind=kind, value=value).exclude(opted_out_at=None).exists():
        raise NotSent(_("Whoever this is does not want to be written to."))
    return Party(kind=kind, value=value, realm=realm, as_written=to)


def _refused(error: SendError) -> Tried:
    return Tried(_(error.message), error.provider_code or error.code, may_have_arrived=error.maybe_sent)
