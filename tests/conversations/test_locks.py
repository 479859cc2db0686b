"""Locks: the customer first, then the conversation, and again when it went to somebody else meanwhile."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conversations import locks
from conversations.ingest_sql import next_seq
from conversations.locks import Moved, lock_customer, lock_customer_row
from conversations.models import Conversation, Entry
from customers.models import Customer
from tests.factories import make_customer
from tests.waiting import together

pytestmark = pytest.mark.django_db


def test_the_customer_is_locked_before_the_conversation(conversation: Conversation) -> None:
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        lock_customer(conversation) as (customer, locked),
    ):
        assert (customer, locked) == (conversation.customer, conversation)
    taken = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert ["customers_customer" in taken[0], "conversations_conversation" in taken[1]] == [True, True]
    assert len(taken) == 2


@pytest.mark.django_db(transaction=True)
def test_a_conversation_that_moved_meanwhile_is_locked_with_its_new_customer(conversation: Conversation) -> None:
    other = make_customer(name="Bea")
    is_locked, may_go = threading.Event(), threading.Event()

    def move() -> None:
        with transaction.atomic():
            Customer.objects.select_for_update(no_key=True).get(pk=conversation.customer_id)
            is_locked.set()
            may_go.wait(1)
            Entry.objects.filter(conversation=conversation).update(customer=other, seq=100)
            Conversation.objects.filter(pk=conversation.pk).update(customer=other)

    def take() -> int:
        is_locked.wait(5)
        may_go.set()
        with lock_customer(conversation) as (customer, locked):
            assert locked.customer_id == customer.pk
            return customer.pk

    assert together(move, take)[1] == other.pk


def test_a_merge_is_followed_to_whoever_is_left() -> None:
    first, second, last = (make_customer(name=name) for name in ("A", "B", "C"))
    Customer.objects.filter(pk=first.pk).update(merged_into=second)
    Customer.objects.filter(pk=second.pk).update(merged_into=last)
    with transaction.atomic():
        assert lock_customer_row(first.pk) == last


def test_what_never_rests_is_given_up(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_lock", lambda conversation: None)
    with pytest.raises(Moved), lock_customer(conversation):
        pass


def test_numbers_are_handed_out_in_a_row() -> None:
    giulia = make_customer()
    assert [next_seq(giulia.pk), next_seq(giulia.pk, 3), next_seq(giulia.pk)] == [1, 4, 5]


def test_nobody_has_no_numbers() -> None:
    with pytest.raises(LookupError):
        next_seq(0)
