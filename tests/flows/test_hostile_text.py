"""What strangers write stays text: in the frame of a message, and on every page."""

from typing import Any

import lxml.html
import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand, Role, Team
from channels_app.models import Channel, RawEvent
from conversations.models import Attachment, Conversation, Draft, Entry, Message
from customers.models import Customer, Identity
from helpdesk.lib import clock
from helpdesk.lib.html import clean
from helpdesk.lib.inbound import InboundFile
from tests import vectors
from tests.factories import make_agent, make_inbound, receive, route_to

pytestmark = pytest.mark.django_db

NEVER = set("script iframe object embed form input button textarea select meta base link svg math video audio".split())
NEVER |= set("source template noscript frame frameset applet marquee bgsound picture".split())
ADDRESSES = {"src", "srcset", "href", "action", "formaction", "data", "background", "poster", "ping", "xlink:href"}
MARK = '"><x-planted title=\'"'
# Columns that are no text on a screen: names that machines compare, and what is sealed or hashed.
NO_WORDS = {"password", "sealed_config", "public_key", "slug", "kind", "state", "status", "digest", "body_sha256"}
NO_WORDS |= {"email", "value", "language", "time_zone", "theme", "density", "sight", "actor", "visibility", "role"}
NO_WORDS |= {"content_type", "direction", "mode", "scan_state", "next_due_kind", "last_channel_kind", "html", "held_by"}


def frame_of(html: str, agent: Agent, channel: Channel) -> lxml.html.HtmlElement:
    """Let a mail with this HTML arrive and fetch its frame."""
    entry = receive(
        channel=channel, inbound=make_inbound(address="giulia@example.test", html=clean(html).html or "<p>-")
    )
    client = Client()
    client.force_login(agent)
    answer = client.get(reverse("message_body", args=[entry.pk]), headers={"Sec-Fetch-Dest": "iframe"})
    assert answer.status_code == 200
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return lxml.html.document_fromstring(answer.content.decode()).find("body")


def breaches(body: lxml.html.HtmlElement) -> list[str]:
    """Name what could run, load or cover something."""
    found = [f"<{node.tag}>" for node in body.iter() if isinstance(node.tag, str) and node.tag.lower() in NEVER]
    for node in body.iter():
        for name, value in node.attrib.items():
            text = "".join(value.split()).lower()
            is_link = node.tag == "a" and name == "href" and text.startswith(("http://", "https://", "mailto:", "tel:"))
            if name.startswith("on") or (name in ADDRESSES and not is_link and not text.startswith("data:")):
                found.append(f"{name}={value}")
            if name == "style" and any(
                word in text for word in ("url(", "expression", "position:fixed", "behavior", "@")
            ):
                found.append(f"style={value}")
    return found


@pytest.mark.parametrize("vector", vectors.HTML)
def test_a_hostile_mail_does_nothing_in_its_frame(agent: Agent, channel: Channel, vector: str) -> None:
    assert breaches(frame_of(f"<p>Hello</p>{vector}<p>after</p>", agent, channel)) == []


def test_the_check_itself_finds_what_it_looks_for() -> None:
    raw = [lxml.html.document_fromstring(f"<body>{vector}</body>") for vector in vectors.HTML]
    assert sum(bool(breaches(tree)) for tree in raw) > 50


@pytest.mark.parametrize("text", vectors.TEXT)
def test_plain_text_stays_plain(agent: Agent, channel: Channel, text: str) -> None:
    inbound = make_inbound(address="giulia@example.test", text=text, subject=text, name=text)
    entry = receive(channel=channel, inbound=inbound)
    client = Client()
    client.force_login(agent)
    page = client.get(reverse("customer", args=[entry.customer_id])).content.decode()
    assert lxml.html.document_fromstring(page).find_class("planted") == []
    assert "planted" in page


def mark_everything() -> int:
    """Write the mark into every text column of every row; return how many columns it went into."""
    columns = 0
    for model in (Agent, Brand, Role, Team, Channel, RawEvent, Attachment, Conversation, Draft, Entry, Message):
        columns += _mark(model)
    return columns + _mark(Customer) + _mark(Identity)


def _mark(model: type[models.Model]) -> int:
    fields = [one for one in model._meta.concrete_fields if isinstance(one, models.CharField | models.TextField)]
    words = [one for one in fields if one.name not in NO_WORDS and not one.choices and not one.unique]
    for one in words:
        length = one.max_length or 1_000
        if length >= len(MARK):
            model._default_manager.exclude(**{one.name: None}).update(**{one.name: MARK})
    return len(words)


@pytest.fixture
def marked(channel: Channel, agent: Agent, supervisor: Agent) -> Conversation:
    """A conversation with one of everything, and the mark in every column."""
    file = InboundFile("photo.png", "image/png", b"\x89PNG", content_id="p")
    conversation = receive(
        channel=channel, inbound=make_inbound(address="giulia@example.test", subject="My parcel", files=(file,))
    ).conversation
    assert conversation is not None
    conversation.note(by=agent, text=MARK)
    conversation.reply(by=agent, text=MARK, to=route_to(conversation, subject=MARK.replace('"', "")))
    conversation.assign(by=supervisor, agent=make_agent(name="Bruno Rossi"))
    conversation.assign(by=supervisor, agent=supervisor)
    conversation.snooze(by=supervisor, until=clock.now().replace(year=2099))
    Draft.objects.create(agent=supervisor, conversation=conversation, text=MARK)
    RawEvent.objects.create(
        channel=channel, dedupe_key="q", body=b"x", body_sha256="0" * 64, state="quarantined", error=MARK
    )
    assert mark_everything() > 20
    return conversation


PAGES: list[tuple[str, Any]] = [
    ("inbox", lambda row: ["all"]),
    ("inbox", lambda row: ["mine"]),
    ("inbox", lambda row: ["snoozed"]),
    ("inbox", lambda row: ["drafts"]),
    ("workspace", lambda row: ["all", row.customer_id]),
    ("customers", lambda row: []),
    ("customer", lambda row: [row.customer_id]),
    ("entries", lambda row: [row.customer_id]),
    ("state", lambda row: [row.number]),
    ("preferences", lambda row: []),
    ("quarantine", lambda row: []),
]


@pytest.mark.parametrize(("name", "args"), PAGES, ids=lambda value: value if isinstance(value, str) else "")
def test_no_page_shows_a_column_unescaped(marked: Conversation, supervisor: Agent, name: str, args: Any) -> None:
    client = Client()
    client.force_login(supervisor)
    answer = client.get(reverse(name, args=args(marked)))
    assert answer.status_code == 200
    assert "<x-planted" not in answer.content.decode()
    assert "x-planted" in answer.content.decode() or name == "preferences"
