"""The sandboxes of WhatsApp, Messenger and Instagram: what they play is understood, what is sent reaches them."""

import dataclasses
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import RequestFactory

from channels_app import adapters, intake
from channels_app.adapters._meta.graph import Call, Graph
from channels_app.adapters.whatsapp import errors
from channels_app.models import Channel, RawEvent, SandboxMessage
from channels_app.sandbox import saying
from helpdesk.lib import clock
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Party, RawInput
from helpdesk.lib.outbound import Outbound, OutboundFile, OutboundRecipient, OutboundTemplate, QuickReply, SendError
from tests.channels_app.meta import CONFIGS, KINDS, make_account

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
PEOPLE = {"whatsapp": "393331234567", "messenger": "7001", "instagram": "9001"}
EVENTS = [(kind, happens) for kind in KINDS for happens in getattr(adapters.get(kind).simulator, "kinds", ())]
FILES = [(kind, name) for kind in KINDS for name in getattr(adapters.get(kind).simulator, "files", ())]
FAULTS = [(kind, fault) for kind in KINDS for fault in getattr(adapters.get(kind).simulator, "faults", ())]
ABOUT = {EventKind.EDIT, EventKind.DELETE, EventKind.REACTION}
PUBLIC = {EventKind.COMMENT, EventKind.MENTION}
# Here the words are Meta's, or there are none.
UNSAID = {
    EventKind.OPT_IN, EventKind.OPT_OUT, EventKind.SYSTEM, EventKind.FORM_REPLY, EventKind.REFERRAL,
    EventKind.UNSUPPORTED, EventKind.DELETE, EventKind.REACTION,
}  # fmt: skip


@pytest.fixture(params=KINDS)
def channel(request: pytest.FixtureRequest) -> Channel:
    return sandbox(request.param)


def sandbox(kind: str, **config: Any) -> Channel:
    channel = make_account(kind, **config)
    Channel.objects.filter(pk=channel.pk).update(is_sandbox=True)
    channel.refresh_from_db()
    return channel


def played(channel: Channel, event: Event) -> list[Event]:
    """Let the provider tell it; check its signature; read it."""
    simulator = channel.adapter.simulator
    assert simulator is not None
    webhook = simulator.webhook(channel, event)
    request = RequestFactory().post("/", webhook.body, content_type="application/json", headers=webhook.headers)
    channel.adapter.verify(request, channel)
    found = channel.adapter.parse(RawInput(webhook.body, AT, config=channel.config))
    return [one for one in found if isinstance(one, Event)]


def hear(channel: Channel) -> None:
    """Let the customer write, so that the time to answer begins."""
    simulator = channel.adapter.simulator
    assert simulator is not None
    event = dataclasses.replace(said(channel.kind, EventKind.MESSAGE), occurred_at=clock.now())
    intake.process(intake.store(channel, body=simulator.webhook(channel, event).body, headers={}).pk)


def said(kind: str, happens: EventKind, **more: Any) -> Event:
    fields: dict[str, Any] = {
        "sender_id": PEOPLE[kind],
        "sender_name": "Ada",
        "message_id": "123456",
        "text": "Do you open on Sunday?",
        "occurred_at": AT,
        "conversation_id": "post-1" if happens in PUBLIC else "",
        "target_id": "m-1" if happens in ABOUT else "",
        "reaction": "👍" if happens == EventKind.REACTION else "",
        "payload": "SUNDAY" if happens == EventKind.POSTBACK else "",
        "story_url": "https://cdn.example.test/s.png" if happens == EventKind.STORY_MENTION else "",
    }
    return Event(happens, **fields | more)


def out(kind: str, text: str = "Yes", **more: Any) -> Outbound:
    party = adapters.get(kind).party_of(Event(EventKind.MESSAGE, sender_id=PEOPLE[kind]), Channel(kind=kind))
    party = dataclasses.replace(party, realm=adapters.get(kind).realm_of(CONFIGS[kind]))
    return Outbound("key", party.value, (OutboundRecipient("to", party, 0),), text, **more)


@pytest.mark.parametrize(("kind", "happens"), EVENTS)
def test_what_is_played_is_understood(kind: str, happens: str) -> None:
    event = said(kind, EventKind(happens))
    found = played(sandbox(kind), event)[0]
    # An ad brings a message with it on WhatsApp.
    ad = EventKind.MESSAGE if kind == "whatsapp" else EventKind.REFERRAL
    assert found.kind == (ad if happens == EventKind.REFERRAL else event.kind)
    if happens != EventKind.MENTION or kind == "messenger":
        assert found.customer_id == event.sender_id
    if happens not in UNSAID and not (happens == EventKind.MENTION and kind == "instagram"):
        assert found.text == event.text
    assert (found.target_id, found.payload if happens != EventKind.FORM_REPLY else "") == (
        event.target_id,
        event.payload,
    )
    assert found.occurred_at == AT


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_every_file_is_played(kind: str, name: str) -> None:
    type_ = "audio" if name == "voice" else name
    url = "https://files.sandbox.invalid/a.png"
    given = EventFile(type_, "a.png", url, "image/png", "Ada", 45.5, 9.25, ("+39025550100",), is_voice=name == "voice")
    file = played(sandbox(kind), said(kind, EventKind.MESSAGE, files=(given,)))[0].files[0]
    assert file.type == type_
    assert (file.lat, file.lng) == ((45.5, 9.25) if type_ == "location" else (None, None))


@pytest.mark.parametrize(
    ("kind", "word", "ids"),
    [("whatsapp", "delivered", True), ("whatsapp", "read", True), ("whatsapp", "failed", True),
     ("messenger", "delivered", True), ("messenger", "read", False), ("instagram", "read", True)],
)  # fmt: skip
def test_statuses_are_played(kind: str, word: str, ids: bool) -> None:
    to = PEOPLE[kind]
    event = Event(EventKind.STATUS, direction="out", recipient_id=to, target_id="m-1", status=word, occurred_at=AT)
    found = played(sandbox(kind), event)[0]
    assert (found.kind, found.status) == (EventKind.STATUS, word)
    assert ("m-1" in (found.target_id, *found.target_ids)) == ids
    assert bool(found.watermark) == (kind == "messenger")


@pytest.mark.parametrize(("kind", "word"), [("messenger", "failed"), ("instagram", "delivered")])
def test_what_meta_does_not_tell_is_not_played(kind: str, word: str) -> None:
    event = Event(EventKind.STATUS, direction="out", recipient_id="1", target_id="m-1", status=word)
    with pytest.raises(ValueError, match="does not tell"):
        played(sandbox(kind), event)


def test_without_a_secret_nothing_can_be_signed() -> None:
    with pytest.raises(ValueError, match="app secret"):
        played(sandbox("messenger", app_secret=""), said("messenger", EventKind.MESSAGE))


def test_somebody_without_a_number_is_played_too() -> None:
    found = played(sandbox("whatsapp"), said("whatsapp", EventKind.MESSAGE, sender_id="US.Ab12"))[0]
    assert (found.sender_id, found.aliases) == ("US.Ab12", ())


def test_what_is_sent_reaches_the_sandbox(channel: Channel) -> None:
    hear(channel)
    sent = channel.adapter.send(channel, out(channel.kind, "Yes, we do"))
    kept = SandboxMessage.objects.get()
    assert (kept.external_id, kept.recipient, kept.text) == (sent.external_id, PEOPLE[channel.kind], "Yes, we do")


def test_files_and_answers_to_press_reach_it_too(channel: Channel) -> None:
    hear(channel)
    photo = OutboundFile("foto.png", "image/png", b"\x89PNG")
    channel.adapter.send(channel, out(channel.kind, "", files=(photo,)))
    channel.adapter.send(channel, out(channel.kind, "Which?", quick_replies=(QuickReply("Blue", "b"),)))
    details = list(SandboxMessage.objects.order_by("pk").values_list("details", flat=True))
    assert [bool(details[0].get("files")), details[1]["buttons"]] == [True, ["Blue"]]


def test_a_template_is_kept_with_its_name() -> None:
    channel = sandbox("whatsapp")
    names = {one.name for one in channel.adapter.templates(channel)}
    channel.adapter.send(channel, out("whatsapp", template=OutboundTemplate("order_ready", "it", ("Giulia", "42"))))
    assert "order_ready" in names
    assert SandboxMessage.objects.get().details == {
        "type": "template",
        "template": "order_ready",
        "values": ["Giulia", "42"],
    }


def test_a_tag_of_a_person_is_kept() -> None:
    channel = sandbox("messenger")
    hear(channel)
    channel.adapter.send(channel, out("messenger", window="human"))
    assert SandboxMessage.objects.get().details == {"tag": "HUMAN_AGENT"}


@pytest.mark.parametrize(("kind", "fault"), FAULTS)
def test_every_trouble_becomes_its_class(kind: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = sandbox(kind)
    simulator = channel.adapter.simulator
    assert simulator is not None
    plain = type(simulator).answer
    monkeypatch.setattr(type(simulator), "answer", lambda self, channel, ask: plain(self, channel, ask, fault))
    with pytest.raises(SendError) as caught:
        channel.adapter.send(channel, out(kind))
    assert (caught.value.code, SandboxMessage.objects.count()) == (fault, 0)
    assert caught.value.retry_after_seconds == (5 if fault == "throttled" else None)


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
def test_comments_are_answered_in_both_ways(kind: str) -> None:
    channel = sandbox(kind)
    channel.adapter.send(channel, out(kind, comment_id="c-1", is_public=True))
    channel.adapter.send(channel, out(kind, comment_id="c-1"))
    channel.adapter.hide(channel, "c-1", is_hidden=True)
    details = [one.details for one in SandboxMessage.objects.order_by("pk")]
    assert details == [{"comment": "c-1", "public": True}, {"comment": "c-1"}]


def test_accounts_connect_check_and_show_that_they_type(channel: Channel) -> None:
    adapter, person = channel.adapter, Party(channel.identity_kind, PEOPLE[channel.kind])
    adapter.check(channel)
    adapter.connect(channel)
    adapter.disconnect(channel)
    adapter.typing(channel, person, "m-1")
    adapter.mark_read(channel, person, "m-1")
    assert SandboxMessage.objects.count() == 0


def test_a_file_of_whatsapp_is_looked_up_before_it_is_fetched() -> None:
    channel = sandbox("whatsapp")
    found = Graph(channel, errors.judge).ask(Call("media-telaio-sample-photo.png", "Look up a file"))
    assert found["url"].endswith("/telaio-sample-photo.png")


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_the_page_offers_is_filed(kind: str) -> None:
    channel = sandbox(kind)
    simulator = channel.adapter.simulator
    assert simulator is not None
    hear(channel)
    for what in saying.choices(simulator):
        given = {
            "what": what,
            "sender": PEOPLE[kind] if kind != "whatsapp" else "+393331234567",
            "name": "Ada",
            "about": "123456",
        }
        form = saying.SayingForm(given, channel=channel, simulator=simulator)
        form.fields["about"].choices = [("123456", "")]  # type: ignore[attr-defined]
        assert form.is_valid(), (what, form.errors)
        form.happen()
    states = Counter(intake.process(row.pk) for row in RawEvent.objects.filter(channel=channel, state="new"))
    assert set(states) <= {RawEvent.State.FILED, RawEvent.State.IGNORED}
    assert states[RawEvent.State.FILED] > len(states)
