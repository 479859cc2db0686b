"""Webhooks leave: signed, at least once under one id, tried again and again, and off in the end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection

from agents.models import Agent, AuditRow, Workspace
from channels_app.models import Channel
from conversations.models import Conversation, Entry, Webhook, WebhookDelivery
from conversations.webhooks import failing, keeping, sending, sweeping, warning
from conversations.webhooks.kinds import GROUPS
from conversations.webhooks.noting import TEST_LANE
from helpdesk.embedded import PROJECT
from helpdesk.lib import clock as our_clock
from helpdesk.lib import failpoints, guard
from tests.conversations.hooked import happen, leave, make_webhook, only
from tests.factories import make_agent, make_conversation, make_inbound, receive, route_to
from tests.receiver import Receiver, is_signed, receiving
from tests.waiting import together

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State
Clock = time_machine.Traveller
FULL_DAY = timedelta(days=1)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A program on this machine, where webhooks may not go but in tests."""
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    with receiving() as found:
        yield found


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(name="Ada Bianchi", role="admin")


@pytest.fixture
def webhook(receiver: Receiver, admin: Agent) -> Webhook:
    return make_webhook(receiver, admin)


@pytest.fixture
def entry(conversation: Conversation) -> Entry:
    return conversation.entries.get()


def test_what_happened_is_told_signed(webhook: Webhook, receiver: Receiver, entry: Entry) -> None:
    happen(entry)
    assert leave(webhook) == 1
    (headers, body), told = receiver.came[0], receiver.bodies[0]
    assert is_signed(headers, body, vars(webhook)["secret"])
    assert headers["content-type"] == "application/json"
    assert abs(int(headers["webhook-timestamp"]) - our_clock.real().timestamp()) < 5
    assert (told["version"], told["event"], told["id"]) == (1, "message_in", headers["webhook-id"])
    assert (told["customer"], told["seq"], told["entry"]["text"]) == (entry.customer_id, entry.seq, entry.message.text)
    row = only(webhook)
    assert (row.state, row.status_code, row.answer, row.attempts) == (State.DELIVERED, 200, "ok", 1)


def test_a_changed_body_or_another_secret_is_no_signature(webhook: Webhook, receiver: Receiver, entry: Entry) -> None:
    happen(entry)
    leave(webhook)
    headers, body = receiver.came[0]
    assert not is_signed(headers, body + b" ", vars(webhook)["secret"])
    assert not is_signed({**headers, "webhook-timestamp": "1"}, body, vars(webhook)["secret"])
    assert not is_signed(headers, body, "whsec_" + "A" * 44)


def test_the_check_that_the_docs_show_works(webhook: Webhook, receiver: Receiver, entry: Entry) -> None:
    happen(entry)
    leave(webhook)
    shown = (PROJECT / "docs" / "webhooks.md").read_text().split("```python\n")[1].split("```")[0]
    known: dict[str, Any] = {}
    exec(shown, known)
    (headers, body), secret = receiver.came[0], vars(webhook)["secret"]
    assert known["is_ours"](headers, body, secret)
    assert not known["is_ours"](headers, body + b" ", secret)
    assert not known["is_ours"]({**headers, "webhook-timestamp": "1764000000"}, body, secret)


def test_steps_run_twice_note_it_once(webhook: Webhook, entry: Entry) -> None:
    happen(entry)
    Entry.objects.update(done_at=None)
    happen(entry)
    assert webhook.deliveries.count() == 1


def test_only_what_was_asked_for_is_told(receiver: Receiver, admin: Agent, conversation: Conversation) -> None:
    webhook, _secret = keeping.make(keeping.Wanted("Few", receiver.url, ["state", "message_out"]), by=admin)
    conversation.note(by=admin, text="Odd.")
    conversation.wait(by=admin)
    conversation.reply(by=admin, text="Soon.", to=route_to(conversation))
    happen(*conversation.entries.all())
    assert list(webhook.deliveries.order_by("pk").values_list("event", flat=True)) == ["status", "message_out"]


def test_every_kind_belongs_to_a_group() -> None:
    assert {*GROUPS, Entry.Kind.MESSAGE} == set(Entry.Kind)


def test_a_reply_that_can_be_undone_is_not_told(webhook: Webhook, conversation: Conversation, admin: Agent) -> None:
    held = conversation.reply(by=admin, text="Soon.", to=route_to(conversation), hold_seconds=10)
    happen(held)
    assert not webhook.deliveries.exists()


def test_without_webhooks_no_statement_is_added(entry: Entry) -> None:
    with connection.execute_wrapper(_refuse_webhooks):
        happen(entry)


def _refuse_webhooks(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
    assert "webhookdelivery" not in statement
    assert "conversations_webhook" not in statement or "conversations_entry" in statement
    return execute(statement, params, many, context)


def test_a_failure_is_tried_again_under_the_same_id(
    webhook: Webhook, receiver: Receiver, entry: Entry, clock: Clock
) -> None:
    receiver.statuses = [500, 503]
    happen(entry)
    pauses = []
    for _try in range(3):
        assert leave(webhook) == 1
        row = only(webhook)
        pauses.append(int((row.next_try_at - our_clock.real()).total_seconds()))
        assert leave(webhook) == 0
        clock.move_to(row.next_try_at)
    assert (len(set(receiver.ids)), len(receiver.ids), pauses[:2]) == (1, 3, [10, 60])
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.came}) == 3
    assert (row.state, row.attempts) == (State.DELIVERED, 3)
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.failing_since) == (0, None)


def test_one_that_fails_holds_nobody_up(webhook: Webhook, receiver: Receiver, conversation: Conversation) -> None:
    entries = [conversation.entries.get(), conversation.wait(by=None), conversation.resolve(by=None)]
    receiver.statuses = [500]
    happen(*[entry for entry in entries if entry is not None])
    assert leave(webhook) == 3
    assert [row.state for row in webhook.deliveries.order_by("pk")] == [State.RETRY, State.DELIVERED, State.DELIVERED]
    assert [body["seq"] for body in receiver.bodies] == sorted(entry.seq for entry in conversation.entries.all())


def test_who_fails_three_times_rests_and_spends_no_tries(
    webhook: Webhook, receiver: Receiver, channel: Channel, clock: Clock
) -> None:
    receiver.status = 500
    for number in range(6):
        happen(receive(channel=channel, inbound=make_inbound(address=f"c{number}@example.test")))
    leave(webhook)
    assert len(receiver.came) == failing.RESTS_AFTER
    clock.shift(11)
    leave(webhook)
    assert len(receiver.came) == failing.RESTS_AFTER + 1
    receiver.status = 200
    clock.shift(61)
    leave(webhook)
    assert set(webhook.deliveries.values_list("state", flat=True)) == {State.DELIVERED}


def test_a_lane_lets_others_have_their_turn(
    webhook: Webhook, receiver: Receiver, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sending, "ring_now", lambda *args: rung.append(args))
    monkeypatch.setattr(sending, "TURN", timedelta(0))
    happen(entry)
    lane = only(webhook).lane
    assert (sending.drain(webhook.pk, lane), receiver.came) == (0, [])
    assert rung == [("conversations.send_webhook", webhook.pk, lane)]


def test_who_rests_is_asked_with_one_at_a_time(webhook: Webhook, channel: Channel) -> None:
    for number in range(8):
        happen(receive(channel=channel, inbound=make_inbound(address=f"c{number}@example.test")))
    first, *others = webhook.deliveries.order_by("pk")
    assert all(sending.due(webhook.pk, row.lane).exists() for row in others)
    Webhook.objects.update(failures=failing.RESTS_AFTER)
    assert sending.claim(first.pk)
    assert not any(sending.due(webhook.pk, row.lane).exists() for row in others)


def test_one_webhook_that_is_dead_delays_no_other(
    webhook: Webhook, receiver: Receiver, admin: Agent, entry: Entry
) -> None:
    with receiving() as dead:
        dead.status = 500
        other = make_webhook(dead, admin, name="Dead")
        happen(entry)
        leave(other)
        with sending.lane_lock(other.pk, only(other).lane):
            leave(webhook)
    assert (only(webhook).state, only(other).state) == (State.DELIVERED, State.RETRY)


def test_who_asks_for_time_gets_it(webhook: Webhook, receiver: Receiver, entry: Entry, clock: Clock) -> None:
    receiver.status, receiver.headers = 429, {"retry-after": "120"}
    happen(entry)
    leave(webhook)
    clock.shift(100)
    assert leave(webhook) == 0
    clock.shift(21)
    assert leave(webhook) == 1


@pytest.mark.parametrize("asked", ["99999999999999999999", "-5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_nonsense_about_time_is_not_followed(webhook: Webhook, receiver: Receiver, entry: Entry, asked: str) -> None:
    receiver.status, receiver.headers = 503, {"retry-after": asked}
    happen(entry)
    leave(webhook)
    assert only(webhook).next_try_at < our_clock.real() + timedelta(seconds=11)


def test_after_three_days_it_is_off_and_administrators_hear_of_it(
    webhook: Webhook, receiver: Receiver, entry: Entry, clock: Clock, admin: Agent
) -> None:
    receiver.status = 500
    happen(entry)
    while Webhook.objects.get().is_on:
        leave(webhook)
        clock.shift(timedelta(hours=6, minutes=1))
    webhook.refresh_from_db()
    assert webhook.off_at is not None and webhook.off_reason == "failing"
    assert timedelta(days=3) <= webhook.off_at - datetime.fromisoformat("2026-11-22T10:00:00+00:00") < FULL_DAY * 4
    assert only(webhook).state == State.RETRY
    assert AuditRow.objects.filter(thing="webhooks", by=None, after__is_on=False).count() == 1
    assert warning.switched_off() == [webhook]
    assert warning.warn(webhook.pk) == 1
    assert (mail.outbox[0].to, "Shop" in mail.outbox[0].subject) == ([admin.email], True)
    assert f"/settings/webhooks/{webhook.pk}/" in mail.outbox[0].body


def test_what_waited_is_sent_when_it_is_on_again(
    webhook: Webhook, receiver: Receiver, entry: Entry, admin: Agent
) -> None:
    receiver.status = 410
    happen(entry)
    leave(webhook)
    webhook.refresh_from_db()
    assert (webhook.is_on, webhook.off_reason, leave(webhook)) == (False, "gone", 0)
    receiver.status = 200
    assert keeping.switch_on(webhook, by=admin)
    leave(webhook)
    assert (only(webhook).state, len(set(receiver.ids))) == (State.DELIVERED, 1)
    assert warning.switched_off() == []


def test_or_it_is_left_out(webhook: Webhook, receiver: Receiver, entry: Entry, admin: Agent) -> None:
    happen(entry)
    keeping.switch_off(webhook, by=admin)
    keeping.switch_on(webhook, by=admin, sends_waiting=False)
    leave(webhook)
    assert (only(webhook).state, receiver.came) == (State.DROPPED, [])


def test_nothing_new_is_noted_while_it_is_off(webhook: Webhook, entry: Entry, admin: Agent) -> None:
    keeping.switch_off(webhook, by=admin)
    happen(entry)
    assert not webhook.deliveries.exists()


def test_redirects_are_not_followed(webhook: Webhook, receiver: Receiver, entry: Entry) -> None:
    receiver.status, receiver.headers = 307, {"location": receiver.url}
    happen(entry)
    leave(webhook)
    assert (receiver.connects, only(webhook).status_code, only(webhook).state) == (1, 307, State.RETRY)


def test_of_a_long_answer_the_first_kilobyte_is_kept(webhook: Webhook, receiver: Receiver, entry: Entry) -> None:
    receiver.answer = b"\0" + b"x" * 100_000
    happen(entry)
    leave(webhook)
    assert (only(webhook).state, len(only(webhook).answer)) == (State.DELIVERED, 1024)


def test_private_addresses_are_refused_and_say_nothing(
    webhook: Webhook, receiver: Receiver, entry: Entry, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.undo()
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{receiver.port}"]
    happen(entry)
    leave(webhook)
    row = only(webhook)
    assert (receiver.connects, row.state, row.error_code, row.answer) == (0, State.RETRY, "unreachable", "")


def test_nothing_leaves_a_restored_desk(webhook: Webhook, receiver: Receiver, entry: Entry) -> None:
    happen(entry)
    keeping.test(webhook)
    Workspace.objects.update_or_create(pk=1, defaults={"held_since": our_clock.real()})
    assert (leave(webhook), receiver.connects) == (0, 0)
    Workspace.objects.update(held_since=None)
    assert leave(webhook) == 2


def test_a_test_is_tried_once_and_counts_for_nothing(webhook: Webhook, receiver: Receiver, admin: Agent) -> None:
    keeping.switch_off(webhook, by=admin)
    receiver.status = 410
    row = keeping.test(webhook)
    leave(webhook)
    row.refresh_from_db()
    webhook.refresh_from_db()
    assert (row.state, row.status_code, webhook.failures) == (State.FAILED, 410, 0)
    assert (receiver.bodies[0]["event"], receiver.bodies[0]["entry"]) == ("test", None)


def test_during_a_roll_both_secrets_sign_and_after_it_one(
    webhook: Webhook, receiver: Receiver, admin: Agent, clock: Clock
) -> None:
    former, newer = vars(webhook)["secret"], keeping.roll(webhook, by=admin, overlaps=True)
    with pytest.raises(keeping.Refused):
        keeping.roll(webhook, by=admin, overlaps=True)
    for is_rolling in (True, False):
        keeping.test(webhook)
        leave(webhook)
        headers, body = receiver.came[-1]
        assert (is_signed(headers, body, newer), is_signed(headers, body, former)) == (True, is_rolling)
        clock.shift(FULL_DAY)
    last = keeping.roll(webhook, by=admin, overlaps=False)
    keeping.test(webhook)
    leave(webhook)
    assert [is_signed(*receiver.came[-1], one) for one in (last, newer)] == [True, False]
    assert "whsec_" not in str(list(AuditRow.objects.values_list("before", "after")))


def test_whoever_dies_before_it_is_written_down_sends_it_again(
    webhook: Webhook, receiver: Receiver, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(entry)
    monkeypatch.setenv("TESTING_FAILPOINTS", "1")
    monkeypatch.setenv("FAILPOINTS", "webhook.after_answer=raise")
    with pytest.raises(failpoints.Broken):
        leave(webhook)
    assert only(webhook).state == State.SENDING
    monkeypatch.setenv("FAILPOINTS", "")
    assert sweeping.sweep() == 2
    leave(webhook)
    assert (only(webhook).state, len(receiver.ids), len(set(receiver.ids))) == (State.DELIVERED, 2, 1)


def test_what_kills_every_sender_comes_later_and_later(webhook: Webhook, entry: Entry, clock: Clock) -> None:
    happen(entry)
    for attempts, seconds in ((1, 0), (2, 60), (3, 300), (9, 21_600)):
        webhook.deliveries.update(state=State.SENDING, attempts=attempts, claimed_at=our_clock.real())
        sweeping.sweep()
        assert only(webhook).next_try_at == our_clock.real() + timedelta(seconds=seconds)


def test_the_sweep_finds_what_nobody_rang_for(webhook: Webhook, entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sweeping.queue, "ring_now", lambda *args: rung.append(args))
    assert sweeping.sweep() == 0
    happen(entry)
    assert sweeping.sweep() == 1
    assert rung == [("conversations.send_webhook", webhook.pk, entry.customer_id % 4)]


def test_one_is_replayed_under_its_id(webhook: Webhook, receiver: Receiver, entry: Entry) -> None:
    happen(entry)
    leave(webhook)
    assert keeping.replay(only(webhook))
    leave(webhook)
    assert (len(receiver.ids), len(set(receiver.ids)), only(webhook).state) == (2, 1, State.DELIVERED)


def test_what_failed_since_is_replayed(webhook: Webhook, receiver: Receiver, channel: Channel, clock: Clock) -> None:
    for number in range(3):
        happen(receive(channel=channel, inbound=make_inbound(address=f"c{number}@example.test")))
        webhook.deliveries.filter(state=State.QUEUED).update(
            state=[State.FAILED, State.FAILED, State.DELIVERED][number]
        )
        clock.shift(timedelta(hours=2))
    assert keeping.replay_failed(webhook, our_clock.real() - timedelta(hours=5)) == 1
    assert keeping.replay_failed(webhook, None) == 1
    leave(webhook)
    assert len(receiver.came) == 2


def test_old_ones_are_forgotten(webhook: Webhook, entry: Entry, clock: Clock, settings: Any) -> None:
    happen(entry)
    clock.shift(timedelta(days=settings.WEBHOOK_KEEP_DAYS) - timedelta(hours=1))
    assert sweeping.forget() == 0
    clock.shift(timedelta(hours=2))
    assert sweeping.forget() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_sends(receiver: Receiver) -> None:
    webhook = make_webhook(receiver, make_agent(name="Ada", role="admin"))
    entry = make_conversation().entries.get()
    happen(entry)
    lane = webhook.deliveries.get().lane
    together(*[lambda: sending.drain(webhook.pk, lane)] * 2)
    assert len(receiver.came) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_one_counts(receiver: Receiver) -> None:
    webhook = make_webhook(receiver, make_agent(name="Ada", role="admin"))
    row = keeping.test(webhook)
    claimed: list[bool] = []
    together(*[lambda: claimed.append(sending.claim(row.pk))] * 2)
    assert sorted(claimed) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_living_sender_is_not_given_up(receiver: Receiver) -> None:
    webhook = make_webhook(receiver, make_agent(name="Ada", role="admin"))
    row = keeping.test(webhook)
    found: list[int] = []
    with sending.lane_lock(webhook.pk, TEST_LANE) as is_mine:
        assert is_mine and sending.claim(row.pk)
        together(lambda: found.append(sweeping.sweep()))
    assert (found, only(webhook).state) == ([0], State.SENDING)


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_with_the_answer_in_hand_loses_nothing(receiver: Receiver) -> None:
    webhook = make_webhook(receiver, make_agent(name="Ada", role="admin"))
    conversation = make_conversation(messages=3)
    happen(*conversation.entries.all())
    lane = webhook.deliveries.values_list("lane", flat=True).distinct().get()
    in_a_process_that_dies(f"sending.drain({webhook.pk}, {lane})", "webhook.after_answer")
    assert webhook.deliveries.filter(state=State.SENDING).count() == len(receiver.ids) == 1
    sweeping.sweep()
    leave(webhook)
    assert set(webhook.deliveries.values_list("state", flat=True)) == {State.DELIVERED}
    assert (len(receiver.ids), len(set(receiver.ids))) == (4, 3)


def in_a_process_that_dies(code: str, at: str) -> None:
    """Run code of ours in a process of its own, for which this machine is public, until it reaches a fail point."""
    start = (
        "import django; django.setup()\nfrom helpdesk.lib import guard\nfrom conversations.webhooks import sending\n"
    )
    start += "guard.is_public = lambda address: True\n"
    broken = {"DJANGO_SETTINGS_MODULE": "tests.settings", "TESTING_FAILPOINTS": "1", "FAILPOINTS": f"{at}=kill"}
    done = subprocess.run(
        [sys.executable, "-c", start + code], cwd=PROJECT, env={**os.environ, **broken}, timeout=60, capture_output=True
    )
    assert done.returncode == 137, done.stderr.decode()
