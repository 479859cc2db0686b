"""A channel that the desk plays: through the provider's own door, with its troubles, windows and statuses."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from channels_app import delivery, intake, tasks
from channels_app.adapters.sandbox.adapter import SandboxAdapter
from channels_app.models import Channel, RawEvent, SandboxMessage
from channels_app.sandbox import planning, playing, posting, samples, saying
from conversations.models import Conversation, Delivery, Entry
from helpdesk.lib.events import EventKind
from helpdesk.lib.http import Ask, Refused
from helpdesk.lib.outbound import Capabilities
from tests.factories import make_agent, make_channel, route_to
from tests.waiting import together

pytestmark = pytest.mark.django_db
ACCOUNT = {"looks_like": "chat", "key": "a-key"}


@pytest.fixture
def sandbox(db: None) -> Channel:
    return make_channel(name="Practice", kind="sandbox", config=ACCOUNT, is_sandbox=True)


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_agent(name="Ada Bianchi", role="admin"))
    return client


def post(desk: Client, row: Channel, route: str = "channel_test", **data: Any) -> Any:
    return desk.post(reverse(route, args=[row.pk]), data, follow=True)


def say(desk: Client, row: Channel, what: str = "text", **data: Any) -> RawEvent:
    """Let a customer do something and file it."""
    post(desk, row, **{"what": what, "sender": "guest-1", "name": "Giulia", "text": "Hello", **data})
    event = RawEvent.objects.latest("pk")
    intake.process(event.pk)
    return event


def answer(desk: Client, row: Channel, text: str = "Hi!") -> Delivery:
    """Let Giulia write and be answered."""
    say(desk, row)
    conversation = Conversation.objects.get()
    entry = conversation.reply(by=Agent.objects.latest("pk"), text=text, to=route_to(conversation))
    found = Delivery.objects.get(message_id=entry.pk)
    delivery.deliver(found.pk)
    found.refresh_from_db()
    return found


def test_a_customer_writes_through_the_providers_door(desk: Client, sandbox: Channel) -> None:
    event = say(desk, sandbox)
    sandbox.refresh_from_db()
    assert Entry.objects.get(kind="message").message.text == "Hello"
    assert sandbox.called_at is not None
    assert event.headers["x-telaio-method"] == "POST"


def test_what_is_played_says_so_on_the_timeline(desk: Client, sandbox: Channel) -> None:
    say(desk, sandbox)
    page = desk.get(reverse("customer", args=[Conversation.objects.get().customer_id])).content.decode()
    assert "Chat (sandbox)" in page


def test_a_wrong_signature_is_refused_there_too(
    desk: Client, sandbox: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = make_channel(name="Other", kind="sandbox", config={"key": "other"}, is_sandbox=True)
    simulator = sandbox.adapter.simulator
    assert simulator is not None
    forged = simulator.webhook(stranger, saying.Event(EventKind.MESSAGE, sender_id="guest-1", text="Hello"))
    monkeypatch.setattr(type(simulator), "webhook", lambda self, channel, event: forged)
    assert "403" in post(desk, sandbox, what="text", sender="guest-1", text="Hello").content.decode()
    assert not RawEvent.objects.exists()


@pytest.mark.parametrize("what", saying.choices(SandboxAdapter().simulator))  # type: ignore[arg-type]
def test_everything_that_is_offered_is_taken(desk: Client, sandbox: Channel, what: str) -> None:
    first = say(desk, sandbox)
    said = planning.plan_of(Channel.objects.get()).said[0]["id"]
    event = say(desk, sandbox, what, about=said)
    event.refresh_from_db()
    assert first.pk != event.pk
    assert event.state in {"filed", "ignored"}, event.error


def test_a_sample_is_fetched_by_its_address() -> None:
    for kind in samples.NAMES:
        file = samples.file_of(kind)
        found = samples.asked_for(f"https://elsewhere.example.test/v1/{file.ref}?token=x")
        assert found is not None and found.mime == file.mime and len(found.content) == file.size_bytes
    assert samples.asked_for("https://elsewhere.example.test/") is None


def test_what_was_sent_is_kept_and_marked(desk: Client, sandbox: Channel) -> None:
    queued = answer(desk, sandbox)
    message = SandboxMessage.objects.get()
    assert (queued.state, message.text, message.recipient) == ("sent", "Hi!", "guest-1")
    assert "Mark delivered" in desk.get(reverse("channel_sent", args=[sandbox.pk])).content.decode()
    for state in ("delivered", "read"):
        post(desk, sandbox, "channel_status", message=message.pk, state=state)
        intake.process(RawEvent.objects.latest("pk").pk)
        queued.refresh_from_db()
        assert queued.state == state
    events = RawEvent.objects.count()
    post(desk, sandbox, "channel_status", message=message.pk, state="delivered")
    assert RawEvent.objects.count() == events


def test_a_message_fails_later(desk: Client, sandbox: Channel) -> None:
    queued = answer(desk, sandbox)
    post(desk, sandbox, "channel_status", message=SandboxMessage.objects.get().pk, state="failed")
    intake.process(RawEvent.objects.latest("pk").pk)
    queued.refresh_from_db()
    assert queued.state == "failed"


def test_statuses_follow_by_themselves(desk: Client, sandbox: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(playing, "ring", lambda *args, **more: rung.append((*args, more["countdown_seconds"])))
    planning.set_plan(sandbox, follows="read")
    answer(desk, sandbox)
    message = SandboxMessage.objects.get()
    assert rung == [(playing.REPORT, message.pk, "delivered", 1.0), (playing.REPORT, message.pk, "read", 3.0)]
    tasks.report_played(message.pk, "delivered")
    message.refresh_from_db()
    assert message.state == "delivered"


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("throttled", "retry", "throttled"), ("provider_error", "retry", "provider_error"),
        ("rejected_recipient", "failed", "rejected_recipient"), ("window_closed", "failed", "window_closed"),
        ("opted_out", "failed", "opted_out"), (planning.NO_ANSWER, "unknown", "timeout"),
    ],
)  # fmt: skip
def test_the_next_send_meets_what_was_planned(
    desk: Client, sandbox: Channel, fault: str, state: str, code: str
) -> None:
    post(desk, sandbox, "channel_plan", fault=fault, times="1", delay="0", follows="")
    failed = answer(desk, sandbox)
    assert (failed.state, failed.error_code) == (state, code)
    assert SandboxMessage.objects.count() == (fault == planning.NO_ANSWER)
    assert planning.plan_of(Channel.objects.get()).next_fault == ""


def test_nonsense_is_not_planned(desk: Client, sandbox: Channel) -> None:
    post(desk, sandbox, "channel_plan", fault="fire", times="999", delay="999", follows="later")
    plan = planning.plan_of(Channel.objects.get())
    assert (plan.fault, plan.left, plan.delay_seconds, plan.follows) == ("", 20, 10, "")


def test_a_window_closes_by_the_workspaces_clock(
    desk: Client, sandbox: Channel, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    windowed = Capabilities(max_text_characters=1_000, max_files_bytes=1, reply_window_hours=24)
    monkeypatch.setattr(SandboxAdapter, "capabilities_of", lambda self, channel: windowed)
    say(desk, sandbox)
    send = Ask(
        "https://x.invalid/", "POST", body=b'{"key": "k", "text": "Hi", "to": [{"value": "guest-1", "position": 0}]}'
    )
    assert playing.play(sandbox, send).status == 200
    clock.shift(timedelta(hours=25))
    assert playing.play(sandbox, send).status == 409


@pytest.mark.django_db(transaction=True)
def test_two_sends_at_once_use_up_one_trouble(sandbox: Channel) -> None:
    planning.set_plan(sandbox, fault="throttled", left=1)
    found: list[str] = []
    together(*[lambda: found.append(planning.take_fault(sandbox))] * 2)
    assert sorted(found) == ["", "throttled"]


def test_a_kind_without_a_simulator_cannot_be_played(channel: Channel) -> None:
    with pytest.raises(Refused):
        playing.play(channel, Ask("https://x.invalid/"))
    with pytest.raises(posting.NotTaken):
        posting.post(channel, saying.Event(EventKind.MESSAGE))


def test_a_real_channel_is_not_simulated(desk: Client, channel: Channel) -> None:
    assert "real customers" in post(desk, channel, what="text", sender="a@example.test").content.decode()
    assert not RawEvent.objects.exists()
