"""The large desk of the measurements, in small: rows as the product would have written them."""

import hashlib
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.models import Count, F, Max, Q
from django.test import Client

from agents.models import Agent
from conversations.models import Conversation, Entry, Message, Searchable, Thread
from conversations.searching import filling
from customers.models import Customer, Identity
from helpdesk.lib import clock
from helpdesk.seeds import bench, crowd
from helpdesk.seeds.ledger import Ledger
from tests import factories

SIZE = 300


@pytest.fixture
def loaded(db: None) -> dict[str, Any]:
    """A desk of 300 conversations."""
    return bench.load(bench.Wish(size=SIZE))


def test_as_many_as_were_asked_for(loaded: dict[str, Any]) -> None:
    assert Conversation.objects.count() == SIZE
    ordinary = Entry.objects.exclude(conversation=SIZE).count() / SIZE
    assert 2.5 < ordinary < 3.5
    assert set(Conversation.objects.values_list("status", flat=True)) >= {"open", "waiting", "resolved"}


def test_every_row_has_its_parents_and_fields_that_may_be(loaded: dict[str, Any]) -> None:
    for table in Ledger().tables:
        assert table.model._default_manager.exists()
        parents = [one for one in table.model._meta.concrete_fields if isinstance(one, models.ForeignKey)]
        for field in parents:
            assert _orphans(table.model, field) == 0, field
        for row in table.model._default_manager.order_by("-pk")[:20]:
            row.clean_fields(exclude={field.name for field in parents})


def test_numbers_count_without_a_gap(loaded: dict[str, Any]) -> None:
    customers = Customer.objects.annotate(n=Count("entries"), newest=Max("entries__seq"))
    assert not customers.exclude(last_seq=F("n"), newest=F("n")).exists()
    assert not Entry.objects.exclude(customer=F("conversation__customer")).exists()
    assert not Message.objects.exclude(customer=F("entry__customer"), channel=F("thread__channel")).exists()
    assert not Thread.objects.exclude(conversation__customer=F("identity__customer")).exists()


def test_what_a_list_shows_is_what_was_said(loaded: dict[str, Any]) -> None:
    said = Conversation.objects.annotate(
        last=Max("entries__occurred_at", filter=Q(entries__kind="message")),
        heard=Max("entries__seq", filter=Q(entries__message__direction="in")),
    )
    assert not said.exclude(last_entry_at=F("last"), last_inbound_seq=F("heard")).exists()
    assert not Conversation.objects.filter(status="resolved").exclude(next_due_at=None).exists()
    assert not Conversation.objects.filter(status="open", next_due_at=None).exists()
    assert not Entry.objects.filter(occurred_at__gt=clock.now()).exists()


@pytest.mark.slow
def test_the_views_show_it(loaded: dict[str, Any], client: Client) -> None:
    client.force_login(Agent.objects.get(email=bench.AGENT))
    for view in ("mine", "unassigned", "team-bench-00", "mentions", "drafts", "snoozed", "all"):
        assert client.get(f"/inbox/{view}/").status_code == 200
    long = Conversation.objects.get(pk=SIZE)
    Conversation.objects.filter(pk=SIZE).update(team=None)
    page = client.get(f"/inbox/all/{long.customer_id}/")
    told = page.context["sheet"].told
    assert len(told) == 50 and {one.icon for one in told} == {"email", "whatsapp"}
    assert {one.travel.words for one in told if one.travel} == {"Sent", "Read"}
    assert Entry.objects.filter(conversation=long).count() == crowd.LONG


def test_work_goes_on_there(loaded: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
    made = factories.make_conversation(messages=2)
    assert made.number == crowd.FIRST_NUMBER + SIZE + 1
    assert made.pk == SIZE + 1
    # Of a chat only the newest conversation has the thread.
    old = Conversation.objects.filter(status="open").exclude(threads=None).order_by("pk")[0]
    old.reply(by=Agent.objects.order_by("pk")[0], text="Here it is.", to=factories.route_to(old))


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows(db: None) -> None:
    with clock.at(clock.real()):
        first = _digest(bench.Wish(size=60))
        assert _digest(bench.Wish(size=60)) == first
        assert _digest(bench.Wish(size=60, seed="2")) != first


@pytest.mark.parametrize(("size", "customers"), [(60, 12), (60, 60), (60, 2), (1, 1)])
def test_exactly_as_many_customers_as_were_asked_for(db: None, size: int, customers: int) -> None:
    bench.load(bench.Wish(size=size, customers=customers))
    assert (Conversation.objects.count(), Customer.objects.count()) == (size, customers)
    assert not Customer.objects.filter(conversations=None).exists()


@pytest.mark.parametrize(("size", "customers"), [(0, None), (60, 61), (60, 1), (60, 0)])
def test_a_wish_that_cannot_be_is_refused(size: int, customers: int | None) -> None:
    with pytest.raises(CommandError):
        bench.Wish(size=size, customers=customers)


def test_the_profile_makes_a_large_desk_unless_told_less(monkeypatch: pytest.MonkeyPatch) -> None:
    wishes: list[bench.Wish] = []
    monkeypatch.setattr(bench, "load", lambda wish: wishes.append(wish) or {})
    for options in ([], ["--size", "100"], ["--size", "100", "--customers", "7", "--entries", "2"]):
        call_command("seed", "--profile=bench", *options)
    told = [(wish.customers, wish.size, wish.entries) for wish in wishes]
    assert told == [(200_000, 1_000_000, 5.1), (20, 100, 5.1), (7, 100, 2.0)]


def test_other_peoples_data_is_removed_only_when_told(customer: Customer) -> None:
    with pytest.raises(CommandError):
        bench.load(bench.Wish(size=5))
    assert Customer.objects.get() == customer
    bench.load(bench.Wish(size=5, is_told=True))
    assert not Customer.objects.filter(name=customer.name).exists()
    assert not Identity.objects.filter(value="giulia@example.test").exists()


def _digest(wish: bench.Wish) -> str:
    bench.load(wish)
    total = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in Ledger().tables:
            name = table.model._meta.db_table
            # Channels and agents are made anew, so their ids and the rows that name them are left out.
            if name in {"customers_customer", "customers_identity"}:
                cursor.execute(f"SELECT row.*::text FROM {name} AS row ORDER BY id")
                total.update(repr(cursor.fetchall()).encode())
        cursor.execute("SELECT subject, status, opened_at, last_preview FROM conversations_conversation ORDER BY id")
        total.update(repr(cursor.fetchall()).encode())
        cursor.execute("SELECT kind, seq, occurred_at FROM conversations_entry ORDER BY id")
        total.update(repr(cursor.fetchall()).encode())
    return total.hexdigest()


def _orphans(model: Any, field: Any) -> int:
    rows = model._default_manager.exclude(**{field.name: None})
    parents = field.related_model._default_manager.values(field.target_field.attname)
    return int(rows.exclude(**{f"{field.attname}__in": parents}).count())


def test_the_words_of_the_search_are_kept_as_the_product_keeps_them(loaded: dict[str, Any]) -> None:
    said = Entry.objects.filter(kind__in=filling.KINDS)
    before = dict(Searchable.objects.values_list("pk", "vector"))
    assert filling.keep(said.select_related("message")) == len(before) == said.count()
    assert dict(Searchable.objects.values_list("pk", "vector")) == before
    assert filling.is_complete()
