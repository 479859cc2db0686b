"""Who read which customer: what writes it down, once an hour, and whose it is after merges."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents.models import Agent, ApiToken
from channels_app.models import Channel
from conversations.auditing import readers, reads
from conversations.merging import merge, parting, rejoining
from conversations.models import Conversation, CustomerRead
from customers.models import Customer
from helpdesk.lib import sql
from tests.factories import make_agent, make_conversation, make_customer, make_identity, make_role
from tests.test_access import EVERYTHING, World, ask, browser, everything_kept
from tests.test_access import world as world
from tests.waiting import together

pytestmark = pytest.mark.django_db
TABLE = "conversations_customerread"


def who(customer: Customer) -> set[str]:
    return {read.agent.first_name for read in readers.of(customer)}


def test_opening_a_customer_is_written_down_once_an_hour(
    client: Client, agent: Agent, conversation: Conversation
) -> None:
    client.force_login(agent)
    pk, number = conversation.customer_id, conversation.number
    with time_machine.travel("2026-11-22T10:40:00Z", tick=False):
        client.get("/inbox/all/")
        client.get("/customers/")
        assert not CustomerRead.objects.exists()
        for path in (f"inbox/all/{pk}/?c={number}", *(f"customers/{pk}/{page}" for page in ("", "profile/", "panel/"))):
            assert client.get(f"/{path}").status_code == 200
    with time_machine.travel("2026-11-22T11:00:00Z", tick=False):
        client.get(f"/customers/{pk}/entries/?after=0")
    rows = CustomerRead.objects.order_by("pk").values_list("agent", "customer", "hour__hour", "at__minute")
    assert list(rows) == [(agent.pk, pk, 10, 40), (agent.pk, pk, 11, 0)]


@pytest.mark.parametrize("path", ["customers/{customer}/", "entries/?customer={customer}", "entries/{entry}/",
                                  "entries/?address=giulia@example.test"])  # fmt: skip
def test_programs_read_too(client: Client, agent: Agent, conversation: Conversation, path: str) -> None:
    secret, entry = ApiToken.issue(agent, "script")[1], conversation.entries.earliest("pk")
    url = "/api/v1/" + path.format(customer=conversation.customer_id, entry=entry.pk)
    assert client.get(url, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert CustomerRead.objects.get().customer_id == conversation.customer_id


def test_a_list_by_program_is_no_reading(client: Client, agent: Agent, conversation: Conversation) -> None:
    secret = ApiToken.issue(agent, "script")[1]
    client.get("/api/v1/customers/", headers={"Authorization": f"Bearer {secret}"})
    assert not CustomerRead.objects.exists()


def test_no_reading_changes_anything_else(world: World) -> None:
    """The one table that a GET may write; by whoever may see every page."""
    client = browser(make_agent(name="Ada", role="admin"))
    before = everything_kept()
    before.pop(TABLE)
    for name, route in EVERYTHING.items():
        if route.method == "get":
            assert ask(client, name, world).status_code == route.allowed, name
    after = everything_kept()
    assert (after.pop(TABLE) != "0", after) == (True, before)


@pytest.mark.django_db(transaction=True)
def test_a_page_that_stays_open_asks_once(agent: Agent, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    run, asked = sql.run, []
    monkeypatch.setattr(sql, "run", lambda text, values: [asked.append(text), run(text, values)][1])
    reads.note(customer.pk, agent)
    reads.note(customer.pk, agent)
    assert (asked, CustomerRead.objects.count()) == ([reads.KEEP], 1)
    with time_machine.travel(CustomerRead.objects.get().hour + timedelta(minutes=60), tick=False):
        reads.note(customer.pk, agent)
    assert CustomerRead.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_are_one_reading(agent: Agent, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "_remember", lambda which, hour: None)
    assert together(*[lambda: reads.note(customer.pk, agent)] * 2) == [None, None]
    assert CustomerRead.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_remembered_has_an_end(agent: Agent, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "REMEMBERED_MAX", 1)
    monkeypatch.setattr(reads, "_remembered", {})
    for person in (customer, make_customer()):
        reads.note(person.pk, agent)
    assert len(reads._remembered) == 1


def test_a_merge_keeps_who_read_either_and_undo_gives_each_their_own(
    agent: Agent, colleague: Agent, outsider: Agent
) -> None:
    with time_machine.travel("2026-11-22T08:00:00Z", tick=False) as time:
        kept, other = make_customer(name="Giulia"), make_customer(name="Giulia T.")
        reads.note(kept.pk, agent)
        reads.note(other.pk, colleague)
        time.shift(timedelta(hours=2))
        record = merge.merge(kept, other, by=agent)
        reads.note(kept.pk, outsider)
        assert who(kept) == {"Ana", "Bruno", "Otto"}
        time.shift(timedelta(hours=2))
        merge.undo(record, by=agent)
        time.shift(timedelta(hours=2))
        reads.note(kept.pk, make_agent(name="Late"))
    assert (who(kept), who(other)) == ({"Ana", "Otto", "Late"}, {"Bruno", "Otto"})


def test_who_had_read_what_was_split_off_is_said_of_both(agent: Agent, colleague: Agent, outsider: Agent) -> None:
    with time_machine.travel("2026-11-22T08:00:00Z", tick=False) as time:
        source = make_customer(name="Giulia")
        reads.note(source.pk, agent)
        record = parting.split(source, make_identity(customer=source), by=agent)
        target = record.other
        time.shift(timedelta(hours=1))
        reads.note(source.pk, colleague)
        reads.note(target.pk, outsider)
        assert (who(source), who(target)) == ({"Ana", "Bruno"}, {"Ana", "Otto"})
        rejoining.undo(record, by=agent)
    assert who(source) == {"Ana", "Bruno", "Otto"}


def test_administrators_look_it_up(client: Client, agent: Agent, conversation: Conversation) -> None:
    admin = make_agent(name="Ada Keller", role="admin")
    reads.note(conversation.customer_id, agent)
    client.force_login(admin)
    link = f"/settings/audit/reading/?customer={conversation.customer_id}"
    assert link in client.get(f"/customers/{conversation.customer_id}/").content.decode()
    assert "Ana Ionescu" in client.get(link).content.decode().partition("<tbody>")[2]
    for asked, count in (
        ({"q": "giulia@"}, 2),
        ({"q": "zzz"}, 0),
        ({"who": agent.pk}, 1),
        ({"until": "2020-01-01"}, 0),
    ):
        page = client.get("/settings/audit/reading/", asked).content.decode()
        assert page.partition("<tbody>")[2].count("<tr>") == count, asked
    client.force_login(agent)
    assert link not in client.get(f"/customers/{conversation.customer_id}/").content.decode()


def test_an_administrator_is_told_only_of_whom_they_see(
    client: Client, agent: Agent, conversation: Conversation, channel: Channel
) -> None:
    reads.note(conversation.customer_id, agent)
    client.force_login(make_agent(name="Otto", role=make_role(sight="own", can_administer=True)))
    page = client.get("/settings/audit/reading/").content.decode()
    assert "Giulia" not in page and "Nobody read that" in page
    assert client.get(f"/settings/audit/reading/?customer={conversation.customer_id}").status_code == 404


def test_a_long_list_asks_as_much_as_a_short_one(
    client: Client, channel: Channel, agent: Agent, django_assert_num_queries: Any
) -> None:
    for _ in range(4):
        reads.note(make_conversation(channel=channel).customer_id, agent)
    client.force_login(make_agent(name="Ada", role="admin"))
    # Session, agent, their teams, people, rows, workspace, notices.
    with django_assert_num_queries(9):
        client.get("/settings/audit/reading/")
