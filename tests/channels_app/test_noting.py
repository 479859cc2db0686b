"""What providers say of accounts and templates is kept on the channel, and concerns no customer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from channels_app.models import Channel, ChannelLog, MessageTemplate
from channels_app.reconcile import lines
from customers.models import Customer
from tests.chatter import hear, make_chatter, when

pytestmark = pytest.mark.django_db


@pytest.fixture
def chatter(db: None) -> Channel:
    return make_chatter()


@pytest.fixture
def template(chatter: Channel) -> MessageTemplate:
    synced_at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    named = {"external_id": "77", "name": "parcel_sent", "language": "it"}
    return MessageTemplate.objects.create(channel=chatter, body="{{1}}", synced_at=synced_at, **named)


def told(status: str, at: int, **more: Any) -> dict[str, Any]:
    return {"kind": "template", "status": status, "target_id": "77", **when(at), **more}


def test_a_template_follows_the_providers_newest_word(chatter: Channel, template: MessageTemplate) -> None:
    hear(chatter, told("PAUSED", 4, details={"name": "parcel_sent", "reason": "LOW_QUALITY"}))
    hear(chatter, told("APPROVED", 3, details={"reason": "NONE"}))
    template.refresh_from_db()
    assert (template.status, template.reason) == ("paused", "LOW_QUALITY")
    assert [log.is_ok for log in ChannelLog.objects.order_by("pk")] == [False, True]


def test_a_template_is_found_by_name_and_language_too(chatter: Channel, template: MessageTemplate) -> None:
    hear(chatter, told("REJECTED", 4, details={"name": "parcel_sent", "language": "it"}) | {"target_id": ""})
    hear(chatter, told("DISABLED", 5, details={"name": "parcel_sent", "language": "ro"}) | {"target_id": ""})
    template.refresh_from_db()
    assert template.status == "rejected"


def test_a_word_that_we_do_not_know_changes_nothing(chatter: Channel, template: MessageTemplate) -> None:
    hear(chatter, told("SOMETHING_NEW", 4), told("APPROVED", 5) | {"target_id": "78"})
    template.refresh_from_db()
    assert template.status == "approved"


def test_a_warning_of_the_account_is_kept_once_and_concerns_no_customer(chatter: Channel) -> None:
    block = {"kind": "account", "sender_id": "page", "status": "block", "text": "Policy violated", **when(1)}
    for key in ("a", "b"):
        hear(chatter, block, key=key)
    chatter.refresh_from_db()
    assert [row["text"] for row in chatter.health["warnings"]] == ["block · Policy violated"]
    assert (ChannelLog.objects.get().what, Customer.objects.count()) == ("account block", 0)
    assert all(line.balances for line in lines())


def test_only_the_newest_warnings_are_kept(chatter: Channel) -> None:
    hear(chatter, *({"kind": "account", "status": f"s{n}", **when(n)} for n in range(25)))
    chatter.refresh_from_db()
    assert (len(chatter.health["warnings"]), chatter.health["warnings"][-1]["text"]) == (20, "s24")
