"""What leaves: claimed once, sent at most once, in order, and always with a known end."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from agents.models import Agent
from channels_app import delivery
from channels_app.models import Channel
from channels_app.sender_lock import sender_lock
from conversations import replying
from conversations.models import Conversation, Delivery, Entry
from helpdesk.lib import clock as our_clock
from helpdesk.lib.outbound import SendError
from tests.factories import route_to
from tests.paper import Post
from tests.waiting import together

pytestmark = pytest.mark.django_db


def answer(conversation: Conversation, by: Agent, text: str = "On its way.", **fields: Any) -> Delivery:
    entry = conversation.reply(by=by, text=text, to=fields.pop("to", route_to(conversation)), **fields)
    return Delivery.objects.get(message=entry.message)


def test_a_reply_is_sent_and_says_so(conversation: Conversation, agent: Agent, sent: Post) -> None:
    queued = answer(conversation, agent)
    assert delivery.deliver(queued.pk) == "sent"
    queued.refresh_from_db()
    assert [outbound.text for outbound in sent.accepted] == ["On its way."]
    assert (queued.attempts, [part.state for part in queued.parts.all()]) == (1, ["sent"])
    assert queued.sent_at is not None
    assert queued.message.external_id == f"sent-{queued.idempotency_key}"


def test_the_provider_gets_name_thread_and_history(conversation: Conversation, agent: Agent, sent: Post) -> None:
    delivery.deliver(answer(conversation, agent).pk)
    outbound = sent.accepted[0]
    inbound = conversation.entries.earliest("seq").message
    assert (outbound.sender_name, outbound.thread_key) == ("Ana Ionescu", conversation.threads.get().external_id)
    assert (outbound.in_reply_to, outbound.references) == (inbound.external_id, (inbound.external_id,))
    assert [(row.role, row.party.value, row.party.name) for row in outbound.recipients] == [
        ("to", "giulia@example.test", "Giulia Tedesco")
    ]


def test_delivering_twice_sends_once(conversation: Conversation, agent: Agent, sent: Post) -> None:
    queued = answer(conversation, agent)
    assert [delivery.deliver(queued.pk), delivery.deliver(queued.pk)] == ["sent", "sent"]
    assert len(sent.accepted) == 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_once(conversation: Conversation, agent: Agent, sent: Post) -> None:
    queued = answer(conversation, agent)
    together(*[lambda: delivery.deliver(queued.pk)] * 4)
    queued.refresh_from_db()
    assert (len(sent.accepted), queued.state, queued.attempts) == (1, "sent", 1)


def test_each_step_touches_the_entry(conversation: Conversation, agent: Agent, sent: Post) -> None:
    queued = answer(conversation, agent)
    before = Entry.objects.get(message=queued.message)
    delivery.deliver(queued.pk)
    after = Entry.objects.get(message=queued.message)
    assert (after.seq, after.touched_seq) == (before.seq, before.touched_seq + 2)


def test_a_held_reply_is_not_sent_before_its_time(
    conversation: Conversation, agent: Agent, sent: Post, clock: time_machine.Traveller
) -> None:
    held = answer(conversation, agent, hold_seconds=10)
    clock.shift(9)
    assert delivery.deliver(held.pk) == "queued"
    clock.shift(2)
    assert delivery.deliver(held.pk) == "sent"
    assert len(sent.accepted) == 1


def test_the_claim_of_a_held_reply_lets_its_effects_go(
    conversation: Conversation, agent: Agent, sent: Post, clock: time_machine.Traveller
) -> None:
    held = answer(conversation, agent, hold_seconds=10)
    clock.shift(11)
    delivery.deliver(held.pk)
    conversation.refresh_from_db()
    entry = Entry.objects.get(message=held.message)
    assert (conversation.waiting_since, conversation.unanswered_count) == (None, 0)
    assert conversation.first_reply_at == entry.occurred_at
    assert (entry.done_at, "held" in entry.data) == (None, False)


def test_replies_of_one_conversation_leave_in_order(conversation: Conversation, agent: Agent, sent: Post) -> None:
    first, second = answer(conversation, agent, "One"), answer(conversation, agent, "Two")
    assert delivery.deliver(second.pk) == "queued"
    delivery.deliver(first.pk)
    assert delivery.deliver(second.pk) == "sent"
    assert [outbound.text for outbound in sent.accepted] == ["One", "Two"]


def test_a_scheduled_reply_holds_nobody_up(conversation: Conversation, agent: Agent, sent: Post) -> None:
    answer(conversation, agent, "Tomorrow", send_at=our_clock.now() + timedelta(days=1))
    now = answer(conversation, agent, "Now")
    assert delivery.deliver(now.pk) == "sent"


def test_a_failed_reply_holds_nobody_up(conversation: Conversation, agent: Agent, sent: Post) -> None:
    first, second = answer(conversation, agent, "One"), answer(conversation, agent, "Two")
    sent.fail = SendError("rejected_content", "The server refused the text.")
    delivery.deliver(first.pk)
    sent.fail = None
    assert delivery.deliver(second.pk) == "sent"


def test_a_permanent_error_fails_at_once_with_its_sentence(
    conversation: Conversation, agent: Agent, sent: Post
) -> None:
    sent.fail = SendError("rejected_recipient", "This address does not exist.")
    queued = answer(conversation, agent)
    assert delivery.deliver(queued.pk) == "failed"
    queued.refresh_from_db()
    assert (queued.error_code, queued.error) == ("rejected_recipient", "This address does not exist.")
    assert [part.state for part in queued.parts.all()] == ["failed"]


def test_a_retryable_error_is_tried_at_growing_distances(
    conversation: Conversation, agent: Agent, sent: Post, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("throttled", "Too many.", retryable=True)
    queued = answer(conversation, agent)
    pauses = []
    for _ in range(8):
        assert delivery.deliver(queued.pk) == "retry"
        queued.refresh_from_db()
        pauses.append((queued.next_try_at - our_clock.real()).total_seconds())
        clock.move_to(queued.next_try_at)
    assert pauses == [10, 60, 300, 1_800, 7_200, 21_600, 21_600, 21_600]


def test_the_providers_own_pause_counts(conversation: Conversation, agent: Agent, sent: Post) -> None:
    sent.fail = SendError("throttled", "Too many.", retryable=True, retry_after_seconds=77)
    queued = answer(conversation, agent)
    delivery.deliver(queued.pk)
    queued.refresh_from_db()
    assert 70 < (queued.next_try_at - our_clock.real()).total_seconds() <= 77


def test_a_retry_is_given_up_after_the_channels_hours(
    conversation: Conversation, agent: Agent, sent: Post, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("throttled", "Too many.", retryable=True)
    queued = answer(conversation, agent)
    clock.shift(timedelta(hours=48))
    assert delivery.deliver(queued.pk) == "failed"


def test_a_retry_that_works_forgets_the_error(
    conversation: Conversation, agent: Agent, sent: Post, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("throttled", "Too many.", retryable=True)
    queued = answer(conversation, agent)
    delivery.deliver(queued.pk)
    sent.fail = None
    clock.shift(11)
    assert delivery.deliver(queued.pk) == "sent"
    queued.refresh_from_db()
    assert (queued.error, queued.error_code, queued.attempts) == ("", "", 2)


@pytest.mark.parametrize("retryable", [True, False])
def test_what_may_have_been_sent_is_unknown_and_never_sent_again(
    conversation: Conversation, agent: Agent, sent: Post, retryable: bool, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("timeout", "No answer came.", maybe_sent=True, retryable=retryable)
    queued = answer(conversation, agent)
    assert delivery.deliver(queued.pk) == "unknown"
    sent.fail = None
    clock.shift(timedelta(days=3))
    assert list(delivery.due()) == []
    assert delivery.deliver(queued.pk) == "unknown"
    assert sent.accepted == []


def test_a_dead_senders_claim_becomes_unknown(conversation: Conversation, agent: Agent, sent: Post) -> None:
    queued = answer(conversation, agent)
    Delivery.objects.filter(pk=queued.pk).update(state="sending", claimed_at=our_clock.real())
    queued.parts.update(state="sending")
    assert delivery.give_up_dead_claims() == 1
    queued.refresh_from_db()
    assert (queued.state, [part.state for part in queued.parts.all()]) == ("unknown", ["unknown"])
    assert delivery.deliver(queued.pk) == "unknown"
    assert sent.accepted == []


@pytest.mark.django_db(transaction=True)
def test_a_living_senders_claim_is_left_alone(conversation: Conversation, agent: Agent) -> None:
    queued = answer(conversation, agent)
    Delivery.objects.filter(pk=queued.pk).update(state="sending", claimed_at=our_clock.real())
    with sender_lock(queued.pk) as is_mine:
        assert is_mine
        assert together(delivery.give_up_dead_claims) == [0]
    queued.refresh_from_db()
    assert queued.state == "sending"


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_takes_too_long_is_given_up_and_may_still_answer(
    conversation: Conversation, agent: Agent, sent: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = answer(conversation, agent)
    take = sent.take

    def hang(outbound: Any) -> Any:
        late = our_clock.real() - timedelta(minutes=5)
        Delivery.objects.filter(pk=queued.pk).update(claimed_at=late)
        assert together(delivery.give_up_dead_claims) == [1]
        assert Delivery.objects.get(pk=queued.pk).state == "unknown"
        return take(outbound)

    monkeypatch.setattr(sent, "take", hang)
    assert delivery.deliver(queued.pk) == "sent"
    assert len(sent.accepted) == 1


def test_wrong_credentials_take_the_channel_out_and_keep_the_reply(
    conversation: Conversation, agent: Agent, sent: Post, channel: Channel, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("credentials", "The password is wrong.")
    queued = answer(conversation, agent)
    delivery.deliver(queued.pk)
    channel.refresh_from_db()
    queued.refresh_from_db()
    assert (channel.state, channel.down_reason) == ("down", "The password is wrong.")
    assert (queued.is_waiting, queued.attempts) == (True, 0)
    assert (queued.next_try_at - our_clock.real()).total_seconds() == 10
    clock.shift(11)
    assert delivery.deliver(queued.pk) == queued.state
    assert list(delivery.due()) == []


def test_a_channel_that_works_again_sends_what_waited(
    conversation: Conversation, agent: Agent, sent: Post, channel: Channel, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("credentials", "The password is wrong.")
    queued = answer(conversation, agent)
    delivery.deliver(queued.pk)
    Channel.objects.filter(pk=channel.pk).update(state="active")
    sent.fail = None
    clock.shift(11)
    assert list(delivery.due()) == [queued]
    assert delivery.deliver(queued.pk) == "sent"


def test_three_connection_errors_take_the_channel_out(
    conversation: Conversation, agent: Agent, sent: Post, channel: Channel, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("connection", "Nobody answers.", retryable=True)
    queued = answer(conversation, agent)
    states = []
    for _ in range(3):
        delivery.deliver(queued.pk)
        channel.refresh_from_db()
        states.append(channel.state)
        queued.refresh_from_db()
        clock.move_to(queued.next_try_at)
    assert states == ["active", "active", "down"]


def test_a_sent_reply_forgives_earlier_connection_errors(
    conversation: Conversation, agent: Agent, sent: Post, channel: Channel, clock: time_machine.Traveller
) -> None:
    sent.fail = SendError("connection", "Nobody answers.", retryable=True)
    queued = answer(conversation, agent)
    delivery.deliver(queued.pk)
    sent.fail = None
    clock.shift(11)
    delivery.deliver(queued.pk)
    channel.refresh_from_db()
    assert channel.health == {"failures": 0}


def test_a_cancelled_reply_is_not_sent(conversation: Conversation, agent: Agent, sent: Post) -> None:
    queued = answer(conversation, agent)
    Delivery.objects.filter(pk=queued.pk).update(state="cancelled")
    assert delivery.deliver(queued.pk) == "cancelled"
    assert sent.accepted == []


def test_a_person_sends_again_what_failed(conversation: Conversation, agent: Agent, sent: Post) -> None:
    sent.fail = SendError("rejected_content", "The server refused the text.")
    failed = answer(conversation, agent)
    delivery.deliver(failed.pk)
    sent.fail = None
    assert replying.retry(failed.message.entry)
    again = Delivery.objects.latest("pk")
    assert delivery.deliver(again.pk) == "sent"
    failed.refresh_from_db()
    assert (failed.state, again.message, len(sent.accepted)) == ("failed", failed.message, 1)
    assert again.idempotency_key != failed.idempotency_key


def test_sending_again_is_only_for_whom_it_did_not_reach(conversation: Conversation, agent: Agent, sent: Post) -> None:
    to = route_to(conversation, cc=("boss@example.test", "log@example.test"))
    first = answer(conversation, agent, to=to)
    delivery.deliver(first.pk)
    for place, state in enumerate(["read", "failed", "delivered"]):
        first.parts.filter(position=place).update(state=state)
    Delivery.objects.update(state="failed")
    replying.retry(first.message.entry)
    assert [part.address for part in Delivery.objects.latest("pk").parts.all()] == ["boss@example.test"]


@pytest.mark.django_db(transaction=True)
def test_sending_again_twice_at_once_is_one_more_delivery(conversation: Conversation, agent: Agent, sent: Post) -> None:
    failed = answer(conversation, agent)
    Delivery.objects.update(state="failed")
    results = together(lambda: replying.retry(failed.message.entry), lambda: replying.retry(failed.message.entry))
    assert (sorted(results), Delivery.objects.count()) == ([False, True], 2)


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "cancelled"])
def test_what_did_not_fail_is_not_sent_again(conversation: Conversation, agent: Agent, state: str) -> None:
    queued = answer(conversation, agent)
    Delivery.objects.update(state=state)
    assert (replying.retry(queued.message.entry), Delivery.objects.count()) == (False, 1)


def test_a_held_reply_can_be_let_go_at_once(conversation: Conversation, agent: Agent, sent: Post) -> None:
    held = answer(conversation, agent, hold_seconds=10)
    replying.send_now(held.message.entry)
    assert delivery.deliver(held.pk) == "sent"
