"""The only publisher: tells browsers that something changed, never what it says.

A hint travels after commit on a plain Redis PUBLISH; a lost one costs only delay.
"""

import json
import logging
import time
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import redis
from django.conf import settings
from django.db import transaction

from conversations import ingest_sql
from helpdesk.lib.queue import ring_now

if TYPE_CHECKING:
    from conversations.models.conversation import Conversation
    from conversations.models.entry import Entry

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.5
REST_SECONDS = 2.0
AFTER_ENTRIES = "conversations.after_entries"
# Who has it now, and whether it is over: the widget shows both.
SHOWN_TO_VISITORS = {"status", "assignment"}
_silent_until = 0.0


class Change(Enum):
    """What changed, so that nobody fetches what stays as it is.

    SHOWN: what everybody is shown; INSIDE: nothing that customers are shown; LEFT: an answer has left, so customers
    are shown it now; ON_ITS_WAY: how far one got, which agents are shown beside it.
    """

    SHOWN = "shown"
    INSIDE = "inside"
    LEFT = "left"
    ON_ITS_WAY = "on its way"


NEWS = {Change.SHOWN, Change.LEFT}
# Of these a timeline shows something, and neither a list nor the head of a conversation.
TRAVEL, DELIVERY = {Change.LEFT, Change.ON_ITS_WAY}, "delivery"


def announce(
    entry: "Entry",
    *,
    also_teams: Iterable[int | None] = (),
    also_agents: Iterable[int] = (),
    recorded: ingest_sql.Recorded | None = None,
    is_quiet: bool = False,
    change: Change = Change.SHOWN,
) -> None:
    """Hint after commit that an entry is new or changed, to old and new owners and teams.

    recorded: what the statement that wrote the entry said of who hears of it. is_quiet: an entry without a
    conversation, one of very many; only whoever has the customer open hears of it.
    """
    if is_quiet:
        heard_by = [f"customer.{entry.customer_id}"]
    else:
        heard_by = _audiences(entry, set(also_teams), set(also_agents), recorded)
    frame = {
        "type": "hint",
        "entry": entry.pk,
        "touched_seq": entry.touched_seq,
        "conversation": entry.conversation_id,
        "customer": entry.customer_id,
        "kind": DELIVERY if change in TRAVEL else entry.kind,
    }
    # Customers are told that there is something, and nothing of what it is called here.
    is_news = change in NEWS and not is_quiet
    news = [] if not is_news else [(name, {"type": "news"}) for name in _visitors(entry)]
    if entry.kind in SHOWN_TO_VISITORS and entry.conversation_id and not is_quiet:
        transaction.on_commit(partial(_tell_visitors, entry.conversation_id), robust=True)
    transaction.on_commit(partial(publish_each, [*((name, frame) for name in heard_by), *news]))
    if also_teams or also_agents:
        again = {"type": "rewatch", "customer": entry.customer_id}
        transaction.on_commit(partial(publish, [f"customer.{entry.customer_id}"], again))


def moved(*customers: int, conversations: Iterable["Conversation"] = ()) -> None:
    """Hint after commit that rows changed hands: open timelines load again, lists draw these rows anew."""
    for pk in customers:
        transaction.on_commit(partial(publish, [f"customer.{pk}"], _moved_frame(pk, None)))
    for conversation in conversations:
        heard_by = ["all", f"team.{conversation.team_id or 0}"]
        if conversation.assignee_id:
            heard_by.append(f"agent.{conversation.assignee_id}")
        frame = _moved_frame(conversation.customer_id, conversation.pk)
        transaction.on_commit(partial(publish, heard_by, frame))


def seen_anew(customers: Sequence[int]) -> None:
    """Hint after commit that other rows of these timelines may be read than before: who watches is looked at again."""
    frames = [(f"customer.{pk}", {"type": "rewatch", "customer": pk}) for pk in customers]
    frames += [(f"customer.{pk}", _moved_frame(pk, None)) for pk in customers]
    transaction.on_commit(partial(publish_each, frames))


def ring_after_entries(pk: int) -> None:
    """Ring once per transaction for all entries recorded in it."""
    _waiting().append(pk)
    transaction.on_commit(_ring_waiting)


def ephemeral(audiences: Iterable[str], frame: dict[str, Any], *, ttl_seconds: int) -> None:
    """Tell of something that is forgotten by itself: typing, viewing, presence."""
    publish(list(audiences), {"type": "eph", "ttl": ttl_seconds, **frame})


def nudge(audience: str, what: str, pk: int | None = None) -> None:
    """Say after commit that a draft, notification, setting or membership changed."""
    frame = {"type": "nudge", "what": what, "id": pk}
    transaction.on_commit(partial(publish, [audience], frame))


def nudge_each(audiences: Sequence[str], what: str) -> None:
    """Say the same after commit to many, at one go."""
    frame = {"type": "nudge", "what": what, "id": None}
    transaction.on_commit(partial(publish_each, [(audience, frame) for audience in audiences]))


def kick(agent_id: int) -> None:
    """Close an agent's sockets after commit: signed out, role changed, left a team."""
    transaction.on_commit(partial(publish, [f"agent.{agent_id}"], {"type": "kick"}))


def publish(audiences: list[str], frame: dict[str, Any]) -> None:
    """Send one frame to each audience now. A Redis that is away costs at most half a second."""
    publish_each([(audience, frame) for audience in audiences])


def publish_each(frames: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Send each audience its own frame now, at one go."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        pipe = _client(settings.REDIS_URL).pipeline(transaction=False)
        for audience, frame in frames:
            text = json.dumps({**frame, "audience": audience}, separators=(",", ":"))
            pipe.publish(f"{settings.HUB_PREFIX}:{audience}", text)
        pipe.execute()
    except redis.RedisError:
        log.warning("A hint was not published", extra={"frame": frames[0][1]["type"] if frames else ""})
        _silent_until = time.monotonic() + REST_SECONDS


def _moved_frame(customer: int, conversation: int | None) -> dict[str, Any]:
    frame = {"type": "hint", "entry": 0, "touched_seq": 0, "kind": "merge"}
    return {**frame, "customer": customer, "conversation": conversation}


def _ring_waiting() -> None:
    waiting = _waiting()
    if waiting:
        pks = list(waiting)
        waiting.clear()
        ring_now(AFTER_ENTRIES, pks)


def _waiting() -> list[int]:
    # Kept on the connection: one list per thread and database. A rolled-back entry may stay
    # in it until the next ring; the task passes over numbers that do not exist.
    pks: list[int] = transaction.get_connection().__dict__.setdefault("entries_to_ring", [])
    return pks


def _audiences(
    entry: "Entry", teams: set[int | None], agents: set[int], recorded: ingest_sql.Recorded | None
) -> list[str]:
    conversation = entry.conversation
    if conversation is None:
        return ["all", f"customer.{entry.customer_id}"]
    teams.add(conversation.team_id)
    if conversation.assignee_id:
        agents.add(conversation.assignee_id)
    if recorded is None:
        followers, is_private = ingest_sql.audience(conversation.pk, conversation.team_id)
    else:
        followers, is_private = recorded.followers, recorded.is_private
    agents.update(followers)
    names = ["all", *sorted(f"team.{pk or 0}" for pk in teams)]
    names += sorted(f"agent.{pk}" for pk in agents)
    if not is_private:
        names.append(f"customer.{entry.customer_id}")
    return names


def _visitors(entry: "Entry") -> list[str]:
    """Name those to whom a public message was said, or who said it: their own browsers hear of it."""
    if entry.kind != "message" or entry.visibility != "public":
        return []
    message = entry.message
    if message.thread.kind != "direct":
        return []
    return [f"visitor.identity.{message.thread.identity_id}"]


def _tell_visitors(conversation: int) -> None:
    """Tell the browsers that talk in a conversation to look again."""
    found = ingest_sql.visitors_in(conversation)
    if found:
        publish_each([(f"visitor.identity.{pk}", {"type": "news"}) for pk in found])


@cache
def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )
