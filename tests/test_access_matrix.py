"""The tables of tests/test_access.py and tests/test_access_api.py, asked by every role for every kind of object.

A column is a role and where the object lies. All calls of a column are asked in one world, each undone afterwards;
what is refused must change nothing, and look exactly as if nothing were there.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agents import leaving
from agents.models import Agent, ApiToken, Team
from conversations.models.draft import Draft
from tests import test_access as pages
from tests import test_access_api as api
from tests.factories import make_agent, make_channel, make_inbound, make_role, make_team, receive
from tests.test_access import World

pytestmark = pytest.mark.django_db
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
SAFE = {"get", "head", "options"}
# Where the object lies: in one's own team; in another's; in a private one; in another's or a private one, of a customer
# who also wrote to one's own team; nowhere any more; nowhere ever.
OURS, THEIRS, PRIVATE, BESIDE, BEHIND, DELETED, ABSENT = PLACES = (
    "ours", "theirs", "private", "beside", "behind", "deleted", "absent",
)  # fmt: skip
HIDDEN, GONE = {PRIVATE, BEHIND}, {DELETED, ABSENT}
# Who asks. own: sees their own only, owner: and this is theirs; short: does not read whole timelines; revoked: has just
# left the team; deactivated: may no longer sign in. Each with its places; whatever the method, all are asked.
COLUMNS: dict[str, tuple[str, ...]] = {
    "anonymous": (OURS,),
    "deactivated": (OURS,),
    "revoked": (OURS, BESIDE),
    "own": (OURS,),
    "owner": (OURS, BEHIND),
    "light": (OURS,),
    "short": (BEHIND,),
    "member": PLACES,
    "supervisor": (PRIVATE, DELETED),
    "admin": (PRIVATE, ABSENT),
}
FAR = 100_000
# What hangs on the customer, and what reads one entry of a timeline; all else belongs to one conversation.
OF_CUSTOMER = {
    "workspace", "customer", "entries", "finding", "panel", "profile", "figures", "customer_company", "company",
    "company_profile", "company_joining", "company_people", "company_removal", "identities", "merging", "moving",
    "rejections", "identity", "identity_removal", "customer_tags", "consents", "pinned_notes",
    "picture",
}  # fmt: skip
OF_ENTRY = {
    "pin", "original", "message_body", "message_image", "message_inline", "message_versions", "attachment",
    "attachment_media", "attachment_thumbnail",
}  # fmt: skip
# What whoever does not write to customers may do all the same.
LIGHT = {"seen", "notes", "pin", "pinned_notes", "draft", "draft_taking", "changes", "undoings", "theme"}
# Reads that are the beginning of a change.
WRITING = {
    "profile", "company_profile", "company_joining", "company_new", "merging", "moving", "splitting", "segment_new",
    "segment", "templates", "ways",
}  # fmt: skip
# Of the asker's own team, which is not of the world that is deleted.
OF_TEAM = {"team", "team_removal"}
# What needs both sides of a merge, or all that came through an address, to be visible.
BOTH_SIDES = {"merge_undoing": 404, "splitting": 403}
ALL_SEEING = {"supervisor", "admin"}
# The same by API, and what would move entries that one may not write to.
PARTLY: dict[str, Callable[[str, str], int]] = {
    "post api-merge-undoing": lambda role, place: 403 if role == "light" else 404,
    "post api-splits": lambda role, place: 403,
    "post api-moves": lambda role, place: {"light": 403, "short": 404, "owner": 201}.get(
        role, 403 if place == BESIDE else 404
    ),
}
MARKERS = (b"giulia", b"wanda", b"carlo colleague", b"figlie", b"elsewhere", b"photo.png", b"10432", b"has a dog")


@dataclass(frozen=True)
class Asked:
    """One call, ready to be sent; args are those of its address."""

    name: str
    method: str
    url: str
    args: tuple[Any, ...]
    data: Any
    headers: dict[str, str]

    @property
    def is_program(self) -> bool:
        return self.url.startswith("/api/")


class Undo(Exception):
    """Ends a call's transaction."""


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside has never been."""
    try:
        with transaction.atomic():
            yield
            raise Undo
    except Undo:
        pass


def a_world(place: str, team: Team) -> World:
    """Build the world in the team where this place is; of a customer known to `team` where it lies beside or behind."""
    home = team
    if place in {THEIRS, PRIVATE, BESIDE, BEHIND}:
        home = make_team(name="Elsewhere", is_private=place in HIDDEN)
    writers = [make_agent(name=name, teams=(home,)) for name in ("Wanda Writer", "Carlo Colleague")]
    world = pages.build(make_channel(name="Door", team=home), *writers)
    if place in {BESIDE, BEHIND}:
        receive(channel=make_channel(team=team), inbound=make_inbound(address="giulia@example.test", text="Hello"))
        world.conversation.refresh_from_db()
        assert world.conversation.customer.conversations.filter(team=team).exists()
    return world


def asker(role: str, team: Team) -> Agent | None:
    """Make who asks, a member of the team; what takes their rights away comes after they signed in."""
    if role == "anonymous":
        return None
    kinds: dict[str, Any] = {
        "own": make_role(sight="own"),
        "owner": make_role(sight="own"),
        "short": make_role(sight="teams", reads_whole_timelines=False),
    }
    named = role if role in {"light", "supervisor", "admin"} else "agent"
    return make_agent(name="Zoe Asker", role=kinds.get(role, named), teams=(team,))


def take_away(role: str, agent: Agent | None, team: Team) -> None:
    """Let the agent lose what this column is about."""
    if role == "revoked" and agent:
        leaving.leave_team(agent, team)
    if role == "deactivated" and agent:
        leaving.deactivate(agent)


def knows(role: str, place: str) -> bool:
    """Whether the customer is visible."""
    if role in {"supervisor", "admin"}:
        return place not in GONE
    return (role == "owner" and place not in GONE) or (
        role in {"member", "light", "short"} and place in {OURS, BESIDE, BEHIND}
    )


def may_see(role: str, place: str, of: str) -> bool:
    """Whether what an address is about is visible: a thing of the customer, of an entry or of a conversation."""
    if not knows(role, place):
        return False
    if of == "customer" or place == OURS or role in {"owner", "supervisor", "admin"}:
        return True
    return of == "entry" and place == BESIDE and role != "short"


def expected(name: str, args: tuple[Any, ...], role: str, place: str) -> int:
    """Return what a page must answer (ARCHITECTURE, Sight): 302 to sign in, 404, 403, or what the table says."""
    route = pages.EVERYTHING[name]
    if role in {"anonymous", "deactivated"}:
        return 302
    is_gone = place in GONE and any(isinstance(arg, int) for arg in args)
    if name in pages.ADMINISTRATORS or name in pages.SUPERVISORS:
        ranks = {"admin"} if name in pages.ADMINISTRATORS else {"admin", "supervisor"}
        return 403 if role not in ranks else 404 if is_gone else route.allowed
    of = "customer" if name in OF_CUSTOMER else "entry" if name in OF_ENTRY else "conversation"
    if name == "merge_undoing" and role == "owner":
        return 404
    if name in BOTH_SIDES and place in {BESIDE, BEHIND} and knows(role, place) and role not in ALL_SEEING:
        return 403 if role == "light" else BOTH_SIDES[name]
    if name in pages.OBJECTS and not may_see(role, place, of):
        return 404
    if name == "segment" and is_gone:
        return 404
    if role == "light" and name not in LIGHT and (route.method == "post" or name in WRITING):
        return 403
    return 404 if is_gone else route.allowed


def expected_of_program(call: api.Call, args: tuple[Any, ...], role: str, place: str) -> int:
    """Return what the API must answer: 401 without a token that lives, 404, 403, or what its table says."""
    if role in {"anonymous", "deactivated"}:
        return 401
    allowed = call.light if role == "light" else call.allowed
    if call.key == "post api-messages" and role == "light":
        return allowed
    if call.key in PARTLY and place in {BESIDE, BEHIND} and knows(role, place) and role not in ALL_SEEING:
        return PARTLY[call.key](role, place)
    if call.key == "post api-merge-undoing" and role == "owner":
        return 404
    # An address is no number: that of an absent customer is the one that lies in one's own team.
    lies = OURS if call.key == "post api-messages" and place == ABSENT else place
    if call in api.OBJECTS and not may_see(role, lies, level(call.name)):
        return 404
    return allowed


def level(name: str) -> str:
    """Return what an address of the API is about."""
    if name.startswith("api-conversation"):
        return "conversation"
    return "entry" if name in {"api-entry"} else "customer"


def shifted(value: Any, far: int) -> Any:
    """Return arguments or data with every number moved to where nothing is."""
    if isinstance(value, dict):
        return {key: shifted(inner, far) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(shifted(inner, far) for inner in value)
    return value + far if isinstance(value, int) and not isinstance(value, bool) else value


def calls_of_pages(world: World, *, far: int = 0) -> list[Asked]:
    """Return the calls with what they need of a world; far: added to every number."""
    found = []
    for name, route in pages.EVERYTHING.items():
        args = shifted(tuple(route.args(world)), far)
        found.append(Asked(name, route.method, reverse(name, args=args), args, route.data(world), route.headers))
    return found


def calls_of_programs(world: World, *, far: int = 0) -> list[Asked]:
    """The same for the API."""
    found = []
    for call in api.CALLS:
        args, data = shifted((tuple(call.args(world)), call.data(world)), far)
        found.append(Asked(call.key, call.method, reverse(call.name, args=args), args, data, {}))
    return found


def rows(role: str, place: str) -> dict[str, str]:
    """Return a sum over all that is kept; who read a customer whom they may read is written down, come what may."""
    left_out = {"conversations_customerread"} if knows(role, place) else set()
    return {table: total for table, total in api.kept().items() if table not in left_out}


Calls = Callable[..., list[Asked]]


def asked_in(place: str, team: Team, agent: Agent | None, calls: Calls, *, is_owner: bool) -> list[Asked]:
    """Build the world of a place and return its calls; of what is deleted, nothing but the calls is left."""
    if place == DELETED:
        with undone():
            return [call for call in calls(a_world(OURS, team)) if call.name not in OF_TEAM]
    world = a_world(place, team)
    if agent is not None:
        # What they wrote while they saw it is theirs, and as hidden as all else.
        Draft.objects.create(agent=agent, conversation=world.conversation, mode="reply", text="Dear Giulia")
    if is_owner:
        world.conversation.assign(by=None, agent=agent)
    return calls(world, far=FAR if place == ABSENT else 0)


def send(client: Client, call: Asked, method: str = "") -> Any:
    """Send a call, or its data by another method."""
    method = method or call.method
    kind = {"content_type": "application/json"} if call.is_program and method not in {"get", "head"} else {}
    return getattr(client, method)(call.url, call.data, headers=call.headers, **kind)


def wrongs(client: Client, call: Asked, wanted: int, allowed: int) -> Iterator[str]:
    """Ask; say what was not as it must be. What is allowed is undone, what is refused stays to be seen."""
    if wanted == allowed:
        with undone():
            answer = send(client, call)
    else:
        answer = send(client, call)
        yield from (f"{call.name} tells {marker!r}" for marker in MARKERS if marker in answer.content.lower())
    if answer.status_code != wanted:
        yield f"{call.name}: {answer.status_code}, not {wanted}"


def column(role: str, calls: Calls, team: Team, place: str) -> tuple[Client, list[Asked]]:
    """Return who asks in this column, signed in before they lost anything, and what they ask."""
    agent = asker(role, team)
    client = Client()
    if agent is not None and calls is calls_of_programs:
        client = Client(headers={"Authorization": f"Bearer {ApiToken.issue(agent, 'test')[1]}"})
    elif agent is not None:
        client.force_login(agent)
    found = asked_in(place, team, agent, calls, is_owner=role == "owner")
    take_away(role, agent, team)
    return client, found


# Every role, where it differs most; the other places, which take as long, with the slow tests.
OFTEN = {
    ("anonymous", OURS), ("deactivated", OURS), ("revoked", BESIDE), ("own", OURS), ("owner", BEHIND), ("light", OURS),
    ("short", BEHIND), *(("member", place) for place in (OURS, PRIVATE, BESIDE, BEHIND, DELETED)),
    ("supervisor", PRIVATE), ("admin", PRIVATE),
}  # fmt: skip
SHORT = [
    pytest.param(role, place, marks=() if (role, place) in OFTEN else pytest.mark.slow)
    for role, places in COLUMNS.items()
    for place in places
]


@pytest.mark.parametrize(("role", "place"), SHORT)
def test_each_page_answers_each_role_as_it_must(role: str, place: str, team: Team, pictures: None) -> None:
    client, calls = column(role, calls_of_pages, team, place)
    before, wrong = rows(role, place), list[str]()
    for call in calls:
        wanted = expected(call.name, call.args, role, place)
        wrong += wrongs(client, call, wanted, pages.EVERYTHING[call.name].allowed)
    assert wrong == []
    assert rows(role, place) == before


@pytest.mark.parametrize(("role", "place"), SHORT)
def test_each_address_of_the_api_answers_each_role_as_it_must(role: str, place: str, team: Team) -> None:
    client, calls = column(role, calls_of_programs, team, place)
    before, wrong = rows(role, place), list[str]()
    for known, call in zip(api.CALLS, calls, strict=True):
        wanted = expected_of_program(known, call.args, role, place)
        wrong += wrongs(client, call, wanted, known.light if role == "light" else known.allowed)
    assert wrong == []
    assert rows(role, place) == before


@pytest.mark.parametrize("place", [THEIRS, PRIVATE])
def test_what_is_hidden_and_what_is_absent_look_the_same(place: str, team: Team, pictures: None) -> None:
    about = {*pages.OBJECTS, *(call.key for call in api.OBJECTS)}
    for calls in (calls_of_pages, calls_of_programs):
        with undone():
            client, hidden = column("member", calls, team, place)
            for call in (call for call in hidden if call.name in about and re.search(r"/\d", call.url)):
                one = send(client, call)
                far = re.sub(r"(?<=/)\d+", lambda found: str(int(found[0]) + FAR), call.url)
                other = send(client, replace(call, url=far))
                assert (call.name, one.status_code) == (call.name, other.status_code)
                assert len(one.content) - len(other.content) in range(-20, 21)


# Answers that are somebody's fault, or nobody's; what breaks is 500 and above.
TAKEN = {200, 201, 204, 302, 304, 400, 401, 403, 404, 405, 409, 412, 415, 422, 428}


@pytest.mark.slow
@pytest.mark.parametrize("calls", [calls_of_pages, calls_of_programs])
@pytest.mark.parametrize(("role", "place"), [(role, place) for role in COLUMNS for place in PLACES])
def test_no_method_breaks_anything_or_tells_anything(
    role: str, place: str, calls: Calls, team: Team, pictures: None
) -> None:
    client, found = column(role, calls, team, place)
    before, wrong = rows(role, place), list[str]()
    for call, method in ((call, method) for call in found for method in METHODS):
        if method in SAFE or role in {"anonymous", "deactivated"}:
            answer = send(client, call, method)
        else:
            with undone():
                answer = send(client, call, method)
        if answer.status_code not in TAKEN:
            wrong.append(f"{method} {call.name}: {answer.status_code}")
        if answer.status_code in {401, 403, 404, 405}:
            wrong += [f"{method} {call.name} tells {word!r}" for word in MARKERS if word in answer.content.lower()]
    assert wrong == []
    assert rows(role, place) == before
