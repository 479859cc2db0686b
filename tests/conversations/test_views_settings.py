"""The settings of how order numbers look. Who may see them: tests/test_access.py."""

import pytest
from django.test import Client

from agents.models import Agent, AuditRow, Workspace
from conversations.known import order_forms, picking
from tests.factories import make_agent
from tests.waiting import together

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def admin(client: Client) -> Agent:
    agent = make_agent(name="Ada", role="admin")
    client.force_login(agent)
    return agent


@pytest.mark.parametrize("masks", ["", "RO-999999", "99999", "AA99", "9-9-9 [99]9 (A.9*9)", "A" * 20 + "9" * 20])
def test_examples_are_what_would_be_found(masks: str) -> None:
    for example in order_forms.order_examples(masks):
        found = picking.pick(f"Where is my order {example} now?", lambda: masks)
        assert [one.value for one in found if one.what == "order"] == [example.upper()]


@pytest.mark.parametrize(
    ("masks", "problem"),
    [
        ("RO-999 99999", ""), ("AAA", "loose"), ("RO", "loose"), ("99", "loose"), ("A9", "loose"),
        ("999 " * 21, "many"), ("9" * 41, "long"), ("99\u200b9", "hidden"), ("99\u202e9", "hidden"),
        ("9\x0799", "hidden"),
    ],
)  # fmt: skip
def test_forms_that_would_find_anything_are_refused(client: Client, admin: Agent, masks: str, problem: str) -> None:
    assert order_forms.mask_problem(masks) == problem
    answer = client.post("/settings/orders/", {"order_pattern": masks, "text": ""})
    assert answer.status_code == (422 if problem else 302)
    assert Workspace.get().order_pattern == ("" if problem else masks)


def test_the_forms_are_saved_told_and_shown_with_examples(client: Client, admin: Agent) -> None:
    page = client.post("/settings/orders/", {"order_pattern": " RO-999  9999 "}, follow=True).content.decode()
    assert Workspace.get().order_pattern == "RO-999 9999"
    assert 'value="RO-999 9999"' in page and "Saved." in page
    assert f">{order_forms.order_examples('RO-999')[0]}<" in page
    client.post("/settings/orders/", {"order_pattern": "RO-999 9999"})
    row = AuditRow.objects.get()
    assert (row.by, row.thing, row.before, row.after) == (
        admin, "order_pattern", {"order_pattern": ""}, {"order_pattern": "RO-999 9999"},
    )  # fmt: skip


def test_a_text_is_tried_and_nothing_saved(client: Client, admin: Agent) -> None:
    tried = {"order_pattern": "RO-999", "text": "It is RO-123, the parcel <b>."}
    part = client.post("/settings/orders/trial/", tried, headers=SCRIPT).content.decode()
    assert "RO-123" in part and "<h1" not in part
    whole = client.post("/settings/orders/trial/", tried).content.decode()
    assert "RO-123" in whole and "<h1" in whole and "&lt;b&gt;" in whole
    assert (Workspace.get().order_pattern, AuditRow.objects.count()) == ("", 0)


def test_what_is_wrong_is_said_while_typing(client: Client, admin: Agent) -> None:
    for tried in ({"order_pattern": "A"}, {"order_pattern": "RO-999", "text": "x" * 2_001}):
        answer = client.post("/settings/orders/trial/", tried, headers=SCRIPT)
        assert answer.status_code == 200 and 'class="alert warn"' in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_are_both_told_in_order(admin: Agent) -> None:
    def save(masks: str) -> int:
        client = Client()
        client.force_login(admin)
        return client.post("/settings/orders/", {"order_pattern": masks}).status_code

    Workspace.get()
    assert together(lambda: save("RO-999"), lambda: save("IT-999")) == [302, 302]
    first, second = AuditRow.objects.order_by("pk").values_list("before", "after")
    assert (first[0], second[0]) == ({"order_pattern": ""}, first[1])
    assert second[1] == {"order_pattern": Workspace.get().order_pattern}
