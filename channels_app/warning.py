"""Tells whoever looks after the channels that one is in trouble: by mail at once, and on their pages while it lasts."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.permissions import can
from channels_app import health
from channels_app.models import Channel
from helpdesk.lib import clock
from helpdesk.lib.advisory import Space, Sweep, only_one

log = logging.getLogger(__name__)

DOWN, ACCESS, ERRORS = "down", "access", "errors"


def sweep() -> int:
    """Look at every channel, note what is new and write of it; return how many mails left. Waits for the mail server.

    Noted first, in a transaction of its own: of one trouble is written once, whoever looks how often.
    """
    with only_one(Space.SWEEPS, Sweep.CHANNELS) as is_me:
        new = [(row, what) for row in _looked_after() for what in _note(row)] if is_me else []
    return sum(_write(row, what) for row, what in new)


def in_trouble() -> list[Channel]:
    """Return the channels that somebody should look at; the newest trouble of all first."""
    rows = Channel.objects.filter(Q(state=Channel.State.DOWN) | ~Q(troubles={}))
    return [row for row in rows.order_by("-down_since", "pk") if row.state != Channel.State.PAUSED]


def sentence(channel: Channel) -> str:
    """Say what is wrong with a channel in trouble."""
    if channel.state == Channel.State.DOWN:
        return _("A channel is down")
    return _words(next(iter(channel.troubles), ERRORS))


def _looked_after() -> list[Channel]:
    return list(Channel.objects.select_for_update(no_key=True).order_by("pk"))


def _note(channel: Channel) -> list[str]:
    """Keep what is wrong now; return what was not before."""
    found, now = _troubles(channel), clock.real().isoformat()
    new = [what for what in found if what not in channel.troubles]
    troubles = {what: channel.troubles.get(what, now) for what in found}
    if troubles != channel.troubles:
        Channel.objects.filter(pk=channel.pk).update(troubles=troubles)
        channel.troubles = troubles
    return new


def _troubles(channel: Channel) -> list[str]:
    if channel.state == Channel.State.PAUSED:
        return []
    questions: dict[str, bool] = {
        DOWN: channel.state == Channel.State.DOWN,
        ACCESS: health.ends_soon(channel),
        ERRORS: health.share_of(channel).is_bad,
    }
    return [what for what, is_so in questions.items() if is_so]


def _write(channel: Channel, what: str) -> int:
    people = [agent for agent in Agent.objects.people().order_by("pk") if can(agent, "administer")]
    try:
        return int(get_connection().send_messages([_mail(channel, what, agent) for agent in people]) or 0)
    except (OSError, smtplib.SMTPException):
        # The bar on their pages says it too.
        log.warning("Administrators could not be written to", extra={"channel": channel.pk})
        return 0


def _mail(channel: Channel, what: str, agent: Agent) -> EmailMessage:
    with translation.override(agent.language):
        name = " ".join(channel.name.split())
        subject = f"{_words(what)}: {name}"
        said = [name, _advice(channel, what), settings.PUBLIC_URL + reverse("channel_one", args=[channel.pk])]
        text = "\n\n".join(said) + "\n"
    return EmailMessage(subject, text, to=[agent.email])


def _words(what: str) -> str:
    if what == DOWN:
        return _("A channel is down")
    return _("A channel's log-in ends soon") if what == ACCESS else _("Much of what a channel sends fails")


def _advice(channel: Channel, what: str) -> str:
    if what == DOWN:
        reason = _(channel.down_reason) if channel.down_reason else ""
        return f"{reason} {_('Replies wait and leave once it is connected again.')}".strip()
    if what == ACCESS:
        return _("Connect it again at the provider before that, or nothing will leave through it.")
    return _("More than one send in five of the last day failed. Its page shows what the provider answered.")
