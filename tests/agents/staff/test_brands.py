"""Brands: what customers see of them, and that there is always one. Who may open the pages: tests/test_access.py."""

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, AuditRow, Brand
from agents.staff import brands
from agents.staff.administering import Refused
from agents.staff.brands import Wanted
from conversations.models import Conversation
from tests.factories import make_agent, make_channel, make_conversation
from tests.waiting import together

pytestmark = pytest.mark.django_db
SAID = {"name": "Passolungo", "language": "it"}


@pytest.fixture
def admin(client: Client) -> Agent:
    agent = make_agent(name="Ada Keller", role="admin")
    client.force_login(agent)
    return agent


def audits() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return list(AuditRow.objects.filter(thing="brands").order_by("pk").values_list("before", "after"))


def test_a_brand_is_added_and_told(client: Client, admin: Agent) -> None:
    page = client.post("/settings/brands/new/", SAID, follow=True).content.decode()
    row = Brand.objects.get(name="Passolungo")
    assert "Passolungo" in page and (row.language, row.is_default) == ("it", False)
    assert audits()[-1][1]["language"] == "it"


def test_the_chat_says_the_new_name(client: Client, admin: Agent) -> None:
    channel = make_channel(kind="webchat", config={"sites": "https://shop.example.test"})
    client.post(f"/settings/brands/{channel.brand_id}/", SAID)
    assert (
        '<h1 dir="auto" translate="no" data-brand="Passolungo">Passolungo</h1>'
        in client.get(f"/widget/{channel.public_key}/").content.decode()
    )


def test_what_cannot_be_is_refused_and_nothing_changes(client: Client, admin: Agent) -> None:
    first = Brand.objects.get()
    other = Brand.objects.create(name="Second", is_default=False)
    for data in ({"name": first.name.upper()}, {"name": " "}, {"name": "x" * 81}, {"language": "xx"}):
        assert client.post(f"/settings/brands/{other.pk}/", {**SAID, **data}).status_code == 422
    assert audits() == [] and Brand.objects.get(pk=other.pk).name == "Second"


def test_there_is_one_default_at_any_time(client: Client, admin: Agent) -> None:
    first = Brand.objects.get()
    other = Brand.objects.create(name="Second", is_default=False)
    client.post(f"/settings/brands/{other.pk}/", {**SAID, "is_default": "on"})
    assert list(Brand.objects.filter(is_default=True)) == [other]
    # To untick it is no way to have none.
    client.post(f"/settings/brands/{other.pk}/", SAID)
    assert list(Brand.objects.filter(is_default=True)) == [other]
    assert client.post(f"/settings/brands/{first.pk}/removal/").status_code == 302
    assert client.post(f"/settings/brands/{other.pk}/removal/").status_code == 409
    assert Brand.objects.count() == 1


def test_a_brand_that_something_belongs_to_stays(client: Client, admin: Agent, conversation: Conversation) -> None:
    Brand.objects.create(name="Second", is_default=False)
    brands.change(Brand.objects.get(name="Second"), Wanted("Second", "en", is_default=True), by=admin)
    answer = client.post(f"/settings/brands/{conversation.brand_id}/removal/")
    page = answer.content.decode()
    assert answer.status_code == 409 and "conversations: 1" in page and "channels: 1" in page


@pytest.mark.django_db(transaction=True)
def test_two_that_become_the_default_at_once_leave_one() -> None:
    admin = make_agent(role="admin")
    make_conversation(channel=make_channel())
    rows = [brands.add(Wanted(name, "en"), by=admin) for name in ("One", "Two")]

    def become(row: Brand) -> str:
        try:
            brands.change(row, Wanted(row.name, "en", is_default=True), by=admin)
        except Refused:
            return "refused"
        return "changed"

    assert together(lambda: become(rows[0]), lambda: become(rows[1])) == ["changed", "changed"]
    assert Brand.objects.filter(is_default=True).count() == 1
