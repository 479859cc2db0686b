"""The pages of webhooks: the secret is shown once, nonsense is refused, and what was sent can be seen and replayed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from agents.models import Agent, AuditRow, Team
from conversations.models import Conversation, Webhook, WebhookDelivery
from conversations.webhooks import keeping, telling
from conversations.webhooks.forms import is_address
from helpdesk.lib import clock
from tests.factories import make_agent, make_channel, make_inbound, make_role, make_team, receive

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State
WANTED = {"name": "Shop", "url": "https://shop.example.test/in?key=s3cret-word", "groups": ["message_in", "state"]}


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(name="Ada Bianchi", role="admin")


@pytest.fixture
def desk(client: Client, admin: Agent) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def webhook(admin: Agent) -> Webhook:
    return keeping.make(keeping.Wanted(**WANTED), by=admin)[0]


def post(desk: Client, route: str, /, *args: Any, **data: Any) -> Any:
    return desk.post(reverse(route, args=args), data)


def test_a_webhook_is_made_and_its_secret_shown_once(desk: Client) -> None:
    answer = post(desk, "webhook_new", **WANTED)
    webhook = Webhook.objects.get()
    assert (answer.status_code, webhook.groups) == (201, WANTED["groups"])
    assert webhook.secrets[0] in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    for url in (reverse("webhook_one", args=[webhook.pk]), reverse("webhook_list")):
        assert "whsec_" not in desk.get(url).content.decode()


def test_its_secret_stands_nowhere_in_clear(webhook: Webhook) -> None:
    kept = str([Webhook.objects.values().get(), *AuditRow.objects.values()])
    assert webhook.secrets[0] not in kept
    assert "s3cret-word" not in str(list(AuditRow.objects.values()))


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "\u202eevil"}, {"name": "SHOP"}, {"groups": []}, {"groups": ["all"]}, {"url": ""},
     {"url": "http://shop.example.test/"}, {"url": "https://127.0.0.1/"}, {"url": "https://" + "x" * 3000 + ".test/"},
     {"teams": ["1"]}],
)  # fmt: skip
def test_what_cannot_be_is_refused(desk: Client, webhook: Webhook, wrong: dict[str, Any]) -> None:
    answer = post(desk, "webhook_new", **{**WANTED, "name": "Other", **wrong})
    is_ignored = "teams" in wrong
    assert answer.status_code == (201 if is_ignored else 422)
    assert Webhook.objects.count() == 1 + is_ignored


@pytest.mark.parametrize(
    "url",
    ["", "shop", "http://a.example.test/", "ftp://a.example.test/", "https://", "https://localhost/", "https://desk/",
     "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/", "https://a:b@shop.example.test/",
     "https://a@shop.example.test/", "https://shop.example.test/#x", "https://shop.example.test:99999/",
     "https://shop.example.test:x/", "https://[::1", "https://shop .example.test/", "https://a.example.test\n/",
     "https://a.local/", "https://a.localhost/", "https://a\\b.example.test/", "javascript:alert(1)", "https://0/"],
)  # fmt: skip
def test_no_address_for_a_signed_body(url: str) -> None:
    assert not is_address(url)


@pytest.mark.parametrize(
    "url", ["https://a.example.test", "https://a.example.test:8443/x?y=z", "https://93.184.216.34/"]
)
def test_an_address(url: str) -> None:
    assert is_address(url)


def test_there_is_an_end_to_them(desk: Client, monkeypatch: pytest.MonkeyPatch, webhook: Webhook) -> None:
    monkeypatch.setattr(keeping, "WEBHOOKS_MAX", 1)
    assert post(desk, "webhook_new", **{**WANTED, "name": "Other"}).status_code == 422
    assert Webhook.objects.count() == 1


def test_it_is_changed_and_audited(desk: Client, webhook: Webhook, admin: Agent) -> None:
    answer = post(desk, "webhook_one", webhook.pk, **{**WANTED, "name": "Stock", "groups": ["note"]})
    webhook.refresh_from_db()
    assert (answer.status_code, webhook.name, webhook.groups) == (302, "Stock", ["note"])
    row = AuditRow.objects.filter(thing="webhooks").latest("pk")
    assert (row.by, row.before["webhook"], row.after["webhook"]) == (admin, "Shop", "Stock")


def test_private_teams_are_offered_and_kept(desk: Client, webhook: Webhook) -> None:
    private, public = make_team(name="Complaints", is_private=True), make_team(name="Open")
    page = desk.get(reverse("webhook_one", args=[webhook.pk])).content.decode()
    assert ("Complaints" in page, "Open</label>" in page) == (True, False)
    post(desk, "webhook_one", webhook.pk, **WANTED, teams=[private.pk])
    assert list(webhook.teams.all()) == [private]
    assert post(desk, "webhook_one", webhook.pk, **WANTED, teams=[public.pk]).status_code == 422


def test_a_roll_waits_for_the_former_one(desk: Client, webhook: Webhook) -> None:
    first = webhook.secrets[0]
    assert post(desk, "webhook_secret", webhook.pk, overlap="1").status_code == 201
    assert post(desk, "webhook_secret", webhook.pk, overlap="1").status_code == 409
    webhook.refresh_from_db()
    assert (len(webhook.secrets), webhook.secrets[1]) == (2, first)
    answer = post(desk, "webhook_secret", webhook.pk, overlap="0")
    webhook.refresh_from_db()
    assert webhook.secrets[0] in answer.content.decode() and len(webhook.secrets) == 1


def test_one_sealed_with_another_key_is_shown_and_gets_a_new_secret(desk: Client, webhook: Webhook) -> None:
    Webhook.objects.update(sealed_secrets="gAAAA-of-another-key")
    assert desk.get(reverse("webhook_one", args=[webhook.pk])).status_code == 200
    assert post(desk, "webhook_secret", webhook.pk, overlap="1").status_code == 201
    webhook.refresh_from_db()
    assert len(webhook.secrets) == 1


def test_what_the_desk_switched_off_is_on_every_page_of_administrators(
    desk: Client, webhook: Webhook, agent: Agent
) -> None:
    Webhook.objects.update(is_on=False, off_reason="failing")
    bar, page = "A webhook was switched off", reverse("customers")
    other = Client()
    other.force_login(agent)
    assert (bar in desk.get(page).content.decode(), bar in other.get(page).content.decode()) == (True, False)
    post(desk, "webhook_switch", webhook.pk, on="0")
    assert bar not in desk.get(page).content.decode()
    webhook.refresh_from_db()
    assert (webhook.is_on, webhook.off_reason) == (False, "person")


def test_what_came_back_is_shown_as_text(desk: Client, webhook: Webhook, conversation: Conversation) -> None:
    row = WebhookDelivery.objects.create(
        webhook=webhook, entry=conversation.entries.get(), event="message_in", state=State.FAILED, status_code=500,
        answer="<script>alert(1)</script>", tried_at=clock.real(),
    )  # fmt: skip
    page = desk.get(reverse("webhook_delivery", args=[row.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page
    assert row.message_id in page and "Where is my parcel?" in page


def test_what_is_sent_does_not_hang_on_who_looks(webhook: Webhook, conversation: Conversation) -> None:
    row = WebhookDelivery.objects.create(webhook=webhook, entry=conversation.entries.get(), event="message_in")
    plain = telling.body_of(row)
    with timezone.override("Asia/Tokyo"), translation.override("it"):
        assert telling.body_of(row) == plain


def test_what_an_administrator_may_not_see_is_absent_from_the_log(client: Client, webhook: Webhook) -> None:
    private = make_team(name="Complaints", is_private=True)
    entry = receive(channel=make_channel(team=private), inbound=make_inbound(address="g@example.test"))
    row = WebhookDelivery.objects.create(webhook=webhook, entry=entry, event="message_in", state=State.FAILED)
    half = make_agent(name="Half", role=make_role(sight="teams", can_administer=True))
    client.force_login(half)
    assert client.get(reverse("webhook_delivery", args=[row.pk])).status_code == 404
    assert post(client, "webhook_replay", row.pk).status_code == 404
    log = client.get(reverse("webhook_deliveries", args=[webhook.pk])).content.decode()
    assert reverse("webhook_delivery", args=[row.pk]) not in log
    row.refresh_from_db()
    assert row.state == State.FAILED
    half.memberships.create(team=private)
    assert client.get(reverse("webhook_delivery", args=[row.pk])).status_code == 200


def test_the_log_is_filtered_and_paged(desk: Client, webhook: Webhook) -> None:
    made = [WebhookDelivery(webhook=webhook, event="test", state=State.DELIVERED) for _ in range(51)]
    WebhookDelivery.objects.bulk_create([*made, WebhookDelivery(webhook=webhook, event="lost", state=State.FAILED)])
    url = reverse("webhook_deliveries", args=[webhook.pk])
    first = desk.get(url, {"state": "delivered"})
    assert (len(first.context["deliveries"]), bool(first.context["older"])) == (50, True)
    assert len(desk.get(url, {"state": "delivered", "before": first.context["older"]}).context["deliveries"]) == 1
    assert [row.event for row in desk.get(url, {"state": "failed"}).context["deliveries"]] == ["lost"]
    assert desk.get(url, {"state": "'", "before": "9" * 40}).status_code == 200


def test_failed_ones_are_replayed_from_the_page(desk: Client, webhook: Webhook) -> None:
    row = WebhookDelivery.objects.create(webhook=webhook, event="status", state=State.FAILED, attempts=9)
    assert post(desk, "webhook_replays", webhook.pk, hours="5").status_code == 404
    assert post(desk, "webhook_replays", webhook.pk, hours="1").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.QUEUED, 0)


def test_it_is_removed_with_its_log(desk: Client, webhook: Webhook) -> None:
    keeping.test(webhook)
    assert post(desk, "webhook_removal", webhook.pk).status_code == 302
    assert (Webhook.objects.count(), WebhookDelivery.objects.count()) == (0, 0)
    assert AuditRow.objects.filter(thing="webhooks").latest("pk").before["webhook"] == "Shop"


def test_a_team_that_is_gone_takes_its_tick_along(webhook: Webhook) -> None:
    webhook.teams.add(make_team(name="Complaints", is_private=True))
    Team.objects.filter(name="Complaints").delete()
    assert not webhook.teams.exists()


def test_a_test_is_followed_until_it_is_over(desk: Client, webhook: Webhook) -> None:
    url = post(desk, "webhook_test", webhook.pk).headers["Location"]
    piece = desk.get(url, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in piece and "<html" not in piece
    WebhookDelivery.objects.update(state=State.FAILED)
    assert "hx-trigger" not in desk.get(url, headers={"HX-Request": "true"}).content.decode()
