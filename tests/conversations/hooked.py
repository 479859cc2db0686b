"""A webhook, the program that it tells, and a hurried worker; for the tests of webhooks."""

from agents.models import Agent, Team
from conversations import after
from conversations.models import Entry, Webhook, WebhookDelivery
from conversations.webhooks import keeping, sending
from conversations.webhooks.kinds import Group
from conversations.webhooks.noting import TEST_LANE
from tests.receiver import Receiver


def make_webhook(receiver: Receiver, by: Agent, *, name: str = "Shop", teams: tuple[Team, ...] = ()) -> Webhook:
    """Make one that is told of everything; `secret` is the one that is shown once."""
    wanted = keeping.Wanted(name, receiver.url, [group.value for group in Group], list(teams))
    webhook, secret = keeping.make(wanted, by=by)
    vars(webhook)["secret"] = secret
    return webhook


def happen(*entries: Entry) -> None:
    """Run the steps after entries."""
    after.run([entry.pk for entry in entries])


def leave(webhook: Webhook) -> int:
    """Send what is due in every lane."""
    return sum(sending.drain(webhook.pk, lane) for lane in range(TEST_LANE + 1))


def only(webhook: Webhook) -> WebhookDelivery:
    """Return the one delivery there is, as it is now."""
    return WebhookDelivery.objects.select_related("webhook").get(webhook=webhook)
