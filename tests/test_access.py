"""Every address of the desk and how it is asked; tests/test_access_matrix.py asks as every role, of every object."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agents.models import Agent, ApiToken, Calendar, ExportRun, Role
from agents.programs import issuing
from channels_app.models import Channel, RawEvent
from conversations import people, recording
from conversations.importing import running
from conversations.known import facts
from conversations.merging import merge
from conversations.models import (
    Attachment,
    Conversation,
    CustomerImport,
    Entry,
    Fact,
    MergeRecord,
    Notice,
    Picture,
    Webhook,
    WebhookDelivery,
)
from conversations.models.draft import Draft
from customers.models import Company, Customer, CustomField, Segment
from helpdesk.lib.inbound import InboundFile, Proof
from tests.factories import (
    built_in_role,
    make_agent,
    make_channel,
    make_customer,
    make_inbound,
    make_role,
    make_team,
    receive,
    route_to,
)
from tests.own_doors import ELSEWHERE

pytestmark = pytest.mark.django_db
REFUSED = {"purpose": "survey", "state": "refused", "source": "By phone"}
HTML = '<p>Hello <img data-remote="https://pictures.example.test/a.png"></p>'


@dataclass
class World:
    """What the addresses lead to; all of it belongs to the team Front."""

    conversation: Conversation
    message: Entry
    held: Entry
    status: Entry
    event: RawEvent
    picture: Attachment
    merge: MergeRecord
    writer: Agent
    note: Entry
    stranger: Customer
    fact: Fact
    field: CustomField
    company: Company
    segment: Segment
    told: WebhookDelivery
    role: Role
    export: ExportRun
    file: CustomerImport
    calendar: Calendar

    @property
    def way(self) -> str:
        to = route_to(self.conversation)
        return f"{to.channel_id}-{to.identity_id}"


@dataclass(frozen=True)
class Route:
    """One address: how it is asked, and the answer to somebody who may."""

    allowed: int
    args: Callable[[World], list[Any]] = lambda world: []
    method: str = "get"
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    headers: dict[str, str] = field(default_factory=dict)


def number(world: World) -> list[Any]:
    return [world.conversation.number]


def customer(world: World) -> list[Any]:
    return [world.conversation.customer_id]


def address(world: World) -> list[Any]:
    return [world.conversation.customer_id, world.conversation.customer.identities.earliest("pk").pk]


def own_field(world: World) -> list[Any]:
    return [world.field.pk]


def own_person(world: World) -> list[Any]:
    return [world.writer.pk]


def own_team(world: World) -> list[Any]:
    return [world.conversation.team_id]


def brand(world: World) -> list[Any]:
    return [world.conversation.brand_id]


def hours(world: World) -> list[Any]:
    return [world.calendar.pk]


def own_role(world: World) -> list[Any]:
    return [world.role.pk]


def service(world: World) -> list[Any]:
    return [Agent.objects.get(is_service=True).pk]


def company(world: World) -> list[Any]:
    return [world.company.pk]


def door(world: World) -> list[Any]:
    return [world.event.channel_id]


def webhook(world: World) -> list[Any]:
    return [world.told.webhook_id]


def act(name: str = "", value: str = "") -> Route:
    return Route(302, number, "post", lambda world: {name: value} if name else {})


FRAME = {"Sec-Fetch-Dest": "iframe"}

# Things of one team: an outsider finds them absent.
OBJECTS: dict[str, Route] = {
    "workspace": Route(200, lambda world: ["all", world.conversation.customer_id]),
    "customer": Route(200, customer),
    "entries": Route(200, customer),
    "finding": Route(200, customer),
    "panel": Route(200, customer),
    "profile": Route(200, customer),
    "figures": Route(200, customer),
    "customer_company": Route(302, customer, "post", lambda world: {"company": world.company.pk}),
    "company": Route(200, company),
    "company_profile": Route(200, company),
    "company_joining": Route(200, company),
    "company_people": Route(302, company, "post", lambda world: {"customer": world.stranger.pk}),
    # Somebody belongs to it; one that nobody belongs to may be known to everybody.
    "company_removal": Route(409, company, "post"),
    "identities": Route(302, customer, "post", lambda world: {"kind": "email", "value": "new@example.test"}),
    "merging": Route(200, customer),
    "moving": Route(200, customer),
    "rejections": Route(302, customer, "post", lambda world: {"with": world.stranger.pk}),
    "splitting": Route(200, address),
    "merge_undoing": Route(302, lambda world: [world.merge.pk], "post"),
    "picture": Route(200, address),
    "identity": Route(302, address, "post", lambda world: {"act": "verify"}),
    "identity_removal": Route(302, address, "post"),
    "conversation": Route(302, number),
    "state": Route(200, number),
    "assignment": act("take", "1"),
    "snooze": act("until", "2099-01-01T09:00:00+00:00"),
    "resolution": act(),
    "reopening": act(),
    "waiting": act(),
    "tags": act("add", "late"),
    "customer_tags": Route(302, customer, "post", lambda world: {"add": "vip"}),
    "consents": Route(302, customer, "post", lambda world: {**REFUSED, "identity": address(world)[1]}),
    "pinned_notes": Route(302, customer, "post", lambda world: {"note": "Has a dog."}),
    "pin": Route(302, lambda world: [world.note.pk], "post"),
    "story": Route(200, number),
    "fact_dismissal": Route(302, lambda world: [world.fact.pk], "post"),
    "fact_correction": Route(302, lambda world: [world.fact.pk], "post", lambda world: {"value": "10433"}),
    "seen": Route(204, number, "post", lambda world: {"seq": "1"}),
    "replies": Route(302, number, "post", lambda world: {"text": "On its way.", "way": world.way}),
    "ways": Route(200, number),
    # This desk has no chat to ask anybody over to.
    "hops": Route(422, number, "post", lambda world: {"way": world.way}),
    "templates": Route(200, number, "get", lambda world: {"way": world.way}),
    "parts": Route(200, number, "post", lambda world: {"way": world.way, "text": "Long."}),
    "notes": act("note", "Odd."),
    "draft": Route(200, lambda world: [world.conversation.number, "reply"], "post", lambda world: {"text": "On"}),
    "colleague_draft": Route(200, lambda world: [world.conversation.number, "reply", world.status.by_id]),
    "draft_taking": Route(302, lambda world: [world.conversation.number, "note", world.writer.pk], "post"),
    "undoing": Route(302, lambda world: [world.status.pk], "post"),
    "original": Route(200, lambda world: [world.message.pk]),
    "message_body": Route(200, lambda world: [world.message.pk], headers=FRAME),
    "message_image": Route(200, lambda world: [world.message.pk, 0]),
    "message_inline": Route(200, lambda world: [world.message.pk, world.picture.pk]),
    "cancellation": Route(302, lambda world: [world.held.pk], "post"),
    "release": Route(302, lambda world: [world.held.pk], "post"),
    "retry": Route(302, lambda world: [world.held.pk], "post"),
    "rewriting": Route(302, lambda world: [world.held.pk], "post"),
    "reaction": Route(422, lambda world: [world.message.pk], "post", lambda world: {"emoji": "👍"}),
    "edit": Route(422, lambda world: [world.held.pk], "post", lambda world: {"text": "Other."}),
    "withdrawal": Route(422, lambda world: [world.held.pk], "post"),
    "hiding": Route(422, lambda world: [world.message.pk], "post", lambda world: {"is_hidden": "1"}),
    "attachment": Route(200, lambda world: [world.picture.pk]),
    "attachment_media": Route(200, lambda world: [world.picture.pk]),
    "attachment_thumbnail": Route(200, lambda world: [world.picture.pk]),
    "attachment_fetching": Route(302, lambda world: [world.picture.pk], "post"),
    "message_versions": Route(200, lambda world: [world.message.pk]),
}
# One's own pages: everybody who works here has them.
OWN: dict[str, Route] = {
    "home": Route(302),
    "inbox_home": Route(302),
    "inbox": Route(200, lambda world: ["all"]),
    "customers": Route(200),
    "companies": Route(200),
    "company_new": Route(200),
    "search": Route(200, data=lambda world: {"q": "parcel"}),
    "search_suggestions": Route(200, data=lambda world: {"q": "from:gi"}),
    "segments": Route(200),
    "segment_new": Route(200),
    "segment": Route(200, lambda world: [world.segment.pk]),
    "segment_removal": Route(302, lambda world: [world.segment.pk], "post"),
    "me": Route(302),
    "preferences": Route(200),
    "own_tokens": Route(200),
    "own_token": Route(200),
    "changes": Route(302, method="post", data=lambda world: {"act": "resolution:", "numbers": "1"}),
    "undoings": Route(302, method="post"),
    "notice_bar": Route(200),
    "theme": Route(204, method="post", data=lambda world: {"theme": "dark"}),
}
# Pages of those who see everything.
SUPERVISORS: dict[str, Route] = {
    "notices": Route(200),
    "notice_new": Route(200),
    "notice": Route(200, lambda world: [Notice.objects.get().pk]),
    "notice_preview": Route(200, method="post", data=lambda world: {"text_en": "Late"}),
    "notice_ending": Route(302, lambda world: [Notice.objects.get().pk], "post"),
    "notice_reopening": Route(302, lambda world: [Notice.objects.get().pk], "post"),
    "quarantine": Route(200),
    "quarantine_raw": Route(200, lambda world: [world.event.pk]),
    "quarantine_replay": Route(302, lambda world: [world.event.pk], "post"),
}
# Pages of administrators.
ADMINISTRATORS: dict[str, Route] = {
    "imports": Route(200),
    "import": Route(200, lambda world: [world.file.pk]),
    "import_reading": Route(
        302, lambda world: [world.file.pk], "post", lambda world: {"encoding": "cp1252", "delimiter": ","}
    ),
    "import_check": Route(302, lambda world: [world.file.pk], "post", lambda world: {"column-0": "address-email"}),
    "import_state": Route(302, lambda world: [world.file.pk], "post", lambda world: {"act": "cancel"}),
    "import_problems": Route(200, lambda world: [world.file.pk]),
    "exports": Route(200),
    # To whoever has not said a moment ago who they are, their password first.
    "export_file": Route(302, lambda world: [world.export.pk]),
    "export_removal": Route(302, lambda world: [world.export.pk], "post"),
    "outbox": Route(200),
    "outbox_release": Route(302, method="post"),
    "settings": Route(200),
    "fields": Route(200),
    "field_new": Route(200),
    "field": Route(200, own_field),
    "field_place": Route(302, own_field, "post", lambda world: {"to": "up"}),
    "field_removal": Route(302, own_field, "post", lambda world: {"known": "0"}),
    "people": Route(200),
    "person_new": Route(200),
    "person": Route(200, own_person),
    "person_invitation": Route(200, own_person, "post"),
    "deactivation": Route(302, own_person, "post"),
    "activation": Route(302, own_person, "post"),
    "handover": Route(200, own_person),
    "teams": Route(200),
    "team_new": Route(200),
    "team": Route(200, own_team),
    "team_removal": Route(409, own_team, "post"),
    "brands": Route(200),
    "brand_new": Route(200),
    "brand": Route(200, brand),
    "brand_removal": Route(409, brand, "post"),
    "audit": Route(200),
    "reading": Route(200),
    "hours": Route(200),
    "calendar_new": Route(200),
    "calendar": Route(200, hours),
    "calendar_choice": Route(302, method="post"),
    "calendar_removal": Route(302, hours, "post"),
    "roles": Route(200),
    "role_new": Route(200),
    "role": Route(200, own_role),
    "role_removal": Route(302, own_role, "post"),
    "programs": Route(200),
    "service_new": Route(200),
    "service": Route(200, service),
    "service_token": Route(200, service),
    "token_revocation": Route(302, lambda world: [ApiToken.objects.get().pk], "post"),
    "service_retirement": Route(302, service, "post"),
    "order_pattern": Route(200),
    "order_trial": Route(200, method="post", data=lambda world: {"text": "Order 10432"}),
    "channel_list": Route(200),
    "channel_kinds": Route(200),
    "channel_new": Route(200, lambda world: ["email"]),
    "channel_one": Route(200, door),
    "channel_account": Route(200, door),
    "channel_state": Route(302, door, "post", lambda world: {"on": "0"}),
    "channel_key": Route(302, door, "post", lambda world: {"what": "address"}),
    "channel_removal": Route(302, door, "post"),
    "channel_waiting": Route(200, door),
    "channel_check": Route(302, door, "post"),
    "channel_connection": Route(302, door, "post", lambda world: {"on": "1"}),
    "channel_message": Route(302, door, "post", lambda world: {"to": "ada@example.test"}),
    "channel_templates": Route(302, door, "post"),
    "channel_test": Route(200, door),
    "channel_sent": Route(200, door),
    "channel_status": Route(302, door, "post"),
    "channel_plan": Route(302, door, "post"),
    "profile_pictures": Route(302, method="post", data=lambda world: {"on": "0"}),
    "sandboxes": Route(302, method="post", data=lambda world: {"on": "1"}),
    "clock": Route(200),
    "clock_advance": Route(302, method="post", data=lambda world: {"unit": "hours", "count": "1"}),
    "webhook_list": Route(200),
    "webhook_new": Route(200),
    "webhook_one": Route(200, webhook),
    "webhook_secret": Route(201, webhook, "post", lambda world: {"overlap": "1"}),
    "webhook_switch": Route(302, webhook, "post", lambda world: {"on": "0"}),
    "webhook_removal": Route(302, webhook, "post"),
    "webhook_test": Route(302, webhook, "post"),
    "webhook_deliveries": Route(200, webhook),
    "webhook_replays": Route(302, webhook, "post", lambda world: {"hours": "0"}),
    "webhook_delivery": Route(200, lambda world: [world.told.pk]),
    "webhook_replay": Route(302, lambda world: [world.told.pk], "post"),
}
SIGN_IN = ("account_", "mfa_")
# The API has a table of its own, in tests/test_access_api.py: each of its routes takes several methods.
PROGRAMS = "api-"
APPS = ("agents_", "customers_", "conversations_", "channels_app_")
EVERYTHING = {**OBJECTS, **OWN, **SUPERVISORS, **ADMINISTRATORS}


@pytest.fixture
def world(channel: Channel, agent: Agent, colleague: Agent, pictures: None) -> World:
    return build(channel, agent, colleague)


def build(channel: Channel, agent: Agent, colleague: Agent) -> World:
    """Let happen what the addresses lead to, in the team of a channel, by two of its agents."""
    picture = InboundFile("photo.png", "image/png", b"\x89PNG", content_id="p")
    message = receive(channel=channel, inbound=make_inbound(address="giulia@example.test", html=HTML, files=(picture,)))
    event = RawEvent.objects.create(channel=channel, dedupe_key="k", body=b"raw", body_sha256="0" * 64, state="filed")
    Entry.objects.filter(pk=message.pk).update(raw=event)
    conversation = message.conversation
    assert conversation is not None
    status = conversation.wait(by=colleague)
    held = conversation.reply(by=agent, text="Soon.", to=route_to(conversation), hold_seconds=10)
    assert status is not None
    second = receive(channel=channel, inbound=make_inbound(address="second@example.test")).customer
    record = merge.merge(conversation.customer, second, by=agent)
    Draft.objects.create(agent=colleague, conversation=conversation, mode="reply", text="Dear Giulia")
    writer = make_agent(name="Carla Conti")
    note = conversation.note(by=colleague, text="Has a dog.")
    Draft.objects.create(agent=writer, conversation=conversation, mode="note", text="Careful")
    picture, stranger = message.attachments.get(), make_customer(name="Stan Novak")
    message.attachments.update(thumbnail=picture.blob_id)
    Picture.objects.create(identity=conversation.customer.identities.earliest("pk"), blob_id=picture.blob_id)
    facts.keep(message, [facts.Learnt(Fact.Kind.KNOWN, "10432", Fact.What.ORDER)])
    fact = Fact.objects.get()
    employer = Company.objects.create(name="Giulia & figlie")
    people.employ(employer, [conversation.customer], by=agent)
    segment = Segment.objects.create(name="Romanian")
    recording.tag(conversation, "old", by=agent)
    ApiToken.issue(issuing.add_service("Robot", built_in_role(slug="light"), [], by=agent), "Robot")
    field = CustomField.objects.create(slug="dog", name="Dog")
    Notice.objects.create(texts={"en": "Parcels are late"})
    hook = Webhook.objects.create(name="Shop", url="https://shop.example.test/", groups=["message_in"])
    told = WebhookDelivery.objects.create(webhook=hook, entry=message, event="message_in")
    return World(
        conversation, message, held, status, event, picture, record, writer, note, stranger, fact, field, employer,
        segment, told, make_role(), ExportRun.objects.create(state="ready", file="none.zip"),
        running.keep("people.csv", [b"Email\nada@example.test\n"], by=None), Calendar.objects.create(name="Office"),
    )  # fmt: skip


def ask(client: Client, name: str, world: World) -> Any:
    route = EVERYTHING[name]
    url = reverse(name, args=route.args(world))
    return getattr(client, route.method)(url, route.data(world), headers=route.headers)


def browser(agent: Agent | None = None, **options: Any) -> Client:
    client = Client(**options)
    if agent is not None:
        client.force_login(agent)
    return client


def everything_kept() -> dict[str, str]:
    """Return a sum over all rows of each table of ours, so that any change shows."""
    tables = [table for table in connection.introspection.table_names() if table.startswith(APPS)]
    rows = [
        f"select '{table}', coalesce(sum(hashtextextended(t::text, 0)), 0)::text from \"{table}\" t" for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(rows))
        return dict(cursor.fetchall())


def names(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[str]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            yield pattern.name or str(pattern.pattern)


def test_every_address_is_in_the_table() -> None:
    known = {*EVERYTHING, *ELSEWHERE}
    assert {name for name in names() if name not in known and not name.startswith((*SIGN_IN, PROGRAMS))} == set()
    assert known <= set(names())


def changes(world: World) -> Iterator[tuple[str, Route]]:
    yield from ((name, route) for name, route in EVERYTHING.items() if route.method == "post")


def test_a_change_by_get_is_refused(world: World) -> None:
    client = browser(make_agent(name="Ada", role="admin"))
    before = everything_kept()
    for name, route in changes(world):
        assert (name, client.get(reverse(name, args=route.args(world))).status_code) == (name, 405)
    assert everything_kept() == before


def test_a_change_from_another_site_is_refused(world: World) -> None:
    client = browser(make_agent(name="Ada", role="admin"), enforce_csrf_checks=True)
    before = everything_kept()
    for name, _route in changes(world):
        assert (name, ask(client, name, world).status_code) == (name, 403)
    assert everything_kept() == before


def test_an_outsiders_own_pages_say_nothing_of_others(world: World, outsider: Agent) -> None:
    client = browser(outsider)
    for name in (name for name, route in OWN.items() if route.method == "get"):
        answer = ask(client, name, world)
        assert (name, answer.status_code) == (name, OWN[name].allowed)
        assert b"giulia" not in answer.content.lower()


def test_a_participants_own_timeline_gives_away_no_raw_mail(agent: Agent) -> None:
    private = make_channel(team=make_team(name="Complaints", is_private=True))
    boss = receive(channel=make_channel(), inbound=make_inbound(address="boss@example.test"))
    secret = receive(channel=private, inbound=make_inbound(address="giulia@example.test")).conversation
    assert secret is not None
    secret.participants.create(identity=boss.message.sender)
    key = secret.threads.get().external_id
    event = RawEvent.objects.create(channel=private, dedupe_key="k", body=b"secret", body_sha256="0" * 64)
    said = make_inbound(address="boss@example.test", text="secret", proof=Proof.TOKEN, thread_key=key)
    receive(channel=private, inbound=said, raw=event)
    pointer = Entry.objects.get(kind="took_part", customer=boss.customer)
    assert pointer.raw is None
    assert browser(agent).get(reverse("original", args=[pointer.pk])).status_code == 404
    assert b"secret" not in browser(agent).get(reverse("customer", args=[boss.customer_id])).content
