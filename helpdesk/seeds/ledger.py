"""The tables that `seed --profile=bench` fills, and the columns it gives."""

from conversations.models import (
    Conversation,
    Delivery,
    Draft,
    Entry,
    Follower,
    Mention,
    Message,
    Recipient,
    SeenMarker,
    Thread,
)
from conversations.models.delivery import DeliveryPart
from customers.models import Customer, Identity
from helpdesk.seeds.copying import Table


class Ledger:
    """One table for each kind of row."""

    def __init__(self) -> None:
        self.customers = Table(Customer, "id name language last_seq first_seen_at")
        self.identities = Table(Identity, "id customer_id kind value verified_at first_seen_at last_seen_at")
        self.threads = Table(Thread, "id channel_id identity_id conversation_id external_id subject last_in_at")
        self.conversations = Table(
            Conversation,
            "id number customer_id brand_id topic_id subject status team_id assignee_id opened_at snoozed_until "
            "waiting_since next_due_at next_due_kind first_reply_at resolved_at unanswered_count last_inbound_seq "
            "last_entry_at last_preview last_channel_kind is_spam",
        )
        self.entries = Table(
            Entry,
            "id customer_id conversation_id seq touched_seq kind actor by_id visibility occurred_at recorded_at data "
            "done_at",
        )
        self.messages = Table(
            Message,
            "entry_id customer_id thread_id channel_id direction sender_id subject text external_id fingerprint",
        )
        self.recipients = Table(Recipient, "id message_id identity_id role address")
        self.deliveries = Table(
            Delivery, "id message_id channel_id route state attempts made_at next_try_at sent_at idempotency_key"
        )
        self.parts = Table(DeliveryPart, "id delivery_id channel_id position identity_id address external_id state")
        self.seen = Table(SeenMarker, "id agent_id conversation_id seen_seq")
        self.followers = Table(Follower, "id agent_id conversation_id")
        self.mentions = Table(Mention, "id entry_id agent_id team_id")
        self.drafts = Table(Draft, "id agent_id conversation_id mode text saved_at")

    @property
    def tables(self) -> list[Table]:
        """All of them."""
        return list(vars(self).values())
