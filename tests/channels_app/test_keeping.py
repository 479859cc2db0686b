"""The settings of channels: secrets never shown again, every change audited, keys that overlap, nothing lost."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from agents import timing
from agents.models import Agent, AuditRow, Workspace
from channels_app import adapters, keeping, trying
from channels_app.models import Channel, MessageTemplate, RawEvent
from helpdesk.lib.outbound import ProviderTemplate, SendError
from tests.factories import make_agent, make_brand, make_channel
from tests.paper import Post, letter
from tests.waiting import together

pytestmark = pytest.mark.django_db
EMAIL = {"name": "Help", "account-address": "help@desk.example.test", "account-imap_host": "imap.example.test",
         "account-imap_user": "help", "account-imap_password": "s3cret-word", "account-imap_port": "993"}  # fmt: skip


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(name="Ada Bianchi", role="admin")


@pytest.fixture
def desk(client: Client, admin: Agent) -> Client:
    make_brand()
    client.force_login(admin)
    return client


@pytest.fixture
def mailbox(desk: Client) -> Channel:
    desk.post("/settings/channels/new/email/", EMAIL)
    return Channel.objects.get()


def post(desk: Client, route: str, row: Channel, **data: Any) -> Any:
    return desk.post(reverse(route, args=[row.pk]), data, follow=True)


def test_every_kind_can_be_chosen_and_has_a_form(desk: Client) -> None:
    page = desk.get("/settings/channels/new/").content.decode()
    for kind in set(adapters.all()) - {"paper"}:
        assert f"/settings/channels/new/{kind}/" in page
        assert desk.get(f"/settings/channels/new/{kind}/").status_code == 200
    assert desk.get("/settings/channels/new/pigeon/").status_code == 404


def test_a_channel_is_made_with_its_account(mailbox: Channel) -> None:
    assert (mailbox.address, mailbox.config["imap_password"]) == ("help@desk.example.test", "s3cret-word")
    assert "s3cret-word" not in str(list(AuditRow.objects.values()))
    assert AuditRow.objects.get().after["account"]["imap_host"] == "imap.example.test"


def test_what_is_wrong_is_said_and_nothing_is_made(desk: Client, mailbox: Channel) -> None:
    wrongs: list[dict[str, str]] = [{"name": ""}, {"name": "HELP"}, {"name": "Two", "account-address": "nobody"}]
    for wrong in wrongs:
        assert desk.post("/settings/channels/new/email/", {**EMAIL, **wrong}).status_code == 422
    assert Channel.objects.count() == 1


def test_a_secret_is_never_shown_and_stays_unless_replaced(desk: Client, mailbox: Channel) -> None:
    page = desk.get(reverse("channel_account", args=[mailbox.pk])).content.decode()
    assert "s3cret-word" not in page and "Kept; type to replace" in page
    post(desk, "channel_account", mailbox, **{**EMAIL, "account-imap_password": "", "name": "Office"})
    mailbox.refresh_from_db()
    assert (mailbox.name, mailbox.config["imap_password"]) == ("Office", "s3cret-word")
    post(desk, "channel_account", mailbox, **{**EMAIL, "account-imap_password": "other"})
    mailbox.refresh_from_db()
    newest = AuditRow.objects.latest("pk")
    assert (mailbox.config["imap_password"], newest.after["replaced"]) == ("other", ["imap_password"])


def test_an_optional_secret_can_be_forgotten(desk: Client, mailbox: Channel) -> None:
    post(desk, "channel_account", mailbox, **{**EMAIL, "account-imap_password": "", "forget": "imap_password"})
    mailbox.refresh_from_db()
    assert mailbox.config["imap_password"] == ""


def test_what_an_adapter_keeps_beside_the_form_stays(desk: Client, mailbox: Channel) -> None:
    mailbox.config = {**mailbox.config, "access_token": "kept"}
    mailbox.save()
    post(desk, "channel_account", mailbox, **EMAIL)
    mailbox.refresh_from_db()
    assert mailbox.config["access_token"] == "kept"


def test_an_account_under_another_key_can_be_typed_again(desk: Client, mailbox: Channel) -> None:
    Channel.objects.update(sealed_config="nonsense")
    assert "Type it again" in desk.get(reverse("channel_account", args=[mailbox.pk])).content.decode()
    assert desk.get(reverse("channel_one", args=[mailbox.pk])).status_code == 200
    post(desk, "channel_account", mailbox, **EMAIL)
    assert Channel.objects.get().config["imap_user"] == "help"


def test_a_verify_token_is_made_and_rolled(
    admin: Agent, monkeypatch: pytest.MonkeyPatch, channel: Channel, desk: Client
) -> None:
    monkeypatch.setattr(type(channel.adapter), "has_verify_token", True)
    made = keeping.make("paper", keeping.Wanted("Page", channel.brand), by=admin)
    token = made.config["verify_token"]
    assert token in desk.get(reverse("channel_one", args=[made.pk])).content.decode()
    keeping.roll_token(made, by=admin)
    made.refresh_from_db()
    assert made.config["verify_token"] not in ("", token)
    assert token not in str(list(AuditRow.objects.values()))


def test_a_former_address_counts_for_a_day(channel: Channel, admin: Agent, clock: time_machine.Traveller) -> None:
    former = channel.public_key
    keeping.roll_key(channel, by=admin, overlaps=True)
    channel.refresh_from_db()
    assert [_call(former, "1"), _call(channel.public_key, "2")] == [200, 200]
    clock.shift(timedelta(hours=25))
    assert [_call(former, "3"), _call(channel.public_key, "4")] == [404, 200]


def test_a_former_address_can_end_at_once(channel: Channel, admin: Agent) -> None:
    former = channel.public_key
    keeping.roll_key(channel, by=admin, overlaps=False)
    assert _call(former, "1") == 404


def _call(key: str, delivery: str) -> int:
    headers = {"X-Signature": "good", "X-Delivery": delivery}
    return (
        Client().post(f"/webhooks/paper/{key}/", letter(), content_type="application/json", headers=headers).status_code
    )


def test_a_channel_is_paused_and_resumed(desk: Client, channel: Channel) -> None:
    post(desk, "channel_state", channel, on="0")
    assert Channel.objects.get().state == "paused"
    post(desk, "channel_state", channel, on="1")
    assert Channel.objects.get().state == "active"
    assert AuditRow.objects.filter(thing="channels").count() == 2


def test_warnings_are_told_until_somebody_has_seen_them(desk: Client, channel: Channel) -> None:
    Channel.objects.update(health={"failures": 1, "warnings": [{"text": "The number is flagged.", "what": "account"}]})
    page = desk.get(reverse("channel_one", args=[channel.pk])).content.decode()
    assert "The number is flagged." in page and "Has warnings" in page
    assert "flagged" not in post(desk, "channel_state", channel, seen="1").content.decode()
    assert Channel.objects.get().health == {"failures": 1}


def test_what_was_used_cannot_be_removed(desk: Client, channel: Channel) -> None:
    RawEvent.objects.create(channel=channel, dedupe_key="k", body=b"", body_sha256="0" * 64)
    assert "it can only be paused" in post(desk, "channel_removal", channel).content.decode()
    RawEvent.objects.all().delete()
    post(desk, "channel_removal", channel)
    assert not Channel.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_keep_both_accounts_whole(channel: Channel, admin: Agent) -> None:
    def change(name: str) -> None:
        account = {"address": f"{name}@desk.example.test", name: name}
        keeping.change(channel, keeping.Wanted(name, channel.brand, account=account), by=admin)

    together(lambda: change("one"), lambda: change("two"))
    channel.refresh_from_db()
    assert {"one", "two"} <= channel.config.keys()
    assert channel.name in channel.address


def test_a_test_message_says_what_the_provider_answered(desk: Client, channel: Channel, sent: Post) -> None:
    assert "The provider took it" in post(desk, "channel_message", channel, to="ada@example.test").content.decode()
    assert sent.accepted[0].to.value == "ada@example.test"
    sent.fail = SendError("throttled", "Too fast.", provider_code="80007")
    assert "Too fast. (80007)" in post(desk, "channel_message", channel, to="ada@example.test").content.decode()
    assert "nonsense" not in str(list(AuditRow.objects.values()))


def test_a_test_message_goes_to_nobody_who_wants_none(
    channel: Channel, admin: Agent, customer: Any, sent: Post, clock: time_machine.Traveller
) -> None:
    identity = customer.identities.get()
    identity.opted_out_at = timing.clock.now()
    identity.save()
    for address in (identity.value, "no address"):
        with pytest.raises(trying.NotSent):
            trying.send(channel, address, "Hello", by=admin)
    Workspace.objects.update_or_create(pk=1, defaults={"held_since": timing.clock.now()})
    with pytest.raises(trying.NotSent):
        trying.send(channel, "ada@example.test", "Hello", by=admin)
    assert sent.accepted == []


def test_a_check_says_the_refusal_and_brings_back_what_works(
    desk: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    Channel.objects.update(state="down")

    def refuse(self: Any, channel: Channel) -> None:
        raise SendError("credentials", "The log-in is wrong.")

    with monkeypatch.context() as patched:
        patched.setattr(type(channel.adapter), "check", refuse)
        assert "The log-in is wrong." in post(desk, "channel_check", channel).content.decode()
    assert Channel.objects.get().state == "down"
    post(desk, "channel_check", channel)
    assert Channel.objects.get().state == "active"


def test_templates_are_synced_and_missing_ones_end(
    desk: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    found = [
        ProviderTemplate("1", "late", "it", "Ciao {{1}}"),
        ProviderTemplate("2", "sorry", "it", "Scusa", "rejected"),
    ]
    monkeypatch.setattr(type(channel.adapter), "templates", lambda self, channel: found)
    post(desk, "channel_templates", channel)
    clock.shift(60)
    del found[1]
    assert "1 template was read" in post(desk, "channel_templates", channel).content.decode()
    states = dict(MessageTemplate.objects.values_list("name", "status"))
    assert states == {"late": "approved", "sorry": "disabled"}


def test_waiting_for_the_first_call_turns_live(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = make_channel()
    monkeypatch.setattr(type(channel.adapter), "setup_steps", ("Paste {webhook}.",))
    url = reverse("channel_waiting", args=[channel.pk])
    waiting = desk.get(url).content.decode()
    assert "first call" in waiting and "hx-trigger" in waiting
    assert _call(channel.public_key, "1") == 200
    called = desk.get(url).content.decode()
    assert "hx-trigger" not in called and "Last call" in called


def test_sandboxes_in_production_need_an_administrators_word(desk: Client, settings: Any) -> None:
    settings.PRODUCTION = True
    sandbox = {"name": "Practice", "account-looks_like": "chat", "is_sandbox": "on"}
    desk.post("/settings/channels/new/sandbox/", sandbox)
    assert not Channel.objects.get().is_sandbox
    desk.post("/settings/channels/sandboxes/", {"on": "1"})
    desk.post("/settings/channels/new/sandbox/", {**sandbox, "name": "Practice two"})
    assert Channel.objects.get(name="Practice two").is_sandbox
    assert AuditRow.objects.filter(thing="clock").get().after == {"allows_sandboxes": True}
