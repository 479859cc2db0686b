"""What a message of a chat costs: who hears of it, and how much each request that follows asks PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from agents.models import Agent, Team
from channels_app import delivery as sender
from channels_app import intake, piecemeal
from channels_app.adapters.webchat import arriving, presence, visitors
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from conversations import live, visiting, visiting_sql, waiting
from conversations.models import Conversation, Delivery, Entry, Message, Thread
from customers.identify import identify
from customers.models import Identity
from helpdesk.lib import clock as time
from tests.channels_app.webchat.talking import SITE, Visitor, make_widget
from tests.conftest import Hints
from tests.factories import route_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def widget(team: Team) -> Channel:
    return make_widget(team=team)


def begin(widget: Channel, text: str = "Hello") -> tuple[Visitor, Conversation]:
    """A visitor who has written, and their conversation."""
    visitor = Visitor(widget.public_key)
    visitor.arrive(page={"url": f"{SITE}/boots/"})
    visitor.say(text)
    intake.process(RawEvent.objects.latest("pk").pk)
    return visitor, Conversation.objects.latest("pk")


def answer(row: Conversation, by: Agent, text: str = "Good morning") -> Delivery:
    """Answer; it has not left."""
    entry = row.reply(by=by, text=text, to=route_to(row))
    return Delivery.objects.get(message=entry.pk)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Count every statement, named ones, too: those of helpdesk/lib/sql.py are not in Django's own list."""
    real = psycopg.Cursor.execute

    @contextmanager
    def counting() -> Iterator[list[str]]:
        said: list[str] = []

        def execute(self: Any, query: Any, *given: Any, **more: Any) -> Any:
            # What holds a transaction within one, as tests have it, is none of a desk's.
            if "SAVEPOINT" not in str(query):
                said.append(str(query))
            return real(self, query, *given, **more)

        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", execute)
            yield said

    return counting


def test_what_a_frame_asks_after_a_message_is_a_few_named_statements(
    widget: Channel, agent: Agent, asked: Callable[[], Any]
) -> None:
    visitor, row = begin(widget)
    cursor = visitor.get("entries/").headers["X-Cursor"]
    delivery = answer(row, agent)
    sender.deliver(delivery.pk)
    most = {f"entries/?after={cursor}": 6, "entries/?after=": 6, "state/": 15}
    for noun, count in most.items():
        with asked() as said:
            assert visitor.get(noun).status_code == 200
        assert len(said) <= count, said
        # What goes through the ORM begins so: the workspace's row, and who has the conversation.
        assert sum(one.startswith('SELECT "') for one in said) <= 2, said
    newest = visitor.get("entries/").headers["X-Cursor"]
    with asked() as said:
        assert visitor.get(f"entries/?after={newest}").content.strip() == b""
    assert len(said) <= 3, said


def test_a_sighting_asks_little_and_nothing_where_there_is_nothing_to_note(
    widget: Channel, agent: Agent, asked: Callable[[], Any]
) -> None:
    visitor, row = begin(widget)
    told = answer(row, agent)
    sender.deliver(told.pk)
    for most in (9, 4):
        with asked() as said:
            assert visitor.post("sightings/", {"upto": told.message_id, "seen": True}).status_code == 204
        assert len(said) <= most, said
    assert Delivery.objects.get().state == "read"


def test_a_visitor_hears_of_an_answer_when_it_has_left_and_agents_of_each_step(
    widget: Channel, agent: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    visitor, row = begin(widget)
    me = f"visitor.identity.{row.threads.get().identity_id}"

    def heard(act: Callable[[], Any]) -> tuple[list[str], bool]:
        """What kinds of change agents were told of, and whether the visitor was told of any."""
        live.published.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        hints = [(names, frame["kind"]) for names, frame in live.published if frame["type"] == "hint"]
        assert all({"all", f"customer.{row.customer_id}"} <= set(names) for names, _kind in hints)
        return [kind for _names, kind in hints], me in live.audiences("news")

    assert heard(lambda: answer(row, agent)) == (["message"], False)
    delivery = Delivery.objects.get()
    # Claimed, then sent: only now is there anything to fetch.
    assert heard(lambda: sender.deliver(delivery.pk)) == (["delivery"] * 2, True)
    page = visitor.get("entries/").content.decode()
    assert "Good morning" in page
    seen = {"upto": delivery.message_id, "seen": False}
    # Its own browser told us: it need not look again, and shows nothing of it.
    assert heard(lambda: visitor.post("sightings/", seen)) == (["delivery"], False)
    assert heard(lambda: visitor.post("sightings/", {**seen, "seen": True})) == (["delivery"], False)
    assert visitor.get("entries/").content.decode() == page
    assert heard(lambda: visitor.post("sightings/", {**seen, "seen": True})) == ([], False)


def test_several_answers_are_noted_at_once_and_what_came_and_was_read_is_one_change(
    widget: Channel, agent: Agent, live: Hints, django_capture_on_commit_callbacks: Any
) -> None:
    visitor, row = begin(widget)
    for text in ("One", "Two", "Three"):
        sender.deliver(answer(row, agent, text).pk)
    with django_capture_on_commit_callbacks(execute=True):
        visitor.post("sightings/", {"upto": Delivery.objects.latest("pk").message_id, "seen": True})
    assert set(Delivery.objects.values_list("state", "parts__state")) == {("read", "read")}
    assert len(live.of("hint")) == 3


def test_the_named_statements_read_what_visitors_may_read(widget: Channel, agent: Agent, channel: Channel) -> None:
    _visitor, row = begin(widget)
    other, _theirs = begin(widget, "Of somebody else")
    states = list(Delivery.State)
    for state in states:
        Delivery.objects.filter(pk=answer(row, agent, f"Is {state}").pk).update(state=state)
    # One that no delivery carries, one that failed and was sent anew, one that only tells again, a note.
    answer(row, agent, "No delivery").parts.all().delete()
    Delivery.objects.filter(message__text="No delivery").delete()
    again = answer(row, agent, "Sent anew")
    Delivery.objects.filter(pk=again.pk).update(state="failed")
    Delivery.objects.create(message_id=again.message_id, channel=widget, state="sent")
    told = answer(row, agent, "Told again")
    Delivery.objects.filter(pk=told.pk).update(state="sent")
    Entry.objects.filter(pk=told.message_id).update(data={"follows": [1]})
    row.note(by=agent, text="Among ourselves")
    me = list(Identity.objects.filter(threads__conversation=row))
    wanted = list(visiting.readable_by(me).order_by("-occurred_at", "-pk"))
    assert {entry.message.text for entry in wanted} == {
        "Hello", "Is sent", "Is delivered", "Is read", "No delivery", "Sent anew",
    }  # fmt: skip
    assert visiting_sql.entries("newest", me, 50) == wanted
    first = wanted[-1]
    before = visiting_sql.entries("before", me, 50, at=wanted[0].occurred_at, pk=wanted[0].pk)
    assert before == wanted[1:]
    changed = {"customers": [row.customer_id], "afters": [first.touched_seq]}
    assert visiting_sql.entries("changed", me, 50, **changed) == wanted[-2::-1]
    assert visiting_sql.entries("newest", me, 2) == wanted[:2]
    assert [entry.by for entry in wanted] == [entry.by for entry in visiting_sql.entries("newest", me, 50)]
    assert visiting.conversation_of(me) == row
    assert visiting.answered_by(me) == visiting.answered_by(me, row) == agent
    assert visiting.answered_by(me, _theirs) is None
    assert "Of somebody else" in other.get("entries/").content.decode()


def test_a_thread_that_is_not_between_us_is_nobodys_to_read(widget: Channel, agent: Agent) -> None:
    _visitor, row = begin(widget)
    me = list(Identity.objects.filter(threads__conversation=row))
    Thread.objects.filter(conversation=row).update(kind="group")
    assert visiting_sql.entries("newest", me, 50) == list(visiting.readable_by(me)) == []
    assert visiting.conversation_of(me) is None


def test_a_proved_browser_reads_what_others_did_that_proved_the_same(widget: Channel) -> None:
    rows = []
    for _ in range(4):
        begin(widget)
        rows.append(Row.objects.latest("pk"))
    mail, _made = identify(Identity.Kind.EMAIL, "giulia@example.test")
    Row.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(proved=mail)
    Row.objects.filter(pk=rows[0].pk).update(came_by=rows[2].key)
    first = Row.objects.get(pk=rows[0].pk)
    found = visitors.identities_of(first)
    assert {one.value for one in found} == {mail.value, *(row.key for row in rows[:3])}
    assert all(one.customer.pk == one.customer_id for one in found)
    assert [one.value for one in visitors.identities_of(rows[3])] == [rows[3].key]


def test_a_queue_without_a_team_is_counted_like_any_other(agent: Agent) -> None:
    widget = make_widget()
    rows = [begin(widget)[1] for _ in range(6)]
    for place, row in enumerate(rows):
        opened = time.now() - timedelta(hours=1)
        Conversation.objects.filter(pk=row.pk).update(
            opened_at=opened,
            waiting_since=opened + timedelta(minutes=place),
            first_reply_at=opened + timedelta(minutes=7),
        )
        row.refresh_from_db()
    assert [waiting.ahead_of(row) for row in rows] == [0, 1, 2, 3, 4, 5]
    assert waiting.usual_wait(rows[0]) == timedelta(minutes=7)
    assert waiting.usual_wait_of(agent.memberships.get().team_id, widget.icon) is None


def test_those_who_go_at_once_are_written_down_at_once(
    widget: Channel, asked: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(live, "ephemeral", lambda names, frame, ttl_seconds: told.extend(names))
    come = [begin(widget) for _ in range(3)]
    known = []
    for place, (visitor, _row) in enumerate(come):
        tab = arriving.Asking(widget.public_key, visitor.token, SITE, None, f"tab {place}")
        known += [(one, tab.tab) for one in arriving.known_by([tab]) if one is not None]
    # The last one has a second tab open.
    presence.stay(known[2][0].key, "another")
    with asked() as said:
        arriving.leave_each(known)
    assert sum("left_at" in one and "UPDATE" in one for one in said) == 1
    gone = Row.objects.exclude(left_at=None)
    assert {row.key for row in gone} == {one.key for one, _tab in known[:2]}
    assert set(told) == {f"customer.{row.customer_id}" for _visitor, row in come[:2]}


def test_no_provider_has_to_be_spared_by_a_widget(
    widget: Channel, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    _visitor, row = begin(widget)
    delivery = answer(row, agent)
    monkeypatch.setattr("helpdesk.lib.pacing.take", lambda name, lane: pytest.fail("It was paced."))
    assert piecemeal.wait_of(delivery) == 0
    assert sender.deliver(delivery.pk) == "sent"
    assert Message.objects.get(pk=delivery.message_id).external_id
