"""Lists, counters, filters and suggestions are the same, to the byte, whether what one may not see is there or not."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, ApiToken, Team
from channels_app.models import Channel
from conversations import people
from conversations.known import facts
from conversations.models import Entry, Fact
from customers.models import Company
from helpdesk.lib.inbound import InboundFile
from tests import test_access as pages
from tests import test_access_api as api
from tests.factories import make_agent, make_channel, make_customer, make_inbound, make_role, make_team, receive
from tests.test_access import World, world

__all__ = ["world"]
pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.django_db]
# Every word of what is hidden has this in it.
MARKER = "Qzxwv"
# What a list may be asked, beside nothing: each key with a word that only what is hidden has, and with harmless ones.
QUESTIONS = (
    {}, {"q": MARKER}, {"q": "parcel"}, {"q": "giulia"}, {"sort": "newest"}, {"sort": "oldest"}, {"search": MARKER},
    {"name": MARKER}, {"address": f"{MARKER}@example.test"}, {"tag": MARKER}, {"company": MARKER},
)  # fmt: skip
# Drawn anew each time: what stands against forgery, and the nonce. And the number up to which a customer's entries are
# known: it counts those of private teams too, because one number orders them all; it says nothing of what they are.
CHANGING = re.compile(rb'(csrfmiddlewaretoken" value=|nonce=|data-csrf=|X-CSRFToken": |timeline-cursor-value=)"[^"]*"')
# An address through which a private team was written to cannot be split off by others: their messages would go along.
SPLITTING = "splitting"


def hide(customer_id: int | None, writer: Agent, door: Channel) -> Entry:
    """Let things happen in a private team, with a customer of theirs alone or with one whom others know too."""
    address = f"{MARKER}@example.test" if customer_id is None else "giulia@example.test"
    file = InboundFile(f"{MARKER}.png", "image/png", b"\x89PNG" + address.encode())
    name = f"Ms {MARKER}" if customer_id is None else ""
    said = make_inbound(address=address, name=name, text=f"About {MARKER} 77{len(address)}01", files=(file,))
    entry = receive(channel=door, inbound=said)
    assert entry.conversation is not None
    entry.conversation.note(by=writer, text=f"Note {MARKER}")
    entry.conversation.assign(by=writer, agent=writer)
    facts.keep(entry, [facts.Learnt(Fact.Kind.KNOWN, f"77{len(address)}01", Fact.What.ORDER)])
    if customer_id is None:
        people.employ(Company.objects.create(name=f"{MARKER} & Co"), [entry.customer], by=writer)
    return entry


def seen(client: Client, world: World, *, is_program: bool) -> dict[str, bytes]:
    """Return what every list, counter and page of a known customer answers to every question."""
    calls: list[tuple[str, Any]] = [(call.name, call) for call in api.CALLS if call.method == "get"]
    if not is_program:
        calls = [
            (name, route) for name, route in pages.EVERYTHING.items() if route.method == "get" and name != SPLITTING
        ]
    found = {}
    for name, route in calls:
        url = reverse(name, args=route.args(world))
        headers = {} if is_program else route.headers
        for question in QUESTIONS if not route.args(world) else QUESTIONS[:1]:
            answer = client.get(url, {**question, **route.data(world)}, headers=headers)
            found[f"{url} {question}"] = CHANGING.sub(b"", answer.content)
    return found


ASKED = [("agent", False), ("short", True)]
MORE = [(role, kind) for role in ("agent", "light", "short", "own") for kind in (False, True)]


@pytest.mark.parametrize(
    ("role", "is_program"), [*ASKED, *(pytest.param(*one, marks=pytest.mark.slow) for one in MORE if one not in ASKED)]
)
def test_what_is_hidden_changes_no_list_and_no_number(
    world: World, team: Team, role: str, is_program: bool, clock: object
) -> None:
    kinds: dict[str, Any] = {"short": make_role(reads_whole_timelines=False), "own": make_role(sight="own")}
    asker = make_agent(name="Zoe Asker", role=kinds.get(role, role), teams=(team,))
    client = Client(headers={"Authorization": f"Bearer {ApiToken.issue(asker, 'test')[1]}"} if is_program else {})
    if not is_program:
        client.force_login(asker)
    private = make_team(name="Complaints", is_private=True)
    writer, door = make_agent(name="Wanda Writer", teams=(private,)), make_channel(name="Secret door", team=private)
    make_customer(name="Nobody's yet")
    before = seen(client, world, is_program=is_program)
    for customer_id in (None, world.conversation.customer_id):
        entry = hide(customer_id, writer, door)
        assert entry.conversation is not None
    after = seen(client, world, is_program=is_program)
    assert [url for url in before if before[url] != after[url]] == []
    # An answer may repeat the question.
    told = [url for url, content in after.items() if MARKER not in url and MARKER.encode() in content]
    assert told == []
