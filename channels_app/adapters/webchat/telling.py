"""Telling visitors who talks to them, how long it takes and when somebody is there, and what is forgotten by itself."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from django.utils.translation import ngettext

from channels_app.adapters.webchat import promising, telling_sql
from channels_app.models import Channel
from conversations import live, visiting, waiting
from conversations.models import Conversation
from conversations.notices import showing
from customers.identify import find
from customers.models import Identity
from helpdesk.lib.inbound import Party

INITIALS = 2
SECONDS = {"typing": 8, "seen": 0}


def everybody(channel: Channel, zone: tzinfo | None) -> dict[str, Any]:
    """Say what holds for whoever opens this widget: hours, who is there, how long it takes, and what is wrong today."""
    return _told(channel, promising.look(channel, zone))


def about(channel: Channel, identities: Sequence[Identity], zone: tzinfo | None = None) -> dict[str, Any]:
    """Say the same to somebody who is known, who answered last (by first name and letters), and their place."""
    row = _open_conversation(channel, identities)
    found = promising.look(channel, zone, since=row.waiting_since if row else None)
    told = _told(channel, found)
    if row is not None and row.waiting_since is None:
        # We have answered: nothing is owed to them now.
        told["answer"] = ""
    return {**told, "agent": _agent(identities), **_place(row, is_closed=bool(found.hours))}


def show(party: Party, what: str) -> None:
    """Tell all browsers of this identity; nobody hears it where none is open."""
    identity = find(party.kind, party.value, realm=party.realm)
    if identity is not None:
        live.ephemeral([f"visitor.identity.{identity.pk}"], {"what": what}, ttl_seconds=SECONDS[what])


def _told(channel: Channel, found: promising.Outlook) -> dict[str, Any]:
    board = showing.board_for(channel.brand)
    return {
        "hours": found.hours, "absence": found.absence, "answer": found.answer, "usual": found.usual,
        "notices": [{"id": one.mark, "text": one.text, "lang": one.language} for one in board.shown],
        "turns_in": promising.soonest([board.turns_at, found.turns_at]),
    }  # fmt: skip


def _open_conversation(channel: Channel, identities: Sequence[Identity]) -> Conversation | None:
    """The one that waits longest, else the newest."""
    return telling_sql.open_conversation(channel, identities)


def _place(row: Conversation | None, *, is_closed: bool) -> dict[str, Any]:
    """Say how many wait longer and how long it usually takes.

    Nothing where somebody has it, nothing waits, or it is closed.
    """
    if row is None or row.assignee_id is not None or row.waiting_since is None or is_closed:
        return {"wait": "", "ahead": 0, "place": ""}
    ahead, usual = waiting.ahead_of(row), waiting.usual_wait(row)
    place = ngettext("%(n)d person before you", "%(n)d people before you", ahead) % {"n": ahead} if ahead else ""
    return {"wait": promising.wait_words(usual) if usual is not None else "", "ahead": ahead, "place": place}


def _agent(identities: Sequence[Identity]) -> dict[str, str] | None:
    last = visiting.answered_by(identities)
    return {"name": last.first_name, "initials": last.initials[:INITIALS]} if last is not None else None
