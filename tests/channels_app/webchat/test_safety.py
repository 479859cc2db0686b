"""The widget's doors, tried by those for whom they are not: docs/security-widget.md names each of these tests."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, reverse

from channels_app import intake
from channels_app.adapters.webchat import limits, links, urls, visitors
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from conversations import visiting
from conversations.models import Entry
from customers.models import Identity
from tests.channels_app.webchat.talking import SITE, Visitor, make_widget
from tests.factories import make_customer
from tests.test_access import everything_kept

pytestmark = pytest.mark.django_db
# Own pages are https://testserver in these tests (`own`).
ORIGINS = [
    "null", "", "https://evil.example.test", "https://testserver.evil.test", "https://evil-testserver", "https://a.testserver",
    "http://testserver", "https://testserver:8443", "https://testserver:443", "https://testserver.", "https://TESTSERVER",
    "https://testserver/", "https://evil@testserver", "https://testserver@evil.example.test", "https://tеstserver",
    "https://xn--tstserver-66g", "https://testserver https://evil.example.test", "https://testserver\\.evil.test",
    "file://", "//testserver", "testserver", "wss://testserver", "chrome-extension://testserver", SITE,
]  # fmt: skip
# Whoever comes for the first time, or by a link, has no token yet.
OPEN = {
    "widget_loader", "widget_frame", "widget_visits", "widget_arrivals", "widget_back", "widget_hop", "widget_outlook",
}  # fmt: skip
# A file goes by a leave of its own, which stands in its address and is made up here.
REFUSED = {401, 403, 404, 405}
FEW = [None, 0, ["x"], {"url": {}}, "x\0", "\ud800", "x" * 10_000, 2**70]
NOTHING = [*FEW, 7, True, [], {}, {"$ne": ""}, "", "\0", "١٢٣", -1, 1.5, {"url": "https://x\0", "product": [1]}]
# What is asked for where; a POST that is new is tried with all of them.
FIELDS = {
    "widget_visits": ["language", "page"],
    "widget_messages": ["id", "text", "payload", "page"],
    "widget_sightings": ["upto", "seen", "page"],
    "widget_language": ["language"],
    "widget_identity": ["jwt", "user_id", "hash"],
    "widget_addresses": ["address"],
    "widget_arrivals": ["link", "language"],
}
GOOD = {"text": "Hello", "upto": 1, "seen": True, "address": "v@example.test", "language": "it"}


@pytest.fixture
def widget(team: Any) -> Channel:
    return make_widget(team=team)


@pytest.fixture
def visitor(widget: Channel) -> Visitor:
    """Somebody who has written."""
    return somebody(widget)


@pytest.fixture
def own(settings: Any) -> None:
    """The desk is https://testserver and nothing else."""
    settings.HTTPS = True


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "spend", lambda limit, who: True)
    monkeypatch.setattr(limits, "is_spent", lambda limit, who: False)


def somebody(widget: Channel, words: str = "Do you ship to Cluj?", *, site: str = SITE) -> Visitor:
    visitor = Visitor(widget.public_key, site=site)
    assert visitor.arrive().status_code == 201
    visitor.say(words)
    intake.process(RawEvent.objects.latest("pk").pk)
    return visitor


def routes() -> Iterator[URLPattern]:
    """All addresses of the widget: one that is added is asked, too."""
    yield from urls.urlpatterns


def address(route: URLPattern, key: str, link: str = "x") -> str:
    kinds = {"key": key, "token": link}
    return reverse(str(route.name), kwargs={name: kinds.get(name, 1) for name in route.pattern.converters})


def posts(visitor: Visitor) -> list[URLPattern]:
    """The addresses that cannot be looked at."""
    return [route for route in routes() if ask(visitor, route, "get").status_code == 405]


def ask(visitor: Visitor, route: URLPattern, method: str, **headers: str) -> Any:
    place, sent = address(route, visitor.key), {**visitor.headers(), **headers}
    if method == "get":
        return visitor.client.get(place, headers=sent)
    return visitor.client.post(place, "{}", content_type="application/json", headers=sent)


def test_a_post_that_another_page_makes_is_refused(visitor: Visitor, own: None, unlimited: None) -> None:
    before, wrong = everything_kept(), []
    for route in posts(visitor):
        for origin in ORIGINS:
            answer = ask(visitor, route, "post", origin=origin.encode().decode("latin1"))
            wrong += [(route.name, origin)] if answer.status_code != 403 else []
    assert len(posts(visitor)) >= 7
    assert wrong == []
    assert everything_kept() == before
    assert ask(visitor, posts(visitor)[0], "post", origin="https://testserver").status_code == 201


def test_no_other_page_is_let_to_read_what_it_asked_for(visitor: Visitor) -> None:
    """Without Access-Control-Allow-Origin no page sends our headers or reads our answers; the loader has no secrets."""
    for route in routes():
        place = address(route, visitor.key)
        asked = {
            "origin": SITE,
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-telaio-site",
        }
        answers = [visitor.client.options(place, headers=asked), visitor.client.get(place, headers=visitor.headers())]
        told = [answer.headers.get("Access-Control-Allow-Origin", "") for answer in answers]
        assert told in ([["*", "*"], ["", "*"]] if route.name == "widget_loader" else [["", ""]]), route.name


@pytest.mark.parametrize("whose", ["another widget", "another site", "nobody", "agent"])
def test_a_token_opens_no_address_that_is_not_its_own(
    visitor: Visitor, widget: Channel, whose: str, unlimited: None
) -> None:
    two = "https://two.example.test"
    widget.config = {**widget.config, "sites": f"{SITE}\n{two}"}
    widget.save()
    token, site, key = visitor.token, SITE, visitor.key
    if whose == "another widget":
        key = make_widget(config={"sites": f"{SITE}\n{two}"}).public_key
    elif whose == "another site":
        site = two
    else:
        token = "x" * 43 if whose == "nobody" else ""
    stranger, before = Visitor(key, site=site, token=token), everything_kept()
    found = {
        str(route.name): {ask(stranger, route, method).status_code for method in ("get", "post")}
        for route in routes()
        if route.name not in OPEN
    }
    assert len(found) >= 7
    assert {name: codes for name, codes in found.items() if not codes <= REFUSED} == {}
    assert everything_kept() == before


def test_another_visitors_token_shows_nothing_of_this_one(visitor: Visitor, widget: Channel) -> None:
    other = somebody(widget, "marker-other")
    for route in routes():
        assert b"marker-other" not in ask(visitor, route, "get").content, route.name
    assert "marker-other" in other.get("entries/").content.decode()


@pytest.mark.parametrize("values", [FEW, pytest.param(NOTHING, marks=pytest.mark.slow)], ids=["few", "all"])
def test_whatever_stands_in_a_field_breaks_nothing(visitor: Visitor, values: list[Any], unlimited: None) -> None:
    """An answer that is somebody's fault, and never the desk's."""
    wrong, everywhere = [], sorted({field for fields in FIELDS.values() for field in fields})
    for route in posts(visitor):
        for field, value in ((field, value) for field in FIELDS.get(str(route.name), everywhere) for value in values):
            given = json.dumps({"id": str(uuid.uuid4()), **GOOD, field: value})
            place, kind = address(route, visitor.key), "application/json"
            answer = visitor.client.post(place, given, content_type=kind, headers=visitor.headers())
            wrong += [(route.name, field, value)] if answer.status_code >= 500 else []
    assert wrong == []


def test_others_messages_are_at_no_number(visitor: Visitor, widget: Channel) -> None:
    """Theirs, those around it, and places of others' timelines that somebody made up; both doors and what they ask."""
    other = somebody(widget, "marker-other")
    me, mine, theirs = _both()
    cursors = [f"{customer}.{seq}" for customer in (mine.customer_id, theirs.customer_id) for seq in range(-1, 14)]
    cursors += [f"{theirs.customer_id}.0_{mine.customer_id}.{seq}" for seq in range(28)]
    cursors += [f"{theirs.customer_id}.{2**62}", f"{mine.customer_id}.0_{theirs.customer_id}.0"]
    told = [visiting.since(me, cursor) for cursor in cursors]
    told += [visiting.before(me, theirs.pk + away) for away in range(-120, 121)]
    assert len(told) >= 300
    assert {entry.pk for stretch in told for entry in stretch.entries} <= {mine.pk}
    nouns = [f"before={theirs.pk}", *(f"after={cursor}" for cursor in cursors[-20:])]
    found = [visitor.get(f"entries/?{noun}") for noun in nouns]
    assert {answer.status_code for answer in found} == {200}
    assert not any(b"marker-other" in answer.content for answer in found)
    assert other.get("entries/").content.count(b"marker-other") == 1


@pytest.mark.slow
def test_others_messages_are_at_none_of_a_hundred_thousand_numbers(visitor: Visitor, widget: Channel) -> None:
    """What one number is asked by, for all of them; and the door itself for those around."""
    somebody(widget, "marker-other")
    me, mine, theirs = _both()
    numbers = range(theirs.pk - 50_000, theirs.pk + 50_000)
    assert set(visiting.readable_by(me).filter(pk__in=numbers).values_list("pk", flat=True)) <= {mine.pk}
    for number in range(theirs.pk - 2_000, theirs.pk + 2_000):
        assert {entry.pk for entry in visiting.before(me, number).entries} <= {mine.pk}


def _both() -> tuple[list[Identity], Entry, Entry]:
    """Return whose words the first visitor may read, what they said, and what the other said."""
    theirs = Entry.objects.get(message__text="marker-other")
    mine = Entry.objects.filter(kind=Entry.Kind.MESSAGE).exclude(pk=theirs.pk).get()
    return list(Identity.objects.filter(pk=mine.message.sender_id)), mine, theirs


def test_looking_changes_nothing(visitor: Visitor, widget: Channel) -> None:
    row = Row.objects.get()
    link = links.back_link(widget, row.key, Identity.objects.get(value=row.key), upto=1).rsplit("/", 2)[1]
    before = everything_kept()
    for route in routes():
        for method in ("get", "head", "options"):
            place = address(route, visitor.key, link)
            answer = getattr(visitor.client, method)(place, headers=visitor.headers())
            assert answer.status_code in {200, 410, *REFUSED}, route.name
            assert everything_kept() == before, (route.name, method)


def test_nothing_sets_a_cookie_and_what_is_personal_is_kept_nowhere(visitor: Visitor) -> None:
    for route in routes():
        for answer in (ask(visitor, route, "get"), ask(visitor, route, "post")):
            assert dict(answer.cookies) == {}, route.name
            if route.name != "widget_loader":
                assert "no-store" in answer.headers["Cache-Control"], route.name


def test_each_widget_is_framed_by_its_own_sites_alone(visitor: Visitor, settings: Any) -> None:
    two = make_widget(config={"sites": "https://two.example.test"})
    none = make_widget(config={"sites": ""})
    desk = settings.PUBLIC_URL
    for key, sites in (
        (visitor.key, [SITE, desk]),
        (two.public_key, ["https://two.example.test", desk]),
        (none.public_key, [desk]),
    ):
        policy = visitor.client.get(f"/widget/{key}/").headers["Content-Security-Policy"]
        (ancestors,) = [part.split()[1:] for part in policy.split(";") if part.strip().startswith("frame-ancestors")]
        assert ancestors == sites
    back = visitor.client.get(f"/widget/{visitor.key}/back/x/").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in back


def test_a_site_that_is_struck_off_opens_nothing_any_more(visitor: Visitor, widget: Channel) -> None:
    assert visitor.get("entries/").status_code == 200
    widget.config = {**widget.config, "sites": "https://two.example.test"}
    widget.save()
    found = {
        ask(visitor, route, method).status_code
        for route in routes()
        if route.name not in OPEN
        for method in ("get", "post")
    }
    assert found <= REFUSED - {401}


def test_an_address_that_is_only_claimed_opens_nothing(visitor: Visitor, widget: Channel) -> None:
    maria = make_customer(name="Maria", address="maria@example.test")
    visitor.post("addresses/", {"address": "maria@example.test"})
    visitor.say("It is me, Maria", email="maria@example.test", user_id="c-17", customer=maria.pk, visitor="x")
    intake.process(RawEvent.objects.latest("pk").pk)
    assert not Entry.objects.filter(customer=maria, kind=Entry.Kind.MESSAGE).exists()
    assert Row.objects.get().proved is None
    assert not Identity.objects.get(kind="email").is_verified
    assert visitors.find(widget, visitor.token, SITE) is not None
