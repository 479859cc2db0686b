"""A webhook is told what its sight and the moment of sending allow, and nothing of private teams it was not given."""

from collections.abc import Iterator

import pytest

from agents.models import Agent, Team
from conversations import people
from conversations.merging import merge
from conversations.models import Conversation, Entry, Message, Webhook, WebhookDelivery
from conversations.webhooks import keeping
from helpdesk.lib import clock, guard
from tests.conversations.hooked import happen, leave, make_webhook, only
from tests.factories import make_agent, make_channel, make_inbound, make_role, make_team, receive
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State
MARKER = "quokka-7731"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    with receiving() as found:
        yield found


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(name="Ada Bianchi", role="admin")


@pytest.fixture
def private(db: None) -> Team:
    return make_team(name="Complaints", is_private=True)


@pytest.fixture
def webhook(receiver: Receiver, admin: Agent) -> Webhook:
    return make_webhook(receiver, admin)


def secret_of(team: Team, address: str = "giulia@example.test") -> Entry:
    said = make_inbound(address=address, text=MARKER, subject=MARKER, name=MARKER)
    return receive(channel=make_channel(team=team), inbound=said)


def test_nothing_of_a_private_team_is_told_or_noted(
    webhook: Webhook, receiver: Receiver, private: Team, admin: Agent
) -> None:
    entry = secret_of(private)
    assert entry.conversation is not None
    entry.conversation.note(by=admin, text=MARKER)
    happen(*Entry.objects.filter(customer=entry.customer))
    leave(webhook)
    assert (webhook.deliveries.count(), receiver.came) == (0, [])


def test_what_concerns_a_customer_who_is_theirs_alone_is_withheld(
    webhook: Webhook, receiver: Receiver, private: Team, admin: Agent
) -> None:
    customer = secret_of(private).customer
    entry = people.change_profile(customer, {"name": f"{MARKER} again"}, by=admin)
    assert entry is not None
    happen(entry)
    leave(webhook)
    assert (only(webhook).state, receiver.came) == (State.WITHHELD, [])


def test_one_that_was_given_the_team_is_told(receiver: Receiver, admin: Agent, private: Team) -> None:
    webhook = make_webhook(receiver, admin, teams=(private,))
    happen(secret_of(private))
    leave(webhook)
    assert receiver.bodies[0]["entry"]["text"] == MARKER


def test_what_became_private_before_it_left_is_withheld(
    webhook: Webhook, receiver: Receiver, private: Team, admin: Agent
) -> None:
    team = make_team(name="Front")
    entry = secret_of(team)
    happen(entry)
    Team.objects.filter(pk=team.pk).update(is_private=True)
    leave(webhook)
    assert (only(webhook).state, only(webhook).body_sha256, receiver.came) == (State.WITHHELD, "", [])


def test_what_was_taken_back_before_it_left_is_not_in_it(
    webhook: Webhook, receiver: Receiver, conversation: Conversation
) -> None:
    entry = conversation.entries.get()
    Message.objects.update(text=MARKER)
    happen(entry)
    Message.objects.update(text="", subject="", deleted_at=clock.real())
    leave(webhook)
    assert MARKER.encode() not in receiver.came[0][1]
    assert receiver.bodies[0]["entry"]["message"]["deleted_at"] is not None


def test_the_log_keeps_no_body(webhook: Webhook, conversation: Conversation) -> None:
    Message.objects.update(text=MARKER)
    happen(conversation.entries.get())
    leave(webhook)
    row = WebhookDelivery.objects.values().get()
    assert row["state"] == State.DELIVERED and len(row["body_sha256"]) == 64
    assert MARKER not in str(row)


def test_a_kind_that_was_unticked_before_it_left_is_withheld(
    webhook: Webhook, receiver: Receiver, conversation: Conversation, admin: Agent
) -> None:
    happen(conversation.note(by=admin, text=MARKER))
    keeping.change(webhook, keeping.Wanted("Shop", receiver.url, ["message_in"]), by=admin)
    leave(webhook)
    assert (only(webhook).state, receiver.came) == (State.WITHHELD, [])


def test_a_merge_does_not_name_who_is_out_of_sight(
    webhook: Webhook, receiver: Receiver, conversation: Conversation, private: Team, admin: Agent
) -> None:
    hidden = secret_of(private, "hidden@example.test").customer
    merge.merge(conversation.customer, hidden, by=admin)
    happen(*Entry.objects.filter(kind="merge"))
    leave(webhook)
    assert receiver.bodies[0]["event"] == "merge"
    assert MARKER.encode() not in b"".join(body for _, body in receiver.came)


def test_an_administrator_gives_only_teams_they_see(receiver: Receiver, private: Team) -> None:
    half = make_agent(name="Half", role=make_role(sight="teams", can_administer=True))
    assert list(keeping.offered(half)) == []
    half.memberships.create(team=private)
    assert list(keeping.offered(half)) == [private]


def test_what_another_administrator_gave_stays(receiver: Receiver, admin: Agent, private: Team) -> None:
    webhook = make_webhook(receiver, admin, teams=(private,))
    half = make_agent(name="Half", role=make_role(sight="teams", can_administer=True))
    keeping.change(webhook, keeping.Wanted("Shop", receiver.url, ["note"]), by=half)
    assert list(webhook.teams.all()) == [private]
