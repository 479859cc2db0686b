"""The made-up shop: there with the demonstration's widget, and not without."""

import pytest
from django.test import Client

from agents.models import Team
from channels_app.models import Channel
from helpdesk.seeds import people
from tests.factories import make_brand

pytestmark = pytest.mark.django_db
PAGES = ("/demo/shop/", "/demo/shop/alpe-2/", "/demo/shop/returns/")


@pytest.mark.parametrize("page", PAGES)
def test_without_the_widget_there_is_no_shop(client: Client, page: str) -> None:
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_each_page_has_the_line_that_installs_the_widget(client: Client, team: Team, page: str) -> None:
    make_brand()
    widget = people.chat(team)
    answer = client.get(page)
    assert answer.status_code == 200
    assert f'data-key="{widget.public_key}"' in answer.content.decode()
    assert not answer.cookies
    Channel.objects.update(state="paused")
    assert client.get(page).status_code == 404


def test_the_widget_is_made_once(team: Team) -> None:
    make_brand()
    assert people.chat(team) == people.chat(team)


def test_its_foot_leads_to_the_contact_page_where_there_is_one(client: Client, team: Team) -> None:
    make_brand()
    people.chat(team)
    assert "/help/" not in client.get("/demo/shop/").content.decode()
    form = people.webform(team)
    assert people.webform(team) == form
    assert f"/help/en/contact/{form.public_key}/" in client.get("/demo/shop/").content.decode()
