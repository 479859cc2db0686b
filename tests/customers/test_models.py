"""What the database itself refuses about people."""

import pytest
from django.db import IntegrityError, transaction

from customers.models import Customer, Identity
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


def test_an_address_belongs_to_one_customer() -> None:
    giulia = make_customer(address="giulia@example.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        Identity.objects.create(customer=giulia, kind="email", value="giulia@example.test")


def test_an_identity_has_a_value() -> None:
    giulia = make_customer()
    with pytest.raises(IntegrityError), transaction.atomic():
        Identity.objects.create(customer=giulia, kind="email", value="")


def test_nobody_is_merged_into_themselves() -> None:
    giulia = make_customer()
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.filter(pk=giulia.pk).update(merged_into=giulia)


def test_a_customer_without_a_name_is_called_by_address() -> None:
    assert make_customer(name="", address="giulia@example.test").best_name == "giulia@example.test"


def test_the_preferred_address_is_the_name_of_the_nameless() -> None:
    giulia = make_customer(name="", address="first@example.test")
    giulia.preferred_identity = Identity.objects.create(customer=giulia, kind="phone", value="+390555550101")
    assert giulia.best_name == "+390555550101"


def test_merged_customers_are_not_present() -> None:
    winner, loser = make_customer(address="a@example.test"), make_customer(address="b@example.test")
    Customer.objects.filter(pk=loser.pk).update(merged_into=winner)
    assert list(Customer.objects.present()) == [winner]
