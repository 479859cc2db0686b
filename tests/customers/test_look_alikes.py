"""Four hundred names and addresses that look like somebody's: none is taken for them, joined or suggested."""

import unicodedata
from functools import partial
from itertools import product

import pytest

from customers import alike
from customers.identify import Profile, identify
from customers.models import Company, Customer
from helpdesk.lib.emails import spell_address

LOOKS = {
    "a": "\u0430\u03b1\u0251\u00e0\u1ea1\uff41", "c": "\u0441\u03f2\u00e7", "e": "\u0435\u0454\u00e8\u0117",
    "g": "\u0261\u01e7",
    "i": "\u0456\u0131\u00ed1l", "l": "\u04cf1I\u01c0", "m": ["rn", "nn", "\u217f"], "n": "\u0578\u00f1\u1d0e",
    "o": "\u043e\u03bf0\u00f8\u00f2\u0585", "p": "\u0440\u03c1", "r": "\u0433\u1d26", "s": "\u0455\u017f5",
    "t": "\u03c4+", "u": "\u03c5\u0446\u00fc\u057d", "v": "\u03bd\u0475", "x": "\u0445\u00d7",
    "y": "\u0443\u00fd\u03b3", "d": "\u0501cl",
}  # fmt: skip
LOCALS = ("giulia.tassinari", "mario.rossi", "ana.ionescu", "support", "paypal.service")
DOMAINS = ("example.test", "poste-example.test", "mail.example.test")
CALLED = ("Giulia Tassinari", "Mario Rossi", "Ana Ionescu", "Support")
ADDRESSES, NAMES = 320, 80
NFKC = partial(unicodedata.normalize, "NFKC")


def twisted(text: str) -> list[str]:
    """Return a text with one, or all, of its letters replaced by ones that look like them."""
    found = [text[:at] + look + text[at + 1 :] for at, letter in enumerate(text) for look in LOOKS.get(letter, "")]
    found.append("".join(LOOKS.get(letter, letter)[0] for letter in text))
    return found


def pairs() -> list[tuple[str, str]]:
    """Return (true address, one that looks like it), in the local part or in the domain."""
    made = []
    for local, domain in product(LOCALS, DOMAINS):
        true = f"{local}@{domain}"
        made += [(true, f"{other}@{domain}") for other in twisted(local)]
        # A domain in wide letters is that domain: names of hosts are the same in both.
        name, _dot, rest = domain.partition(".")
        made += [(true, f"{local}@{other}.{rest}") for other in twisted(name) if NFKC(other) != name]
        made += [(true, f"{local}+x@{domain}"), (true, f"{local.replace('.', '')}@{domain}"), (true, f"{true}.co")]
    return [pair for pair in dict.fromkeys(made) if pair[0] != pair[1]]


@pytest.fixture
def company() -> Company:
    """Where they all work, which speaks for them: the hardest case."""
    return Company.objects.create(name="Brick & Co.")


def person(address: str, name: str, company: Company) -> Customer:
    customer = identify("email", address, Profile(name=name))[0].customer
    Customer.objects.filter(pk=customer.pk).update(company=company)
    customer.company = company
    return customer


def test_no_look_alike_address_is_spelled_like_the_true_one() -> None:
    found = pairs()
    assert len(found) >= ADDRESSES
    assert [pair for pair in found if spell_address(pair[1]) == pair[0]] == []


@pytest.mark.django_db
def test_no_look_alike_address_is_found_joined_or_suggested(company: Company) -> None:
    chosen = [pair for pair in pairs() if spell_address(pair[1])]
    chosen = chosen[:: len(chosen) // ADDRESSES][:ADDRESSES]
    true = {address: person(address, "", company) for address, _other in chosen}
    for address, other in chosen:
        two = person(other, "", company)
        assert two.pk != true[address].pk, (address, other)
        found = alike.reasons(true[address], two)
        assert not alike.is_proved(true[address], two) and alike.score_of(found) < alike.ENOUGH, (address, other)
    assert len(chosen) == ADDRESSES and not any(alike.candidates(one).exists() for one in true.values())


@pytest.mark.django_db
def test_no_look_alike_name_is_suggested(company: Company) -> None:
    chosen = [(name, other) for name in CALLED for other in twisted(name)][:NAMES]
    true = {name: person(f"true{n}@example.test", name, company) for n, name in enumerate(CALLED)}
    for n, (name, other) in enumerate(chosen):
        two = person(f"other{n}@example.org", other, company)
        assert alike.score_of(alike.reasons(true[name], two)) < alike.ENOUGH, (name, other)
        assert two.pk not in alike.candidates(true[name]).values_list("pk", flat=True), (name, other)
    assert len(chosen) == NAMES


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        "giulia@ex\u0430mple.test", "giul\u0456a@example.test", "g\u0456ul\u0456\u0430@example.test",
        "giulia@examp1e.test", "giulla@example.test", "giulia@exarnple.test",
        "giu1ia@example.test", "giulia@ex\u00e0mple.test",
    ],
)  # fmt: skip
def test_who_takes_name_and_company_too_is_warned_of(company: Company, other: str) -> None:
    found = alike.reasons(person("giulia@example.test", "Giulia", company), person(other, "Giulia", company))
    assert [reason.weight for reason in found] == ["weak", "weak", "against"]
    assert found[-1].words == "Looks alike, but is written with other letters" and other in found[-1].detail
    assert alike.score_of(found) < alike.ENOUGH
