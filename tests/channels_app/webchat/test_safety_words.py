"""Words that try to run, wherever a visitor or an agent can write them: drawn as words to both sides, and never run."""

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from lxml import html

from agents.models import Agent
from channels_app import delivery as sender
from channels_app import intake
from channels_app.adapters.webchat import limits
from channels_app.models import Channel, RawEvent
from conversations.models import Delivery, Entry
from conversations.reading.telling import tell
from customers.models import Customer
from helpdesk.lib.names import clean_name
from helpdesk.lib.outbound import Route
from tests.channels_app.webchat.scripts import OURS, PAYLOADS, running
from tests.channels_app.webchat.talking import SITE, Visitor, make_widget
from tests.channels_app.webchat.test_vouching import signed

pytestmark = pytest.mark.django_db
FEW = PAYLOADS[::5]
EACH = pytest.mark.parametrize("payloads", [FEW, pytest.param(PAYLOADS, marks=pytest.mark.slow)], ids=["few", "all"])


@pytest.fixture
def visitor(team: Any, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    monkeypatch.setattr(limits, "spend", lambda limit, who: True)
    visitor = Visitor(make_widget(team=team).public_key)
    visitor.arrive()
    return visitor


def file() -> list[Entry]:
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        intake.process(event.pk)
    return list(Entry.objects.filter(kind=Entry.Kind.MESSAGE).order_by("pk"))


def shown_to_visitor(visitor: Visitor) -> str:
    pages = [visitor.get("entries/")]
    while pages[-1].headers["X-More"] == "1":
        first = re.search(r'data-pk="(\d+)"', pages[-1].content.decode())
        pages.append(visitor.get(f"entries/?before={first[1]}"))  # type: ignore[index]
    return "".join(page.content.decode() for page in pages)


def shown_to_agent(entries: list[Entry], agent: Agent) -> str:
    fresh = list(Entry.objects.filter(pk__in=[entry.pk for entry in entries]).order_by("pk"))
    return render_to_string("conversations/_entries.html", {"told": tell(fresh, agent), "agent": agent})


def test_what_checks_these_pages_sees_what_would_run() -> None:
    """A check that finds nothing in anything is none."""
    live = [
        one
        for one in PAYLOADS
        if "`" not in one and re.match(r"<(script|img|svg|body|iframe|a |object|embed|form|button|meta)", one)
    ]
    assert len(live) >= 23
    assert [one for one in live if not running(f"{one}>")] == []
    assert len(PAYLOADS) >= 60


@EACH
def test_what_a_visitor_writes_runs_nowhere(visitor: Visitor, agent: Agent, payloads: list[str]) -> None:
    for one in payloads:
        product = {"id": one, "name": one, "price": one, "url": one}
        assert visitor.say(one, page={"url": f"{SITE}/{one}", "title": one, "product": product}).status_code == 202
    entries = file()
    theirs, ours = shown_to_visitor(visitor), shown_to_agent(entries, agent)
    for entry in entries:
        entry.data["details"].pop("product")
        entry.data["details"]["page"] = {"url": entry.message.text, "title": entry.message.text}
    Entry.objects.bulk_update(entries, ["data"])
    pages = shown_to_agent(entries, agent)
    assert [running(drawn) for drawn in (theirs, ours, pages)] == [[], [], []]
    # They stand there as words.
    assert len(entries) == len(payloads)
    for drawn in (theirs, ours):
        words = html.fragment_fromstring(drawn, create_parent=True).text_content()
        assert [one for one in payloads if "\n" not in one and one.strip() not in words] == []


@EACH
def test_what_an_agent_answers_runs_nowhere(visitor: Visitor, agent: Agent, payloads: list[str]) -> None:
    visitor.say("Hello")
    (asked,) = file()
    thread = asked.conversation.threads.get()
    told = []
    for start in range(0, len(payloads), 10):
        text = "\n\n".join(payloads[start : start + 10])
        told.append(asked.conversation.reply(by=agent, text=text, to=Route(thread.channel_id, thread.identity_id)))
        sender.deliver(Delivery.objects.get(message=told[-1].pk).pk)
    drawn = shown_to_visitor(visitor), shown_to_agent(told, agent)
    assert [running(one) for one in drawn] == [[], []]
    assert all("alert(1)" in one for one in drawn)


@EACH
def test_what_somebody_is_called_runs_nowhere(
    visitor: Visitor, agent: Agent, client: Client, payloads: list[str]
) -> None:
    """By the shop's word, on each page that names them: the list, the whole page, the panel."""
    visitor.say("Hello")
    file()
    assert visitor.post("identity/", signed(name="<script>alert(1)</script>")).status_code == 204
    customer = Customer.objects.get(name="<script>alert(1)</script>")
    client.force_login(agent)
    wrong = []
    for start in range(0, len(payloads), 6):
        name = clean_name(" ".join(payloads[start : start + 6]))
        Customer.objects.filter(pk=customer.pk).update(name=name)
        for place in (f"/inbox/unassigned/{customer.pk}/", f"/customers/{customer.pk}/panel/"):
            page = client.get(place)
            assert page.status_code == 200
            assert "alert(1)" in page.content.decode()
            wrong += running(page.content.decode(), allowed=OURS)
    assert wrong == []


@EACH
def test_what_somebody_types_for_an_address_runs_nowhere(
    visitor: Visitor, agent: Agent, client: Client, payloads: list[str]
) -> None:
    visitor.say("Hello")
    (entry,) = file()
    client.force_login(agent)
    taken = []
    for one in payloads:
        for address in (one, f"{one}@example.test", f'"{one}"@example.test', f"<{one}> v@example.test"):
            if visitor.post("addresses/", {"address": address}).status_code == 200:
                taken.append(address)
    answer = visitor.get("state/")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = client.get(f"/customers/{entry.customer_id}/panel/").content.decode()
    assert running(page) == [], taken


def test_what_an_administrator_writes_runs_in_no_frame(visitor: Visitor) -> None:
    channel = Channel.objects.get()
    for one in PAYLOADS[::6]:
        channel.config = {**channel.config, "greeting": one, "accent": one, "label": one}
        channel.save()
        page = visitor.client.get(visitor.place("?lang=en")).content.decode()
        assert running(page, allowed=OURS) == []
        assert running(str(channel.adapter.snippet_of(channel)), allowed=OURS) == []
