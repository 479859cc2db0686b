"""A message that leaves in pieces: in order, each at most once, and what is not sent says why."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
import time_machine

from agents.models import Agent
from channels_app import delivery, outcomes, seats
from channels_app.models import Channel
from conversations import replying, statuses
from conversations.events import targets
from conversations.models import Conversation, Delivery, Entry, Thread
from customers.models import Identity
from helpdesk.lib import clock as our_clock
from helpdesk.lib import fleeting, pacing
from helpdesk.lib.inbound import InboundStatus, Party
from helpdesk.lib.outbound import OutboundFile, OutboundTemplate, QuickReply, SendError
from tests import cards
from tests.factories import route_to
from tests.flows.test_faults import in_a_process_that_dies
from tests.waiting import together

pytestmark = pytest.mark.django_db
LONG = "Your parcel left Milan today. It arrives on Friday. Somebody has to sign."
PARTS = ["Your parcel left Milan today.", "It arrives on Friday.", "Somebody has to sign."]
PNG = OutboundFile("label.png", "image/png", b"\x89PNG")


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[cards.Box]:
    """The provider of cards. Paces are this process's own, so that no test feels another's."""
    monkeypatch.setattr(fleeting, "ask", lambda question, otherwise: otherwise)
    monkeypatch.setattr(pacing, "_own", pacing.Own())
    monkeypatch.setattr(pacing, "_now_ms", lambda: our_clock.real().timestamp() * 1_000)
    yield cards.empty()
    cards.empty()


@pytest.fixture
def conversation(box: cards.Box) -> Conversation:
    return cards.make_conversation()


def answer(conversation: Conversation, by: Agent, text: str = LONG, **fields: object) -> Delivery:
    fields = {"is_split": True, **fields}
    entry = conversation.reply(by=by, text=text, to=route_to(conversation), **fields)  # type: ignore[arg-type]
    return Delivery.objects.get(message=entry.message)


def states(queued: Delivery) -> list[str]:
    return list(queued.parts.values_list("state", flat=True))


def test_a_long_text_leaves_in_parts_and_in_order(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    queued = answer(conversation, agent)
    assert delivery.deliver(queued.pk) == "sent"
    assert [outbound.text for outbound in box.taken] == PARTS
    assert (states(queued), Delivery.objects.get().attempts) == (["sent"] * 3, 1)
    names = list(queued.parts.values_list("external_id", flat=True))
    assert names == [f"card-{queued.idempotency_key}:{place}" for place in range(3)]
    assert Entry.objects.get(message=queued.message).message.external_id == names[0]


def test_a_file_goes_before_its_text(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    voice = OutboundFile("hello.ogg", "audio/ogg", b"OggS")
    delivery.deliver(answer(conversation, agent, "Two things for you.", attachments=(PNG, voice)).pk)
    assert [([file.filename for file in one.files], one.text) for one in box.taken] == [
        (["label.png"], ""), (["hello.ogg"], ""), ([], "Two things for you."),
    ]  # fmt: skip


def test_a_short_text_is_the_caption_of_its_picture(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    delivery.deliver(answer(conversation, agent, "Your label.", attachments=(PNG,)).pk)
    assert [(one.files[0].kind, one.files[0].data, one.text) for one in box.taken] == [
        ("image", PNG.data, "Your label.")
    ]


def test_a_piece_has_all_that_its_provider_asks_for(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    thread = conversation.threads.get()
    Thread.objects.update(hints={"token": "t-1"})
    queued = answer(
        conversation, agent, quotes=conversation.entries.get().pk, quick_replies=(QuickReply("Yes", "yes"),)
    )
    delivery.deliver(queued.pk)
    first, last = box.taken[0], box.taken[-1]
    assert (first.to.kind, first.to.value, first.to.name) == ("other", "giulia.t", "Giulia Tedesco")
    assert (first.piece_key, first.window, first.hints) == (f"{queued.idempotency_key}:0", "open", {"token": "t-1"})
    assert (first.quotes, last.quotes) == (conversation.entries.earliest("seq").message.external_id, "")
    assert (first.quick_replies, last.quick_replies) == ((), (QuickReply("Yes", "yes"),))
    assert (first.thread_key, first.sender_name, first.written_by_person) == (thread.external_id, agent.name, True)
    assert first.status_url.endswith(f"/webhooks/cards/{thread.channel.public_key}/status/")


def test_a_template_goes_as_one_with_its_values(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    conversation.threads.update(last_in_at=our_clock.now() - timedelta(days=2))
    template = OutboundTemplate("parcel_left", "it", values=("10432", "Friday"))
    queued = answer(conversation, agent, "Parcel 10432 arrives on Friday, somebody has to sign.", template=template)
    assert delivery.deliver(queued.pk) == "sent"
    assert [(one.template, one.window) for one in box.taken] == [(template, "closed")]
    assert queued.message.template == "parcel_left"


def test_a_text_too_long_is_refused_unless_somebody_chose_parts(conversation: Conversation, agent: Agent) -> None:
    with pytest.raises(replying.NoWay, match="too long"):
        answer(conversation, agent, is_split=False)
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (OutboundFile("plan.pdf", "application/pdf", b"%PDF"), "files of this kind"),
        (OutboundFile("big.png", "image/png", b"0" * 101), "too large"),
    ],
)
def test_a_file_that_the_channel_does_not_take_is_refused(
    conversation: Conversation, agent: Agent, file: OutboundFile, words: str
) -> None:
    with pytest.raises(replying.NoWay, match=words):
        answer(conversation, agent, attachments=(file,))


def test_smart_quotes_of_an_sms_are_kept_as_they_are_sent(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    cards.can(text_unit="segments", max_text_characters=2)
    queued = answer(conversation, agent, "“Ok” \u2013 it\u2019s here…")
    delivery.deliver(queued.pk)
    assert box.taken[0].text == queued.message.text == '"Ok" - it\'s here...'


@pytest.mark.parametrize(
    ("hours", "human", "is_person", "state"),
    [(25, None, True, "failed"), (25, 168, True, "sent"), (25, 168, False, "failed"), (169, 168, True, "failed")],
)
def test_a_closed_window_is_said_before_anything_leaves(
    conversation: Conversation, agent: Agent, box: cards.Box, hours: int, human: int | None, is_person: bool, state: str
) -> None:
    cards.can(human_window_hours=human)
    conversation.threads.update(last_in_at=our_clock.now() - timedelta(hours=hours))
    queued = answer(conversation, agent, "Hello?")
    Entry.objects.filter(message=queued.message).update(actor="agent" if is_person else "rule")
    assert delivery.deliver(queued.pk) == state
    queued.refresh_from_db()
    assert (queued.error_code, box.asked) == (("window_closed", 0) if state == "failed" else ("", 1))


def test_a_failed_piece_leaves_the_earlier_sent_and_stops_the_later(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    box.fails[1] = SendError("rejected_content", "The provider refused the text.")
    queued = answer(conversation, agent)
    assert delivery.deliver(queued.pk) == "failed"
    queued.refresh_from_db()
    assert (states(queued), queued.error_code) == (["sent", "failed", "failed"], "rejected_content")
    assert [part.error_code for part in queued.parts.all()] == ["", "rejected_content", "earlier_part"]
    assert box.asked == 2


def test_sending_again_sends_only_what_is_missing(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    box.fails[1] = SendError("rejected_content", "The provider refused the text.")
    queued = answer(conversation, agent)
    delivery.deliver(queued.pk)
    replying.retry(queued.message.entry)
    assert delivery.deliver(Delivery.objects.latest("pk").pk) == "sent"
    assert [one.text for one in box.taken] == PARTS


def test_a_piece_to_be_tried_again_goes_later_with_those_behind_it(
    conversation: Conversation, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    box.fails[1] = SendError("connection", "The provider cannot be reached.", retryable=True)
    queued = answer(conversation, agent)
    assert delivery.deliver(queued.pk) == "retry"
    assert states(queued) == ["sent", "retry", "queued"]
    clock.shift(13)
    assert delivery.deliver(queued.pk) == "sent"
    assert [one.text for one in box.taken] == PARTS


def test_an_answer_never_seen_is_unknown_and_stops_the_later(
    conversation: Conversation, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    box.fails[0] = SendError("timeout", "The provider did not answer.", maybe_sent=True)
    queued = answer(conversation, agent)
    assert delivery.deliver(queued.pk) == "unknown"
    clock.shift(timedelta(hours=1))
    assert (delivery.deliver(queued.pk), states(queued), box.asked) == ("unknown", ["unknown", "failed", "failed"], 1)


def test_an_unknown_piece_is_found_by_its_key_and_settled(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    box.fails[0] = SendError("timeout", "The provider did not answer.", maybe_sent=True)
    queued = answer(conversation, agent, "Hello.")
    delivery.deliver(queued.pk)
    part = targets.find_part(queued.channel_id, "", f"{queued.idempotency_key}:0")
    assert part == queued.parts.get()
    statuses.move_part(part, "sent")
    statuses.refresh(part.delivery)
    queued.refresh_from_db()
    assert (queued.state, queued.error) == ("sent", "")


@pytest.mark.parametrize("key", ["", "x", "nonsense:0", ":1", "00000000-0000-0000-0000-000000000000:0", "a:b:c"])
def test_what_is_no_key_of_ours_finds_nothing(conversation: Conversation, agent: Agent, key: str) -> None:
    queued = answer(conversation, agent)
    assert targets.find_part(queued.channel_id, "", key) is None
    assert targets.find_part(queued.channel_id + 1, "", f"{queued.idempotency_key}:0") is None


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_dies_after_the_second_yes_never_sends_it_twice(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    queued = answer(conversation, agent)
    program = (
        "from channels_app import delivery; from helpdesk.lib import failpoints; from tests import cards\n"
        "reach = failpoints.reach\n"
        "failpoints.reach = lambda name: reach(name) if cards.adapter.box.asked == 2 else None\n"
        f"delivery.deliver({queued.pk})"
    )
    in_a_process_that_dies(program, "send.after_accept_before_commit")
    assert states(queued) == ["sent", "sending", "queued"]
    assert delivery.give_up_dead_claims() == 1
    queued.refresh_from_db()
    assert (states(queued), queued.state) == (["sent", "unknown", "failed"], "unknown")
    assert (delivery.deliver(queued.pk), box.asked) == ("unknown", 0)


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_piece_once(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    queued = answer(conversation, agent)
    together(*[lambda: delivery.deliver(queued.pk)] * 3)
    assert [one.text for one in box.taken] == PARTS


def test_a_status_that_fails_the_first_piece_ends_the_rest(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    queued = answer(conversation, agent)

    def fail_first(outbound: object) -> None:
        if box.asked == 2:
            name = f"card-{queued.idempotency_key}:0"
            statuses.apply(queued.channel, InboundStatus(name, "failed", error_code="1", error="Gone."))

    box.before = fail_first
    assert delivery.deliver(queued.pk) == "failed"
    assert (states(queued), box.asked) == (["failed", "sent", "failed"], 2)


def test_a_status_that_comes_before_our_answer_is_kept(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    queued = answer(conversation, agent, "Hello.")
    name = f"card-{queued.idempotency_key}:0"
    box.before = lambda outbound: statuses.apply(queued.channel, InboundStatus(name, "delivered")) and None
    assert delivery.deliver(queued.pk) == "delivered"


def test_a_provider_that_wants_patience_pauses_the_channel_and_no_other(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    box.fails[0] = SendError("throttled", "Too many.", retryable=True, retry_after_seconds=10**6)
    other, elsewhere = cards.make_conversation(value="bea.k"), cards.make_conversation(value="carlo.v")
    other.threads.update(channel=conversation.threads.get().channel)
    first, second, third = (answer(one, agent, "Hello.") for one in (conversation, other, elsewhere))
    assert delivery.deliver(first.pk) == "retry"
    assert [delivery.deliver(second.pk), delivery.deliver(third.pk)] == ["queued", "sent"]
    second.refresh_from_db()
    assert 3_500 < (second.next_try_at - our_clock.real()).total_seconds() <= 3_601
    assert (second.attempts, box.asked) == (0, 2)


def test_a_chat_that_is_throttled_holds_up_no_other(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    box.fails[0] = SendError("throttled", "Slower.", retryable=True, retry_after_seconds=60, is_of_chat=True)
    other = cards.make_conversation(value="bea.k")
    other.threads.update(channel=conversation.threads.get().channel)
    first, second = answer(conversation, agent, "Hello."), answer(other, agent, "Hello.")
    assert [delivery.deliver(first.pk), delivery.deliver(second.pk)] == ["retry", "sent"]


@pytest.mark.django_db(transaction=True)
def test_who_finds_no_seat_gives_its_thread_back_and_is_rung_for_the_next_free_one(
    conversation: Conversation, agent: Agent, box: cards.Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[object, ...]] = []
    monkeypatch.setattr(seats, "ring_now", lambda *args: rung.append(args))
    queued = answer(conversation, agent, "Hello.")
    with ExitStack() as held:
        taken = [held.enter_context(seats.seat(queued.channel_id)) for _ in range(seats.AT_A_TIME)]
        assert (all(taken), together(lambda: delivery.deliver(queued.pk)), rung) == (True, ["queued"], [])
    assert rung == [("channels_app.deliver", queued.pk)]
    assert (delivery.deliver(queued.pk), queued.attempts) == ("sent", 0)


def test_a_chat_that_must_rest_gives_its_sender_back_between_two_pieces(
    conversation: Conversation, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    cards.can(chat_seconds=6)
    queued, behind = answer(conversation, agent), answer(conversation, agent, "And one more.")
    assert delivery.deliver(queued.pk) == "queued"
    queued.refresh_from_db()
    assert (states(queued), queued.attempts, queued.is_held) == (["sent", "queued", "queued"], 1, False)
    assert 5 < (queued.next_try_at - our_clock.real()).total_seconds() <= 6.1
    assert delivery.deliver(behind.pk) == "queued"
    for _ in range(4):
        clock.shift(7)
        delivery.deliver(queued.pk)
    delivery.deliver(behind.pk)
    assert [one.text for one in box.taken] == [*PARTS, "And one more."]


def test_tries_are_not_all_at_the_same_distance(
    conversation: Conversation, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    box.fails = dict.fromkeys(range(9), SendError("connection", "Nobody answers.", retryable=True))
    found = set()
    for place in range(3):
        queued = answer(conversation if not place else cards.make_conversation(value=f"p{place}"), agent, "Hello.")
        delivery.deliver(queued.pk)
        queued.refresh_from_db()
        found.add((queued.next_try_at - our_clock.real()).total_seconds())
    assert len(found) == 3 and all(8 <= pause <= 12 for pause in found)


def test_what_waited_too_long_is_not_sent_any_more(
    conversation: Conversation, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    queued = answer(conversation, agent)
    Channel.objects.update(state="down")
    clock.shift(timedelta(hours=49))
    assert delivery.deliver(queued.pk) == "queued"
    Channel.objects.update(state="active")
    assert delivery.deliver(queued.pk) == "failed"
    queued.refresh_from_db()
    assert (queued.error_code, states(queued), box.asked) == ("too_old", ["failed"] * 3, 0)


def test_a_provider_that_has_trouble_with_one_message_does_not_end_the_channel(
    conversation: Conversation, agent: Agent, box: cards.Box, clock: time_machine.Traveller
) -> None:
    box.fails = dict.fromkeys(range(20), SendError("provider_error", "It has a problem.", retryable=True))
    queued = answer(conversation, agent, "Hello.")
    for _ in range(4):
        delivery.deliver(queued.pk)
        clock.shift(3_000)
    assert Channel.objects.get().state == "active"
    for value in ("bea.k", "carlo.v"):
        other = cards.make_conversation(value=value)
        other.threads.update(channel=queued.channel)
        delivery.deliver(answer(other, agent, "Hello.").pk)
    queued.channel.refresh_from_db()
    assert queued.channel.state == "down"


def test_who_the_provider_says_wants_no_more_is_noted(conversation: Conversation, agent: Agent, box: cards.Box) -> None:
    box.fails[0] = SendError("opted_out", "They blocked this account.")
    assert delivery.deliver(answer(conversation, agent, "Hello.").pk) == "failed"
    identity = Identity.objects.get(value="giulia.t")
    assert (identity.opted_out_at is not None, identity.opted_out_reason) == (True, "They blocked this account.")


def test_further_names_of_a_recipient_become_theirs_and_nobody_elses(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    stranger = cards.make_conversation(value="bea.k").customer
    box.aliases = (Party("other", "giulia-2", realm="r"), Party("other", "bea.k"), Party("other", " "))
    delivery.deliver(answer(conversation, agent, "Hello.").pk)
    owners = {row.value: row.customer_id for row in Identity.objects.all()}
    assert (owners["giulia-2"], owners["bea.k"]) == (conversation.customer_id, stranger.pk)


def test_an_id_that_the_provider_gives_twice_breaks_nothing(
    conversation: Conversation, agent: Agent, box: cards.Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = box.take
    monkeypatch.setattr(box, "take", lambda outbound: outcomes.Sent("same", ()) if take(outbound) else None)
    queued = answer(conversation, agent)
    assert delivery.deliver(queued.pk) == "sent"
    assert queued.parts.exclude(external_id=None).count() == 3


def test_a_private_answer_goes_to_a_comment_once_and_a_public_one_stays_under_it(
    conversation: Conversation, agent: Agent, box: cards.Box
) -> None:
    conversation.threads.update(kind=Thread.Kind.COMMENT)
    comment = conversation.entries.get().message.external_id
    for is_public in (True, False, False):
        delivery.deliver(answer(conversation, agent, "Hello.", is_public=is_public).pk)
    assert [(one.comment_id, one.is_public) for one in box.taken] == [(comment, True), (comment, False), ("", False)]
