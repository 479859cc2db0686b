"""Letting a played provider call us: its request goes through the providers' own door, signature and all."""

import io
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.urls import resolve

from channels_app.adapters._sandbox import Simulator, Webhook
from channels_app.addresses import webhook_of
from channels_app.models import Channel, SandboxMessage
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventKind

State = SandboxMessage.State
# A status moves up only; failed is a provider's last word.
LADDER = (State.SENT, State.DELIVERED, State.READ)


class NotTaken(Exception):
    """What the provider would have sent cannot be sent or was not taken; a sentence for people."""


def post(channel: Channel, event: Event) -> None:
    """Let the provider tell us of an event. Outside transactions. Raises NotTaken."""
    simulator = _simulator(channel)
    try:
        webhook = simulator.webhook(channel, event)
    except ValueError as error:
        raise NotTaken(str(error)) from error
    request = _request(channel, webhook)
    # As the handler of requests does it: adapters read what follows their address from the match.
    request.resolver_match = match = resolve(request.path_info)
    answer = match.func(request, *match.args, **match.kwargs)
    if answer.status_code >= 400:
        raise NotTaken(str(answer.status_code))


def report(message: SandboxMessage, state: str) -> bool:
    """Let the provider say that a message was delivered, read or failed; return whether that was news.

    Raises NotTaken.
    """
    channel, simulator = message.channel, _simulator(message.channel)
    rows = SandboxMessage.objects.filter(pk=message.pk, state=message.state)
    # First here: whoever looks when the desk has heard of it sees it.
    if state not in offered(simulator) or not is_up(message.state, state) or not rows.update(state=state):
        return False
    try:
        post(channel, _status(message, simulator, state))
    except NotTaken:
        SandboxMessage.objects.filter(pk=message.pk, state=state).update(state=message.state)
        raise
    return True


def offered(simulator: Simulator) -> tuple[str, ...]:
    """Return what this provider says of messages: nothing where it sends no statuses."""
    told = tuple(state for state, word in zip(LADDER[1:], simulator.statuses, strict=False) if word)
    return (*told, State.FAILED) if told else ()


def _status(message: SandboxMessage, simulator: Simulator, state: str) -> Event:
    # The provider's own word for it.
    word = dict(zip(LADDER[1:], simulator.statuses, strict=False)).get(State(state), state)
    return Event(
        EventKind.STATUS, direction="out", recipient_id=message.recipient, target_id=message.external_id, status=word,
        message_id=message.external_id, occurred_at=clock.now(),
    )  # fmt: skip


def _simulator(channel: Channel) -> Simulator:
    simulator = channel.adapter.simulator
    if simulator is None:
        raise NotTaken("This kind of channel has no sandbox.")
    return simulator


def is_up(now: str, state: str) -> bool:
    """Whether a message can get from one state to another."""
    if State.FAILED in (now, state):
        return now == State.SENT
    return LADDER.index(State(state)) > LADDER.index(State(now))


def _request(channel: Channel, webhook: Webhook) -> WSGIRequest:
    address = urlsplit(webhook_of(channel, webhook.path))
    given = {name.lower(): value for name, value in webhook.headers.items()}
    environ = {
        "REQUEST_METHOD": webhook.method, "PATH_INFO": address.path, "QUERY_STRING": webhook.query, "SCRIPT_NAME": "",
        "SERVER_NAME": address.hostname or "", "SERVER_PORT": str(address.port or 443), "HTTP_HOST": address.netloc,
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": address.scheme, "wsgi.input": io.BytesIO(webhook.body),
        "CONTENT_TYPE": given.pop("content-type", "application/json"), "CONTENT_LENGTH": str(len(webhook.body)),
    }  # fmt: skip
    return WSGIRequest(environ | {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given.items()})
