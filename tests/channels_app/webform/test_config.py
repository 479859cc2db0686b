"""What an administrator decides about a page."""

import pytest
from django.test import Client

from channels_app.adapters.webform.config import WebformConfigForm
from channels_app.models import Channel
from tests.factories import make_agent, make_brand, make_team

pytestmark = pytest.mark.django_db


def test_it_is_made_and_changed_in_the_settings(client: Client) -> None:
    make_brand()
    team = make_team(name="Returns desk")
    client.force_login(make_agent(role="admin"))
    page = client.get("/settings/channels/new/webform/").content.decode()
    assert "Topic: Return" in page
    assert "On, for Returns desk" in page
    said = {"name": "Form", "account-topic_return": str(team.pk), "account-topic_product": "off"}
    answer = client.post("/settings/channels/new/webform/", {**said, "account-title": "Scrivici"})
    assert answer.status_code == 302
    channel = Channel.objects.get()
    assert channel.config["topic_return"] == str(team.pk)
    page = client.get(f"/settings/channels/{channel.pk}/").content.decode()
    assert f"/help/en/contact/{channel.public_key}/" in page
    assert "Send a test message" not in page
    shown = Client().get(f"/help/en/contact/{channel.public_key}/").content.decode()
    assert '<h1 dir="auto">Scrivici</h1>' in shown
    assert ('value="return"' in shown, 'value="product"' in shown) == (True, False)


def test_a_page_on_which_nothing_can_be_chosen_is_refused() -> None:
    names = [name for name in WebformConfigForm().fields if name.startswith("topic_")]
    assert not WebformConfigForm(dict.fromkeys(names, "off")).is_valid()
    assert WebformConfigForm({**dict.fromkeys(names, "off"), "topic_other": ""}).is_valid()
    assert not WebformConfigForm({"topic_other": "999999"}).is_valid()
