"""How a channel is: what came and went last, how much failed, what ends soon. Read when somebody looks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from channels_app.adapters._base import Adapter
from channels_app.models import Channel, RawEvent
from conversations.models import Delivery
from helpdesk.lib import clock

if TYPE_CHECKING:
    from django.utils.functional import Promise

State = Delivery.State
SINCE = timedelta(hours=24)
# The newest of a day are enough for a share.
COUNTED_MAX = 1_000
FAILED = {State.FAILED, State.UNKNOWN}
UNDER_WAY = {State.QUEUED, State.RETRY, State.SENDING, State.CANCELLED}
SENDS_MIN, SHARE_MAX = 10, 0.2
ENDS_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the last day's sends have an end, and how many of these failed or may have."""

    ended: int = 0
    failed: int = 0

    @property
    def percent(self) -> int:
        """The failed ones among a hundred."""
        return round(100 * self.failed / self.ended) if self.ended else 0

    @property
    def is_bad(self) -> bool:
        """Whether so many fail that somebody should look."""
        return self.ended >= SENDS_MIN and self.failed / self.ended > SHARE_MAX


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a channel. word and tone: all of it in a word."""

    word: "str | Promise"
    tone: str
    last_in: datetime | None
    last_out: datetime | None
    share: Share
    waiting_since: datetime | None
    warnings: list[str] = field(default_factory=list)


def of(channel: Channel) -> Health:
    """Look how a channel is: four short questions."""
    share, warnings = share_of(channel), warnings_of(channel)
    word, tone = _word(channel, share, warnings)
    return Health(word, tone, _last_in(channel), _last_out(channel), share, _waiting_since(channel), warnings)


def share_of(channel: Channel) -> Share:
    """Count the ends of what was sent in the last day, of the newest thousand at most."""
    newest = Delivery.objects.filter(channel=channel).order_by("-pk")
    rows = newest.values_list("state", "made_at")[:COUNTED_MAX]
    since = clock.real() - SINCE
    ended = [state for state, made_at in rows if made_at >= since and state not in UNDER_WAY]
    return Share(len(ended), sum(state in FAILED for state in ended))


def warnings_of(channel: Channel) -> list[str]:
    """Return what the provider warned of, and what the last collection of mail met."""
    found = channel.health.get("warnings") or []
    rows = [str(one.get("text", "")) if isinstance(one, dict) else str(one) for one in found]
    return [row for row in [*rows, str(channel.health.get("poll_error") or "")] if row]


def ends_soon(channel: Channel) -> bool:
    """Whether what the provider lets us in with ends within a week, or has ended."""
    return channel.access_until is not None and channel.access_until - clock.real() < ENDS_SOON


def waits_for_first_call(channel: Channel) -> bool:
    """Whether its provider calls us and has not done so yet."""
    return channel.called_at is None and is_called(channel.adapter)


def is_called(adapter: Adapter) -> bool:
    """Whether providers of this kind call an address of ours, as its steps of set-up say."""
    return any("{webhook}" in str(step) for step in adapter.setup_steps) or adapter.connects_itself


def _word(channel: Channel, share: Share, warnings: list[str]) -> "tuple[str | Promise, str]":
    if channel.state == Channel.State.PAUSED:
        return _("Paused"), ""
    if channel.state == Channel.State.DOWN:
        return _("Down"), "bad"
    if ends_soon(channel):
        return _("Log-in ends soon"), "warn"
    if share.is_bad:
        return _("Much fails"), "warn"
    if warnings:
        return _("Has warnings"), "warn"
    if waits_for_first_call(channel):
        return _("Waits for its provider"), "info"
    return _("Works"), "ok"


def _last_in(channel: Channel) -> datetime | None:
    newest = RawEvent.objects.filter(channel=channel).order_by("-received_at")
    return newest.values_list("received_at", flat=True).first()


def _last_out(channel: Channel) -> datetime | None:
    newest = Delivery.objects.filter(channel=channel).exclude(sent_at=None).order_by("-pk")
    return newest.values_list("sent_at", flat=True).first()


def _waiting_since(channel: Channel) -> datetime | None:
    due = Delivery.objects.filter(channel=channel, state__in=[State.QUEUED, State.RETRY], next_try_at__lte=clock.real())
    return due.order_by("next_try_at").values_list("next_try_at", flat=True).first()
