"""The audit page: found by who, what, when and words, and told readably. Who may open it: tests/test_access.py."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from agents import audit
from agents.models import Agent, AuditRow
from conversations import companies, people
from conversations.auditing import finding, telling
from conversations.merging import merge, parting, rejoining
from customers.models import Company, Customer
from tests.factories import (
    make_agent,
    make_channel,
    make_conversation,
    make_customer,
    make_identity,
    make_role,
    make_team,
)
from tests.layout.source import own

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def admin(client: Client) -> Agent:
    agent = make_agent(name="Ada Keller", role="admin")
    client.force_login(agent)
    return agent


def lines(client: Client, **asked: Any) -> list[str]:
    """The rows of the page as text."""
    page = client.get("/settings/audit/", asked).content.decode()
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in table.split("</tr>")[:-1]]


def test_a_change_is_told_field_by_field(client: Client, admin: Agent) -> None:
    before = {"role": "trainee", "can_reply": True, "domains": ["a.test", "b.test"], "api_key": "x", "odd_thing": None}
    audit.changed(admin, "roles", before, {**before, "can_reply": False})
    said = lines(client)[0]
    assert (
        "Ada Keller Roles" in said
        and "Answers: Yes → No" in said
        and "Mail domains: a.test, b.test" in said
        and "→ a.test" not in said
    )
    assert "(hidden)" in said and "odd thing: –" in said


def test_a_condition_is_told_in_words(client: Client, admin: Agent) -> None:
    rows = [{"field": "language", "op": "is", "value": "ro"}, {"field": "gone", "op": "is", "value": 1}]
    audit.changed(admin, "segment 1", {}, {"condition": {"version": 1, "match": "all", "rows": rows}})
    assert "Condition: Language is ro; A field that is gone" in lines(client)[0]


def test_rows_are_found_by_who_what_and_words(client: Client, admin: Agent, agent: Agent) -> None:
    audit.changed(admin, "roles", {}, {"name": "Bücher"})
    audit.changed(agent, "company 7", {}, {"name": 'Say "hi"'})
    audit.changed(None, "outbox", {}, {"sends_old": True})
    assert [len(lines(client, **asked)) for asked in (
        {}, {"who": agent.pk}, {"who": 0}, {"what": "company"}, {"what": "compan"}, {"q": "bücher"}, {"q": '"HI"'},
        {"q": "%"}, {"q": "ana company"}, {"who": admin.pk, "what": "company"}, {"who": "x", "q": "\0"},
    )] == [3, 1, 1, 1, 3, 1, 1, 0, 1, 0, 3]  # fmt: skip


def test_rows_are_found_by_day_in_the_readers_time_zone(client: Client, admin: Agent) -> None:
    Agent.objects.filter(pk=admin.pk).update(time_zone="Europe/Rome")
    for at in ("2026-11-21T22:59:00Z", "2026-11-21T23:01:00Z", "2026-11-22T23:01:00Z"):
        with time_machine.travel(at):
            audit.changed(admin, "roles", {}, {"name": at})
    assert len(lines(client, since="2026-11-22", until="2026-11-22")) == 1
    assert (len(lines(client, since="2026-11-22")), len(lines(client, until="9999-12-31"))) == (2, 3)
    assert (len(lines(client, since="0001-01-01")), len(lines(client, since="nonsense"))) == (3, 3)
    assert 'name="since" class' in client.get("/settings/audit/", {"since": "nonsense"}).content.decode()


def test_pages_go_on_where_the_one_before_ended(
    client: Client, admin: Agent, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(finding, "PER_PAGE", 2)
    for number in range(5):
        audit.changed(admin, "merge 1", {}, {"customer": 1, "n": number})
    rows, following = finding.page(AuditRow.objects.all(), "")
    more, last = finding.page(AuditRow.objects.all(), finding.page(AuditRow.objects.all(), following)[1])
    assert ([row.after["n"] for row in rows], [row.after["n"] for row in more], last) == ([4, 3], [0], "")
    # Session, agent, their teams, names of people, rows, customers, workspace, notices.
    with django_assert_num_queries(10):
        client.get("/settings/audit/")


def test_merges_splits_moves_and_what_is_taken_back_are_rows(client: Client, admin: Agent, agent: Agent) -> None:
    one, other = make_customer(name="Giulia"), make_customer(name="Giulia T.")
    merge.undo(merge.merge(one, other, by=agent), by=admin)
    split = parting.split(one, make_identity(customer=one), by=agent)
    rejoining.undo(split, by=admin)
    assert [row.after["act"] for row in AuditRow.objects.order_by("pk")] == ["merged", "parted", "split", "rejoined"]
    assert "What was done: split Customer: Giulia" in lines(client)[1]


def test_deletions_are_rows(agent: Agent, customer: Customer) -> None:
    company = companies.make(companies.About("Telai", (), False), by=agent)
    companies.delete(Company.objects.get(pk=company.pk), by=agent)
    people.remove_identity(make_identity(customer=customer), by=agent)
    assert [row.thing.split()[0] for row in AuditRow.objects.order_by("-pk")[:2]] == ["identity", "company"]


def test_customers_whom_one_may_not_see_are_not_named(client: Client, agent: Agent) -> None:
    hidden = make_conversation(customer=make_customer(name="Secret Name"), channel=make_channel(team=make_team()))
    audit.changed(agent, "merge 3", {}, {"act": "merged", "customer": hidden.customer_id, "other": 1})
    client.force_login(make_agent(name="Otto", role=make_role(can_administer=True)))
    page = client.get("/settings/audit/").content.decode()
    assert "another customer" in page and "Secret" not in page and f"/customers/{hidden.customer_id}/" not in page


def test_ten_thousand_signs_are_cut(client: Client, admin: Agent) -> None:
    assert client.get("/settings/audit/", {"q": "x " * 5_000}).status_code == 200


def _told_keys() -> set[str]:
    """The names of what is written into audit rows, as they stand in the code."""
    found: set[str] = set()
    for source in own(ROOT):
        if "audit.changed(" not in source.text:
            continue
        calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
        writers = [call for call in calls if ast.unparse(call.func) == "audit.changed"]
        tellers = [node for node in ast.walk(source.tree) if getattr(node, "name", "") in {"_said", "_told", "plain"}]
        for node in (inner for outer in (*writers, *tellers) for inner in ast.walk(outer)):
            if isinstance(node, ast.Dict):
                found |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    return found


def test_whatever_is_written_down_has_a_name_for_people() -> None:
    keys = _told_keys()
    assert {"webhook", "scopes", "members"} <= keys
    assert keys - set(telling.FIELDS) == set()
