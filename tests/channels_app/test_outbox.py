"""The outbox of a restored desk: nothing leaves, is polled or wakes before an administrator says so."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from agents.models import Agent, AuditRow, Workspace
from channels_app import delivery, outbox, polling, sweeping
from channels_app.models import Channel
from conversations.models import Conversation, Delivery
from helpdesk.lib import clock
from tests.factories import make_agent, route_to
from tests.paper import Post

pytestmark = pytest.mark.django_db


def hold() -> None:
    Workspace.get()
    Workspace.objects.update(held_since=clock.real())


def answer(conversation: Conversation, by: Agent, text: str = "On its way.", hold_seconds: int = 0) -> Delivery:
    entry = conversation.reply(by=by, text=text, to=route_to(conversation), hold_seconds=hold_seconds)
    return Delivery.objects.get(message=entry.message)


@pytest.fixture
def restored(conversation: Conversation, agent: Agent) -> tuple[Delivery, Delivery]:
    """A reply that waited in the backup, and one written since."""
    old = answer(conversation, agent, "Old.")
    hold()
    return old, answer(conversation, agent, "New.")


def test_a_held_outbox_sends_nothing(restored: tuple[Delivery, Delivery], sent: Post) -> None:
    assert [delivery.deliver(row.pk) for row in restored] == ["queued", "queued"]
    assert (list(delivery.due()), sent.accepted) == ([], [])


def test_a_held_desk_polls_and_checks_no_mailbox(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(type(channel.adapter), "fetch", lambda self, channel: asked.append("fetch") or 1)
    monkeypatch.setattr(type(channel.adapter), "check", lambda self, channel: asked.append("check"))
    Channel.objects.filter(pk=channel.pk).update(state="down")
    hold()
    assert (polling.poll(channel.pk), sweeping.down_channels()) == (None, [])
    assert asked == []
    outbox.release(by=None)
    for pk in sweeping.down_channels():
        sweeping.check_channel(pk)
    assert (polling.poll(channel.pk), asked) == (1, ["check", "fetch"])


def test_nobody_wakes_while_the_outbox_is_held(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "ring_now", lambda *args: True)
    conversation.snooze(by=None, until=clock.now() + timedelta(hours=1))
    Conversation.objects.update(snoozed_until=clock.now() - timedelta(minutes=1))
    hold()
    sweeping.sweep_events()
    conversation.refresh_from_db()
    assert conversation.status == "snoozed"
    outbox.release(by=None)
    sweeping.sweep_events()
    conversation.refresh_from_db()
    assert conversation.status == "open"


def test_released_it_sends_what_is_new_and_leaves_the_old_to_people(
    restored: tuple[Delivery, Delivery], sent: Post
) -> None:
    held = outbox.release(by=None)
    assert held is not None
    assert (held.old, held.new) == (1, 1)
    assert [delivery.deliver(row.pk) for row in restored] == ["unknown", "sent"]
    assert [outbound.text for outbound in sent.accepted] == ["New."]
    old = Delivery.objects.get(pk=restored[0].pk)
    assert (old.error_code, [part.state for part in old.parts.all()]) == ("restored", ["unknown"])
    assert old.error


def test_a_reply_that_could_still_be_undone_counts_as_answered(conversation: Conversation, agent: Agent) -> None:
    answer(conversation, agent, hold_seconds=3600)
    hold()
    outbox.release(by=None)
    conversation.refresh_from_db()
    assert (conversation.unanswered_count, conversation.waiting_since) == (0, None)
    assert not conversation.entries.latest("seq").data.get("held")


def test_old_replies_go_out_when_nothing_ran_since(restored: tuple[Delivery, Delivery], sent: Post) -> None:
    outbox.release(by=None, sends_old=True)
    assert [delivery.deliver(row.pk) for row in restored] == ["sent", "sent"]
    assert [outbound.text for outbound in sent.accepted] == ["Old.", "New."]


def test_releasing_twice_does_nothing_the_second_time(restored: tuple[Delivery, Delivery]) -> None:
    outbox.release(by=None)
    assert outbox.release(by=None) is None
    assert AuditRow.objects.filter(thing="outbox").count() == 1


def test_the_command_says_what_it_let_go(restored: tuple[Delivery, Delivery]) -> None:
    out = io.StringIO()
    call_command("release_outbox", stdout=out)
    call_command("release_outbox", stdout=out)
    assert "From the backup: 1 (marked" in out.getvalue()
    assert "Written since: 1" in out.getvalue()
    assert "The outbox is not held." in out.getvalue()


def test_everybody_is_told_and_an_administrator_releases_it(
    client: Client, agent: Agent, restored: tuple[Delivery, Delivery]
) -> None:
    client.force_login(agent)
    page = client.get("/customers/").content.decode()
    assert "Restored from a backup" in page
    assert 'href="/outbox/"' not in page
    administrator = make_agent(name="Ada", role="admin")
    client.force_login(administrator)
    assert 'href="/outbox/"' in client.get("/customers/").content.decode()
    assert "1 reply waited in the backup" in client.get("/outbox/").content.decode()
    assert client.post("/outbox/release/").status_code == 302
    assert AuditRow.objects.get(thing="outbox").by == administrator
    assert "Restored from a backup" not in client.get("/customers/").content.decode()
