"""Finding or creating a person from an address."""

import pytest

from customers.identify import Profile, find, identify
from customers.models import Customer, Identity
from tests.waiting import together

pytestmark = pytest.mark.django_db


def test_a_new_address_makes_a_customer() -> None:
    identity, is_new = identify("email", "Giulia@Example.test", Profile(name="Giulia Tedesco"))
    assert is_new
    assert (identity.kind, identity.value, identity.customer.name) == ("email", "giulia@example.test", "Giulia Tedesco")


def test_a_known_address_finds_the_same_customer() -> None:
    first, _ = identify("email", "giulia@example.test")
    second, is_new = identify("email", "GIULIA@example.test")
    assert not is_new
    assert second == first
    assert Customer.objects.count() == 1


def test_a_name_fills_a_gap() -> None:
    identify("email", "giulia@example.test")
    identify("email", "giulia@example.test", Profile(name="Giulia"))
    assert Customer.objects.get().name == "Giulia"


def test_a_name_never_overwrites_another() -> None:
    identify("email", "giulia@example.test", Profile(name="Giulia"))
    identify("email", "giulia@example.test", Profile(name="The Queen"))
    assert Customer.objects.get().name == "Giulia"


def test_the_same_name_never_joins_two_people() -> None:
    first, _ = identify("email", "ana@example.test", Profile(name="Ana Popescu"))
    second, _ = identify("email", "ana@another.test", Profile(name="Ana Popescu"))
    assert first.customer != second.customer


def test_ids_of_different_realms_are_different_people() -> None:
    first, _ = identify("messenger", "4711", realm="page-1")
    second, _ = identify("messenger", "4711", realm="page-2")
    assert first.customer != second.customer


def test_a_mail_address_and_a_portal_login_spelled_alike_are_two_identities() -> None:
    identify("email", "ana@example.test")
    _, is_new = identify("portal", "ana@example.test")
    assert is_new


def test_find_creates_nobody() -> None:
    assert find("email", "nobody@example.test") is None
    assert Customer.objects.count() == 0


def test_no_address_at_all_is_refused_and_makes_nobody() -> None:
    with pytest.raises(ValueError):
        identify("email", " ")
    assert Customer.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_customer() -> None:
    results = together(*[lambda: identify("email", "giulia@example.test", Profile(name="Giulia"))] * 4)
    assert sorted(is_new for _, is_new in results) == [False, False, False, True]
    assert len({identity.pk for identity, _ in results}) == 1
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 1)
