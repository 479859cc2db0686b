"""Changing what was said, where the channel can: a sign on a message, another text, taking it away on the other side.

It shows at once and is asked for afterwards; what the provider refuses is put back, and the entry says so. Only the
hiding of a public comment is told as under way until it is done: until then everybody reads it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from agents.models import Agent
from conversations import replying, timeline
from conversations.locks import lock_customer
from conversations.models.amendment import Amendment
from conversations.models.delivery import Delivery, DeliveryPart
from conversations.models.entry import Entry
from conversations.models.message import Message, MessageVersion, Reaction
from conversations.replying import NoWay
from conversations.searching import filling
from helpdesk.lib import clock, pieces
from helpdesk.lib.events import EventKind
from helpdesk.lib.outbound import Capabilities
from helpdesk.lib.queue import ring

AMEND = "channels_app.amend"
EMOJI_MAX = 32
ARRIVED = (Delivery.State.SENT, Delivery.State.DELIVERED, Delivery.State.READ)
CANNOT = _("This cannot be changed on its channel.")
GONE = _("This message was removed.")
EMPTY = _("There is nothing to send.")
TOO_LONG = _("The text is too long for this channel.")
UNDER_WAY = (Amendment.State.WAITING, Amendment.State.ASKING)
HIDINGS = (Amendment.Act.HIDE, Amendment.Act.SHOW)


@dataclass(frozen=True, slots=True)
class Possible:
    """What can be done with a message on its channel."""

    react: bool = False
    edit: bool = False
    withdraw: bool = False
    hide: bool = False
    show: bool = False

    def __bool__(self) -> bool:
        return any((self.react, self.edit, self.withdraw, self.hide, self.show))


NOTHING = Possible()


def possible_with(message: Message) -> Possible:
    """Say what an agent may offer for a message, from what its page has read already; the act itself looks closer."""
    able: Capabilities = message.channel.capabilities
    if message.deleted_at is not None or not message.external_id:
        return NOTHING
    if message.is_inbound:
        is_public, is_hidden = able.has_hiding and _is_comment(message.entry), _looks_hidden(message.entry)
        return Possible(able.has_reactions, hide=is_public and not is_hidden, show=is_public and is_hidden)
    if not any(row.state in ARRIVED for row in message.deliveries.all()):
        return NOTHING
    is_short = pieces.fits(message.text, able, is_marked=message.entry.is_marked)
    is_one_text = bool(message.text and not message.template and is_short and not message.entry.data.get("hop"))
    return Possible(able.has_reactions, able.has_edits and is_one_text, able.has_deletes)


def react(entry: Entry, emoji: str, *, by: Agent) -> Amendment:
    """Put a sign on a message, or take one's own away (''). Raises NoWay. Takes the customer's lock."""
    with _message(entry) as message:
        _insist(possible_with(message).react)
        mine = Reaction.objects.filter(message=message, by=by)
        before = list(mine.values_list("emoji", flat=True))
        mine.delete()
        if emoji:
            Reaction.objects.create(message=message, by=by, emoji=emoji[:EMOJI_MAX], at=clock.now())
        return _queue(message, Amendment.Act.REACT, emoji[:EMOJI_MAX], {"emoji": before}, by)


def edit_sent(entry: Entry, text: str, *, by: Agent) -> Amendment:
    """Change the text of a message that was sent. Raises NoWay. Takes the customer's lock."""
    with _message(entry) as message:
        part = _spoken(_arrived(message))
        _insist(possible_with(message).edit and part is not None)
        assert part is not None
        said = _fitting(text, message.channel.capabilities, part)
        MessageVersion.objects.create(message=message, text=message.text, html=message.html, at=clock.now())
        before = {"text": message.text, "html": message.html, "edited_at": plain(message.edited_at),
                  "marked": message.entry.is_marked}  # fmt: skip
        _say(message, said, part, is_marked=True)
        return _queue(message, Amendment.Act.EDIT, said, before, by)


def withdraw(entry: Entry, *, by: Agent) -> Amendment:
    """Take a message away, on the other side too. Raises NoWay. Takes the customer's lock."""
    with _message(entry) as message:
        _insist(possible_with(message).withdraw)
        message.deleted_at, message.deleted_by = clock.now(), by
        message.save(update_fields=["deleted_at", "deleted_by"])
        filling.keep([message.entry])
        return _queue(message, Amendment.Act.WITHDRAW, "", {}, by)


def hide(entry: Entry, *, is_hidden: bool, by: Agent) -> Amendment | None:
    """Hide a customer's public comment from all others, or show it again; None where that was asked for already.

    Raises NoWay. Takes the customer's lock.
    """
    with _message(entry) as message:
        able = possible_with(message)
        _insist(able.hide or able.show)
        if _is_hidden(message) == is_hidden:
            return None
        return _queue(message, Amendment.Act.HIDE if is_hidden else Amendment.Act.SHOW, "", {}, by)


def put_back(row: Amendment) -> None:
    """Undo what was shown of an amendment that the provider refused, and tell it. Customer is locked."""
    message, before = row.message, row.before
    if row.act == Amendment.Act.REACT:
        Reaction.objects.filter(message=message, by=row.by).delete()
        for emoji in before["emoji"]:
            Reaction.objects.create(message=message, by=row.by, emoji=emoji, at=clock.now())
    elif row.act == Amendment.Act.EDIT and (part := _spoken(_arrived(message))) is not None:
        _say(message, before["text"], part, is_marked=before.get("marked", False))
        Message.objects.filter(pk=message.pk).update(edited_at=before["edited_at"], html=before["html"])
    elif row.act == Amendment.Act.WITHDRAW:
        message.deleted_at = message.deleted_by = None
        message.save(update_fields=["deleted_at", "deleted_by"])
        filling.keep([message.entry])
    tell(message.entry, row)


def tell(entry: Entry, row: Amendment) -> None:
    """Show on the entry how its newest amendment fares, and who hid it. Customer is locked."""
    data = {name: value for name, value in entry.data.items() if name != "amendment"}
    if row.act in HIDINGS and row.message.deleted_at is not None:
        # The customer was faster: there is nothing left to hide.
        return
    if row.state != Amendment.State.DONE:
        data["amendment"] = {"act": row.act, "state": row.state, "error": row.error}
    elif row.act == Amendment.Act.HIDE:
        data["hidden"] = {"by": str(row.by or ""), "at": plain(clock.now())}
    elif row.act == Amendment.Act.SHOW:
        data.pop("hidden", None)
    timeline.touch(entry, data=data)


def arrived(message: Message) -> list[str]:
    """Return the provider's names of all that arrived of a message, in order."""
    if message.is_inbound:
        return [message.external_id] if message.external_id else []
    return [part.external_id for part in _arrived(message) if part.external_id]


def plain(at: Any) -> str | None:
    """Write a time as JSON."""
    return at.isoformat() if at else None


@contextmanager
def _message(entry: Entry) -> Iterator[Message]:
    if entry.conversation is None or entry.said is None:
        raise NoWay(CANNOT)
    with lock_customer(entry.conversation):
        rows = Message.objects.select_related("entry", "channel", "thread__identity")
        message = rows.get(pk=entry.pk)
        if message.deleted_at is not None:
            raise NoWay(GONE)
        yield message


def _insist(is_possible: bool) -> None:
    if not is_possible:
        raise NoWay(CANNOT)


def _is_comment(entry: Entry) -> bool:
    """Whether it stands on a page of ours: who names us elsewhere is on theirs."""
    return bool(entry.data.get("event") == EventKind.COMMENT)


def _looks_hidden(entry: Entry) -> bool:
    """Whether a comment is or will be hidden, as far as its entry tells."""
    newest = entry.data.get("amendment", {})
    if newest.get("act") in HIDINGS and newest.get("state") in UNDER_WAY:
        return bool(newest["act"] == Amendment.Act.HIDE)
    return "hidden" in entry.data


def _is_hidden(message: Message) -> bool:
    """Whether a comment is hidden, or will be when all that is under way is done. Customer is locked."""
    asked = message.amendments.filter(act__in=HIDINGS, state__in=UNDER_WAY).order_by("-pk").first()
    return asked.act == Amendment.Act.HIDE if asked else "hidden" in message.entry.data


def _queue(message: Message, act: str, value: str, before: dict[str, Any], by: Agent) -> Amendment:
    row = Amendment.objects.create(message=message, act=act, value=value, before=before, by=by)
    tell(message.entry, row)
    ring(AMEND, row.pk)
    return row


def _arrived(message: Message) -> list[DeliveryPart]:
    rows = DeliveryPart.objects.filter(delivery__message=message, state__in=ARRIVED).exclude(external_id=None)
    return list(rows.order_by("position", "-pk"))


def _spoken(parts: list[DeliveryPart]) -> DeliveryPart | None:
    """Return the one part that carries the text; None where several do, or a template."""
    texts = [part for part in parts if part.piece.get("text")]
    return texts[0] if len(texts) == 1 else None


def _fitting(text: str, able: Capabilities, part: DeliveryPart) -> str:
    said = text.strip()
    if able.text_unit == "segments":
        said = pieces.in_gsm(said, is_marked=True)
    if not said:
        raise NoWay(EMPTY)
    most = able.max_caption_characters if "attachment" in part.piece else able.max_text_characters
    if pieces.measure_leaving(said, able, is_marked=True) > most:
        raise NoWay(TOO_LONG)
    return said


def _say(message: Message, text: str, part: DeliveryPart, *, is_marked: bool) -> None:
    message.text, message.html, message.edited_at = text, "", clock.now()
    rest = {name: value for name, value in message.entry.data.items() if name != "marked"}
    message.entry.data = rest | replying.marked_in(text, is_marked=is_marked)
    message.save(update_fields=["text", "html", "edited_at"])
    part.piece = {**part.piece, "text": [0, len(text)]}
    part.save(update_fields=["piece"])
    filling.keep([message.entry])
