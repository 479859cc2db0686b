"""What an administrator does at a provider: each value can be copied where it is asked for, before and after adding."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app import adapters
from channels_app.addresses import webhook_of
from channels_app.steps import Copied, offers, steps_of
from tests.factories import make_agent, make_brand, make_channel

KNOWN = {"webhook": "https://desk.example.test/w/", "verify_token": "t0ken"}


def test_values_at_the_end_of_a_step_are_copied_there(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = adapters.get("sandbox")
    written = ("Log in.", "Give as URL and token: {webhook}#x {verify_token}", "It calls {webhook}.")
    monkeypatch.setattr(type(adapter), "setup_steps", written)
    first, second, third = steps_of(adapter, KNOWN)
    assert (first.words, first.values) == ("Log in.", ())
    assert second.words == "Give as URL and token:"
    assert second.values == (
        Copied("step-2-webhook", "Webhook address: #x", "https://desk.example.test/w/#x"),
        Copied("step-2-verify_token", "Verify token", "t0ken"),
    )
    assert (third.words, third.values) == ("It calls the webhook address.", ())
    assert [step.is_later for step in steps_of(adapter, {})] == [False, True, False]
    assert offers([second], KNOWN["webhook"]) and not offers([third], KNOWN["webhook"]) and not offers([second], "")


@pytest.mark.parametrize("kind", sorted(adapters.all()))
def test_no_step_of_any_kind_shows_a_placeholder(kind: str) -> None:
    for known in (KNOWN, {}):
        assert not any(set("{}") & set(step.words) for step in steps_of(adapters.get(kind), known))


@pytest.mark.django_db
def test_what_meta_asks_for_can_be_copied_in_its_order(client: Client) -> None:
    client.force_login(make_agent(role="admin"))
    row = make_channel(kind="whatsapp", config={"address": "+39 02 555 0100", "verify_token": "t0ken"})
    page = client.get(reverse("channel_one", args=[row.pk])).content.decode()
    values = re.findall(r'<input class="input" id="step[^"]*" value="([^"]*)"', page)
    assert values == [webhook_of(row), "t0ken", webhook_of(row) + "deletion/"]
    assert 'id="webhook-address"' not in page and 'id="verify-token"' not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "is_sandbox", "is_told"), [
    ("http://127.0.0.1:8000", False, True), ("http://127.0.0.1:8000", True, False),
    ("https://desk.example.test", False, False),
])  # fmt: skip
def test_a_desk_that_no_provider_reaches_is_told_so(
    client: Client, settings: Any, url: str, is_sandbox: bool, is_told: bool
) -> None:
    settings.PUBLIC_URL = url
    client.force_login(make_agent(role="admin"))
    row = make_channel(kind="telegram", config={}, is_sandbox=is_sandbox)
    page = client.get(reverse("channel_one", args=[row.pk])).content.decode()
    assert ("Set PUBLIC_URL" in page) == is_told


@pytest.mark.django_db
def test_the_steps_stand_before_the_form_and_rare_fields_are_folded(client: Client) -> None:
    make_brand()
    client.force_login(make_agent(role="admin"))
    url = reverse("channel_new", args=["whatsapp"])
    page = client.get(url).content.decode()
    assert page.index("Make a system user") < page.index('id="account-phone_number_id"') < page.index("<details")
    assert page.index("<details") < page.index('id="account-graph_version"')
    answer = client.post(url, {"name": "WhatsApp", "account-graph_version": "x"})
    wrong = answer.content.decode()
    assert answer.status_code == 422
    assert '<details class="unfolding" open>' in wrong and 'href="#account-graph_version"' in wrong
    assert 'id="account-graph_version_error"' in wrong and 'aria-describedby="account-graph_version_error"' in wrong
