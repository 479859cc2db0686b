"""What decides where a message goes, read by few named statements. The caller holds the customers' locks."""

from dataclasses import dataclass
from typing import Any

from agents.models import Workspace
from conversations.models.conversation import Conversation
from conversations.models.thread import Thread
from customers.models import Identity
from helpdesk.lib import sql
from helpdesk.lib.inbound import InboundMessage

ID_MAX = 900
# One by one where there is one: a list would be planned anew each time.
LOCK_ONE = "SELECT id FROM customers_customer WHERE id = %(pk)s FOR NO KEY UPDATE"
LOCK = "SELECT id FROM customers_customer WHERE id = ANY(%(pks)s) ORDER BY id FOR NO KEY UPDATE"
LOCK_CONVERSATION = "SELECT {} FROM conversations_conversation c WHERE c.id = %(pk)s FOR NO KEY UPDATE"
SENDER = """
    SELECT i.customer_id, i.verified_at, c.merged_into_id, c.last_seq, coalesce(f.allows_parallel_conversations, false),
        (SELECT entry_id FROM conversations_message
         WHERE customer_id = i.customer_id AND fingerprint = %(fingerprint)s),
        (SELECT entry_id FROM conversations_message WHERE channel_id = %(channel)s AND external_id = %(external_id)s),
        {}
    FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
    LEFT JOIN customers_company f ON f.id = c.company_id LEFT JOIN agents_workspace w ON w.id = 1
    WHERE i.id = %(pk)s
"""
# By way of the channels, because the index of threads begins with theirs.
THREAD = """
    SELECT i.customer_id, {}, {}
    FROM channels_app_channel a JOIN conversations_thread t ON t.channel_id = a.id AND t.external_id = %(key)s
    JOIN customers_identity i ON i.id = t.identity_id
    LEFT JOIN conversations_conversation c ON c.id = t.conversation_id
    WHERE a.id = %(channel)s OR %(is_token)s
    ORDER BY t.id LIMIT 1
"""
LATEST = """
    SELECT {} FROM conversations_conversation c
    WHERE c.customer_id = %(customer)s AND c.brand_id = %(brand)s AND c.status <> 'resolved' AND NOT c.is_spam
    ORDER BY c.last_entry_at DESC, c.id DESC LIMIT 1
"""
COPIES = """
    SELECT (SELECT entry_id FROM conversations_message
            WHERE customer_id = %(customer)s AND fingerprint = %(fingerprint)s),
        (SELECT entry_id FROM conversations_message WHERE channel_id = %(channel)s AND external_id = %(external_id)s)
"""


# The messages (their keys) of a customer with a fingerprint, and of a channel with an id.
Copies = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Sender:
    """An identity as it is now, what its customer, company and the workspace say, and its customer's copies."""

    identity: Identity
    is_parallel: bool
    workspace: Workspace
    copies: Copies


def lock_customers(pks: set[int]) -> None:
    """Lock customers by primary key."""
    if len(pks) == 1:
        sql.run(LOCK_ONE, {"pk": min(pks)})
    else:
        sql.run(LOCK, {"pks": sorted(pks)})


def lock_conversation(pk: int) -> Conversation:
    """Lock and read a conversation; its customer is locked."""
    row = sql.run(_with(LOCK_CONVERSATION, (Conversation, "c")), {"pk": pk}).fetchone()
    found = sql.load(Conversation, row) if row else None
    if found is None:
        raise Conversation.DoesNotExist(pk)
    return found


def read_sender(known: Identity, channel: Any, inbound: InboundMessage) -> Sender:
    """Read again what may have moved since `known` was read; its rows are kept where they did not.

    In the same statement: which messages the inbound one may be a copy of.
    """
    values = {"pk": known.pk, "channel": channel.pk, "fingerprint": inbound.fingerprint}
    values["external_id"] = inbound.external_id[:ID_MAX]
    row = sql.run(_with(SENDER, (Workspace, "w")), values).fetchone()
    if row is None:
        raise Identity.DoesNotExist(known.pk)
    customer_id, verified_at, merged_into_id, last_seq, is_parallel, copy, holder, *rest = row
    same = (known.customer_id, known.verified_at, known.customer.merged_into_id)
    if same != (customer_id, verified_at, merged_into_id):
        known = Identity.objects.select_related("customer").get(pk=known.pk)
    known.customer.last_seq = last_seq
    workspace = sql.load(Workspace, tuple(rest)) or Workspace.get()
    is_parallel = bool(is_parallel or workspace.allows_parallel_conversations)
    return Sender(known, is_parallel, workspace, (copy, holder))


def find_thread(channel: Any, key: str, *, is_token: bool) -> tuple[Thread, int] | None:
    """Return the thread with its conversation, and whose customer's identity it was made for."""
    statement = _with(THREAD, (Thread, "t"), (Conversation, "c"))
    row = sql.run(statement, {"key": key, "channel": channel.pk, "is_token": is_token}).fetchone()
    if row is None:
        return None
    width = len(Thread._meta.concrete_fields)
    thread = sql.load(Thread, row[1 : 1 + width])
    assert thread is not None
    thread.conversation = sql.load(Conversation, row[1 + width :])
    if thread.channel_id == channel.pk:
        thread.channel = channel
    return thread, row[0]


def latest_open(customer_id: int, brand_id: int) -> Conversation | None:
    """Return the customer's most recent unresolved genuine conversation of a brand."""
    values = {"customer": customer_id, "brand": brand_id}
    row = sql.run(_with(LATEST, (Conversation, "c")), values).fetchone()
    return sql.load(Conversation, row) if row else None


def find_copies(channel_id: int, customer_id: int, fingerprint: str, external_id: str) -> Copies:
    """Return the messages (their keys) of this customer with the fingerprint, of this channel with the id."""
    values = {"channel": channel_id, "customer": customer_id, "fingerprint": fingerprint, "external_id": external_id}
    row = sql.run(COPIES, values).fetchone()
    assert row is not None
    return row[0], row[1]


def _with(statement: str, *models: tuple[Any, str]) -> str:
    return statement.format(*(sql.columns(model, alias) for model, alias in models))
